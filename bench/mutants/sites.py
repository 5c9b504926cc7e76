"""Find the mutations of a module: each replaces one span of the source by another text.

Law: a mutation's diff is as small as its meaning. Code without an effect on behaviour is not
mutated: annotations, documentation, assertions, log calls, texts for people; nor are named
constants and defaults, since a test could only repeat their value. ``zip(…, strict=True)`` is an
assertion, too.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import singledispatchmethod
from typing import Final

import attrs

COMPARE: Final[dict[type[ast.cmpop], tuple[str, str]]] = {
    ast.Lt: (r"<", "<="),
    ast.LtE: (r"<=", "<"),
    ast.Gt: (r">", ">="),
    ast.GtE: (r">=", ">"),
    ast.Eq: (r"==", "!="),
    ast.NotEq: (r"!=", "=="),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}

ARITHMETIC: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: (r"-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.Div: (r"/", "*"),
    ast.FloorDiv: (r"//", "*"),
    ast.Mod: (r"%", "*"),
    ast.LShift: (r"<<", ">>"),
    ast.RShift: (r">>", "<<"),
    ast.BitAnd: (r"&", "|"),
    ast.BitOr: (r"\|", "&"),
    ast.BitXor: (r"\^", "&"),
}

ARITHMETIC_NODES: Final = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
LOG_METHODS: Final = {"debug", "info", "warning", "error", "exception", "critical"}
FOR_CHECKERS: Final = {"TypeVar", "ParamSpec", "NewType"}
"""Calls that only a checker of types looks into."""

FOR_PEOPLE: Final = {"__repr__", "__str__"}
NO_COVER: Final = re.compile(rb"#\s*pragma: no cover")


@attrs.frozen(order=True)
class Mutation:
    """One change of one file."""

    path: str
    """Path relative to the root of the tree, with slashes."""
    start: int
    """Index of the first replaced byte."""
    end: int
    """Index after the last replaced byte."""
    kind: str
    new: str
    line: int

    def apply(self, source: bytes) -> bytes:
        """Return the source with this mutation."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def find_mutations(path: str, source: bytes) -> list[Mutation]:
    """Return all mutations of a module, ordered by place.

    Raises:
        SyntaxError: The module is not Python.
    """
    return sorted(set(_Finder(path, source).within(ast.parse(source).body)))


def is_usable(mutation: Mutation, source: bytes) -> bool:
    """Tell whether the mutated module can be parsed, and differs from the original."""
    try:
        return ast.dump(ast.parse(mutation.apply(source))) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


