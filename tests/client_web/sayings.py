"""Find in the server's source all sentences that it sends to a player, with the code of each.

Law: a sentence that nobody translated is found here, and fails a test. So all calls that tell a
player something are read, with the constants, variables and functions that they name, also of other
modules; and a call whose sentence cannot be read is told, too.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Final

import attrs

from tests.e2e.program import ROOT

SOURCE: Final = ROOT / "gameserver"

TELLS: Final = {
    "RequestError": 1, "ProtocolError": 1, "Refusal": 2, "Disconnect": 3, "ServerMessage": 0,
    "refusal": 1, "part": 1, "say_goodbye": 2, "_part": 1, "_refuse": 1, "_refused": 1, "_full": 0,
    "_tell": 0,
}  # fmt: skip
"""Calls that tell a player something, and which argument is the sentence.

That of a function of the same module is the parameter whose name is one of `WORDS`.
"""

WORDS: Final = ("sentence", "text")
"""Names of parameters and attributes that have a sentence which somebody else has made."""

UNREAD: Final[Collection[str]] = {
    # The faults of fields, which are read by themselves, joined.
    "game/options.py: RequestError(Code.LOBBY_BAD_OPTIONS, sentence, {'fields': faults})",
    "rooms/lobbies/configs.py: RequestError(Code.LOBBY_BAD_OPTIONS, sentence, {'fields': faults})",
    # What an operator or an author has written.
    "rooms/requests/oversight.py: ServerMessage(told)",
    "service/guarding.py: Refusal(_NO_ID, code, sentence, details)",
    # The sentence of an error, perhaps with the page that authors are sent to.
    "service/conversation.py: self._refuse(error.code, sentence)",
    "service/conversation.py: self.part(error.code, sentence)",
    # They tell nobody anything.
    "rooms/calls.py: hall.outflow.refusal(self.player_id, self.envelope, moment.now)",
    "service/ticker.py: part(table, subject, now)",
}
"""Calls whose sentence is not in the source, or that tell nobody anything."""

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
    for module in _telling():
        for call, texts in _told(module):
            for text in texts:
                # What begins with a value is of a field, a game or an author.
                if not text.startswith(FILLED) and text not in OPERATORS | PROGRAMS:
                    found[text] = Saying(text, f"{module.file}:{call.lineno}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                for fault in _texts(node, Scope(NO_MODULE, {})):
                    if fault and fault == fault.strip() and fault.startswith(FAULTS):
                        faults[fault] = Saying(fault, f"{module.file}:{node.lineno}")
    return list(found.values()), [each for each in faults.values() if each.text not in AUTHORS]


def unread() -> set[str]:
    """Return the calls whose sentence cannot be had from the source."""
    return {
        f"{module.file}: {ast.unparse(call)}" for module in _telling() for call in _silent(module)
    }


# --- modules --------------------------------------------------------------------------------------

Values = Mapping[str, list[ast.expr]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen(eq=False)
class Module:
    """The source of one module."""

    file: str
    tree: ast.Module
    values: Values
    """What its names at the top are assigned."""
    imports: Mapping[str, tuple[str, str]]
    """By the name here: the module that a name is from, and the name there."""
    functions: Mapping[str, Function]


NO_MODULE: Final = Module("", ast.Module([], []), {}, {}, {})


@attrs.frozen
class Scope:
    """Where a name is looked up: in a function, its module, and what that imports."""

    module: Module
    values: Values
    entered: frozenset[Function] = frozenset()
    """Functions whose results are looked for, so none is entered twice."""

    def without(self, name: str) -> "Scope":
        return attrs.evolve(self, values={**self.values, name: []})

    def inside(self, function: Function, module: Module) -> "Scope":
        values = {**module.values, **_assigned(ast.walk(function))}
        return Scope(module, values, self.entered | {function})


@cache
def _module(dotted: str) -> Module | None:
    """Return a module of the server; None of any other name."""
    if dotted.partition(".")[0] != SOURCE.name:
        return None
    path = ROOT.joinpath(*dotted.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    if not file.is_file():
        return None
    tree = ast.parse(file.read_text("utf-8"))
    functions = {each.name: each for each in ast.walk(tree) if isinstance(each, Function)}
    name = file.relative_to(SOURCE).as_posix()
    return Module(name, tree, _assigned(tree.body), _imported(tree), functions)


def _telling() -> Iterator[Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if name.startswith(TELLING) and not name.startswith(SPARED):
            parts = path.relative_to(ROOT).with_suffix("").parts
            module = _module(".".join(part for part in parts if part != "__init__"))
            assert module is not None
            yield module


def _imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        match node:
            case ast.Assign([ast.Name(name)], value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                found.setdefault(name, []).append(value)
            case ast.NamedExpr(ast.Name(name), value):
                found.setdefault(name, []).append(value)
    return found


# --- calls ----------------------------------------------------------------------------------------


def _calls(module: Module) -> Iterator[tuple[ast.Call, Function, Scope]]:
    """Return the calls that tell something, each with the functions that it is in."""
    for function in ast.walk(module.tree):
        if isinstance(function, Function):
            scope = Scope(NO_MODULE, {}).inside(function, module)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _name(call.func) in TELLS:
                    yield call, function, scope


def _told(module: Module) -> Iterator[tuple[ast.Call, list[str]]]:
    for call, _, scope in _calls(module):
        given = [*call.args, *(each.value for each in call.keywords)]
        texts = [text for each in given for text in _texts(each, scope) if text]
        yield call, [text for text in texts if " " in text and not _of_a_field(text)]


def _silent(module: Module) -> Iterator[ast.Call]:
    read: dict[ast.Call, bool] = {}
    for call, function, scope in _calls(module):
        sentence = _sentence(call, module)
        if sentence is not None and not read.get(call):
            passed = _is_passed_on(sentence, function)
            read[call] = passed or None not in [*_texts(sentence, scope)]
    return (call for call, is_read in read.items() if not is_read)


def _sentence(call: ast.Call, module: Module) -> ast.expr | None:
    """Return the argument that is the sentence; None if the call tells nobody anything."""
    name = _name(call.func)
    place = TELLS[name]
    if name in module.functions:
        parameters = [each.arg for each in module.functions[name].args.args]
        parameters = parameters[parameters[:1] == ["self"] :]
        named = [at for at, each in enumerate(parameters) if each in WORDS]
        if not named:
            return None
        place = named[0]
    for keyword in call.keywords:
        if keyword.arg in WORDS:
            return keyword.value
    return call.args[place] if place < len(call.args) else None


def _is_passed_on(sentence: ast.expr, function: Function) -> bool:
    """Tell whether a sentence was made where it is read: by a caller, or for what was raised."""
    match sentence:
        case ast.Call(ast.Name("with_reason"), [made, *_]):
            return _is_passed_on(made, function)
        case ast.Name(name):
            parameters = {each.arg for each in function.args.args}
            return function.name in TELLS and name in WORDS and name in parameters
        case ast.Attribute(_, name):
            return name in WORDS
        case _:
            return False


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


# --- texts ----------------------------------------------------------------------------------------


def _texts(node: ast.expr, scope: Scope) -> Iterator[str | None]:
    """Return what an expression may be, as far as it is a text; None for what cannot be read."""
    match node:
        case ast.Constant(constant):
            if isinstance(constant, str):
                yield constant
        case ast.JoinedStr(parts):
            choices = [
                [text for text in _texts(each, scope) if text is not None] or [FILLED]
                for each in parts
            ]
            yield from map("".join, product(*choices))
        case ast.IfExp(_, then, other):
            yield from _texts(then, scope)
            yield from _texts(other, scope)
        case ast.BoolOp(_, values):
            for value in values:
                yield from _texts(value, scope)
        case ast.Call(ast.Name("with_reason" | "_with_page"), [text, *_]):
            yield from _texts(text, scope)
        case _:
            yield from _looked_up(node, scope)


def _looked_up(node: ast.expr, scope: Scope) -> Iterator[str | None]:
    match node:
        case ast.Name(name) | ast.FormattedValue(ast.Name(name)):
            yield from _named(name, scope)
        case ast.Attribute(ast.Name(name), its):
            module = _module(".".join(scope.module.imports.get(name, ())))
            yield from [None] if module is None else _exported(module, its, scope)
        case ast.Call(ast.Name(name)):
            yield from _returned(name, scope)
        case _:
            yield None


def _named(name: str, scope: Scope) -> Iterator[str | None]:
    if name in scope.values:
        for value in scope.values[name]:
            yield from _texts(value, scope.without(name))
    elif name in scope.module.imports:
        dotted, its = scope.module.imports[name]
        module = _module(dotted)
        yield from [None] if module is None else _exported(module, its, scope)
    else:
        yield None


def _exported(module: Module, name: str, scope: Scope) -> Iterator[str | None]:
    yield from _named(name, Scope(module, module.values, scope.entered))


def _returned(name: str, scope: Scope) -> Iterator[str | None]:
    """Return the texts that a function of this module, or an imported one, returns."""
    dotted, its = scope.module.imports.get(name, ("", ""))
    module = _module(dotted) if dotted else scope.module
    function = module.functions.get(its or name) if module else None
    if module is None or function is None or function in scope.entered:
        yield None
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value, scope.inside(function, module))
