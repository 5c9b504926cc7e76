"""Convert the hall to plain data and back: to store it, after a crash, for another process.

Law: a restored hall makes the same decisions as the dumped one. Only the parts with state are
written; the game, its maps and the rules are arguments of the new hall.

A dump consists of MessagePack types. Values of these types are written as they are; all others as a
list that begins with a letter:

    ["l", item, ...]            list         ["t", item, ...]      tuple
    ["d", key, value, ...]      dict         ["q", maxlen, item, ...]  deque
    ["s", item, ...]            set, sorted  ["f", item, ...]      frozenset, sorted
    ["c", key, value, ...]      Counter      ["o", key, value, ...]  OrderedDict
    ["e", class, name]          member of an Enum
    ["g", name]                 an object that the hall was given, or a part of the hall
    ["r", number]               an object of the table of objects

An object is in the table once, however many others refer to it, such as an event that waits for a
thousand sessions. A row of the table is ``[class, value, ...]`` with the values of the class's
attrs fields in order.
"""

import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import attrs

from gameserver.rooms.hall import Hall

FORMAT: Final = 1
"""Version of the format; it rises when older dumps cannot be read any more."""

Plain = Any
"""None, bool, int, float, str, bytes, and lists and dicts of them."""

_PLAIN: Final = (type(None), bool, int, float, str, bytes)
_ROWS: Final[dict[type, str]] = {list: "l", tuple: "t"}
_SETS: Final[dict[type, str]] = {set: "s", frozenset: "f"}
_MAPPINGS: Final[dict[type, str]] = {dict: "d", Counter: "c", OrderedDict: "o"}
_KINDS: Final = {letter: kind for kind, letter in (_ROWS | _SETS | _MAPPINGS).items()}

_BY_IDENTITY: Final = "by_identity"
"""Metadata of a field: a dict whose keys are identities of the first item of each value."""


def dump(hall: Hall) -> dict[str, Plain]:
    """Return the state of a hall between two calls.

    Raises:
        RuntimeError: Effects of the last call were not taken yet.
        TypeError: A value has a type that cannot be written, which is a bug.
    """
    parts = hall.parts
    if parts.state.has_effects:
        raise RuntimeError("a hall is dumped between two calls, when its effects were taken")
    writer = _Writer({id(given): name for name, given in parts.given().items()})
    roots = {name: writer.fields(part) for name, part in attrs.asdict(parts, recurse=False).items()}
    return {"format": FORMAT, "parts": roots, "objects": writer.rows}


def restore(hall: Hall, dumped: Mapping[str, Plain]) -> None:
    """Give a new hall, made with the same game, maps and rules, the state of a dump.

    Raises:
        ValueError: The dump has another format, or classes that are not here.
    """
    if dumped["format"] != FORMAT:
        raise ValueError(f"the dump has format {dumped['format']}; this version reads {FORMAT}")
    parts = hall.parts
    reader = _Reader(parts.given(), dumped["objects"])
    for name, part in attrs.asdict(parts, recurse=False).items():
        reader.fill(part, dumped["parts"][name])


@attrs.define
class _Writer:
    given: dict[int, str]
    rows: list[Plain] = attrs.field(factory=list)
    numbers: dict[int, int] = attrs.field(factory=dict)
    kept: list[object] = attrs.field(factory=list)
    """Written objects, kept alive so that no other object gets the same ``id()``."""

    def fields(self, instance: Any) -> list[Plain]:
        return [self._field(instance, field) for field in attrs.fields(type(instance))]

    def _field(self, instance: Any, field: "attrs.Attribute[Any]") -> Plain:
        value = getattr(instance, field.name)
        if field.metadata.get(_BY_IDENTITY):
            return self.write(list(value.values()))
        return self.write(value)

    def write(self, value: Any) -> Plain:
        kind = type(value)
        if kind in _PLAIN:
            return value
        name = self.given.get(id(value))
        if name is not None:
            return ["g", name]
        if isinstance(value, Enum):
            return ["e", _name_of(kind), value.name]
        if attrs.has(kind):
            return ["r", self._object(value)]
        if isinstance(value, Mapping):
            letter = _MAPPINGS.get(kind, "d")
            return [letter, *(self.write(each) for pair in value.items() for each in pair)]
        if kind is deque:
            return ["q", value.maxlen, *map(self.write, value)]
        if kind in _SETS:
            return [_SETS[kind], *map(self.write, sorted(value))]
        if kind in _ROWS:
            return [_ROWS[kind], *map(self.write, value)]
        raise TypeError(f"{kind.__qualname__} cannot be dumped")

    def _object(self, value: Any) -> int:
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.rows)
            self.kept.append(value)
            row: list[Plain] = [_name_of(type(value))]
            self.rows.append(row)  # before its fields: they may refer to it
            row += self.fields(value)
        return number


class _Reader:
    def __init__(self, given: Mapping[str, object], rows: list[Plain]) -> None:
        self._given = given
        self._rows = rows
        self._objects: dict[int, Any] = {}

    def _object(self, number: int) -> Any:
        """Return an object of the table; it is created and filled at its first use.

        So a key of a dict has its fields before it is hashed.
        """
        made = self._objects.get(number)
        if made is None:
            name, *values = self._rows[number]
            kind = _class_of(name)
            made = self._objects[number] = kind.__new__(kind)
            self.fill(made, values)
        return made

    def fill(self, made: Any, values: list[Plain]) -> None:
        for field, value in zip(attrs.fields(type(made)), values, strict=True):
            read = self.read(value)
            if field.metadata.get(_BY_IDENTITY):
                read = OrderedDict((id(item[0]), item) for item in read)
            object.__setattr__(made, field.name, read)

    def read(self, value: Plain) -> Any:
        if type(value) is not list:
            return value
        letter, *rest = value
        match letter:
            case "r":
                return self._object(rest[0])
            case "g":
                return self._given[rest[0]]
            case "e":
                return _class_of(rest[0])[rest[1]]
            case "q":
                return deque(map(self.read, rest[1:]), maxlen=rest[0])
        read = [self.read(each) for each in rest]
        kind = _KINDS[letter]
        if kind in _MAPPINGS:
            return kind(dict(zip(read[::2], read[1::2], strict=True)))
        return kind(read)


def _name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_of(name: str) -> Any:
    """Return a class by name; only modules that are loaded already are searched.

    Raises:
        ValueError: There is no such class, or it is neither an attrs class nor an enum.
    """
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise ValueError(f"the dump has a {name}, which is not here")
    if not (isinstance(found, type) and (attrs.has(found) or issubclass(found, Enum))):
        raise ValueError(f"the dump has a {name}, which is no class of state")
    return found
