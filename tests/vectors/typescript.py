"""Make the tables of messages of the JavaScript client from the message classes.

Law: everything that a message's declaration says is made, so a new message needs no other change
of the client. `script/make-vectors` writes the file, and a test holds it to the classes.

For each class an interface, whose comments are the words of the class; for each class that stands
in a request also the interface of what may be sent, in which fields that have a default may be left
out. ``SHAPES`` holds the same for the running program, one string for each type::

    int number text binary bool any        plain values
    Name                                   an enum or another shape
    T[]  {T}  T?  A|B                      array, map of text to T, T or nil, either
"""

import json
import types
import typing
from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Final

import attrs

from gameserver.errors import Code
from gameserver.messages import EVENTS, NOTICES, REQUESTS, wire
from gameserver.messages.base import Result
from gameserver.protocol import limits
from gameserver.protocol.shape import FROM_SERVER
from tests.vectors import reference

TABLES: Final = Path(__file__).parents[2] / "client_js" / "src" / "wire" / "tables.ts"

_WORDS: Final[dict[Any, tuple[str, str]]] = {
    int: ("int", "number"),
    float: ("number", "number"),
    bool: ("bool", "boolean"),
    str: ("text", "string"),
    bytes: ("binary", "Uint8Array"),
    object: ("any", "unknown"),
}
"""Name of a plain type in the tables, and in TypeScript."""

_WIDTH: Final = 100


def render() -> str:
    """Return what the file must hold."""
    parts = [
        "// Made by script/make-vectors from the message classes of the server. Do not edit.",
        _constants(),
        *(_enum(cls) for cls in _enums()),
        *(_interface(cls, sent=False) for cls in _received()),
        *(_interface(cls, sent=True) for cls in _sent()),
        _registries(),
        _shapes(),
    ]
    return "\n\n".join(parts) + "\n"


# --- which classes there are -----------------------------------------------------------------


def _inside(classes: Iterable[type[Any]]) -> dict[type[Any], None]:
    """Return these classes and all message classes and enums in their fields, as met."""
    found: dict[type[Any], None] = {}

    def look(hint: Any) -> None:
        for inner in typing.get_args(hint):
            look(inner)
        if not isinstance(hint, type) or hint in found:
            return
        if attrs.has(hint):
            found[hint] = None
            for field in attrs.fields(hint):
                look(typing.get_type_hints(hint)[field.name])
        elif issubclass(hint, Enum):
            found[hint] = None

    for cls in classes:
        look(cls)
    return found


def _requests() -> list[type[Any]]:
    return [cls for _, cls in sorted(REQUESTS.items())]


def _results() -> list[type[Any]]:
    return [cls.result for cls in _requests() if cls.result is not Result]


def _told() -> list[type[Any]]:
    return [cls for registry in (EVENTS, NOTICES) for _, cls in sorted(registry.items())]


def _received() -> list[type[Any]]:
    """Return the classes that a server sends, and the hello, which is sent whole."""
    found = _inside([*reference.ENVELOPES, *_told(), *_results()])
    return _by_name(cls for cls in found if attrs.has(cls))


def _sent() -> list[type[Any]]:
    return _by_name(cls for cls in _inside(_requests()) if attrs.has(cls))


def _enums() -> list[type[Enum]]:
    found = _inside([*reference.ENVELOPES, *_told(), *_results(), *_requests()])
    return _by_name([Code, *(cls for cls in found if not attrs.has(cls))])


def _by_name(classes: Iterable[type[Any]]) -> list[type[Any]]:
    return sorted(classes, key=lambda cls: cls.__name__)


# --- types ---------------------------------------------------------------------------------------


def _type_in_tables(hint: Any) -> str:
    return _spelled(hint, 0, lambda part: f"{part}[]", "{{{}}}".format, lambda cls: cls.__name__)


def _type_in_typescript(hint: Any, *, sent: bool) -> str:
    def array(part: str) -> str:
        return f"({part})[]" if "|" in part else f"{part}[]"

    def named(cls: type[Any]) -> str:
        return _name_sent(cls) if sent and attrs.has(cls) else cls.__name__

    return _spelled(hint, 1, array, "Record<string, {}>".format, named)


def _spelled(
    hint: Any,
    column: int,
    array: typing.Callable[[str], str],
    mapping: typing.Callable[[str], str],
    named: typing.Callable[[type[Any]], str],
) -> str:
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    if hint in _WORDS:
        return _WORDS[hint][column]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)

    def spelled(part: Any) -> str:
        return _spelled(part, column, array, mapping, named)

    if origin in (types.UnionType, typing.Union):
        parts = [spelled(part) for part in arguments if part is not type(None)]
        nil = len(parts) < len(arguments)
        if column:
            return " | ".join([*parts, "null"] if nil else parts)
        return "|".join(parts) + ("?" if nil else "")
    if origin is tuple:
        return array(spelled(arguments[0]))
    if origin is Mapping:
        return mapping(spelled(arguments[1]))
    return named(hint)


def _name_sent(cls: type[Any]) -> str:
    return f"{cls.__name__}Params"


