"""Pack objects of attrs classes into MessagePack types, and unpack them.

Law: an unpacked object equals the packed one, and an object that others share is shared again. Only
classes that are loaded already are unpacked, and no code of theirs runs but that of
`_RENAMED` fields.

Values of MessagePack's own types are written as they are; all others as a list that begins with a
letter:

    ["l", item, ...]            list         ["t", item, ...]      tuple
    ["d", key, value, ...]      dict         ["q", maxlen, item, ...]  deque
    ["s", item, ...]            set, sorted  ["f", item, ...]      frozenset, sorted
    ["c", key, value, ...]      Counter      ["o", key, value, ...]  OrderedDict
    ["e", class, name]          member of an Enum
    ["g", name]                 an object that the packer was given
    ["r", number]               an object of the table of objects

An object is in the table once, however many others refer to it, such as an event that waits for a
thousand sessions. A row of the table is ``[class, value, ...]`` with the values of the class's
attrs fields in order. A class is a number, which a `PackedClasses` explains by the class's name and
the names of its fields. So what a version has packed, another one with more or fewer fields can
unpack.
"""

import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

import attrs

Plain = Any
"""None, bool, int, float, str, bytes, and lists and dicts of them."""

_PLAIN: Final = (type(None), bool, int, float, str, bytes)
_ROWS: Final[dict[type, str]] = {list: "l", tuple: "t"}
_SETS: Final[dict[type, str]] = {set: "s", frozenset: "f"}
_MAPPINGS: Final[dict[type, str]] = {dict: "d", Counter: "c", OrderedDict: "o"}
_KINDS: Final = {letter: kind for kind, letter in (_ROWS | _SETS | _MAPPINGS).items()}

_BY_IDENTITY: Final = "by_identity"
"""Metadata of a field: a dict whose keys are identities of the first item of each value."""

_RENAMED: Final = "renamed"
"""Metadata of a field: its name in objects that an older version has packed, and what makes its
value of the unpacked one."""

_Layout = tuple[int, tuple[tuple[str, bool], ...]]
"""A class's number, and for each field its name and whether it is `_BY_IDENTITY`."""


class PackedClasses:
    """Numbers for classes, with their names and those of their fields.

    A table that is stored beside packed objects grows as classes are met. It is read by other
    versions, in which a class may have other fields.
    """

    def __init__(self, rows: Iterable[tuple[str, list[str]]] = ()) -> None:
        """Begin with the rows of a stored table: name and fields of the classes 0, 1 and so on."""
        self.rows: list[tuple[str, list[str]]] = []
        self._layouts: dict[type, _Layout] = {}
        for name, fields in rows:
            self.rows.append((name, list(fields)))

    def layout(self, kind: type) -> _Layout:
        """Return a class's number and fields; a class that is met first gets a number."""
        known = self._layouts.get(kind)
        if known is None:
            fields = attrs.fields(kind) if attrs.has(kind) else ()
            row = (_name_of(kind), [field.name for field in fields])
            if row not in self.rows:  # another version's class of this name has other fields
                self.rows.append(row)
            shown = tuple((each.name, bool(each.metadata.get(_BY_IDENTITY))) for each in fields)
            known = self._layouts[kind] = (self.rows.index(row), shown)
        return known


@attrs.define
class Packer:
    """Packs values that refer to one another: they share a table of objects."""

    given: Mapping[int, str]
    """Names of objects that are not packed, by their ``id()``."""
    classes: PackedClasses
    rows: list[Plain] = attrs.field(factory=list)
    """The table of objects."""
    _numbers: dict[int, int] = attrs.field(factory=dict)
    _kept: list[object] = attrs.field(factory=list)
    """Packed objects, kept alive so that no other object gets the same ``id()``."""

    def fields(self, instance: Any) -> list[Plain]:
        """Pack an object that the unpacker will have already: its class, then its fields.

        Raises:
            TypeError: A value has a type that cannot be packed, which is a bug.
        """
        number, layout = self.classes.layout(type(instance))
        row: list[Plain] = [number]
        self._fill(row, instance, layout)
        return row

    def _fill(self, row: list[Plain], instance: Any, layout: tuple[tuple[str, bool], ...]) -> None:
        for name, by_identity in layout:
            value = getattr(instance, name)
            row.append(self.pack(list(value.values()) if by_identity else value))

    def pack(self, value: Any) -> Plain:
        """Pack any value.

        Raises:
            TypeError: It has a type that cannot be packed, which is a bug.
        """
        kind = type(value)
        if kind in _PLAIN:
            return value
        name = self.given.get(id(value))
        if name is not None:
            return ["g", name]
        if isinstance(value, Enum):
            return ["e", self.classes.layout(kind)[0], value.name]
        if attrs.has(kind):
            return ["r", self._object(value)]
        if isinstance(value, Mapping):
            letter = _MAPPINGS.get(kind, "d")
            return [letter, *(self.pack(each) for pair in value.items() for each in pair)]
        if kind is deque:
            return ["q", value.maxlen, *map(self.pack, value)]
        if kind in _SETS:
            return [_SETS[kind], *map(self.pack, sorted(value))]
        if kind in _ROWS:
            return [_ROWS[kind], *map(self.pack, value)]
        raise TypeError(f"{kind.__qualname__} cannot be packed")

    def _object(self, value: Any) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.rows)
            self._kept.append(value)
            kind, layout = self.classes.layout(type(value))
            row: list[Plain] = [kind]
            self.rows.append(row)  # before its fields: they may refer to it
            self._fill(row, value, layout)
        return number


