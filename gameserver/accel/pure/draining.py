"""Read many sockets in one call, and take the inputs from what they sent."""

import os
import select
from collections.abc import Mapping

from gameserver.accel.pure.frames import short_payload
from gameserver.accel.sockets import DrainMember, Take


class PureTap:
    """Takes what is exactly one wanted frame, which is so for most reads."""

    __slots__ = ("_heads", "_take", "bytes_in", "ready")

    def __init__(self, heads: frozenset[bytes], take: Take) -> None:
        """Give payloads that begin with one of ``heads`` to ``take``."""
        self._heads = heads
        self._take = take
        self.ready: bool = False
        self.bytes_in: int = 0

    def take(self, data: bytes) -> int:
        """Take ``data`` if it is one wanted frame; return how many bytes were taken."""
        if not self.ready:
            return 0
        payload = short_payload(data)
        if payload is None:
            return 0
        heads = self._heads
        if payload[:2] not in heads and payload[:4] not in heads:
            return 0
        if self._take(payload) is False:
            return 0
        self.bytes_in += len(data)
        return len(data)


def tap(heads: frozenset[bytes], take: Take) -> PureTap:
    """Return a tap, not ready, for payloads that begin with one of these 2 or 4 bytes."""
    return PureTap(heads, take)


def drain(
    epoll: "select.epoll", members: Mapping[int, DrainMember], most: int, most_bytes: int
) -> None:
    """Read each readable socket once, and pass on what came."""
    for descriptor, _ in epoll.poll(0, most):
        member = members.get(descriptor)
        if member is None:
            continue  # this member left while another one was read
        try:
            data = os.read(descriptor, most_bytes)
        except BlockingIOError:
            continue
        except OSError:
            data = b""
        member.received_nowait(data)
