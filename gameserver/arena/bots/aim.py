"""A bot's hands: where it aims, and when it pulls which trigger.

Law: the aim turns no faster than the level's hand, and strays as far as the level's eye; what it
does with perfect aim is decided by nobody.
"""

from typing import Final, NamedTuple

from gameserver.arena.bots.levels import BotLevel
from gameserver.arena.bots.senses import Sighting
from gameserver.arena.entities import Fighter
from gameserver.arena.tuning import ROCKET_SPEED
from gameserver.game import Rng, World
from gameserver.game.fixed import SUB, TURN, angle_of, length, wrap_signed

ROCKET_MIN: Final = 130 * SUB
"""Nearer, the blast would hurt the shooter."""
ROCKET_MAX: Final = 480 * SUB
"""Farther, everybody steps aside."""
STRAY_TICKS: Final = 8
"""Between two strayings of the aim: long enough to look like a hand, not like noise."""
TOLERANCE: Final = 8
"""What counts as aimed at, on top of the level's error: a body's half width across a room."""


class Triggers(NamedTuple):
    """What the hands do in a tick."""

    fire: bool = False
    rocket: bool = False


class Hands:
    """Aims for one bot."""

    def __init__(self, level: BotLevel, rng: Rng, phase: int) -> None:
        """Begin aiming east; ``phase`` lets bots stray at different ticks."""
        self._level = level
        self._rng = rng
        self._phase = phase % STRAY_TICKS
        self._stray = 0
        self.angle: int = 0

    def rest(self, angle: int) -> None:
        """Turn towards where one walks."""
        self._turn_towards(angle)

    def fight(self, world: World, me: Fighter, target: Sighting) -> Triggers:
        """Follow a target and say which triggers to pull."""
        distance = length(target.x - me.x, target.y - me.y)
        rocket = self._wants_rocket(world, me, distance)
        ahead = distance // ROCKET_SPEED if rocket else 0
        wanted = angle_of(target.x + target.vx * ahead - me.x, target.y + target.vy * ahead - me.y)
        if world.tick % STRAY_TICKS == self._phase:
            self._stray = self._rng.between(-self._level.error, self._level.error)
        self._turn_towards((wanted + self._stray) % TURN)
        ready = world.tick - target.since >= self._level.reaction
        if not ready or abs(wrap_signed(wanted - self.angle, TURN)) > self._level.error + TOLERANCE:
            return Triggers()
        return Triggers(not self._rng.chance(self._level.pause, 100), rocket)

    def _wants_rocket(self, world: World, me: Fighter, distance: int) -> bool:
        loaded = me.rockets > 0 and world.tick >= me.rocket_ready
        good = loaded and ROCKET_MIN < distance < ROCKET_MAX
        return good and self._rng.chance(self._level.rockets, 100)

    def _turn_towards(self, wanted: int) -> None:
        difference = wrap_signed(wanted - self.angle, TURN)
        turn = max(-self._level.turn, min(self._level.turn, difference))
        self.angle = (self.angle + turn) % TURN
