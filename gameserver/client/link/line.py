"""A connection in use: it queues messages to the server and passes on those from it.

Law: `Line.post` never blocks and never fails. A line whose queue is full, or over which nothing was
received for too long, is cut, and the session goes on over the next connection.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from gameserver.client.link.conditions import Conditions, Lane, lanes
from gameserver.client.link.dial import Wire
from gameserver.errors import ConnectionLostError

QUEUED_MESSAGES: Final = 1024
"""Half a minute of inputs at 30 Hz; a line that cannot send those is no connection any more."""


class Line:
    """One connection, with the line conditions laid between socket and protocol."""

    def __init__(
        self, wire: Wire, conditions: Conditions, receive: Callable[[bytes], None]
    ) -> None:
        """Use a connection; ``receive`` is called with each message that comes in."""
        now = trio.current_time()
        self._wire = wire
        self._receive = receive
        self._up, self._down = lanes(conditions, now)
        self._perfect = conditions.perfect
        self._up_wake = trio.Event()
        self._down_wake = trio.Event()
        self.last_heard = now
        self.last_posted = now

    @property
    def bytes_in(self) -> int:
        """Bytes of the TCP stream received so far, frames and handshake included."""
        return self._wire.tap.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes of the TCP stream sent so far, frames and handshake included."""
        return self._wire.tap.bytes_out

    def post(self, message: bytes) -> None:
        """Queue a message; it leaves in order.

        When full: the line is cut.
        """
        self.last_posted = trio.current_time()
        if len(self._up) >= QUEUED_MESSAGES:
            self.abort()
            return
        self._up.put(message, self.last_posted)
        self._up_wake.set()

    def abort(self) -> None:
        """Cut the connection now."""
        self._wire.abort()

    async def close(self) -> None:
        """Send the queued messages, then close."""
        while (due := self._up.next_due) is not None:
            await trio.sleep_until(due)
            await trio.lowlevel.checkpoint()
        await self._wire.close()

    async def run(self) -> None:
        """Carry messages until the connection is lost.

        Raises:
            ConnectionLostError: Always, in the end.
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
        while True:
            self._up_wake = trio.Event()
            if due := self._up.take_due(trio.current_time()):
                await self._wire.send(due)
            await _wait_for(self._up, self._up_wake)

    async def _read(self) -> None:
        while True:
            message = await self._wire.receive()
            if self._perfect:
                self._hear(message)
            else:
                self._down.put(message, trio.current_time())
                self._down_wake.set()

    async def _hand_on(self) -> None:
        while True:
            self._down_wake = trio.Event()
            for message in self._down.take_due(trio.current_time()):
                self._hear(message)
            await _wait_for(self._down, self._down_wake)

    def _hear(self, message: bytes) -> None:
        self.last_heard = trio.current_time()
        self._receive(message)


async def _wait_for(lane: Lane, wake: trio.Event) -> None:
    """Wait until a lane has something due; ``wake`` is set when something new is put in."""
    due = lane.next_due
    if due is None:  # as always on a good line, where a scope would cost more than the wait
        await wake.wait()
        return
    with trio.CancelScope(deadline=due):
        await wake.wait()
