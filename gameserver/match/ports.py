"""The two ports of a match, which hide the transport: inputs come in, messages go out.

Law: a tick never awaits. Both ports are plain calls that return at once. Sockets, memory links and
simulations implement the same ports, so tests run the code that serves players.
"""

from collections.abc import Iterable
from typing import Protocol

from gameserver.accel import Outlet
from gameserver.ids import PlayerId

__all__ = ["Inlet", "Outlet"]


class Inlet(Protocol):
    """Delivers the messages that viewers sent since the last tick."""

    def drain(self) -> Iterable[tuple[PlayerId, bytes]]:
        """Return the received ``Input`` and ``Seen`` messages, in order for each viewer.

        Each item is one whole message, not decoded.

        When full: an inlet keeps a bounded number for each viewer and drops the oldest.
        """
        ...
