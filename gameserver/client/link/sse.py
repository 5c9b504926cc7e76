"""A connection by server-sent events and POST, where no WebSocket passes.

Law: messages come as the events of one response that does not end, and go in requests of their
own. A stream that ends is asked for again behind the last message that came: no connection is lost.
A wire is open once the first event has come: a proxy that keeps responses until they end would let
nothing through, and is no road.

``docs/protocol.md``, "Event stream", describes it.
"""

import math
from base64 import b64decode
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final

import trio

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.exchange import LOST_S, RETRY_S, ExchangeWire, SentRequest, carried
from gameserver.client.link.farewell import LOST
from gameserver.client.link.posting import MAX_RESPONSE_BYTES, CutError, PollCaller
from gameserver.client.link.refusals import cause_of
from gameserver.client.link.streams import OpenStream
from gameserver.errors import ConnectionLostError

EVENTS: Final = b"text/event-stream"

SILENT_S: Final = 8.0
"""Silence after which a stream is dead: the server's beats come every 5 s."""

LONG_S: Final = 1.0
"""Age at which a stream that ended is asked for again without a pause."""

CONFIRM_S: Final = 1.0
"""Time until what came is confirmed, where no message takes the word along."""

CONFIRM_BYTES: Final = 32 * 1024
"""Bytes that have come since the last confirmation, above which there is one at once."""

QUEUED_MESSAGES: Final = 64
"""Messages read ahead of the client. When full: reading stops, so that TCP slows the server."""

_DATA: Final = b"data: "


class SseWire(ExchangeWire):
    """One connection by an event stream and requests beside it."""

    def __init__(self, address: Address, opens: OpenStream) -> None:
        """Prepare; nothing is sent before `open`."""
        super().__init__("sse", address, opens, 0)
        self._stream = PollCaller(address, opens)
        self._events = EventData()
        self._request = SentRequest(0, (), 0)
        """The request whose response is the stream."""
        self._applied = -1
        """Number of the last applied request, as the present stream tells; -1 before its first
        event."""
        self._confirm_at = math.inf
        self._unconfirmed_bytes: int
        """Bytes that have come since the last request, which sets it to 0."""

    @property
    def bytes_in(self) -> int:
        """Bytes received so far, those of HTTP included."""
        return super().bytes_in + self._stream.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes sent so far, those of HTTP included."""
        return super().bytes_out + self._stream.bytes_out

    async def open(self) -> None:
        """Ask for the stream and wait for its first event; raises as `ExchangeWire.open`."""
        self._request = self._next(0)
        with suppress(CutError):
            await self._begin()
            while self._applied < 0 and await self._read():
                pass
        if self._applied < 0:
            raise ConnectionLostError(f"no event came from {self._address.host_header}")

    def _start(self, nursery: trio.Nursery) -> None:
        super()._start(nursery)
        nursery.start_soon(self._follow)

    async def aclose(self) -> None:
        """Free the sockets, once nothing runs any more."""
        await super().aclose()
        await self._stream.close()

    # --- the stream -------------------------------------------------------------------------------

    async def _follow(self) -> None:
        try:
            await self._keep_following()
        except ConnectionLostError as error:
            self._lose(str(error))

    async def _keep_following(self) -> None:
        """Follow the stream that is open, and then one after the other.

        Raises:
            ConnectionLostError: The server refuses, or no stream brings an event any more.
        """
        began = trio.current_time()
        why = await self._follow_one(begins=False)
        give_up_at = trio.current_time() + LOST_S
        while not self._ended():
            if self._applied >= self._request.number:
                self._request = self._next(0)
            if trio.current_time() - began < LONG_S:
                await trio.sleep(RETRY_S)
            began = trio.current_time()
            why = await self._follow_one(begins=True)
            now = trio.current_time()
            if self._applied >= 0:
                give_up_at = now + LOST_S
            elif now >= give_up_at:
                raise ConnectionLostError(why)

    async def _follow_one(self, *, begins: bool) -> str:
        """Read a stream to its end; return why it ended.

        Raises:
            ConnectionLostError: The server refuses.
        """
        why = LOST
        try:
            with trio.move_on_after(LOST_S if begins else SILENT_S) as patience:
                if begins:
                    await self._begin()
                while await self._read() and not self._ended():
                    patience.deadline = math.inf  # it is this side that is slow
                    await self._wait_room()
                    patience.deadline = trio.current_time() + SILENT_S
        except CutError:
            pass
        except OSError as error:
            why = cause_of(error, self._address)
        finally:
            await self._stream.close()
        return why

    async def _begin(self) -> None:
        """Ask for a stream.

        Raises:
            ConnectionLostError: There is none; the sentence says why.
            CutError, OSError: As `PollCaller.ask`.
        """
        self._events, self._applied = EventData(), -1
        status, headers = await self._stream.ask(self._body(self._request), EVENTS)
        kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
        if status != 200 or not kind.lower().startswith(EVENTS):
            # A full server says so, an old one answers as if no stream was asked for.
            self._take(status, headers, await self._stream.rest())
            there = self._address.host_header
            raise ConnectionLostError(self._lost or f"{there} has no event streams")

    async def _read(self) -> bool:
        """Take the next piece of the stream; return False at its end."""
        piece = await self._stream.piece()
        for data in self._events.feed(piece):
            self._applied = max(self._applied, self._take_row(data))
        return bool(piece)

    async def _wait_room(self) -> None:
        while len(self._down) >= QUEUED_MESSAGES and not self._lost:
            await self._taken.park()

    # --- confirmations ----------------------------------------------------------------------------

    def _take_row(self, body: bytes) -> int:
        before = self._confirmed
        applied = super()._take_row(body)
        if self._confirmed > before:
            self._unconfirmed_bytes += len(body)
            now = trio.current_time()
            soon = now if self._unconfirmed_bytes > CONFIRM_BYTES else now + CONFIRM_S
            if soon < self._confirm_at:
                self._confirm_at = soon
                self._changed.unpark_all()
        return applied

    @property
    def _due_at(self) -> float:
        """A request is needed where too much, or anything for too long, is not confirmed."""
        return self._confirm_at

    def _next(self, wait_ms: int) -> SentRequest:
        self._confirm_at, self._unconfirmed_bytes = math.inf, 0
        return super()._next(wait_ms)


class EventData:
    """Finds the data of events in a stream that comes in pieces; each has one line of it."""

    def __init__(self) -> None:
        """Start before the first piece."""
        self._rest = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that are whole with this piece.

        Raises:
            ConnectionLostError: A line is longer than any of a game server, or is no base64.
        """
        lines: list[bytes] = []
        end = piece.rfind(b"\n")  # only here: a long line must not be searched again and again
        if end >= 0:
            lines = (bytes(self._rest) + piece[:end]).split(b"\n")
            self._rest.clear()
        self._rest += piece[end + 1 :]
        if len(self._rest) > MAX_RESPONSE_BYTES:
            raise ConnectionLostError("the server's events are too long")
        try:
            data = (line.removeprefix(_DATA) for line in lines if line.startswith(_DATA))
            return [b64decode(each.strip(), validate=True) for each in data]
        except ValueError:
            raise ConnectionLostError("the server's events are no base64") from None


def dial_sse(
    address: Address, timeout_s: float, opens: OpenStream | None = None
) -> AbstractAsyncContextManager[SseWire]:
    """Open a connection by server-sent events; it is aborted at the end of the block.

    Raises:
        ConnectionLostError: No event came within ``timeout_s``, or the server refused.
    """
    wire = SseWire(address, opens or streams.open_stream)
    return carried(wire, address, timeout_s)
