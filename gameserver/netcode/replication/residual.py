"""Residual functions of one class for one audience, generated from its table.

Law: the encoder's state is exactly what the decoder has (closed loop), so error never adds up.

State is a list: the wire values in field order, then the memory (last difference) of each linear
field. A residual is the true value minus what the viewer extrapolates:

==================  ==========================================
hold, int, float    true - held
hold with wrap      the same, the short way round
linear              true - (held + last difference)
bool, str           the new value itself
==================  ==========================================
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from gameserver.game.codegen.generated import build
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable, ValueKind, WireField

State = list[Any]
Values = Callable[[Entity], State]
Encode = Callable[[Entity, State], list[Any] | None]
Extrapolate = Callable[[State], None]
Apply = Callable[[State, int, list[Any]], None]
Write = Callable[[Entity, State], None]


@cache
def values_function(table: ClassTable) -> Values:
    """Return a function that reads an entity into a fresh state with zero memory."""
    items = [_read(field) for field in table.fields] + ["0"] * len(table.linear)
    made: Values = build("values", ["def values(e):", f"    return [{', '.join(items)}]"])
    return made


@cache
def write_function(table: ClassTable) -> Write:
    """Return a function that writes a state's values into an entity's fields."""
    lines = ["def write(e, s):"]
    for i, field in enumerate(table.fields):
        scale = f" * {field.precision!r}" if field.precision is not None else ""
        lines.append(f"    e.{field.name} = s[{i}]{scale}")
    made: Write = build("write", [*lines, "    return None"])
    return made


@cache
def encode_function(table: ClassTable) -> Encode:
    """Return a function that advances a state to an entity's present.

    It returns ``[entity id, mask, residual, …]``, or None where the viewer extrapolates right.
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
                f"    d = {_short_way(f'v - s[{i}]', field.wrap)}",
                f"    r = {_short_way(f'd - s[{memory}]', field.wrap)}",
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
                f"        r = {_short_way(f'v - s[{i}]', field.wrap)}",
                *hit,
                f"        s[{i}] = v",
            ]
    lines += ["    if not m:", "        return None", "    out[1] = m", "    return out"]
    made: Encode = build("encode", lines)
    return made


@cache
def extrapolate_function(table: ClassTable) -> Extrapolate:
    """Return a function that moves a state on by one snapshot for which nothing was sent."""
    lines = ["def extrapolate(s):"]
    for memory, i in enumerate(table.linear, start=len(table.fields)):
        wrap = table.fields[i].wrap
        modulo = f" % {wrap}" if wrap is not None else ""
        lines.append(f"    s[{i}] = (s[{i}] + s[{memory}]){modulo}")
    made: Extrapolate = build("extrapolate", [*lines, "    return None"])
    return made


@cache
def apply_function(table: ClassTable) -> Apply:
    """Return a function that moves a state on by one snapshot with these residuals.

    ``rs`` holds the residuals of the bits in ``m``, lowest first; their number and types were
    checked.
    """
    lines = ["def apply(s, m, rs):", "    k = 0"]
    memory = len(table.fields)
    for i, field in enumerate(table.fields):
        if field.linear:
            lines += [
                f"    if m & {1 << i}:",
                f"        s[{memory}] = {_short_way(f's[{memory}] + rs[k]', field.wrap)}",
                "        k += 1",
                f"    s[{i}] = {_wrapped(f's[{i}] + s[{memory}]', field.wrap)}",
            ]
            memory += 1
            continue
        new = "rs[k]"
        if field.kind in (ValueKind.INT, ValueKind.FLOAT):
            new = _wrapped(f"s[{i}] + rs[k]", field.wrap)
        lines += [f"    if m & {1 << i}:", f"        s[{i}] = {new}", "        k += 1"]
    made: Apply = build("apply", lines)
    return made


def _read(field: WireField) -> str:
    if field.precision is not None:
        return f"round(e.{field.name} / {field.precision!r})"
    return f"e.{field.name}"


def _short_way(difference: str, wrap: int | None) -> str:
    if wrap is None:
        return difference
    half = wrap // 2
    return f"({difference} + {half}) % {wrap} - {half}"


def _wrapped(value: str, wrap: int | None) -> str:
    return value if wrap is None else f"({value}) % {wrap}"
