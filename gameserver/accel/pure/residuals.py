"""Residuals of one class's fields for one audience, by functions generated from its table.

Law: the state of a track always equals the decoder's (closed loop), so errors do not accumulate.

A state is a list: the wire values in field order, then the memory (last difference) of each linear
field. A residual is the true value minus the value that the viewer extrapolates:

==================  ==========================================
hold, int, float    true - held
hold with wrap      the same, in the shorter direction
linear              true - (held + last difference)
bool, str           the new value itself
==================  ==========================================
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias, cast

import attrs

from gameserver.accel.bodies import State, Track
from gameserver.game.codegen.arithmetic import short_way
from gameserver.game.codegen.generated import build
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable, ValueKind, WireField
from gameserver.ids import EntityId, Seat

Values: TypeAlias = Callable[[Entity], State]
Encode: TypeAlias = Callable[[Entity, State], list[Any] | None]


@attrs.define(eq=False)
class PureTrack:
    """One entity in one audience's chain, with the function that moves it on."""

    entity: Entity
    owner: Seat
    table: ClassTable
    state: State
    encode: Encode
    last: list[int]
    """Of each field the residual that was told last."""
    update: list[Any] | None = None
    """A mask and its residuals, to be told; None if all extrapolated values were right."""
    history: int = 0
    """Whether the entity changed in the last two updates of the section: a bit each."""
    mask: int = 0
    """The fields that changed in the last update of the section."""


def track(entity: Entity, table: ClassTable) -> PureTrack:
    """Return an entity as an audience first sees it: its values, and no differences."""
    state = values_function(table)(entity)
    last = [0] * len(table.fields)
    return PureTrack(entity, entity.owner, table, state, encode_function(table), last)


def advance(
    tracks: Mapping[EntityId, Track], entities: Iterable[Entity]
) -> tuple[bool, int, list[Entity]]:
    """Move tracks on to the present; return if any changed, how many moved, and other entities."""
    known = cast("Mapping[EntityId, PureTrack]", tracks)
    others: list[Entity] = []
    changed, alive = False, 0
    for entity in entities:
        track = known.get(entity.id)
        if track is not None and track.entity is entity and track.owner == entity.owner:
            alive += 1
            track.update = track.encode(entity, track.state)
            if track.update is not None:
                changed = True
        else:
            others.append(entity)
    return changed, alive, others


@cache
def values_function(table: ClassTable) -> Values:
    """Return a function that reads an entity into a new state whose memory is zero."""
    items = [_read(field) for field in table.fields] + ["0"] * len(table.linear)
    made: Values = build("values", ["def values(e):", f"    return [{', '.join(items)}]"])
    return made


@cache
def encode_function(table: ClassTable) -> Encode:
    """Return a function that advances a state to an entity's present values.

    It returns ``[mask, residual, …]``, or None if all extrapolated values are right.
    """
    lines = ["def encode(e, s):", "    m = 0", "    out = [0]"]
    memory = len(table.fields)
    for i, field in enumerate(table.fields):
        if field.once:
            continue
        lines.append(f"    v = {_read(field)}")
        hit = [f"        m |= {1 << i}", "        out.append(r)"]
        if field.linear:
            lines += [
                f"    d = {short_way(f'v - s[{i}]', field.wrap)}",
                f"    r = {short_way(f'd - s[{memory}]', field.wrap)}",
                "    if r:",
                *hit,
                f"        s[{memory}] = d",
                f"    s[{i}] = v",
            ]
            memory += 1
        elif field.kind in (ValueKind.BOOL, ValueKind.STR):
            lines += [f"    if v != s[{i}]:", "        r = v", *hit, f"        s[{i}] = v"]
        else:
            lines += [
                f"    r = {short_way(f'v - s[{i}]', field.wrap)}",
                "    if r:",
                *hit,
                f"        s[{i}] = v",
            ]
    lines += ["    if not m:", "        return None", "    out[0] = m", "    return out"]
    made: Encode = build("encode", lines)
    return made


def _read(field: WireField) -> str:
    """Return the expression of a field's value on the wire; a float counts in its precision."""
    if field.precision is not None:
        return f"round(e.{field.name} / {field.precision!r})"
    return f"e.{field.name}"
