"""Find in the server's source all sentences that it sends to a player, with the code of each.

Law: a sentence that nobody translated is found here, and fails a test. So all calls that tell a
player something are read, with the constants and variables that they name.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final

import attrs

from tests.e2e.program import ROOT

SOURCE: Final = ROOT / "gameserver"

TELLS: Final = {
    "RequestError", "ProtocolError", "Refusal", "Disconnect", "ServerMessage", "refusal", "part",
    "say_goodbye", "_part", "_refuse", "_refused", "_full", "_tell",
}  # fmt: skip
"""Calls that tell a player something; the sentence is among their arguments."""

TELLING: Final = ("rooms/", "service/", "game/options.py", "store/replayfile.py")
SPARED: Final = ("service/rest/", "service/admin/", "service/feeds/")
"""What the page of a player never asks."""

OPERATORS: Final = {
    "A name is missing.",
    "A network of IPv7 may be at most /7.",
    "A time must be from 1 to 7 s.",
    "An address must be like 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/48.",
    "Another player has the name 7 already; choose another one.",
    "The text has nothing that can be shown.",
    "There are 7 bans and mutes already; lift some of them.",
    "There is no ban or mute of number 7.",
    "There is no lobby of this id.",
    "There is no report of number 7.",
    "There is no session of this id.",
    (
        "This is loopback: from there this machine, you, and all players of a proxy connect."
        " Ban the session or the name; behind a proxy set trusted-proxies, so that players have"
        " addresses of their own."
    ),
}
"""What only an operator is told, at the console."""

PROGRAMS: Final = {
    "a hello comes once, as the first message",
    "no view is wanted",
    "send an input or a seen in the shortest msgpack form",
    "too long for an input",
}
"""What only a faulty client is told: the code's meaning is enough for its player."""

AUTHORS: Final = {'must map each value to its label, as {"dm": "Deathmatch"}'}
"""What only the author of a game is told."""

FAULTS: Final = ("must ", "has no ", "does not fit", "is no option")
"""How the rest of a sentence about a field begins."""

FILLED: Final = "7"
"""Stands for each value in a sentence."""


@attrs.frozen
class Saying:
    """One sentence of the server, or the rest of one about a field."""

    text: str
    """With `FILLED` in place of each value."""
    where: str


def all_sayings() -> tuple[list[Saying], list[Saying]]:
    """Return the sentences that players are told, and the faults of fields."""
    found, faults = {}, {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith(TELLING) or name.startswith(SPARED):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for line, text in _told(tree):
            # What begins with a value is of a field, a game or an author.
            if not text.startswith(FILLED) and text not in OPERATORS | PROGRAMS:
                found[text] = Saying(text, f"{name}:{line}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                for text in _texts(node, {}):
                    whole = text == text.strip() and text not in AUTHORS
                    if whole and text.startswith(FAULTS):
                        faults[text] = Saying(text, f"{name}:{node.lineno}")
    return list(found.values()), list(faults.values())


Values = Mapping[str, list[ast.expr]]


def _told(tree: ast.Module) -> Iterator[tuple[int, str]]:
    outer = _assigned(tree.body)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        known = {**outer, **_assigned(ast.walk(function))}
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in TELLS:
                for given in call.args:
                    for text in _texts(given, known):
                        if " " in text and not _of_a_field(text):
                            yield call.lineno, text


def _of_a_field(text: str) -> bool:
    """Tell whether a sentence is a field's name and its fault, which come in the details too."""
    field, _, fault = text.partition(" ")
    return fault == FILLED or field in ("map", "password", "seat", "size", "team")


def _name(func: ast.expr) -> str:
    match func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
        case _:
            return ""


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        match node:
            case ast.Assign([ast.Name(name)], value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                found.setdefault(name, []).append(value)
    return found


def _texts(node: ast.expr, known: Values) -> Iterator[str]:
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.JoinedStr(parts):
            choices = [[*_texts(each, known)] or [FILLED] for each in parts]
            yield from map("".join, product(*choices))
        case ast.FormattedValue(ast.Name(name)) | ast.Name(name):
            for value in known.get(name, []):
                yield from _texts(value, {**known, name: []})
        case ast.IfExp(_, then, other):
            yield from _texts(then, known)
            yield from _texts(other, known)
        case ast.Call(ast.Name("with_reason" | "_with_page"), [text, *_]):
            yield from _texts(text, known)
