"""The two ports of a match, which hide the transport: inputs come in, messages go out.

Law: a tick never awaits. Both ports are plain calls that return at once. Sockets, memory links and
simulations implement the same ports, so tests run the code that serves players.
"""

from collections.abc import Iterable
from typing import Protocol

from gameserver.ids import PlayerId


class Inlet(Protocol):
    """Delivers the messages that viewers sent since the last tick."""

    def drain(self) -> Iterable[tuple[PlayerId, bytes]]:
        """Return the received ``Input`` and ``Seen`` messages, in order for each viewer.

        Each item is one whole message, not decoded.

        When full: an inlet keeps a bounded number for each viewer and drops the oldest.
        """
        ...


class Outlet(Protocol):
    """Accepts the messages for one viewer."""

    def offer(self, message: bytes) -> bool:
        """Hand over one WebSocket message's payload; it is sent whole and in order.

        Returns:
            False if the connection is gone or too much is queued: the message was not accepted, so
            the viewer misses a link of its chains and needs a keyframe.
        """
        ...
