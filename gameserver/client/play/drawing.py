"""What a frame shows: copies of entities at the places where they are to be drawn.

Law: floats live here and only here. Nothing that is drawn flows back into the world.
"""

from typing import Any, Final

import attrs

from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.fields import METADATA_KEY, FieldSpec
from gameserver.game.fixed import SUB, wrap_signed
from gameserver.game.world import World
from gameserver.netcode.prediction.world import Ident

TELEPORT: Final = 96 * SUB
"""An entity that moves farther than this between two pictures was put there: it is not drawn on
the way, and a correction as large is not eased. In sub-units."""


@attrs.frozen
class Drawn:
    """One entity as it is to be drawn.

    Attributes:
        key: Names the thing for its whole life, also while the server has not given it an id.
        entity: Its state; do not change it.
        x: Where to draw it, in the world's units.
        y: Where to draw it, in the world's units.
        angle: Its first field that wraps, in that field's units; 0 if it has none.
        own: Whether it belongs to this player, hence is predicted.
    """

    key: Ident
    entity: Entity
    x: float
    y: float
    angle: float
    own: bool


@attrs.frozen
class Frame:
    """Everything to draw at one moment.

    Attributes:
        now: The time it was asked for.
        drawn: All entities that have a place (fields ``x`` and ``y``), by rising id.
        world: The predicted world of the last whole tick: for everything that has no place, such
            as score boards, and for one's own private fields. Do not change it.
        tick: The client's own tick, with the part of the next one that has passed.
        view: How old the others are drawn, in ticks before ``tick``.
    """

    now: float
    drawn: tuple[Drawn, ...]
    world: World
    tick: float
    view: float

    def own(self, kind: type[Entity]) -> Drawn | None:
        """Return this player's first entity of a class."""
        for drawn in self.drawn:
            if drawn.own and isinstance(drawn.entity, kind):
                return drawn
        return None


@per_class
def angle_field(entity: type[Any]) -> tuple[str, int] | None:
    """Return name and wrap of the field that is a class's angle, if it has one."""
    for attribute in attrs.fields(entity):
        spec = attribute.metadata.get(METADATA_KEY)
        if isinstance(spec, FieldSpec) and spec.wrap is not None:
            return attribute.name, spec.wrap
    return None


def place_of(entity: Any) -> tuple[float, float]:
    """Return where an entity is."""
    return entity.x, entity.y


def drawn_between(key: Ident, a: Any, b: Any, part: float, *, own: bool, state: Any) -> Drawn:
    """Return an entity drawn ``part`` of the way from ``a`` to ``b``, with the state of a third."""
    far = abs(b.x - a.x) > TELEPORT or abs(b.y - a.y) > TELEPORT
    if far:
        part = 1.0 if part >= 0.5 else 0.0
    x = a.x + (b.x - a.x) * part
    y = a.y + (b.y - a.y) * part
    return Drawn(key, state, x, y, _angle_between(a, b, part), own)


def _angle_between(a: Entity, b: Entity, part: float) -> float:
    field = angle_field(type(a))
    if field is None:
        return 0.0
    name, wrap = field
    start: int = getattr(a, name)
    turned: float = (start + wrap_signed(getattr(b, name) - start, wrap) * part) % wrap
    return turned
