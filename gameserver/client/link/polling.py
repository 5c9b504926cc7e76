"""A connection by long polling, where no WebSocket passes.

Law: two HTTP connections carry it. On one a request waits at the server for messages; the other is
free for messages of this side, whose request the server answers as soon as it has something, while
it lets the older one return. A request whose response is cut is sent again with its number, and the
server applies it once; so no message is lost or doubled at any cut.

``docs/protocol.md``, "Long polling", describes the bodies.
"""

import math
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import attrs
import h11
import msgpack
import trio

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.farewell import LOST
from gameserver.client.link.refusals import cause_of, refused
from gameserver.client.link.streams import OpenStream
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConnectionLostError
from gameserver.text import shown

PATH: Final = "/poll"
MSGPACK: Final = b"application/msgpack"

WAIT_MS: Final = 20_000
"""Time for which a request waits at the server; proxies allow at least 30 s."""

GAP_S: Final = 0.05
"""Shortest time between the starts of two requests: messages of this time share one."""

RETRY_S: Final = 0.2
"""Pause before a request is sent again."""

LOST_S: Final = 5.0
"""Time without any response, other than that of a waiting request, after which a wire is lost."""

CONNECTIONS: Final = 2

MOST_MESSAGES: Final = 32
"""Most messages in one request."""

MAX_RESPONSE_BYTES: Final = 4 << 20
READ_BYTES: Final = 1 << 16
LEAVE_S: Final = 1.0


class _CutError(Exception):
    """A request got no whole response."""


@attrs.frozen
class _Request:
    """A request that is being carried, perhaps in several tries."""

    number: int
    messages: tuple[bytes, ...]
    wait_ms: int = WAIT_MS


