"""The smallest game with the benchmark's rules, so that the server is measured, not the game.

Law: these rules stand here and in each peer of ``bench/peers``, and are the same: a player has x
and y in 1/16 pixel on a field of 2000 by 2000, an angle, hp and a score; an input moves it by whole
steps and sets its angle; pushing against the edge costs a point of hp, the last one gives back all;
the score rises every 64th tick, each player's at another one.
"""

import itertools
from collections.abc import Iterator
from typing import ClassVar, Final

import attrs

from gameserver import game as gs
from gameserver.ids import Seat

SIDE: Final = 2000 * 16
"""Side of the field, in 1/16 pixel."""

STEP: Final = 99
"""Distance per tick and axis, in 1/16 pixel: about 124 pixels a second at 20 Hz."""

TURN: Final = 1024
"""One turn of an angle."""

FULL_HP: Final = 100
SCORE_EVERY: Final = 64
WAYS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))


@attrs.define(eq=False)
class Walker(gs.Entity):
    """A player's figure."""

    x: int = gs.networked(predict="linear", lo=0, hi=SIDE)
    y: int = gs.networked(predict="linear", lo=0, hi=SIDE)
    angle: int = gs.networked(wrap=TURN)
    hp: int = gs.networked(default=FULL_HP, lo=1, hi=FULL_HP)
    score: int = gs.networked()


@attrs.frozen
class Step(gs.Command):
    """Where to go and where to look."""

    dx: int = gs.level(-1, 1)
    dy: int = gs.level(-1, 1)
    angle: int = gs.level(0, TURN - 1)


@attrs.frozen
class NoOptions:
    """The game has no options."""


@attrs.frozen
class Wander:
    """A bot that looks around, and goes in little squares."""

    rng: gs.Rng
    ways: "Iterator[tuple[int, int]]" = attrs.field(factory=lambda: itertools.cycle(WAYS))

    def command(self, world: gs.World) -> Step:
        """Return a legal command."""
        del world
        dx, dy = next(self.ways)
        return Step(dx=dx, dy=dy, angle=self.rng.below(TURN))


class Minimal(gs.Game):
    """Walk about."""

    name: ClassVar[str] = "minimal"
    title: ClassVar[str] = "Minimal"
    tick_rate: ClassVar[int] = 20
    entities = (Walker,)
    command = Step
    options = NoOptions
    seats: ClassVar[tuple[int, int]] = (1, 64)
    bot_levels: ClassVar[tuple[str, ...]] = ("wander",)

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        """Spawn all players at the start of a match."""
        for player in players:
            self.join(world, player)

    def join(self, world: gs.World, player: gs.Player) -> None:
        """Put one player on the field."""
        x, y = place(player.seat)
        world.spawn(Walker(x=x, y=y), owner=player.seat)

    def leave(self, world: gs.World, seat: Seat) -> None:
        """Take a player off the field."""
        walker = world.owned(seat, Walker)
        if walker is not None:
            world.despawn(walker)

    def predict(self, world: gs.World, seat: Seat, command: gs.Command) -> None:
        """Advance what depends on one seat: its own player."""
        walker = world.owned(seat, Walker)
        if walker is not None and isinstance(command, Step):
            move(walker, command, world.tick)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        """Advance all players by one tick."""
        for walker in world.all(Walker):
            command = commands[walker.owner]
            if isinstance(command, Step):
                move(walker, command, world.tick)

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:
        """Return a bot that wanders."""
        del seat, level
        return Wander(rng)


def move(walker: Walker, command: Step, tick: int) -> None:
    """Advance one player by one tick."""
    x, y = walker.x + command.dx * STEP, walker.y + command.dy * STEP
    if not (0 <= x <= SIDE and 0 <= y <= SIDE):
        x, y = min(max(x, 0), SIDE), min(max(y, 0), SIDE)
        walker.hp = walker.hp - 1 or FULL_HP
    walker.x, walker.y = x, y
    walker.angle = command.angle
    if (tick + walker.owner) % SCORE_EVERY == 0:
        walker.score += 1


def place(number: int) -> tuple[int, int]:
    """Return where player ``number`` begins: spread over the field without chance."""
    return 800 + number * 7919 % (SIDE - 1600), 800 + number * 104729 % (SIDE - 1600)
