"""The ports of a match, which hide transport and disk: inputs come in, messages and records go out.

Law: a tick never awaits. All ports are plain calls that return at once. Sockets, memory links and
simulations implement the same ports, so tests run the code that serves players.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from gameserver.accel import Outlet
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.world import World
from gameserver.ids import PlayerId, Seat, Tick

__all__ = ["Inlet", "Outlet", "Recorder"]


class Recorder(Protocol):
    """Takes what determines a match, tick by tick; it never raises."""

    def record(
        self,
        tick: Tick,
        left: tuple[Seat, ...],
        joined: tuple[Player, ...],
        commands: Mapping[Seat, Command],
    ) -> None:
        """Take the calls of the next tick, before its step; no tick is left out."""
        ...

    def stepped(self, world: World) -> None:
        """Take the world after that step."""
        ...


class Inlet(Protocol):
    """Delivers the messages that viewers sent since the last tick."""

    def drain(self) -> Iterable[tuple[PlayerId, bytes]]:
        """Return the received ``Input`` and ``Seen`` messages, in order for each viewer.

        Each item is one whole message, not decoded.

        When full: an inlet keeps a bounded number for each viewer and drops the oldest.
        """
        ...
