"""Dodge rockets.

Law: for each rocket that comes at it, a bot decides once, with its level's chance, whether to
dodge.
"""

from typing import Final, NamedTuple

from gameserver.arena.bots.levels import BotLevel
from gameserver.arena.bots.senses import in_sight
from gameserver.arena.entities import Fighter, Rocket
from gameserver.game import Rng, World
from gameserver.game.fixed import SUB, TURN, vector
from gameserver.ids import EntityId

WATCHED: Final = 300 * SUB
"""Distance at which a bot notices a rocket."""
LANE: Final = 60 * SUB
"""Half the width of the rocket's lane that a bot leaves."""
LAST_MOMENT: Final = 130 * SUB
"""Distance of a rocket below which only a dash helps."""

_UNIT: Final = 1024


class WayOut(NamedTuple):
    """The direction to step, and whether to dash."""

    angle: int
    hurry: bool


class Dodger:
    """Watches rockets for one bot."""

    def __init__(self, level: BotLevel, rng: Rng) -> None:
        """Dodge with the chance of the level."""
        self._level = level
        self._rng = rng
        self._minds: dict[EntityId, bool] = {}

    def way_out(self, world: World, me: Fighter) -> WayOut | None:
        """Return how to dodge; None if no rocket comes, or the bot does not dodge it."""
        rockets = [rocket for rocket in world.all(Rocket) if rocket.owner != me.owner]
        self._minds = {r.id: self._minds[r.id] for r in rockets if r.id in self._minds}
        for rocket in rockets:
            way = _way_out(rocket, me)
            if way is None or not in_sight(world, me, rocket.x, rocket.y):
                continue
            if rocket.id not in self._minds:
                self._minds[rocket.id] = self._rng.chance(self._level.dodges, 100)
            if self._minds[rocket.id]:
                return way
        return None


def _way_out(rocket: Rocket, me: Fighter) -> WayOut | None:
    """Return the shorter way out of a rocket's lane; None if the fighter is not in it."""
    dx, dy = me.x - rocket.x, me.y - rocket.y
    ux, uy = vector(rocket.angle, _UNIT)
    along, across = (dx * ux + dy * uy) // _UNIT, (ux * dy - uy * dx) // _UNIT
    if not 0 < along < WATCHED or abs(across) > LANE:
        return None
    quarter = TURN // 4 if across >= 0 else -TURN // 4
    return WayOut((rocket.angle + quarter) % TURN, along < LAST_MOMENT)
