"""Find an entity with a field out of its bounds, by functions generated from its fields."""

from collections.abc import Iterable, Mapping

from gameserver.game.entity import Entity
from gameserver.game.schema.compiled import Fits, fitter


def bounds(kinds: Iterable[type[Entity]]) -> Mapping[type[Entity], Fits]:
    """Return the bounds of all fields of these classes."""
    return {kind: fitter(kind) for kind in kinds}


def first_unfit(bounds: Mapping[type[Entity], Fits], entities: Iterable[Entity]) -> Entity | None:
    """Return the first entity with a field out of its bounds, or of another class; or None."""
    for entity in entities:
        fits = bounds.get(entity.__class__)
        if fits is None or not fits(entity):
            return entity
    return None
