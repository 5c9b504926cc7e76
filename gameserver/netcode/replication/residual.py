"""The decoder's half of the residuals: functions generated from one class's table.

Law: the decoder's state always equals the encoder's (closed loop), so errors do not accumulate. The
form of state and residuals is described in `gameserver.accel.pure.residuals`, the other half.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from gameserver.accel import State
from gameserver.game.codegen.arithmetic import short_way, wrapped
from gameserver.game.codegen.generated import build
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable, ValueKind

Extrapolate = Callable[[State], None]
Apply = Callable[[State, int, list[Any]], None]
Write = Callable[[Entity, State], None]


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
def extrapolate_function(table: ClassTable) -> Extrapolate:
    """Return a function that advances a state by one snapshot without a record for the entity."""
    lines = ["def extrapolate(s):"]
    for memory, i in enumerate(table.linear, start=len(table.fields)):
        wrap = table.fields[i].wrap
        modulo = f" % {wrap}" if wrap is not None else ""
        lines.append(f"    s[{i}] = (s[{i}] + s[{memory}]){modulo}")
    made: Extrapolate = build("extrapolate", [*lines, "    return None"])
    return made


@cache
def apply_function(table: ClassTable) -> Apply:
    """Return a function that advances a state by one snapshot with an update of the entity.

    Its arguments are the state ``s``, the mask ``m``, and the residuals ``rs`` of the mask's bits,
    lowest bit first. The caller has checked number and types of the residuals.
    """
    lines = ["def apply(s, m, rs):", "    k = 0"]
    memory = len(table.fields)
    for i, field in enumerate(table.fields):
        if field.linear:
            lines += [
                f"    if m & {1 << i}:",
                f"        s[{memory}] = {short_way(f's[{memory}] + rs[k]', field.wrap)}",
                "        k += 1",
                f"    s[{i}] = {wrapped(f's[{i}] + s[{memory}]', field.wrap)}",
            ]
            memory += 1
            continue
        new = "rs[k]"
        if field.kind in (ValueKind.INT, ValueKind.FLOAT):
            new = wrapped(f"s[{i}] + rs[k]", field.wrap)
        lines += [f"    if m & {1 << i}:", f"        s[{i}] = {new}", "        k += 1"]
    made: Apply = build("apply", lines)
    return made
