"""Describe in words where two dumps of the same tick differ."""

from typing import Any

import msgpack

from gameserver.game.game import Game
from gameserver.game.schema.table import BASE_FIELDS, state_fields


def difference(game: Game, one: bytes, other: bytes) -> str:
    """Return the first difference of two dumps of a world; empty if there is none."""
    (_, _, rows, identity, rng, moments), (_, _, rows2, identity2, rng2, moments2) = (
        msgpack.unpackb(one),
        msgpack.unpackb(other),
    )
    for row, row2 in zip(rows, rows2, strict=False):
        if row != row2:
            return _of_rows(game, row, row2)
    if len(rows) != len(rows2):
        return f"there are {len(rows)} entities in one world and {len(rows2)} in the other"
    if rng != rng2:
        return "world.rng was drawn from another number of times"
    if identity != identity2:
        return "ids were given out in another order"
    return "the past that world.rewound() looks at" if moments != moments2 else ""


def _of_rows(game: Game, row: list[Any], row2: list[Any]) -> str:
    kind, kind2 = game.entities[row[0]], game.entities[row2[0]]
    if kind is not kind2:
        return (
            f"entity {row[1]} is a {kind.__name__} in one world and a {kind2.__name__} in another"
        )
    names = (*BASE_FIELDS, *(field.name for field in state_fields(kind)))
    for name, value, value2 in zip(names, row[1:], row2[1:], strict=True):
        if value != value2:
            return f"{kind.__name__}.{name} of entity {row[1]} is {value!r} and {value2!r}"
    return ""
