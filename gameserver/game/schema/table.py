"""Field tables, from which encoders, decoders, dumps, schema and checksums are made.

Law: the declaration in the class is the only source. A table is a frozen value, built once per
game, and the same on both ends.
"""

import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import attrs

from gameserver.errors import GameDefinitionError, GameFaultError
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import CommandKind
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import INTEGER_LIMIT, METADATA_KEY, Audience, FieldSpec, Predict
from gameserver.game.game import Game
from gameserver.game.hints import check_hint, check_together, look_of, plain

MOST_FIELDS: Final = 64
"""Most fields of an entity class for one audience: an update tells them by a mask, an integer that
msgpack holds up to 64 bits."""

TEXT_CHARS: Final = 255
"""Longest string in an entity, an event or a result."""


def too_long(text: str) -> str:
    """Say how long a text is, and how long it may be."""
    return f"a text of {len(text)} characters, more than the limit of {TEXT_CHARS}"


BASE_FIELDS = tuple(field.name for field in attrs.fields(Entity))


class ValueKind(StrEnum):
    """The type of a field."""

    INT = "int"
    BOOL = "bool"
    STR = "str"
    FLOAT = "float"


KINDS: Mapping[type, ValueKind] = types.MappingProxyType(
    {int: ValueKind.INT, bool: ValueKind.BOOL, str: ValueKind.STR, float: ValueKind.FLOAT}
)


@attrs.frozen
class WireField:
    """One networked field of an entity class."""

    name: str
    kind: ValueKind
    predict: Predict
    wrap: int | None
    once: bool
    precision: float | None
    hint: str = ""

    @property
    def linear(self) -> bool:
        """Whether a viewer extrapolates the field by its last difference."""
        return self.predict is Predict.LINEAR


@attrs.frozen(eq=False)
class ClassTable:
    """The fields of one entity class that one audience receives, in the order of their bits.

    Attributes:
        number: Index of the class in `Game.entities`, which is its number on the wire.
    """

    number: int
    entity: type[Entity]
    audience: Audience
    fields: tuple[WireField, ...]
    linear: tuple[int, ...] = attrs.field(init=False)
    """Indexes of the linear fields. A predictor's row holds the values of all fields, then the last
    differences of the linear ones in this order."""

    @linear.default
    def _linear(self) -> tuple[int, ...]:
        return tuple(i for i, field in enumerate(self.fields) if field.linear)


@attrs.frozen(eq=False)
class EventTable:
    """The fields of one event class, in the order of the wire."""

    number: int
    event: type[Event]
    names: tuple[str, ...]
    kinds: tuple[ValueKind, ...]

    def values(self, event: Event) -> list[int | bool | str]:
        """Return an event's fields in the order of the wire."""
        return [getattr(event, name) for name in self.names]


@attrs.frozen(eq=False)
class GameTable:
    """All tables of a game."""

    classes: Mapping[type[Entity], Mapping[Audience, ClassTable]]
    by_number: tuple[Mapping[Audience, ClassTable], ...]
    events: tuple[EventTable, ...]
    event_number: Mapping[type[Event], int]

    def of(self, entity: type[Entity], audience: Audience) -> ClassTable | None:
        """Return the table of a class for an audience; None if the class has no such field.

        The public table always exists: it carries the entity's class and owner.
        """
        return self.classes[entity].get(audience)

    def event_row(self, event: Event) -> EventTable:
        """Return the table of an event's class.

        Raises:
            GameFaultError: The game does not list the class.
        """
        number = self.event_number.get(type(event))
        if number is None:
            raise GameFaultError(f"event {type(event).__name__} is not in the game's events")
        return self.events[number]


@attrs.frozen
class StateField:
    """A field of an entity class, networked or not; ``lo`` and ``hi`` are inclusive."""

    name: str
    kind: ValueKind
    lo: int
    hi: int
    wrap: int | None
    linear: bool


def table_of(game: Game) -> GameTable:
    """Return the tables of a game.

    Raises:
        GameDefinitionError: A class cannot be used; the sentence names class and field.
    """
    return _table_of(type(game))


@per_class
def _table_of(game: type[Game]) -> GameTable:
    for entity in game.entities:
        check_look(entity)
    rows = [
        {
            audience: table
            for audience in Audience
            if (table := _class_table(number, entity, audience)) is not None
        }
        for number, entity in enumerate(game.entities)
    ]
    events = tuple(_event_table(number, event) for number, event in enumerate(game.events))
    return GameTable(
        dict(zip(game.entities, rows, strict=True)),
        tuple(rows),
        events,
        {table.event: table.number for table in events},
    )