class _Caller:
    """One connection of HTTP/1.1 to the server, opened when it is needed."""

    def __init__(self, address: Address, opens: OpenStream) -> None:
        self._address = address
        self._opens = opens
        self._stream: trio.abc.Stream | None = None
        self._http = h11.Connection(h11.CLIENT)
        self.bytes_in = 0
        self.bytes_out = 0

    async def post(self, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Send a request; return status, headers and body of the response.

        Raises:
            _CutError: The connection broke, or the response is no HTTP.
            OSError: The server cannot be reached.
        """
        if self._stream is None:
            self._http = h11.Connection(h11.CLIENT)
            self._stream = await self._opens(self._address)
        try:
            return await self._exchange(self._stream, body)
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError) as error:
            await self.close()
            raise _CutError from error
        except BaseException:
            await self.close()
            raise

    async def _exchange(
        self, stream: trio.abc.Stream, body: bytes
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        http = self._http
        head = h11.Request(
            method="POST",
            target=PATH,
            headers=[
                (b"host", self._address.host_header.encode("ascii")),
                (b"content-type", MSGPACK),
                (b"content-length", b"%d" % len(body)),
            ],
        )
        data = http.send(head) + http.send(h11.Data(data=body)) + http.send(h11.EndOfMessage())
        self.bytes_out += len(data)
        await stream.send_all(data)
        status, headers, found = 0, [], bytearray()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                received = await stream.receive_some(READ_BYTES)
                self.bytes_in += len(received)
                http.receive_data(bytes(received))
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, event.headers.raw_items()
            elif isinstance(event, h11.Data):
                found += event.data
                if len(found) > MAX_RESPONSE_BYTES:
                    raise h11.RemoteProtocolError("the response is too long")
            elif isinstance(event, h11.EndOfMessage):
                break
            elif not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("the response was cut")
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()
        else:
            await self.close()
        return status, headers, bytes(found)

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await trio.aclose_forcefully(stream)


class PollingWire:
    """One connection by long polling, a `Wire`; `run` carries it."""

    def __init__(self, address: Address, opens: OpenStream) -> None:
        """Prepare; nothing is sent before `open`."""
        self.road = "long-polling"
        self._address = address
        self._opens = opens
        self._callers = [_Caller(address, opens) for _ in range(CONNECTIONS)]
        self._link = secrets.token_bytes(16)
        self._number = 0
        self._confirmed = 0
        self._up: deque[bytes] = deque()
        self._down: deque[bytes] = deque()
        self._heard = trio.lowlevel.ParkingLot()
        self._turn = trio.StrictFIFOLock()
        self._changed = trio.lowlevel.ParkingLot()
        """Woken when there may be a reason for a further request."""
        self._flying = 0
        self._started = -GAP_S
        self._lost = ""
        self._scope = trio.CancelScope()

    @property
    def bytes_in(self) -> int:
        """Bytes received so far, those of HTTP included."""
        return sum(caller.bytes_in for caller in self._callers)

    @property
    def bytes_out(self) -> int:
        """Bytes sent so far, those of HTTP included."""
        return sum(caller.bytes_out for caller in self._callers)

    # --- messages ---------------------------------------------------------------------------------

    async def send(self, messages: Sequence[bytes]) -> None:
        """Hand over messages for the next request.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        await trio.lowlevel.checkpoint()
        if self._lost:
            raise ConnectionLostError(self._lost)
        self._up += messages
        self._changed.unpark_all()

    async def receive(self) -> bytes:
        """Wait for the next message.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        while not self._down:
            if self._lost:
                raise ConnectionLostError(self._lost)
            await self._heard.park()
        await trio.lowlevel.cancel_shielded_checkpoint()
        return self._down.popleft()

    async def close(self) -> None:
        """Send what was handed over and the word that this side leaves."""
        if not self._lost:
            self._lose("this side closed the connection")
            with trio.move_on_after(LEAVE_S):
                caller = _Caller(self._address, self._opens)
                try:
                    while self._up:
                        await caller.post(self._body(self._next(0)))
                    await caller.post(self._body(self._next(-1)))
                except (_CutError, OSError):
                    pass  # the server notices by the silence
                finally:
                    await caller.close()
        self.abort()

    def abort(self) -> None:
        """End the connection now: messages that were not sent are lost."""
        self._lose(LOST)
        self._scope.cancel()

    def _ended(self) -> bool:
        return bool(self._lost)

    def _lose(self, sentence: str) -> None:
        self._lost = self._lost or sentence
        self._heard.unpark_all()
        self._changed.unpark_all()

    # --- requests ---------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make the first request, which shows whether the server can be reached this way.

        Raises:
            ConnectionLostError: It cannot; the sentence says why.
        """
        there = self._address.host_header
        try:
            status, headers, body = await self._callers[0].post(self._body(self._next(0)))
        except _CutError:
            raise ConnectionLostError(f"{there} does not answer a request by HTTP") from None
        self._take(status, headers, body)

    async def run(self) -> None:
        """Carry messages until the connection is lost or aborted, and free the sockets."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                for caller in self._callers:
                    nursery.start_soon(self._work, caller)
        await self.aclose()

    async def aclose(self) -> None:
        """Free the sockets, once nothing runs any more."""
        for caller in self._callers:
            await caller.close()

    async def _work(self, caller: _Caller) -> None:
        while True:
            async with self._turn:
                await self._wait_need()
                if self._ended():
                    return
                request = self._next(WAIT_MS)
                self._flying += 1
            try:
                await self._carry(caller, request)
            except ConnectionLostError as error:
                self._lose(str(error))
            finally:
                self._flying -= 1
                self._changed.unpark_all()

    async def _wait_need(self) -> None:
        """Wait until a request is needed: for messages, or because none waits at the server."""
        while not (self._lost or self._up or not self._flying):
            await self._changed.park()
        await trio.sleep_until(self._started + GAP_S)
        self._started = trio.current_time()

    def _next(self, wait_ms: int) -> _Request:
        messages = tuple(self._up.popleft() for _ in range(min(len(self._up), MOST_MESSAGES)))
        self._number += 1
        return _Request(self._number, messages, wait_ms)

    def _body(self, request: _Request) -> bytes:
        row = [self._link, request.number, self._confirmed, request.wait_ms, request.messages]
        packed: bytes = msgpack.packb(row)
        return packed

    async def _carry(self, caller: _Caller, request: _Request) -> None:
        """Send a request until it is applied.

        Raises:
            ConnectionLostError: The link has ended, or no response comes.
        """
        give_up_at = math.inf
        while not self._ended():
            try:
                with trio.fail_after(request.wait_ms / 1000 + LOST_S):
                    if self._take(*await caller.post(self._body(request))) >= request.number:
                        return
                give_up_at = math.inf
            except (_CutError, OSError, trio.TooSlowError) as error:
                now = trio.current_time()
                give_up_at = min(give_up_at, now + LOST_S)
                if now >= give_up_at:
                    why = cause_of(error, self._address) if isinstance(error, OSError) else LOST
                    raise ConnectionLostError(why) from None
            await trio.sleep(RETRY_S)

    def _take(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
        """Take the messages of a response; return the number of the last applied request.

        Raises:
            ConnectionLostError: The server refuses, or the link has ended.
        """
        there = self._address.host_header
        if status != 200:
            raise ConnectionLostError(refused(there, status, headers, body))
        try:
            row: Any = msgpack.unpackb(body)
        except (ValueError, TypeError, msgpack.exceptions.ExtraData):
            row = None
        if not _is_response(row):
            raise ConnectionLostError(f"{there} answers, but not as a gameserver")
        applied, first, messages, ending = row
        fresh = messages[max(0, self._confirmed + 1 - first) :]
        last = first + len(messages) - 1
        if fresh:
            self._down += fresh
            self._confirmed = max(self._confirmed, last)
            self._heard.unpark_all()
        if ending is not None:
            self._lose(f"the server closed the connection: {shown(ending, 200)}")
        number: int = applied
        return number


def _is_response(row: Any) -> bool:
    if not isinstance(row, list) or len(row) != 4:
        return False
    applied, first, messages, ending = row
    return (
        isinstance(applied, int)
        and isinstance(first, int)
        and isinstance(messages, list)
        and all(isinstance(message, bytes) for message in messages)
        and isinstance(ending, str | None)
    )


@asynccontextmanager
async def dial_polling(
    address: Address, timeout_s: float, opens: OpenStream | None = None
) -> AsyncIterator[PollingWire]:
    """Open a connection by long polling; it is aborted at the end of the block.

    Raises:
        ConnectionLostError: The server was not reached within ``timeout_s``, or refused.
    """
    there = address.host_header
    wire = PollingWire(address, opens or streams.open_stream)
    try:
        async with background() as nursery:
            try:
                with trio.fail_after(timeout_s):
                    await wire.open()
            except trio.TooSlowError:
                raise SilentError(f"{there} did not answer within {timeout_s:g} s") from None
            except (OSError, UnicodeError) as error:
                raise NoWayError(f"cannot reach {there}: {cause_of(error, address)}") from None
            nursery.start_soon(wire.run)
            try:
                yield wire
            finally:
                wire.abort()
    finally:
        with trio.CancelScope(shield=True):
            await wire.aclose()
