"""Where a match meets the outside: two ports that hide every kind of transport.

Law: a tick never awaits. Both ports are plain calls that return at once; sockets, memory links
and simulations implement them alike, so the tested path is the played path.
"""

from collections.abc import Iterable
from typing import Protocol

from gameserver.ids import PlayerId


class Inlet(Protocol):
    """Brings in what viewers sent since the last tick."""

    def drain(self) -> Iterable[tuple[PlayerId, bytes]]:
        """Return the hot messages (``Input``, ``Seen``) received, per viewer in order.

        Each item is one whole message as it came, not yet decoded.

        When full: an inlet keeps a bounded number per viewer and drops the oldest.
        """
        ...


class Outlet(Protocol):
    """Takes one viewer's frames."""

    def offer(self, message: bytes) -> bool:
        """Hand over one WebSocket message's payload; it is sent whole and in order.

        Returns:
            False where the outlet is gone or holds too much: the message was not taken, so the
            viewer's chain is broken and a keyframe is owed.
        """
        ...
