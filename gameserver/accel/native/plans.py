"""The tables of the port in the form that the native code works by, made once for each."""

from functools import cache
from typing import Final

from gameserver.accel.native import _core
from gameserver.accel.port import InputTable
from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.schema.table import TEXT_CHARS, ClassTable, ValueKind, state_fields

_KINDS: Final = {ValueKind.INT: 0, ValueKind.BOOL: 1, ValueKind.STR: 2, ValueKind.FLOAT: 3}
"""The numbers of the enum ``Kind`` of ``native.h``."""


@cache
def native_table(table: InputTable) -> _core.InputTable:
    """Return the inputs of one command class; it can be called with a message."""
    return _core.InputTable(
        table.kind,
        table.longest,
        table.below,
        table.bounds,
        table.edges,
        table.neutral,
        table.make,
        table.plain,
        table.names,
    )


@cache
def plan_of(table: ClassTable) -> _core.Plan:
    """Return the fields of one entity class for one audience.

    Raises:
        ValueError: There are more than 64 of them.
    """
    rows = [
        (
            field.name,
            _KINDS[field.kind],
            field.once,
            field.linear,
            field.wrap or 0,
            field.precision or 0.0,
        )
        for field in table.fields
    ]
    return _core.Plan(table.entity, table.number, rows)


@per_class
def bounds_of(entity: type[Entity]) -> _core.Bounds:
    """Return the bounds of all fields of a class; those of a text are of its length."""
    rows = []
    for field in state_fields(entity):
        lo, hi = (0, TEXT_CHARS) if field.kind is ValueKind.STR else (field.lo, field.hi)
        rows.append((field.name, _KINDS[field.kind], lo, hi))
    return _core.Bounds(entity, rows)
