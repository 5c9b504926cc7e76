"""What a bot knows: its own fighter, the enemies in sight, and where it saw enemies last.

Law: a bot uses only what a player's client receives, so the same bot runs on a server and on a
client.
"""

from typing import Final

import attrs

from gameserver.arena.entities import Fighter
from gameserver.game import World
from gameserver.game.fixed import length
from gameserver.game.geometry.raycast import line_of_sight
from gameserver.game.maps.tilemap import TILE
from gameserver.ids import EntityId, Tick

SIGHT: Final = 24 * TILE
"""Distance of sight, about that of a player's screen."""

MEMORY_TICKS: Final = 90
"""Ticks for which a bot remembers where it saw an enemy last."""

BLINK_TICKS: Final = 3
"""An enemy that was out of sight for at most so many ticks counts as seen without a break."""


@attrs.define
class Sighting:
    """An enemy that a bot sees or remembers."""

    id: EntityId
    x: int
    y: int
    vx: int
    vy: int
    since: Tick
    """Tick since which the enemy is in sight without a break."""
    last: Tick


class Senses:
    """Sight and memory of one bot."""

    def __init__(self) -> None:
        """Start without memories."""
        self._known: dict[EntityId, Sighting] = {}

    def look(self, world: World, me: Fighter) -> list[Sighting]:
        """Return the enemies in sight, nearest first, and remember them."""
        # Enemies that are too far away are left out before anything is called: all bots look at all
        # fighters in each tick.
        x, y, seat, team = me.x, me.y, me.owner, me.team
        seen = [
            self._note(world, other)
            for other in world.all(Fighter)
            if other.alive
            and -SIGHT < other.x - x < SIGHT
            and -SIGHT < other.y - y < SIGHT
            and other.owner != seat
            and (not team or team != other.team)
            and line_of_sight(world.map, x, y, other.x, other.y)
        ]
        self._known = {i: s for i, s in self._known.items() if world.tick - s.last <= MEMORY_TICKS}
        return sorted(seen, key=lambda s: (length(s.x - me.x, s.y - me.y), s.id))

    def remembered(self, world: World) -> Sighting | None:
        """Return the enemy that was seen last, if it is still remembered."""
        alive = [s for s in self._known.values() if _lives(world, s.id)]
        return max(alive, key=lambda s: (s.last, -s.id), default=None)

    def _note(self, world: World, other: Fighter) -> Sighting:
        before = self._known.get(other.id)
        sighting = Sighting(other.id, other.x, other.y, 0, 0, world.tick, world.tick)
        if before is not None and world.tick - before.last <= BLINK_TICKS:
            ticks = max(1, world.tick - before.last)
            sighting.since = before.since
            sighting.vx, sighting.vy = (other.x - before.x) // ticks, (other.y - before.y) // ticks
        self._known[other.id] = sighting
        return sighting


def in_sight(world: World, me: Fighter, x: int, y: int) -> bool:
    """Tell whether a fighter sees a point: it is near enough, and no wall is between."""
    near = abs(x - me.x) < SIGHT and abs(y - me.y) < SIGHT
    return near and line_of_sight(world.map, me.x, me.y, x, y)


def _lives(world: World, entity_id: EntityId) -> bool:
    other = world.get(entity_id)
    return isinstance(other, Fighter) and other.alive
