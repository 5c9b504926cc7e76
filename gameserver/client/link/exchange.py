"""A connection whose messages travel in requests to ``/poll``: what roads over plain HTTP share.

Law: a request whose response did not come whole is sent again with its number, and the server
applies it once; each message of the server has a number, and counts once. So no message is lost or
doubled at any cut.

``docs/protocol.md``, "Long polling", describes the bodies.
"""

import math
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import attrs
import msgpack
import trio

from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.farewell import LOST
from gameserver.client.link.posting import CutError, PollCaller
from gameserver.client.link.refusals import Headers, cause_of, refused
from gameserver.client.link.streams import OpenStream
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConnectionLostError
from gameserver.text import shown

GAP_S: Final = 0.05
"""Shortest time between the starts of two requests: messages of this time share one."""

RETRY_S: Final = 0.2
"""Pause before a request is sent again."""

LOST_S: Final = 5.0
"""Time without any response, other than that of a waiting request, after which a wire is lost."""

CONNECTIONS: Final = 2
"""Most requests under way, besides one whose response is an event stream."""

MOST_MESSAGES: Final = 32
"""Most messages in one request."""

MOST_NUMBER: Final = 1 << 53
"""Numbers of messages are below it; a server that counts on from there is none."""

LEAVE_S: Final = 1.0


@attrs.frozen
class SentRequest:
    """A request that is being carried, perhaps in several tries."""

    number: int
    messages: tuple[bytes, ...]
    wait_ms: int


class ExchangeWire(ABC):
    """One connection by requests, a `Wire`; `run` carries it."""

    def __init__(self, road: str, address: Address, opens: OpenStream, wait_ms: int) -> None:
        """Prepare; nothing is sent before `open`. ``wait_ms`` is how long a request waits there."""
        self.road = road
        self._address = address
        self._opens = opens
        self._wait_ms = wait_ms
        self._callers = [PollCaller(address, opens) for _ in range(CONNECTIONS)]
        self._link = secrets.token_bytes(16)
        self._number = 0
        self._confirmed = 0
        """Number of the last message that came: each request confirms it."""
        self._up: deque[bytes] = deque()
        self._down: deque[bytes] = deque()
        self._heard = trio.lowlevel.ParkingLot()
        self._taken = trio.lowlevel.ParkingLot()
        """Woken when `receive` has returned a message."""
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
        self._taken.unpark_all()
        return self._down.popleft()

    async def close(self) -> None:
        """Send what was handed over and the word that this side leaves."""
        if not self._lost:
            self._lose("this side closed the connection")
            with trio.move_on_after(LEAVE_S):
                caller = PollCaller(self._address, self._opens)
                try:
                    while self._up:
                        await caller.post(self._body(self._next(0)))
                    await caller.post(self._body(self._next(-1)))
                except (CutError, OSError):
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
        for waiting in (self._heard, self._taken, self._changed):
            waiting.unpark_all()

    # --- requests ---------------------------------------------------------------------------------

    @abstractmethod
    async def open(self) -> None:
        """Make the first request, which shows whether the server can be reached this way.

        Raises:
            ConnectionLostError: It cannot; the sentence says why.
        """

    async def run(self) -> None:
        """Carry messages until the connection is lost or aborted, and free the sockets."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                self._start(nursery)
        await self.aclose()

    def _start(self, nursery: trio.Nursery) -> None:
        """Start what carries messages; it ends when the connection is lost."""
        for caller in self._callers:
            nursery.start_soon(self._work, caller)

    async def aclose(self) -> None:
        """Free the sockets, once nothing runs any more."""
        for caller in self._callers:
            await caller.close()

    async def _work(self, caller: PollCaller) -> None:
        while True:
            async with self._turn:
                await self._wait_need()
                if self._ended():
                    return
                request = self._next(self._wait_ms)
                self._flying += 1
            try:
                await self._carry(caller, request)
            except ConnectionLostError as error:
                self._lose(str(error))
            finally:
                self._flying -= 1
                self._changed.unpark_all()

    async def _wait_need(self) -> None:
        """Wait until a request is needed: for messages, or although there is nothing to say."""
        while not (self._lost or self._up or self._due_at <= trio.current_time()):
            with trio.CancelScope(deadline=self._due_at):
                await self._changed.park()
        await trio.sleep_until(self._started + GAP_S)
        self._started = trio.current_time()

    @property
    @abstractmethod
    def _due_at(self) -> float:
        """Time at which a request is needed although there is nothing to say; infinite if none is.

        When it comes nearer, `_changed` is woken.
        """

    def _next(self, wait_ms: int) -> SentRequest:
        messages = tuple(self._up.popleft() for _ in range(min(len(self._up), MOST_MESSAGES)))
        self._number += 1
        return SentRequest(self._number, messages, wait_ms)

    def _body(self, request: SentRequest) -> bytes:
        row = [self._link, request.number, self._confirmed, request.wait_ms, request.messages]
        packed: bytes = msgpack.packb(row)
        return packed

    async def _carry(self, caller: PollCaller, request: SentRequest) -> None:
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
            except (CutError, OSError, trio.TooSlowError) as error:
                now = trio.current_time()
                give_up_at = min(give_up_at, now + LOST_S)
                if now >= give_up_at:
                    why = cause_of(error, self._address) if isinstance(error, OSError) else LOST
                    raise ConnectionLostError(why) from None
            await trio.sleep(RETRY_S)

    def _take(self, status: int, headers: Headers, body: bytes) -> int:
        """Take the messages of a response; return the number of the last applied request.

        Raises:
            ConnectionLostError: The server refuses, or the link has ended.
        """
        if status != 200:
            raise ConnectionLostError(refused(self._address.host_header, status, headers, body))
        return self._take_row(body)

    def _take_row(self, body: bytes) -> int:
        """Take the messages of a response, or of an event; return and raise the same as `_take`."""
        try:
            row: Any = msgpack.unpackb(body)
        except (ValueError, TypeError, msgpack.exceptions.ExtraData):
            row = None
        if not _is_response(row):
            there = self._address.host_header
            raise ConnectionLostError(f"{there} answers, but not as a gameserver")
        applied, first, messages, ending = row
        fresh = messages[max(0, self._confirmed + 1 - first) :]
        if fresh:
            self._down += fresh
            self._confirmed = first + len(messages) - 1
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
        and 0 <= first < MOST_NUMBER
        and isinstance(messages, list)
        and all(isinstance(message, bytes) for message in messages)
        and isinstance(ending, str | None)
    )


_W = TypeVar("_W", bound=ExchangeWire)


@asynccontextmanager
async def carried(wire: _W, address: Address, timeout_s: float) -> AsyncIterator[_W]:
    """Open a connection and carry it; it is aborted at the end of the block.

    Raises:
        ConnectionLostError: The server was not reached within ``timeout_s``, or refused.
    """
    there = address.host_header
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