class Unpacker:
    """Unpacks what one `Packer` has packed.

    A field that the class has lost is left out; one that it has gained gets its default.
    """

    def __init__(
        self,
        given: Mapping[str, object],
        classes: PackedClasses,
        rows: list[Plain],
    ) -> None:
        """Prepare to unpack.

        Args:
            given: The objects that are not packed, by name.
            classes: The classes' names and fields.
            rows: The table of objects.
        """
        self._given = given
        self._classes = classes
        self._rows = rows
        self._objects: dict[int, Any] = {}
        self._kinds: dict[int, type] = {}

    def _object(self, number: int) -> Any:
        """Return an object of the table; it is created and filled at its first use.

        So a key of a dict has its fields before it is hashed.
        """
        made = self._objects.get(number)
        if made is None:
            row = self._rows[number]
            kind = self._kind(row[0])
            made = self._objects[number] = object.__new__(kind)
            self.fill(made, row, fresh=True)
        return made

    def fill(self, made: Any, row: list[Plain], *, fresh: bool = False) -> None:
        """Set the fields of an object from its row.

        Args:
            made: The object. If it is not ``fresh``, it keeps its values of fields that the row
                does not have.
            row: What `Packer.fields` returned.
            fresh: Whether the object has no fields yet.

        Raises:
            ValueError: The row belongs to another class, or misses a field without default.
        """
        name, fields = self._classes.rows[row[0]]
        kind = type(made)
        if name != _name_of(kind):
            raise ValueError(f"a {kind.__qualname__} cannot be made of a packed {name}")
        values = dict(zip(fields, row[1:], strict=True))
        for field in attrs.fields(kind):
            if field.name not in values:
                was, made_of = field.metadata.get(_RENAMED, ("", None))
                if was in values:
                    object.__setattr__(made, field.name, made_of(self.unpack(values[was])))
                elif fresh:
                    object.__setattr__(made, field.name, _default(made, field))
                continue
            read = self.unpack(values[field.name])
            if field.metadata.get(_BY_IDENTITY):
                read = OrderedDict((id(item[0]), item) for item in read)
            object.__setattr__(made, field.name, read)

    def unpack(self, value: Plain) -> Any:
        """Return the value that was packed.

        Raises:
            ValueError: It has a class that is not here, or misses a field.
        """
        if type(value) is not list:
            return value
        letter, *rest = value
        match letter:
            case "r":
                return self._object(rest[0])
            case "g":
                return self._given[rest[0]]
            case "e":
                return self._kind(rest[0])[rest[1]]  # type: ignore[index]  # an Enum
            case "q":
                return deque(map(self.unpack, rest[1:]), maxlen=rest[0])
        read = [self.unpack(each) for each in rest]
        kind = _KINDS[letter]
        if kind in _MAPPINGS:
            return kind(dict(zip(read[::2], read[1::2], strict=True)))
        return kind(read)

    def _kind(self, number: int) -> type:
        known = self._kinds.get(number)
        if known is None:
            known = self._kinds[number] = _class_of(self._classes.rows[number][0])
        return known


def _default(made: Any, field: "attrs.Attribute[Any]") -> Any:
    default: Any = field.default
    if default is attrs.NOTHING:
        kind = type(made).__qualname__
        raise ValueError(f"a packed {kind} has no {field.name}: another version has packed it")
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # it is a class
        return default.factory(made) if default.takes_self else default.factory()
    return default


def _name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_of(name: str) -> type:
    """Return a class by name; only modules that are loaded already are searched.

    Raises:
        ValueError: There is no such class, or it is neither an attrs class nor an enum.
    """
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise ValueError(f"a {name} is packed, which is not here")
    if not (isinstance(found, type) and (attrs.has(found) or issubclass(found, Enum))):
        raise ValueError(f"a {name} is packed, which is no class of state")
    return found