def check_look(entity: type[Entity]) -> None:
    """Check how a class is to be drawn.

    Raises:
        GameDefinitionError: Its look or the hints of its fields do not fit together.
    """
    specs = (a.metadata.get(METADATA_KEY) for a in attrs.fields(entity))
    check_together(entity, [spec.hint for spec in specs if spec is not None])
    look_of(entity)


@per_class
def state_fields(entity: type[Entity]) -> tuple[StateField, ...]:
    """Return every field that a class adds to `Entity`, in order of declaration.

    Raises:
        GameDefinitionError: A field's type or declaration is not allowed.
    """
    hints = type_hints(entity)
    return tuple(
        state_field(entity, attribute, hints)
        for attribute in attrs.fields(entity)
        if attribute.name not in BASE_FIELDS
    )


def state_field(
    entity: type[Entity], attribute: "attrs.Attribute[Any]", hints: Mapping[str, Any]
) -> StateField:
    """Return the state field of one attribute; ``hints`` are the class's `type_hints`.

    Raises:
        GameDefinitionError: Its type, default or declaration is not allowed; the sentence names
            class and field.
    """
    where = f"{entity.__name__}.{attribute.name}"
    kind = KINDS.get(_plain(hints.get(attribute.name)))
    if kind is None:
        raise GameDefinitionError(f"{where} must be int, bool, str or float")
    if type(attribute.default) is not KINDS_BACK[kind]:
        raise GameDefinitionError(f"{where}: the default must be of type {kind}")
    spec: FieldSpec | None = attribute.metadata.get(METADATA_KEY)
    lo, hi, wrap, linear = -INTEGER_LIMIT + 1, INTEGER_LIMIT - 1, None, False
    if spec is not None:
        _check_spec(where, spec, kind)
        wrap, linear = spec.wrap, spec.predict is Predict.LINEAR
        lo = spec.lo if spec.lo is not None else (0 if wrap else lo)
        hi = spec.hi if spec.hi is not None else (wrap - 1 if wrap else hi)
    _check_default(where, kind, attribute.default, lo, hi)
    return StateField(attribute.name, kind, lo, hi, wrap, linear)


KINDS_BACK = {kind: plain for plain, kind in KINDS.items()}


def _check_default(where: str, kind: ValueKind, default: Any, lo: int, hi: int) -> None:
    if kind is ValueKind.STR and len(default) > TEXT_CHARS:
        raise GameDefinitionError(f"{where}: the default is {too_long(default)}")
    number = kind in (ValueKind.INT, ValueKind.FLOAT)
    if number and not lo <= default <= hi:
        raise GameDefinitionError(f"{where}: the default {default} is not from {lo} to {hi}")


def _check_spec(where: str, spec: FieldSpec, kind: ValueKind) -> None:
    number = kind in (ValueKind.INT, ValueKind.FLOAT)
    if spec.fault:
        raise GameDefinitionError(f"{where}: {spec.fault}")
    if spec.predict is Predict.LINEAR and not number:
        raise GameDefinitionError(f"{where}: only a number can be predicted linearly")
    if spec.wrap is not None and (
        kind is not ValueKind.INT or type(spec.wrap) is not int or spec.wrap < 2
    ):
        message = "wrap must be a whole number of at least 2, and the field an int"
        raise GameDefinitionError(f"{where}: {message}")
    if (kind is ValueKind.FLOAT) != (spec.precision is not None):
        raise GameDefinitionError(f"{where}: a float, and only a float, needs a precision")
    precision: object = spec.precision
    if precision is not None and not (isinstance(precision, int | float) and precision > 0):
        raise GameDefinitionError(f"{where}: the precision must be a number above 0")
    if spec.once and spec.predict is Predict.LINEAR:
        raise GameDefinitionError(f"{where}: what is sent once cannot be predicted")
    check_hint(where, spec.hint, kind, wraps=spec.wrap is not None)
    _check_bounds(where, spec, number=number)


