"""Input commands: one seat's intent for one tick.

Law: a command is a frozen row of bounded integers. A ``level`` field is a state that is held, such
as a stick or a key; it is repeated when an input is missing. An ``edge`` field is a press; it is
never repeated.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Self

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.fields import INTEGER_LIMIT
from gameserver.game.hints import BINDING_KEY, Binding, check_binding
from gameserver.ids import Seat

METADATA_KEY: Final = "gameserver.command"


class CommandKind(StrEnum):
    """How a field is treated when the input for a tick is missing."""

    LEVEL = "level"
    """Its last value is repeated."""
    EDGE = "edge"
    """It is false."""


@attrs.frozen
class CommandField:
    """One declared field of a command class: its name, kind, inclusive bounds and keys."""

    name: str
    kind: CommandKind
    lo: int
    hi: int
    binding: Binding = attrs.field(factory=Binding)


def level(
    lo: int,
    hi: int,
    *,
    default: int = 0,
    keys: tuple[str, ...] = (),
    axis: str = "",
    pointer: str = "",
) -> Any:
    """Declare an integer from ``lo`` to ``hi``, both included, repeated if an input is missing.

    What pages that play any game bind it to is told by one of ``keys``, ``axis`` and ``pointer``;
    see `Binding`. Without it they go by its name.
    """
    metadata = {
        METADATA_KEY: (CommandKind.LEVEL, lo, hi),
        BINDING_KEY: Binding(keys, axis, pointer),
    }
    return attrs.field(default=default, metadata=metadata)


def edge(*, keys: tuple[str, ...] = ()) -> Any:
    """Declare a press: true only in the tick of its input, never repeated.

    ``keys`` are those of a `Binding`.
    """
    metadata = {METADATA_KEY: (CommandKind.EDGE, 0, 1), BINDING_KEY: Binding(keys)}
    return attrs.field(default=False, metadata=metadata)


@attrs.frozen
class Command:
    """Base of a game's command class. Subclass with ``@attrs.frozen``.

    ``view`` is set by the server: the age of the world that the player saw, in 1/16 tick before the
    command's tick, clamped to the age that the server measured.
    """

    view: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def fields(cls) -> tuple[CommandField, ...]:
        """Return the declared fields in the order of the wire."""
        return _fields(cls)

    @classmethod
    def from_row(cls, row: tuple[int, ...], view: int = 0) -> Self:
        """Build a command from wire values that were checked; edges are 0 and 1."""
        made: Self = command_maker(cls)(row, view)
        return made

    def to_row(self) -> tuple[int, ...]:
        """Return the declared fields as integers, without ``view``."""
        return _row_reader(type(self))(self)

    def repeated(self) -> Self:
        """Return the command for a tick whose input is missing: same levels, edges cleared."""
        cleared = _edges(type(self))
        return attrs.evolve(self, **cleared) if cleared else self


@per_class
def _fields(cls: type[Command]) -> tuple[CommandField, ...]:
    return tuple(command_field(cls, a) for a in attrs.fields(cls) if a.name != "view")


def command_field(cls: type[Command], attribute: "attrs.Attribute[Any]") -> CommandField:
    """Return the command field of one attribute of a command class.

    Raises:
        GameDefinitionError: It is not declared with `level` or `edge`, or its bounds or default are
            wrong; the sentence names class and field.
    """
    where = f"{cls.__name__}.{attribute.name}"
    declared = attribute.metadata.get(METADATA_KEY)
    if declared is None:
        raise GameDefinitionError(f"{where} must be declared with level() or edge()")
    kind, lo, hi = declared
    binding = attribute.metadata.get(BINDING_KEY, Binding())
    field = CommandField(attribute.name, kind, lo, hi, binding)
    for bound in (field.lo, field.hi):
        if type(bound) is not int or not -INTEGER_LIMIT < bound < INTEGER_LIMIT:
            raise GameDefinitionError(f"{where}: bounds must be whole numbers within 2^53")
    if field.lo > field.hi:
        raise GameDefinitionError(f"{where}: lo {field.lo} is above hi {field.hi}")
    default = attribute.default
    if field.kind is CommandKind.LEVEL and (
        type(default) is not int or not field.lo <= default <= field.hi
    ):
        message = f"{where}: the default {default!r} is not from {field.lo} to {field.hi}"
        raise GameDefinitionError(message)
    edged = field.kind is CommandKind.EDGE
    check_binding(where, binding, field.lo, field.hi, edge=edged)
    return field


@per_class
def _edges(cls: type[Command]) -> dict[str, bool]:
    return {field.name: False for field in _fields(cls) if field.kind is CommandKind.EDGE}


def _values(cls: type[Command]) -> str:
    """Return the expressions of a command's row; a plus makes an integer of a press, a boolean."""
    return "".join(f"+c.{field.name}, " for field in _fields(cls))


