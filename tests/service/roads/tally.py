"""A game that tells of every input that it applies, so that clients can count them."""

from typing import ClassVar

import attrs

from gameserver import game as gs
from gameserver.ids import Seat

MOST = 1 << 20


@attrs.define(eq=False)
class Counter(gs.Entity):
    """One player's inputs."""

    applied: int = gs.networked()


@attrs.frozen
class Counted(gs.Event):
    """An input was applied in the tick of this event."""

    reliable: ClassVar[bool] = True

    seat: int
    serial: int


@attrs.frozen
class Count(gs.Command):
    """An input: its number, and whether it is one (a repeated one is not)."""

    serial: int = gs.level(0, MOST)
    fresh: bool = gs.edge()


@attrs.frozen
class NoOptions:
    """Nothing may be chosen."""


class Tally(gs.Game):
    """It goes on until everybody has left."""

    name, title, seats = "tally", "Tally", (1, 4)
    entities, events, command, options = (Counter,), (Counted,), Count, NoOptions

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        """Give everybody a counter."""
        for player in players:
            self.join(world, player)

    def join(self, world: gs.World, player: gs.Player) -> None:
        """Give a player a counter."""
        world.spawn(Counter(), owner=player.seat)

    def leave(self, world: gs.World, seat: Seat) -> None:
        """Remove a player's counter."""
        world.despawn(world.owned(seat, Counter) or Counter())

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        """Tell of each input that was applied."""
        for seat, command in commands.items():
            counter = world.owned(seat, Counter)
            if counter is not None and isinstance(command, Count) and command.fresh:
                counter.applied += 1
                world.emit(Counted(seat, command.serial))
