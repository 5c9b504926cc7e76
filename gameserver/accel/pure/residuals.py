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

from gameserver.accel.packing import pack_values
from gameserver.accel.port import State, Track
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


def track(entity: Entity, table: ClassTable) -> PureTrack:
    """Return an entity as an audience first sees it: its values, and no differences."""
    state = values_function(table)(entity)
    return PureTrack(entity, entity.owner, table, state, encode_function(table))


def advance(
    tracks: Mapping[EntityId, Track], entities: Iterable[Entity]
) -> tuple[bytes, int, list[Entity]]:
    """Move tracks on to the present; return packed updates, how many moved, and other entities."""
    known = cast("Mapping[EntityId, PureTrack]", tracks)
    changes: list[object] = []
    others: list[Entity] = []
    alive = 0
    for entity in entities:
        track = known.get(entity.id)
        if track is not None and track.entity is entity and track.owner == entity.owner:
            alive += 1
            residual = track.encode(entity, track.state)
            if residual is not None:
                changes += residual
        else:
            others.append(entity)
    return pack_values(changes), alive, others


@cache
def values_function(table: ClassTable) -> Values:
    """Return a function that reads an entity into a new state whose memory is zero."""
    items = [_read(field) for field in table.fields] + ["0"] * len(table.linear)
    made: Values = build("values", ["def values(e):", f"    return [{', '.join(items)}]"])
    return made


@cache
def encode_function(table: ClassTable) -> Encode:
    """Return a function that advances a state to an entity's present values.

    It returns ``[entity id, mask, residual, …]``, or None if all extrapolated values are right.
    """
    lines = ["def encode(e, s):", "    m = 0", "    out = [e.id, 0]"]
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
                f"    if v != s[{i}]:",
                f"        r = {short_way(f'v - s[{i}]', field.wrap)}",
                *hit,
                f"        s[{i}] = v",
            ]
    lines += ["    if not m:", "        return None", "    out[1] = m", "    return out"]
    made: Encode = build("encode", lines)
    return made


def _read(field: WireField) -> str:
    """Return the expression of a field's value on the wire; a float counts in its precision."""
    if field.precision is not None:
        return f"round(e.{field.name} / {field.precision!r})"
    return f"e.{field.name}"
