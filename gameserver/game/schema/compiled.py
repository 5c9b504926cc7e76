"""Functions generated from a class's field table: copy, bounds check, interpolation.

Law: a function that runs for each entity and tick is generated once from the table, as attrs does
it. The generated code has no loop and no table look-up.
"""

from collections.abc import Callable

from gameserver.errors import GameFaultError
from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.fixed import lerp, lerp_wrapped
from gameserver.game.guard import shown
from gameserver.game.schema.table import (
    BASE_FIELDS,
    TEXT_CHARS,
    StateField,
    ValueKind,
    state_fields,
    too_long,
)

Clone = Callable[[Entity], Entity]
Fits = Callable[[Entity], bool]
Interpolate = Callable[[Entity, Entity, int, int], Entity]


@per_class
def cloner(entity: type[Entity]) -> Clone:
    """Return a function that copies an entity of this class."""
    names = [*BASE_FIELDS, *(field.name for field in state_fields(entity))]
    body = [f"    new.{name} = entity.{name}" for name in names]
    lines = ["def clone(entity):", "    new = make(cls)", *body, "    return new"]
    clone: Clone = build("clone", lines, make=object.__new__, cls=entity)
    return clone


@per_class
def fitter(entity: type[Entity]) -> Fits:
    """Return a function that tells whether all fields are within their bounds."""
    tests = [_test(field) for field in state_fields(entity)] or ["True"]
    fits: Fits = build("fits", ["def fits(e):", f"    return {' and '.join(tests)}"])
    return fits


def _test(field: StateField) -> str:
    name = f"e.{field.name}"
    match field.kind:
        case ValueKind.INT:
            return f"(v := {name}).__class__ is int and {field.lo} <= v <= {field.hi}"
        case ValueKind.FLOAT:
            # Also false for NaN.
            lo, hi = float(field.lo), float(field.hi)
            return f"{name}.__class__ is float and {lo} <= {name} <= {hi}"
        case ValueKind.BOOL:
            return f"{name}.__class__ is bool"
        case ValueKind.STR:
            return f"{name}.__class__ is str and len({name}) <= {TEXT_CHARS}"


def check(entity: Entity) -> None:
    """Check the fields of an entity one by one; `fitter` tells sooner that nothing is wrong.

    Raises:
        GameFaultError: A field is out of its bounds. The message names it and its value.
    """
    for field in state_fields(type(entity)):
        value = getattr(entity, field.name)
        scope = {"e": entity}
        if not eval(_test(field), scope):  # noqa: S307  text made from the field table
            where = f"{type(entity).__name__} {entity.id}, field {field.name}"
            raise GameFaultError(f"{where}: {_fault(field, value)}")


def _fault(field: StateField, value: object) -> str:
    """Say what is wrong with a value, however long it is."""
    if field.kind is ValueKind.STR and type(value) is str:
        return too_long(value)
    bounds = f" from {field.lo} to {field.hi}"
    article = "an" if field.kind is ValueKind.INT else "a"
    wanted = f"{article} {field.kind}{bounds if field.kind in _BOUNDED else ''}"
    return f"{shown(value):.80} is not {wanted}"


_BOUNDED = (ValueKind.INT, ValueKind.FLOAT)


@per_class
def interpolator(entity: type[Entity]) -> Interpolate:
    """Return ``between(a, b, num, den)``: the entity ``num / den`` of the way from a to b.

    Linear and wrapping integers are interpolated (`lerp` rounds to nearest); all other fields are
    those of ``a``. Server and client use this same function, so a rewound position is the same
    integer on both ends.
    """
    lines = ["def between(a, b, num, den):", "    new = clone(a)"]
    for field in state_fields(entity):
        if field.kind is not ValueKind.INT:
            continue
        ends = f"a.{field.name}, b.{field.name}, num, den"
        if field.wrap is not None:
            lines.append(f"    new.{field.name} = lerp_wrapped({ends}, {field.wrap})")
        elif field.linear:
            lines.append(f"    new.{field.name} = lerp({ends})")
    lines.append("    return new")
    made: Interpolate = build(
        "between", lines, clone=cloner(entity), lerp=lerp, lerp_wrapped=lerp_wrapped
    )
    return made


def clone(entity: Entity) -> Entity:
    """Return a copy of any entity."""
    return cloner(type(entity))(entity)


def between(a: Entity, b: Entity, num: int, den: int) -> Entity:
    """Return the entity ``num / den`` of the way from ``a`` to ``b``; see `interpolator`."""
    return interpolator(type(a))(a, b, num, den)