@per_class
def _row_reader(cls: type[Command]) -> Callable[[Command], tuple[int, ...]]:
    """Return `Command.to_row` of a class."""
    lines = ["def row(c):", f"    return ({_values(cls)})"]
    read: Callable[[Command], tuple[int, ...]] = build("row", lines)
    return read


@per_class
def command_lister(cls: type[Command]) -> Callable[[Mapping[Seat, Command]], list[int]]:
    """Return a function that lists the commands of all seats of a tick, one behind the other.

    Each is seat, view and row. It is generated, since journals call it in each tick.
    """
    lines = [
        "def listed(commands):",
        "    values = []",
        "    for seat, c in commands.items():",
        f"        values += seat, c.view, {_values(cls)}",
        "    return values",
    ]
    listed: Callable[[Mapping[Seat, Command]], list[int]] = build("listed", lines)
    return listed


@per_class
def command_maker(cls: type[Command]) -> Callable[[tuple[int, ...], int], Any]:
    """Return `Command.from_row` of a class as a plain function of row and view."""
    fields = _fields(cls)
    names = [f"f{index}" for index in range(len(fields))]
    given = [
        f"{field.name}={name} == 1" if field.kind is CommandKind.EDGE else f"{field.name}={name}"
        for field, name in zip(fields, names, strict=True)
    ]
    lines = ["def make(row, view):"]
    if names:
        lines.append(f"    {', '.join(names)}, = row")
    lines.append(f"    return command({', '.join([*given, 'view=view'])})")
    make: Callable[[tuple[int, ...], int], Any] = build("make", lines, command=cls)
    return make


@per_class
def is_plain(cls: type[Command]) -> bool:
    """Tell whether making a command of a class does nothing but set its fields.

    It is so for all classes that attrs makes, unless their author has added code to the making.
    """
    init = getattr(cls.__init__, "__code__", None)
    return (
        cls.__new__ is object.__new__
        and init is not None
        and init.co_filename.startswith("<attrs generated")
        and not hasattr(cls, "__attrs_post_init__")
        and not any(field.validator or field.converter for field in attrs.fields(cls))
    )


@per_class
def command_checker(cls: type[Command]) -> Callable[[Any], bool]:
    """Return a function that tells whether an object is a command of this class within bounds.

    It is for commands of bots; inputs of clients are checked when they are decoded.
    """
    tests = ["c.__class__ is command", *(_test(field) for field in _fields(cls))]
    lines = ["def fits(c):", f"    return {' and '.join(tests)}"]
    fits: Callable[[Any], bool] = build("fits", lines, command=cls)
    return fits


def _test(field: CommandField) -> str:
    if field.kind is CommandKind.EDGE:
        return f"c.{field.name}.__class__ is bool"
    return f"c.{field.name}.__class__ is int and {field.lo} <= c.{field.name} <= {field.hi}"


def command_fault(cls: type[Command], given: Any) -> str:
    """Return why the function of `command_checker` refuses an object; empty if it does not."""
    if given.__class__ is not cls:
        return f"{given!r:.80} is no {cls.__name__}"
    for field in _fields(cls):
        if not eval(_test(field), {"c": given}):  # noqa: S307  text made from the field table
            wanted = (
                "bool" if field.kind is CommandKind.EDGE else f"int from {field.lo} to {field.hi}"
            )
            return f"{cls.__name__}.{field.name}: {getattr(given, field.name)!r:.80} is no {wanted}"
    return ""
