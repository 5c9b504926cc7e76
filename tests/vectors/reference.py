"""Make the reference parts of ``docs/protocol.md`` from the classes, so that they cannot go stale.

Law: a made part stands between ``<!-- made: NAME -->`` and ``<!-- end -->``; everything else in
the document is written by hand and left alone.
"""

import ast
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

import attrs

from gameserver.game import options
from gameserver.ids import NO_SEAT
from gameserver.messages import EVENTS, NOTICES, REQUESTS, chat, forms, lobby, match, session, wire
from gameserver.messages.base import Result
from gameserver.protocol import limits
from gameserver.transports import settings
from tests.vectors.drawing import drawings

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "protocol.md"
_PART: Final = re.compile(r"(<!-- made: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
ENVELOPES: Final = (wire.Hello, wire.Welcome, wire.Goodbye)
_WORDS: Final[dict[Any, str]] = {
    int: "int",
    bool: "bool",
    str: "text",
    bytes: "binary",
    float: "number",
    object: "anything",
    type(None): "nil",
}


def render(examples: list[dict[str, Any]]) -> str:
    """Return what the document must hold; ``examples`` are the messages of the vectors."""
    parts: dict[str, Callable[[], str]] = {
        "drawings": lambda: drawings(examples),
        "envelopes": lambda: _classes(ENVELOPES),
        "requests": lambda: _named(REQUESTS),
        "events": lambda: _named(EVENTS),
        "notices": lambda: _named(NOTICES),
        "shapes": lambda: _classes(shapes()),
        "limits": _limits,
    }
    written = DOCUMENT.read_text(encoding="utf-8")
    return _PART.sub(lambda found: f"{found[1]}\n{parts[found[2]]()}\n{found[3]}", written)


# --- classes -------------------------------------------------------------------------------------


def _docs_of(module: Any) -> dict[str, str]:
    """Return the words behind each field and constant of a module, by ``Class.field`` or name."""
    docs: dict[str, str] = {}

    def walk(body: Iterable[ast.stmt], prefix: str) -> None:
        before: str | None = None
        for node in body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=name)):
                    before = prefix + name
                case ast.Expr(value=ast.Constant(value=str(words))) if before:
                    docs[before] = " ".join(words.split())
                    before = None
                case ast.ClassDef():
                    walk(node.body, f"{node.name}.")
                case _:
                    before = None

    walk(ast.parse(inspect.getsource(module)).body, "")
    return docs


DOCS: Final = {
    key: words
    for module in (wire, session, lobby, forms, match, chat, options, limits, settings)
    for key, words in _docs_of(module).items()
}


def about(cls: type) -> str:
    """Return the docstring of a message class for readers of the wire, on one line."""
    text = inspect.cleandoc(cls.__doc__ or "")
    text = re.sub(r"^(?:C→S|S→C|Both)[^:]*: (?:``[^`]*``[.:]? ?)?", "", text)
    return tidy(text.replace("\n", " "))


def tidy(words: str) -> str:
    """Turn a docstring's marks into those of Markdown, and names of our code into the wire's."""
    text = words.replace("``", "`").replace("|", "\\|")
    text = re.sub(r"`(\w+)`", lambda found: f"`{_ON_THE_WIRE.get(found[1], found[1])}`", text)
    return re.sub(r"\bNone\b", "nil", text)


_ON_THE_WIRE: Final = {
    "NO_SEAT": str(NO_SEAT),
    **{
        cls.__name__: name
        for registry in (REQUESTS, EVENTS, NOTICES)
        for name, cls in registry.items()
    },
}
"""What a name of our code is called by a client in another language."""


def _word(hint: Any) -> str:
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    if hint in _WORDS:
        return _WORDS[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_word(each) for each in arguments)
    if origin is tuple:
        return f"array of {_word(arguments[0])}"
    if origin is Mapping:
        return f"map of text to {_word(arguments[1])}"
    if issubclass(hint, Enum):
        return "one of " + ", ".join(f"`{member.value}`" for member in hint)
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _default(field: "attrs.Attribute[Any]") -> str:
    default = field.default
    if default is attrs.NOTHING:
        return "needed"
    made = getattr(default, "factory", None)
    if made is not None:
        default = made()
    if attrs.has(type(default)):
        return "its defaults"
    if isinstance(default, Enum):
        default = default.value
    if default is None:
        return "nil"
    if isinstance(default, bool):
        return "true" if default else "false"
    return f"`{default}`" if default or default == 0 else "empty"


def _fields(cls: type[Any]) -> list[str]:
    fields = attrs.fields(cls)
    if not fields:
        return ["No fields.", ""]
    hints = typing.get_type_hints(cls)
    lines = ["| field | type | default | |", "|---|---|---|---|"]
    for field in fields:
        words = tidy(DOCS.get(f"{cls.__name__}.{field.name}", ""))
        lines.append(
            f"| `{field.name}` | {_word(hints[field.name])} | {_default(field)} | {words} |"
        )
    return [*lines, ""]


def _classes(classes: Iterable[type[Any]]) -> str:
    lines = []
    for cls in classes:
        lines += [f"#### {cls.__name__}", "", about(cls), "", *_fields(cls)]
    return "\n".join(lines)


def _named(registry: Mapping[str, type[Any]]) -> str:
    lines = []
    for name, cls in sorted(registry.items()):
        lines += [f"#### `{name}`", "", about(cls), "", *_fields(cls)]
        result = getattr(cls, "result", None)
        if result is Result:
            lines += ["Result: an empty map.", ""]
        elif isinstance(result, type):
            lines += [f"Result: {about(result)}", "", *_fields(result)]
    return "\n".join(lines)


def shapes() -> list[type[Any]]:
    """Return the classes that stand inside others, in the order in which they are met."""
    found: dict[type[Any], None] = {}

    def look(hint: Any) -> None:
        for inner in typing.get_args(hint):
            look(inner)
        if isinstance(hint, type) and attrs.has(hint) and hint not in found:
            found[hint] = None
            meet(hint)

    def meet(cls: type[Any]) -> None:
        for hint in typing.get_type_hints(cls).values():
            if typing.get_origin(hint) is not typing.ClassVar:
                look(hint)

    for registry in (REQUESTS, EVENTS, NOTICES):
        for _, cls in sorted(registry.items()):
            meet(cls)
            result = getattr(cls, "result", None)
            if isinstance(result, type):
                meet(result)
    meet(wire.Welcome)
    return sorted(found, key=lambda cls: cls.__name__)


# --- limits --------------------------------------------------------------------------------------


def _limits() -> str:
    lines = ["| limit | value | |", "|---|---|---|"]
    for name, value in vars(limits).items():
        if name.isupper():
            lines.append(f"| `{name.lower()}` | {value} | {tidy(DOCS.get(name, ''))} |")
    for field in attrs.fields(settings.ListenSettings):
        if type(field.default) in (int, float) and field.name != "port":
            words = tidy(DOCS[f"ListenSettings.{field.name}"])
            lines.append(f"| `{field.name}` | {field.default} | {words} |")
    return "\n".join([*lines, ""])