# --- TypeScript ----------------------------------------------------------------------------------


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _constants() -> str:
    bounds = "\n".join(
        f"  {name.lower()}: {value},"
        for name, value in vars(limits).items()
        if name.isupper() and type(value) in (int, float)
    )
    kinds = "\n".join(f"  {kind.name.lower()}: {kind.value}," for kind in wire.Kind)
    return "\n".join(
        [
            f"export const PROTOCOL_VERSION = {wire.PROTOCOL_VERSION};",
            f"export const PROTOCOL_MINOR = {wire.PROTOCOL_MINOR};",
            f"export const SUBPROTOCOL = {_literal(wire.SUBPROTOCOL)};",
            "",
            "/** First element of every message. */",
            f"export const KIND = {{\n{kinds}\n}} as const;",
            "",
            "/** The limits of docs/protocol.md, section 8, that are about messages. */",
            f"export const LIMITS = {{\n{bounds}\n}} as const;",
        ]
    )


def _comment(words: str, indent: str = "") -> str:
    return f"{indent}/** {words.replace('*/', '* /')} */\n" if words else ""


def _enum(cls: type[Enum]) -> str:
    head = _comment(reference.about(cls))
    values = "\n".join(f"  | {_literal(member.value)}" for member in cls)
    return f"{head}export type {cls.__name__} =\n{values};"


def _interface(cls: type[Any], *, sent: bool) -> str:
    hints = typing.get_type_hints(cls)
    name = _name_sent(cls) if sent else cls.__name__
    lines = []
    for field in attrs.fields(cls):
        words = reference.tidy(reference.DOCS.get(f"{cls.__name__}.{field.name}", ""))
        optional = "?" if sent and field.default is not attrs.NOTHING else ""
        spelled = _type_in_typescript(hints[field.name], sent=sent)
        lines.append(f"{_comment(words, '  ')}  {field.name}{optional}: {spelled};")
    if not lines:
        return f"{_comment(reference.about(cls))}export type {name} = Record<never, never>;"
    body = "\n".join(lines)
    return f"{_comment(reference.about(cls))}export interface {name} {{\n{body}\n}}"


def _block(name: str, rows: str) -> str:
    return f"export interface {name} {{\n{rows}\n}}"


def _registries() -> str:
    empty = "Record<never, never>"
    requests = "\n".join(
        f"  {_literal(name)}: {{ params: {_name_sent(cls)}; result: "
        f"{empty if cls.result is Result else cls.result.__name__} }};"
        for name, cls in sorted(REQUESTS.items())
    )
    told = {
        what: "\n".join(f"  {_literal(name)}: {cls.__name__};" for name, cls in sorted(of.items()))
        for what, of in (("events", EVENTS), ("notices", NOTICES))
    }
    return "\n\n".join(
        [
            _comment("What each request takes and returns, by name.")
            + _block("Requests", requests),
            _comment("Reliable events by name.") + _block("Events", told["events"]),
            _comment("Notices by name.") + _block("Notices", told["notices"]),
        ]
    )


# --- tables for the running program ----------------------------------------------------------


def _table(name: str, each: str, rows: str) -> str:
    return f"export const {name}: Readonly<Record<string, {each}>> = {{\n{rows}\n}};"


def _shapes() -> str:
    every = dict.fromkeys([*_received(), *_sent()])
    shapes = "\n".join(f"  {cls.__name__}: [{_rows(cls)}]," for cls in _by_name(every))
    enums = "\n".join(
        f"  {cls.__name__}: {_literal([member.value for member in cls])},"
        for cls in _enums()
        if issubclass(cls, StrEnum)
    )
    requests = "\n".join(
        f"  {_literal(name)}: [{_literal(cls.__name__)}, "
        f"{_literal('' if cls.result is Result else cls.result.__name__)}],"
        for name, cls in sorted(REQUESTS.items())
    )
    told = {
        what: "\n".join(
            f"  {_literal(name)}: {_literal(cls.__name__)}," for name, cls in sorted(of.items())
        )
        for what, of in (("EVENTS", EVENTS), ("NOTICES", NOTICES))
    }
    return "\n\n".join(
        [
            _comment("A field: its name, its type, and its default if it has one.")
            + "export type FieldRow = readonly [name: string, type: string, standard?: unknown];",
            _table("SHAPES", "readonly FieldRow[]", shapes),
            _table("ENUMS", "readonly string[]", enums),
            _comment("Shapes of what each request takes and returns; empty for an empty map.")
            + _table("REQUESTS", "readonly [params: string, result: string]", requests),
            *(_table(what, "string", rows) for what, rows in told.items()),
        ]
    )


def _rows(cls: type[Any]) -> str:
    hints = typing.get_type_hints(cls)
    rows = [_row(field, hints[field.name]) for field in attrs.fields(cls)]
    line = ", ".join(rows)
    if len(line) + len(cls.__name__) < _WIDTH - 8:
        return line
    return "\n" + "".join(f"    {row},\n" for row in rows) + "  "


def _row(field: "attrs.Attribute[Any]", hint: Any) -> str:
    parts = [_literal(field.name), _literal(_type_in_tables(hint))]
    if field.default is not attrs.NOTHING:
        default = field.default
        made = getattr(default, "factory", None)
        plain = FROM_SERVER.unstructure(made() if made else default)
        if attrs.has(type(made() if made else default)):
            plain = attrs.asdict(made() if made else default)
        parts.append("new Uint8Array()" if plain == b"" else _literal(plain))
    return f"[{', '.join(parts)}]"
