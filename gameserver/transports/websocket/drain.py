"""The drain: reads many sockets at once, when a tick asks, without waking a task.

Law: one `drain` call makes at most one bounded read per member, so no peer gets more of a tick
than its share; whatever is not for the lane is left to the member's own reader, which is woken.

A member that cannot be drained (TLS, memory links, systems without epoll) is read by its own
reader as ever; both ways end in the same `Lane`.
"""

import os
import select
from typing import Final, Protocol

DRAIN_BYTES: Final = 2048
"""Read from one socket in one tick: three seconds of an honest player's inputs at 30 Hz, so a
stalled link catches up at once, and a flood costs a tick about as much as a few players
(threat 8)."""

HAS_EPOLL: Final = hasattr(select, "epoll")


class Member(Protocol):
    """What a drain reads."""

    def received_nowait(self, data: bytes) -> None:
        """Take what was read; empty where the connection ended or broke."""
        ...


class Drain:
    """A set of sockets that are read together. Close it when nobody is left."""

    def __init__(self) -> None:
        """Start with no member and without a selector, which is made for the first one."""
        self._epoll: select.epoll | None = None
        self._members: dict[int, Member] = {}
        self._closed = False

    def __len__(self) -> int:
        """Count the members that wait to be drained."""
        return len(self._members)

    def _selector(self) -> "select.epoll":
        if self._epoll is None:
            self._epoll = select.epoll()
        return self._epoll

    @property
    def descriptor(self) -> int:
        """A descriptor that is readable while some member's is; -1 where there is none."""
        return self._selector().fileno() if HAS_EPOLL and not self._closed else -1

    def add(self, descriptor: int, member: Member) -> bool:
        """Read this socket from now on; False where that is impossible."""
        if self._closed or not HAS_EPOLL:
            return False
        try:
            self._selector().register(descriptor, select.EPOLLIN)
        except OSError:  # no descriptor is left for a selector: the member reads for itself
            return False
        self._members[descriptor] = member
        return True

    def remove(self, descriptor: int) -> None:
        """Read this socket no more; call it before the descriptor is closed. Twice is safe."""
        if self._members.pop(descriptor, None) is not None and self._epoll is not None:
            self._epoll.unregister(descriptor)

    def drain(self, most: int | None = None) -> None:
        """Hand every member what its socket holds; with ``most`` so many, and others next time."""
        members = self._members
        if not members or self._epoll is None:
            return
        for descriptor, _ in self._epoll.poll(0, most or len(members)):
            member = members.get(descriptor)
            if member is None:
                continue  # left while another one was read
            try:
                data = os.read(descriptor, DRAIN_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            member.received_nowait(data)

    def close(self) -> None:
        """Free the selector; members must have left, and none is taken any more."""
        self._closed = True
        if self._epoll is not None:
            self._epoll.close()
