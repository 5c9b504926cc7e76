"""Find fields declared with ``once`` that change later: viewers would keep the old value."""

from typing import Any

import attrs

from gameserver.game.checking.found import Found, shown
from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.fields import METADATA_KEY
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick


@attrs.define
class Unchanging:
    """Remembers the first values of such fields of each entity."""

    _seen: dict[tuple[EntityId, Tick], tuple[Any, ...]] = attrs.field(factory=dict)
    _told: set[str] = attrs.field(factory=set)

    def look(self, found: Found, world: World) -> None:
        """Compare the world with the first values, and add a fault for each changed field."""
        for entity in world:
            names = _once(type(entity))
            if not names:
                continue
            values = tuple(getattr(entity, name) for name in names)
            before = self._seen.setdefault((entity.id, entity.born), values)
            for name, old, new in zip(names, before, values, strict=True):
                where = f"{type(entity).__name__}.{name}"
                if old != new and where not in self._told:
                    self._told.add(where)
                    changed = f"from {shown(old)} to {shown(new)} at tick {world.tick}"
                    message = f"is sent once and changed {changed}: viewers keep the old value"
                    found.error(where, message, "take once=True away")


@per_class
def _once(entity: type[Entity]) -> tuple[str, ...]:
    return tuple(
        attribute.name
        for attribute in attrs.fields(entity)
        if (spec := attribute.metadata.get(METADATA_KEY)) is not None and spec.once
    )