@attrs.define
class _Finder:
    """Walks the syntax tree of one module and yields the mutations of each node."""

    path: str
    source: bytes
    _lines: list[int] = attrs.field(init=False)
    _returns_bool: bool = False
    _equal_is_same: ast.Compare | None = None

    def __attrs_post_init__(self) -> None:
        self._lines = [0]
        for line in self.source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    # --- places -----------------------------------------------------------------------------------

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, (ast.expr, ast.stmt))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def _made(self, kind: str, start: int, end: int, new: str) -> Mutation:
        return Mutation(self.path, start, end, kind, new, bisect_right(self._lines, start))

    def _replaced(self, kind: str, node: ast.AST, new: str) -> Mutation:
        return self._made(kind, *self._span(node), new)

    def _between(
        self, kind: str, left: ast.AST, right: ast.AST, old: str, new: str
    ) -> Iterator[Mutation]:
        """Yield the replacement of the operator between two expressions."""
        first, last = self._span(left)[1], self._span(right)[0]
        # A comment between the two could be mistaken for the operator; no module has one there.
        if match := re.search(old.encode(), self.source[first:last]):
            yield self._made(kind, first + match.start(), first + match.end(), new)

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.source[start:end].decode()

    def _negated(self, test: ast.expr) -> Iterator[Mutation]:
        if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            yield self._replaced("negated test", test, f"not ({self._text(test)})")

    def _left_out(self, node: ast.stmt) -> bool:
        first = self._lines[node.lineno - 1]
        return NO_COVER.search(self.source[first : self._lines[node.lineno]]) is not None

    # --- walking ----------------------------------------------------------------------------------

    def within(self, nodes: list[ast.stmt]) -> Iterator[Mutation]:
        """Yield the mutations of statements, except those marked ``pragma: no cover``."""
        for node in nodes:
            if not self._left_out(node):
                yield from self.of(node)

    def _children(self, node: ast.AST) -> Iterator[Mutation]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt) or not self._left_out(child):
                yield from self.of(child)

    @singledispatchmethod
    def of(self, node: ast.AST) -> Iterator[Mutation]:
        """Yield the mutations of a node and of its children."""
        yield from self._children(node)

    # --- statements -------------------------------------------------------------------------------

    @of.register(ast.FunctionDef)
    @of.register(ast.AsyncFunctionDef)
    def _(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Mutation]:
        if node.name in FOR_PEOPLE:
            return
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                yield from self.of(default)
        before = self._returns_bool
        self._returns_bool = isinstance(node.returns, ast.Name) and node.returns.id == "bool"
        yield from self.within(node.body)
        self._returns_bool = before

    @of.register
    def _(self, node: ast.Lambda) -> Iterator[Mutation]:
        yield from self.of(node.body)

    @of.register
    def _(self, node: ast.ClassDef) -> Iterator[Mutation]:
        yield from self.within([each for each in node.body if not _is_tuned(each)])

    @of.register(ast.Assert)
    @of.register(ast.JoinedStr)  # their parts have no places of their own before Python 3.12
    @of.register(ast.Import)
    @of.register(ast.ImportFrom)
    def _(self, _: ast.AST) -> Iterator[Mutation]:
        yield from ()

    @of.register
    def _(self, node: ast.Raise) -> Iterator[Mutation]:
        yield self._replaced("statement dropped", node, "pass")

    @of.register(ast.Break)
    @of.register(ast.Continue)
    def _(self, node: ast.Break | ast.Continue) -> Iterator[Mutation]:
        new = "continue" if isinstance(node, ast.Break) else "break"
        yield self._replaced("loop", node, new)

    @of.register
    def _(self, node: ast.Expr) -> Iterator[Mutation]:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call) and not _logs(value) and not _words(value):
            yield self._replaced("statement dropped", node, "pass")
            yield from self._children(node)

    @of.register
    def _(self, node: ast.Delete) -> Iterator[Mutation]:
        if not all(isinstance(each, ast.Name) for each in node.targets):
            yield self._replaced("statement dropped", node, "pass")

    @of.register
    def _(self, node: ast.Assign) -> Iterator[Mutation]:
        if all(isinstance(each, ast.Name) and each.id.isupper() for each in node.targets):
            return
        if all(isinstance(each, (ast.Attribute, ast.Subscript)) for each in node.targets):
            yield self._replaced("statement dropped", node, "pass")
        yield from self._children(node)

    @of.register
    def _(self, node: ast.AnnAssign) -> Iterator[Mutation]:
        named = isinstance(node.target, ast.Name) and node.target.id.isupper()
        alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
        if node.value is not None and not named and not alias:
            yield from self.of(node.value)

    @of.register
    def _(self, node: ast.AugAssign) -> Iterator[Mutation]:
        yield self._replaced("statement dropped", node, "pass")
        old, new = ARITHMETIC.get(type(node.op), ("", ""))
        if old:
            yield from self._between("arithmetic", node.target, node.value, old, new)
        yield from self._children(node)

    @of.register
    def _(self, node: ast.Return) -> Iterator[Mutation]:
        if node.value is None or isinstance(node.value, ast.Constant):
            yield from self._children(node)
            return
        if self._returns_bool:
            yield from self._negated(node.value)
        else:
            yield self._replaced("returns None", node, "return None")
        yield from self._children(node)

    @of.register(ast.If)
    @of.register(ast.While)
    @of.register(ast.IfExp)
    def _(self, node: ast.If | ast.While | ast.IfExp) -> Iterator[Mutation]:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        if not isinstance(node.test, ast.Constant):
            yield from self._negated(node.test)
        self._equal_is_same = _kept_extreme(node) or self._equal_is_same
        yield from self._children(node)

    @of.register
    def _(self, node: ast.comprehension) -> Iterator[Mutation]:
        for test in node.ifs:
            yield from self._negated(test)
        yield from self._children(node)

    # --- expressions ------------------------------------------------------------------------------

    @of.register
    def _(self, node: ast.Compare) -> Iterator[Mutation]:
        if node is self._equal_is_same:
            return
        if _draws(node):
            yield from self._children(node)
            return
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from self._between("compare", left, right, *COMPARE[type(operator)])
            left = right
        yield from self._children(node)

    @of.register
    def _(self, node: ast.BinOp) -> Iterator[Mutation]:
        if type(node.op) in ARITHMETIC and not (_is_type(node.left) or _is_type(node.right)):
            old, new = ARITHMETIC[type(node.op)]
            yield from self._between("arithmetic", node.left, node.right, old, new)
        yield from self._children(node)

    @of.register
    def _(self, node: ast.BoolOp) -> Iterator[Mutation]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._between("and, or", left, right, rf"\b{old}\b", new)
        yield from self._children(node)

    @of.register
    def _(self, node: ast.UnaryOp) -> Iterator[Mutation]:
        if isinstance(node.op, ast.Not):
            yield self._replaced("not dropped", node, f"bool({self._text(node.operand)})")
        elif isinstance(node.op, ast.USub):
            yield self._replaced("arithmetic", node, f"({self._text(node.operand)})")
        yield from self._children(node)

    @of.register
    def _(self, node: ast.Constant) -> Iterator[Mutation]:
        if isinstance(node.value, bool):
            yield self._replaced("constant", node, str(not node.value))
        elif isinstance(node.value, (int, float)):
            yield self._replaced("constant", node, repr(node.value + 1))

    @of.register
    def _(self, node: ast.Call) -> Iterator[Mutation]:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "field":
            # Of attrs' arguments only these affect behaviour; others concern repr and comparison.
            for keyword in node.keywords:
                if keyword.arg in ("default", "factory", "validator", "converter"):
                    yield from self.of(keyword.value)
            return
        if getattr(node.func, "id", "") in FOR_CHECKERS:
            return
        for child in ast.iter_child_nodes(node):
            if not _asserts_lengths(node, child):
                yield from self.of(child)


