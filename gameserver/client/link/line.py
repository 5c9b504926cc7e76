"""Use one connection: queue messages to the server, pass received ones to the client.

Law: `Line.post` never blocks and never raises. If the queue is full the connection is aborted, and
the session continues over the next one. Messages that the server sent before the connection broke
are still passed on, above all its goodbye.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from gameserver.client.link.conditions import Conditions, DelayLane, lanes
from gameserver.client.link.wire import Wire
from gameserver.errors import ConnectionLostError

READ_OUT_S: Final = 1.0
"""How long to go on reading after a send failed: earlier messages of the server may be waiting."""

QUEUED_MESSAGES: Final = 1024
"""Half a minute of inputs at 30 Hz. When full: the connection counts as lost."""


class Line:
    """One connection, with simulated conditions between socket and protocol."""

    def __init__(
        self, wire: Wire, conditions: Conditions, receive: Callable[[bytes], None]
    ) -> None:
        """Use a connection; ``receive`` is called with each received message."""
        now = trio.current_time()
        self._wire = wire
        self._receive = receive
        self._up, self._down = lanes(conditions, now)
        self._perfect = conditions.perfect
        self._up_wake = trio.Event()
        self._down_wake = trio.Event()
        self._sent = trio.Event()
        """Set when messages were sent, and when no more can be sent."""
        self._writes = True
        """Whether queued messages can still be sent."""
        self._read_out = trio.Event()
        """Set when the socket has no more messages."""
        self._aborted = False
        self.last_heard: float = now
        self.last_posted: float = now

    @property
    def bytes_in(self) -> int:
        """Bytes of the TCP stream received so far, frames and handshake included."""
        return self._wire.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes of the TCP stream sent so far, frames and handshake included."""
        return self._wire.bytes_out

    def post(self, message: bytes) -> None:
        """Queue a message; messages are sent in order.

        When full: the connection is aborted.
        """
        self.last_posted = trio.current_time()
        if len(self._up) >= QUEUED_MESSAGES:
            self.abort()
            return
        self._up.put(message, self.last_posted)
        self._up_wake.set()

    def abort(self) -> None:
        """Abort the connection now; messages that are queued or delayed are lost."""
        self._aborted = True
        self._wire.abort()

    async def close(self) -> None:
        """Send the queued messages, unless sending has failed, then close."""
        while self._writes and len(self._up):
            self._sent = trio.Event()
            await self._sent.wait()
        await self._wire.close()

    async def run(self) -> None:
        """Send and receive messages until the connection is lost.

        Raises:
            ConnectionLostError: Always; the sentence says how the connection ended.
        """
        lost: ConnectionLostError | None = None
        async with trio.open_nursery() as nursery:

            async def until_lost(carry: Callable[[], Awaitable[None]]) -> None:
                nonlocal lost
                try:
                    await carry()
                except ConnectionLostError as error:
                    lost = lost or error
                    nursery.cancel_scope.cancel()

            nursery.start_soon(until_lost, self._write)
            nursery.start_soon(until_lost, self._read)
            if not self._perfect:
                nursery.start_soon(self._hand_on)
        raise lost or ConnectionLostError("the connection was closed")

    async def _write(self) -> None:
        try:
            while True:
                self._up_wake = trio.Event()
                if due := self._up.take_due(trio.current_time()):
                    await self._wire.send(due)
                    self._sent.set()
                await _wait_for(self._up, self._up_wake)
        except ConnectionLostError:
            self._stop_writing()
            with trio.move_on_after(READ_OUT_S):
                await self._read_out.wait()
            if not self._read_out.is_set():
                raise
        finally:
            self._stop_writing()

    def _stop_writing(self) -> None:
        self._writes = False
        self._sent.set()

    async def _read(self) -> None:
        try:
            while True:
                message = await self._wire.receive()
                if self._perfect:
                    self._hear(message)
                else:
                    self._down.put(message, trio.current_time())
                    self._down_wake.set()
        except ConnectionLostError:
            self._read_out.set()
            while not self._aborted and (due := self._down.next_due) is not None:
                await trio.sleep_until(due)
                self._hear_due()
            raise

    async def _hand_on(self) -> None:
        while True:
            self._down_wake = trio.Event()
            self._hear_due()
            await _wait_for(self._down, self._down_wake)

    def _hear_due(self) -> None:
        for message in self._down.take_due(trio.current_time()):
            if not self._aborted:
                self._hear(message)

    def _hear(self, message: bytes) -> None:
        self.last_heard = trio.current_time()
        self._receive(message)


async def _wait_for(lane: DelayLane, wake: trio.Event) -> None:
    """Wait until a message of the lane is due, or ``wake`` is set because one was added."""
    due = lane.next_due
    if due is None:  # the usual case without conditions: a cancel scope would cost more
        await wake.wait()
        return
    with trio.CancelScope(deadline=due):
        await wake.wait()
