"""The past of rewindable entities, for lag compensation.

Law: history is part of the world's state and of its dump, since hits depend on it. It is bounded
in time, and rewinding never changes the world.

Source: Bernier, "Latency Compensating Methods in Client/Server In-game Protocol Design and
Optimization" (GDC 2001).
"""

from collections import deque
from typing import Final

from gameserver.game.entity import Entity
from gameserver.game.schema.compiled import between, clone, cloner
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick

VIEW_UNITS: Final = 16
"""Units of a view's age in one tick."""

REWIND_MS: Final = 400
"""Farthest rewind (threat 16): an honest player with 200 ms round trip needs about as much."""

PastTick = dict[EntityId, Entity]
"""Copies of all rewindable entities at the end of one tick, by rising id."""


class History:
    """The moments of the last ticks, newest last.

    When full: the oldest moment is dropped.
    """

    def __init__(self, tick_rate: int) -> None:
        """Hold all ticks within `REWIND_MS`, the present one, and one more to interpolate from."""
        self.depth: int = tick_rate * REWIND_MS // 1000 + 2
        self.moments: deque[tuple[Tick, PastTick]] = deque(maxlen=self.depth)

    def record(self, world: World) -> None:
        """Add the rewindable entities as they are at the end of the world's tick."""
        moment = {
            entity.id: cloner(entity.__class__)(entity) for entity in world if entity.rewindable
        }
        self.moments.append((world.tick, moment))

    def record_nothing(self, tick: Tick) -> None:
        """Add a moment of a world whose game has no rewindable class."""
        self.moments.append((tick, {}))

    def rewound(self, world: World, view: int) -> list[Entity]:
        """Return copies as they were ``view``/16 ticks before the world's tick, ordered by id.

        A time before the first moment gives the first one, a time after the last the last one.
        """
        at = world.tick * VIEW_UNITS - view
        return moment_at(self.moments, at)


def moment_at(moments: "deque[tuple[Tick, PastTick]]", at: int) -> list[Entity]:
    """Return copies of the entities at ``at``/16 ticks, ordered by id; moments are by rising tick.

    Server and client share this function: from the same two moments both get the same result.
    Entities are interpolated between the moments before and after. An entity that only one of the
    two holds is returned if that moment is the nearer one.
    """
    if not moments:
        return []
    later_tick, later = moments[-1]
    if at >= later_tick * VIEW_UNITS:
        return [clone(entity) for entity in later.values()]
    for tick, moment in reversed(moments):
        if tick * VIEW_UNITS <= at:
            return _mixed(moment, later, at - tick * VIEW_UNITS, (later_tick - tick) * VIEW_UNITS)
        later_tick, later = tick, moment
    return [clone(entity) for entity in later.values()]


def _mixed(earlier: PastTick, later: PastTick, num: int, den: int) -> list[Entity]:
    mixed = []
    for entity_id in sorted(earlier.keys() | later.keys()):
        a, b = earlier.get(entity_id), later.get(entity_id)
        if a is not None and b is not None and type(a) is type(b):
            mixed.append(between(a, b, num, den) if num else clone(a))
        elif a is not None and 2 * num < den:
            mixed.append(clone(a))
        elif b is not None and 2 * num >= den:
            mixed.append(clone(b))
    return mixed
