"""The drain: reads many sockets in one call at the start of a tick, without waking a task.

Law: one `drain` call makes at most one bounded read per member, so no peer can take more than a
small part of a tick. Bytes that are not for the lane go to the member's own reading task, which is
woken for them.

A member that cannot be drained (streams in memory, systems without epoll) is read by its own task;
in both cases the bytes go through the same `Lane`. What is read from a socket that carries TLS is
encrypted: `Direct.reader` puts its decryption between drain and member.
"""

import os
import select
from collections.abc import Callable
from functools import partial
from typing import Final

import attrs
import trio

from gameserver.accel import DrainMember, hot

DRAIN_BYTES: Final = 2048
"""Most bytes read from one socket in one tick: three seconds of inputs at 30 Hz. So the backlog of
a stalled link is read at once, and a flood takes about as much of a tick as a few players
(threat 8)."""

HAS_EPOLL: Final = hasattr(select, "epoll")


def _itself(member: DrainMember) -> DrainMember:
    return member


@attrs.frozen(eq=False)
class Direct:
    """Non-blocking access to a transport: a drain may read it, an outbox may write to it."""

    descriptor: int
    """File descriptor, by which a drain identifies it."""
    write: Callable[[bytes], int]
    """Writes as many bytes as fit now, and returns their number; `BlockingIOError` if none fit, or
    if bytes that were taken wait inside the transport: see `taken`."""
    reader: Callable[[DrainMember], DrainMember | None] = _itself
    """Returns what the drain is to give the socket's bytes to, for a member that takes those of the
    transport; None while the transport has bytes that it has read already, or its end."""
    plain: bool = attrs.field(default=True, kw_only=True)
    """Whether the descriptor is that of a socket whose bytes are those of the transport, and not
    encrypted: whoever reads and writes the socket by itself may do so only then."""


def taken(full: BlockingIOError) -> int:
    """Return how many bytes a `Direct.write` took that raised this.

    Even if these were all, the transport must be sent something, at least no bytes at all: it waits
    then until the kernel takes what waits inside.
    """
    return getattr(full, "characters_written", 0)


def direct_of(transport: trio.abc.Stream) -> Direct | None:
    """Return the non-blocking access to a transport; None if it has none."""
    if HAS_EPOLL and isinstance(transport, trio.SocketStream):
        descriptor: int = transport.socket.fileno()
        return Direct(descriptor, partial(os.write, descriptor))
    direct: Direct | None = getattr(transport, "direct", None)
    return direct


class Drain:
    """A set of sockets that are read together. Close it when it has no members left."""

    def __init__(self) -> None:
        """Start without members; the selector is created when the first one joins."""
        self._epoll: select.epoll | None = None
        self._members: dict[int, DrainMember] = {}
        self._closed = False

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._members)

    def _selector(self) -> "select.epoll":
        if self._epoll is None:
            self._epoll = select.epoll()
        return self._epoll

    @property
    def descriptor(self) -> int:
        """A descriptor that is readable while a member's socket is; -1 without epoll."""
        return self._selector().fileno() if HAS_EPOLL and not self._closed else -1

    async def wait_readable(self) -> bool:
        """Wait until a member's socket is readable; return False if the drain can never read."""
        if self.descriptor < 0:
            return False
        await trio.lowlevel.wait_readable(self.descriptor)
        return True

    def add(self, descriptor: int, member: DrainMember) -> bool:
        """Read this socket from now on; return False if that is impossible."""
        if self._closed or not HAS_EPOLL:
            return False
        try:
            self._selector().register(descriptor, select.EPOLLIN)
        except OSError:  # no descriptor is left for the selector: the member's own task reads
            return False
        self._members[descriptor] = member
        return True

    def remove(self, descriptor: int) -> None:
        """Stop reading this socket; must be called before it is closed. Idempotent."""
        if self._members.pop(descriptor, None) is not None and self._epoll is not None:
            self._epoll.unregister(descriptor)

    def drain(self, most: int | None = None) -> None:
        """Read each readable socket once; with ``most`` at most that many, the others later."""
        members = self._members
        if not members or self._epoll is None:
            return
        hot.drain(self._epoll, members, most or len(members), DRAIN_BYTES)

    def close(self) -> None:
        """Free the selector; all members must have left, and `add` returns False from now on."""
        self._closed = True
        if self._epoll is not None:
            self._epoll.close()
