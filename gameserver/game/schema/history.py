"""Where rewindable entities were in the last ticks: what lag compensation looks at.

Law: history is part of the world's value (it is dumped with it), since what a shot hits depends
on it. It is bounded by time, and rewinding never changes anything.

Source: Bernier, "Latency Compensating Methods in Client/Server In-game Protocol Design and
Optimization" (GDC 2001).
"""

from collections import deque
from typing import Final

from gameserver.game.entity import Entity
from gameserver.game.schema.compiled import between, clone
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick

VIEW_UNITS: Final = 16
"""Parts of a tick in which a view's age is told."""

REWIND_MS: Final = 400
"""Farthest look back (threat 16): an honest player at 200 ms round trip needs about this."""

Moment = dict[EntityId, Entity]
"""Copies of all rewindable entities at the end of one tick, by rising id."""


class History:
    """The moments of the last ticks, newest last."""

    def __init__(self, tick_rate: int) -> None:
        """Keep as many ticks as `REWIND_MS` spans, and one to interpolate from."""
        self.depth: int = tick_rate * REWIND_MS // 1000 + 2
        self.moments: deque[tuple[Tick, Moment]] = deque(maxlen=self.depth)

    def record(self, world: World) -> None:
        """Remember the world as it is at the end of its tick."""
        moment = {entity.id: clone(entity) for entity in world if entity.rewindable}
        self.moments.append((world.tick, moment))

    def rewound(self, world: World, view: int) -> list[Entity]:
        """Return copies as they were ``view``/16 ticks before the world's tick, by id.

        What lies before the first moment is as in the first, what lies after the last as in the
        last.
        """
        at = world.tick * VIEW_UNITS - view
        return moment_at(self.moments, at)


def moment_at(moments: "deque[tuple[Tick, Moment]]", at: int) -> list[Entity]:
    """Return copies of the entities at ``at``/16 ticks, from moments of rising ticks.

    Server and client share this function: given the same two moments, both see the same.
    An entity that one of the two lacks is as in the other one, if that is the nearer.
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


def _mixed(earlier: Moment, later: Moment, num: int, den: int) -> list[Entity]:
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