def _asserts_lengths(call: ast.Call, argument: ast.AST) -> bool:
    """Tell whether an argument is the ``strict=True`` of `zip`: it only raises, for our bugs."""
    return (
        isinstance(call.func, ast.Name)
        and call.func.id == "zip"
        and isinstance(argument, ast.keyword)
        and argument.arg == "strict"
        and isinstance(argument.value, ast.Constant)
        and argument.value.value is True
    )


def _draws(node: ast.Compare) -> bool:
    """Tell whether a comparison draws lots: ``random() < 0.3``, where equality never comes."""
    return any(
        isinstance(each, ast.Call)
        and not each.args
        and getattr(each.func, "attr", getattr(each.func, "id", "")) == "random"
        for each in (node.left, *node.comparators)
    )


def _logs(call: ast.Call) -> bool:
    """Tell whether a call logs: a method of something named log."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in LOG_METHODS:
        return False
    name = getattr(func.value, "attr", getattr(func.value, "id", ""))
    return name.strip("_") in ("log", "logger")


def _is_tuned(node: ast.stmt) -> bool:
    """Tell whether the default of a class's attribute is a tuned number, such as a limit.

    Zero, one and truth values are the initial values of counters and states: those are behaviour.
    """
    if not isinstance(node, ast.AnnAssign) or node.value is None:
        return False
    parts = [each for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
    plain = all(isinstance(each, ARITHMETIC_NODES) for each in ast.walk(node.value))
    return plain and any(each.value not in {0, 1} for each in parts)


def _words(call: ast.Call) -> bool:
    """Tell whether a call only gives an exception its text: ``super().__init__(sentence)``."""
    return ast.unparse(call.func) == "super().__init__" and len(call.args) == 1


def _kept_extreme(node: ast.If | ast.While | ast.IfExp) -> ast.Compare | None:
    """Return the comparison of ``if x < least: least = x``, where equality makes no difference."""
    test = node.test.values[-1] if isinstance(node.test, ast.BoolOp) else node.test
    if not isinstance(node, ast.If) or not isinstance(test, ast.Compare):
        return None
    match node.body:
        case [ast.Assign(targets=[target], value=value)]:
            sides = {ast.unparse(test.left), *map(ast.unparse, test.comparators)}
            return test if sides == {ast.unparse(target), ast.unparse(value)} else None
        case _:
            return None


def _is_type(node: ast.expr) -> bool:
    """Tell whether an operand of `|` is a type: None, or a name written as classes are."""
    if isinstance(node, ast.Constant):
        return node.value is None
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name[:1].isupper() and not name.isupper()
