"""Frames: the entities to draw, each with its interpolated position.

Law: positions are floats here and nowhere else. Nothing that is drawn changes the world.
"""

from typing import Any

import attrs

from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.fields import METADATA_KEY, FieldSpec
from gameserver.game.fixed import wrap_signed
from gameserver.game.world import World
from gameserver.netcode.prediction.interpolation import TELEPORT
from gameserver.netcode.prediction.world import Ident


@attrs.frozen
class Drawn:
    """One entity with the position at which to draw it.

    Attributes:
        key: Identifies the entity for its whole life, also before the server has given it an id.
        entity: Its state; do not change it.
        x: Drawn position, in the world's units.
        y: Drawn position, in the world's units.
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
        now: The time of the frame, as given to `MatchReplica.frame`.
        drawn: All entities that have a position (fields ``x`` and ``y``), by rising id.
        world: The predicted world of the last whole tick: for entities without a position, such as
            score boards, and for the player's private fields. Do not change it.
        tick: The client's own tick; the fraction is the part of the next tick that has passed.
        view: Age of the drawn entities of others, in ticks before ``tick``.
    """

    now: float
    drawn: tuple[Drawn, ...]
    world: World
    tick: float
    view: float

    def own(self, kind: type[Entity]) -> Drawn | None:
        """Return this player's first entity of a class; None if there is none."""
        for drawn in self.drawn:
            if drawn.own and isinstance(drawn.entity, kind):
                return drawn
        return None


@per_class
def angle_field(entity: type[Any]) -> tuple[str, int] | None:
    """Return name and wrap of a class's first field that wraps; None if it has none."""
    for attribute in attrs.fields(entity):
        spec = attribute.metadata.get(METADATA_KEY)
        if isinstance(spec, FieldSpec) and spec.wrap is not None:
            return attribute.name, spec.wrap
    return None


def place_of(entity: Any) -> tuple[float, float]:
    """Return the position of an entity that has one."""
    return entity.x, entity.y


def drawn_between(key: Ident, a: Any, b: Any, part: float, *, own: bool, state: Any) -> Drawn:
    """Interpolate position and angle from ``a`` (``part`` 0) to ``b`` (1); beyond 1 extrapolate.

    ``state`` becomes `Drawn.entity`. After a teleport the position is that of ``a`` or ``b``.
    """
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
