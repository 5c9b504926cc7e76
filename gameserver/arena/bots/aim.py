"""A bot's aim and its triggers.

Law: the aim turns no faster, and misses the target by as much, as the level says. No code path
gives a bot perfect aim.
"""

from typing import Final, NamedTuple

from gameserver.arena.bots.levels import BotLevel
from gameserver.arena.bots.senses import Sighting
from gameserver.arena.entities import Fighter
from gameserver.arena.tuning import ROCKET_SPEED
from gameserver.game import Rng, World
from gameserver.game.fixed import SUB, TURN, angle_of, length, wrap_signed

ROCKET_MIN: Final = 130 * SUB
"""Shortest distance for a rocket: nearer, the blast would hurt the shooter."""
ROCKET_MAX: Final = 480 * SUB
"""Longest distance for a rocket: farther, every target can step aside."""
STRAY_TICKS: Final = 8
"""Ticks between two changes of the aim's error: fewer would look like noise, not like a hand."""
TOLERANCE: Final = 8
"""Angle, added to the level's error, within which the bot fires: half a body across a room."""


class Triggers(NamedTuple):
    """The triggers that a bot pulls in a tick."""

    fire: bool = False
    rocket: bool = False


class Hands:
    """Aim and triggers of one bot."""

    def __init__(self, level: BotLevel, rng: Rng, phase: int) -> None:
        """Start with the aim east; ``phase`` makes bots change their errors at different ticks."""
        self._level = level
        self._rng = rng
        self._phase = phase % STRAY_TICKS
        self._stray = 0
        self.angle: int = 0

    def rest(self, angle: int) -> None:
        """Turn the aim towards the direction of walking."""
        self._turn_towards(angle)

    def fight(self, world: World, me: Fighter, target: Sighting) -> Triggers:
        """Turn the aim towards a target, and return which triggers to pull."""
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
