"""How a peer's socket is read now: one value of six, and all transitions between them.

Law: exactly one of these states holds, and it changes only in `SocketReading`.

::

    state         reads the socket            leads to
    Shut          no task: handshake          open -> Own
    Own           the library's task          park -> Parked     hold -> Suspended
    Parked        a drain; the task sleeps    wake -> Own        hold -> Suspended  end -> Ended
    Suspended     no task until a time        release -> Own     hold -> Suspended
    Ended         the library's task
    SocketClosed  the library's task, which finds the transport closed

Every state leads to SocketClosed, by `close`. A call that a state does not list changes nothing.

Ended differs from Own: the drain has met the end of the stream, and a task that parked again would
be woken by this end without pause. It reads the end from the socket instead.
"""

from typing import Final

import attrs
import trio

from gameserver.accel import DrainMember
from gameserver.transports.drain import Drain

NO_DESCRIPTOR: Final = -1
"""Of a stream that no drain can read."""


@attrs.frozen(eq=False)
class Shut:
    """Nothing is read before the handshake is done."""

    woken: trio.Event = attrs.field(factory=trio.Event)


@attrs.frozen(eq=False)
class Own:
    """The library's task reads the socket, or will when it receives."""


@attrs.frozen(eq=False)
class Parked:
    """The library's task sleeps, and a drain reads the socket."""

    drain: Drain
    woken: trio.Event = attrs.field(factory=trio.Event)


@attrs.frozen(eq=False)
class Suspended:
    """Nothing is read before a time, which may have passed without a task that noticed it."""

    until: float
    woken: trio.Event = attrs.field(factory=trio.Event)


@attrs.frozen(eq=False)
class Ended:
    """The drain met the end of the stream."""


@attrs.frozen(eq=False)
class SocketClosed:
    """The socket is closed, or is about to be."""


ReadState = Shut | Own | Parked | Suspended | Ended | SocketClosed


class SocketReading:
    """The state of reading one socket. Its calls never wait; the task that reads sleeps by itself.

    Attributes:
        state: The present state. A task that sleeps in it waits for its ``woken``, which is set as
            soon as the state is left.
    """

    def __init__(self, descriptor: int) -> None:
        """Start in `Shut`; ``descriptor`` is the socket's, or `NO_DESCRIPTOR`."""
        self._descriptor = descriptor
        self.state: ReadState = Shut()

    def open(self) -> None:
        """Read from now on, since the handshake is done."""
        if isinstance(self.state, Shut):
            self._become(Own())

    def park(self, drain: Drain, member: DrainMember) -> Parked | None:
        """Leave the socket to a drain; return None if the task must read by itself."""
        if not isinstance(self.state, Own) or self._descriptor == NO_DESCRIPTOR:
            return None
        if not drain.add(self._descriptor, member):
            return None
        parked = Parked(drain)
        self._become(parked)
        return parked

    def wake(self) -> None:
        """Take the socket back from the drain, for bytes that the library must see."""
        if isinstance(self.state, Parked):
            self._become(Own())

    def end(self) -> None:
        """Take the socket back from the drain, which met the end of the stream."""
        if isinstance(self.state, Parked):
            self._become(Ended())

    def hold(self, until: float) -> None:
        """Read nothing before this time."""
        if isinstance(self.state, Own | Parked | Suspended):
            self._become(Suspended(until))

    def release(self) -> None:
        """Read again at once."""
        if isinstance(self.state, Suspended):
            self._become(Own())

    def close(self) -> None:
        """Read nothing any more; call it before the socket is closed. Idempotent."""
        if not isinstance(self.state, SocketClosed):
            self._become(SocketClosed())

    def _become(self, state: ReadState) -> None:
        left, self.state = self.state, state
        if isinstance(left, Parked):
            # Before the task runs: it reads the socket next, or the descriptor is closed.
            left.drain.remove(self._descriptor)
        if isinstance(left, Shut | Parked | Suspended):
            left.woken.set()