def _check_bounds(where: str, spec: FieldSpec, *, number: bool) -> None:
    for bound in (spec.lo, spec.hi):
        if bound is None:
            continue
        if not number:
            raise GameDefinitionError(f"{where}: only a number has lo and hi")
        if type(bound) is not int or not -INTEGER_LIMIT < bound < INTEGER_LIMIT:
            raise GameDefinitionError(f"{where}: lo and hi must be whole numbers within 2^53")
    if spec.lo is not None and spec.hi is not None and spec.lo > spec.hi:
        raise GameDefinitionError(f"{where}: lo {spec.lo} is above hi {spec.hi}")


def _class_table(number: int, entity: type[Entity], audience: Audience) -> ClassTable | None:
    kinds = {field.name: field.kind for field in state_fields(entity)}
    fields = tuple(
        WireField(
            a.name, kinds[a.name], spec.predict, spec.wrap, spec.once, spec.precision, spec.hint
        )
        for a in attrs.fields(entity)
        if (spec := a.metadata.get(METADATA_KEY)) is not None and spec.audience is audience
    )
    if not fields and audience is not Audience.PUBLIC:
        return None
    if len(fields) > MOST_FIELDS:
        message = f"{entity.__name__}: {len(fields)} {audience} fields, more than {MOST_FIELDS}"
        raise GameDefinitionError(message)
    return ClassTable(number, entity, audience, fields)


def _event_table(number: int, event: type[Event]) -> EventTable:
    hints = type_hints(event)
    fields = attrs.fields(event)
    names = tuple(attribute.name for attribute in fields)
    kinds = tuple(event_field(event, attribute, hints) for attribute in fields)
    return EventTable(number, event, names, kinds)


def event_field(
    event: type[Event], attribute: "attrs.Attribute[Any]", hints: Mapping[str, Any]
) -> ValueKind:
    """Return the kind of one field of an event; ``hints`` are the class's `type_hints`.

    Raises:
        GameDefinitionError: Its type is not allowed in an event; the sentence names class and
            field.
    """
    kind = KINDS.get(_plain(hints.get(attribute.name)))
    if kind is None or kind is ValueKind.FLOAT:
        raise GameDefinitionError(f"{event.__name__}.{attribute.name} must be int, bool or str")
    return kind


def type_hints(cls: type) -> Mapping[str, Any]:
    """Return the types of a class's attributes, with text annotations resolved.

    Raises:
        GameDefinitionError: An annotation names an unknown type, or cannot be evaluated.
    """
    try:
        return typing.get_type_hints(cls)
    except NameError as error:
        raise GameDefinitionError(f"{cls.__name__}: the type {error.name} is unknown") from None
    except (TypeError, SyntaxError, AttributeError) as error:
        raise GameDefinitionError(f"{cls.__name__}: a type cannot be read: {error}") from None


def _plain(hint: Any) -> Any:
    """Return the type behind a `typing.NewType`, which is the type on the wire."""
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    return hint


def schema(game: Game) -> dict[str, object]:
    """Return the tables as plain values, by which a client decodes snapshots without the classes.

    Its form is described in ``docs/protocol.md``.
    """
    table = table_of(game)
    bound = {f.name: each for f in game.command.fields() if (each := plain(f.binding))}
    return {
        "entities": [
            {
                "name": rows[Audience.PUBLIC].entity.__name__,
                **_look_schema(rows[Audience.PUBLIC].entity),
                **{
                    audience.value: [_field_schema(f) for f in rows[audience].fields]
                    for audience in rows
                },
            }
            for rows in table.by_number
        ],
        "events": [
            {
                "name": row.event.__name__,
                "fields": [[n, k.value] for n, k in zip(row.names, row.kinds, strict=True)],
            }
            for row in table.events
        ],
        "command": [[f.name, f.kind.value, f.lo, f.hi] for f in game.command.fields()],
        "edges": [f.name for f in game.command.fields() if f.kind is CommandKind.EDGE],
        **({"bindings": bound} if bound else {}),
    }


def _look_schema(entity: type[Entity]) -> dict[str, object]:
    look = look_of(entity)
    return {"look": plain(look)} if look is not None and plain(look) else {}


def _field_schema(field: WireField) -> dict[str, object]:
    shown: dict[str, object] = {"name": field.name, "kind": field.kind.value}
    if field.linear:
        shown["predict"] = "linear"
    if field.wrap is not None:
        shown["wrap"] = field.wrap
    if field.once:
        shown["once"] = True
    if field.precision is not None:
        shown["precision"] = field.precision
    if field.hint:
        shown["hint"] = str(field.hint)
    return shown
