from textwrap import dedent

import pytest

from bench.mutants.sites import find_mutations, is_usable


def changed(text: str) -> set[str]:
    """Return what becomes of a module by each usable mutation."""
    source = dedent(text).encode()
    found = [each for each in find_mutations("m.py", source) if is_usable(each, source)]
    return {each.apply(source).decode() for each in found}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x < y", {"x <= y"}),
        ("x >= y", {"x > y"}),
        ("x == y", {"x != y"}),
        ("x is not y", {"x is y"}),
        ("x not in y", {"x in y"}),
        ("x < y <= z", {"x <= y <= z", "x < y < z"}),
        ("(x) < (y)", {"(x) <= (y)"}),
        ("x + y", {"x - y"}),
        ("x // y", {"x * y"}),
        ("x << y", {"x >> y"}),
        ("-x", {"(x)"}),
        ("x and y and z", {"x or y and z", "x and y or z"}),
        ("not x", {"bool(x)"}),
        ("True", {"False"}),
        ("7", {"8"}),
        ("0.5", {"1.5"}),
        ("x if y else z", {"x if not (y) else z"}),
        ("[x for x in y if x]", {"[x for x in y if not (x)]"}),
        ("f(x, 2)", {"f(x, 3)"}),
        ("f(x, strict=True)", {"f(x, strict=False)"}),
        ("zip(x, y, strict=False)", {"zip(x, y, strict=True)"}),
        ("zip(x, y + z, strict=True)", {"zip(x, y - z, strict=True)"}),
        ("'ä' + y", {"'ä' - y"}),
    ],
)
def test_expression_is_changed_in_each_of_its_ways(before: str, after: set[str]) -> None:
    assert changed(f"v = {before}\n") == {f"v = {each}\n" for each in after}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if x: y", {"if not (x): y", "if x: pass"}),
        ("x.y = z", {"pass"}),
        ("x[y] = z", {"pass"}),
        ("x = z", set()),
        ("x += z", {"x -= z", "pass"}),
        ("del x[y]", {"pass"}),
        ("del x", set()),
        ("raise x(1)", {"pass"}),
        ("y", set()),
    ],
)
def test_statement_is_dropped_or_changed(before: str, after: set[str]) -> None:
    # A name alone says nothing; so what stands under `if` here is a call.
    before, after = before.replace(": y", ": y()"), {each.replace(": y", ": y()") for each in after}
    assert changed(f"{before}\n") == {f"{each}\n" for each in after}


def test_returned_value_becomes_none_and_a_truth_value_its_opposite() -> None:
    assert changed("def f():\n    return x\n") == {"def f():\n    return None\n"}
    assert changed("def f() -> bool:\n    return x\n") == {"def f() -> bool:\n    return not (x)\n"}
    assert changed("def f():\n    return None\n") == set()


def test_break_and_continue_are_exchanged() -> None:
    assert changed("for x in y:\n    break\n") == {"for x in y:\n    continue\n"}
    assert changed("for x in y:\n    continue\n") == {"for x in y:\n    break\n"}


def test_an_awaited_call_is_dropped_together_with_its_await() -> None:
    assert changed("async def f():\n    await g()\n") == {"async def f():\n    pass\n"}


@pytest.mark.parametrize(
    "text",
    [
        '"""Text with 1 + 1."""\n',
        "LIMIT = 64\n",
        "LIMIT: Final = 64 * 1024\n",
        "Alias: TypeAlias = int | None\n",
        "Alias = Name | None\n",
        "x: Literal[1]\n",
        "def f(x: Literal[1]) -> Literal[2]: ...\n",
        "@wrapped(1)\ndef f(): ...\n",
        "def __repr__(self):\n    return x + y\n",
        "assert x + 1 == y\n",
        "v = zip(x, y, strict=True)\n",
        "log.info(f(1))\n",
        "self._log.warning('x', y=1 + z)\n",
        "if x < y:  # pragma: no cover\n    z()\n",
        "if TYPE_CHECKING:\n    f(1)\n",
        "v = f'{x + 1}'\n",
        "class C:\n    most: int = 200\n    seconds: float = 0.5\n",
        "class C:\n    x: int = attrs.field(eq=False)\n",
        "from x import y\n",
        "super().__init__('text')\n",
        "T_co = TypeVar('T_co', covariant=True)\n",
    ],
)
def test_nothing_is_changed_where_no_behaviour_depends_on_it(text: str) -> None:
    assert changed(text) == set()


def test_a_comparison_that_keeps_an_extreme_is_not_mutated_to_allow_equality() -> None:
    text = "if x is None or y < x:\n    x = y\n"
    assert "if x is None or y <= x:\n    x = y\n" not in changed(text)
    assert "if y <= x:\n    z = y\n" in changed("if y < x:\n    z = y\n")


def test_a_drawn_lot_is_not_mutated_to_allow_equality() -> None:
    assert changed("v = self.random.random() < x + y\n") == {
        "v = self.random.random() < x - y\n",
    }
    assert changed("v = x <= random()\n") == set()
    assert changed("v = dice.random(1) < x\n") == {
        "v = dice.random(2) < x\n",
        "v = dice.random(1) <= x\n",
    }


def test_zero_and_one_as_defaults_of_attributes_are_mutated() -> None:
    assert changed("class C:\n    x: int = 0\n") == {"class C:\n    x: int = 1\n"}
    assert changed("class C:\n    x: int = attrs.field(default=0)\n") == {
        "class C:\n    x: int = attrs.field(default=1)\n"
    }


def test_mutation_knows_its_line_and_kind() -> None:
    (found,) = find_mutations("m.py", b"\n\nv = x < y\n")
    assert (found.path, found.line, found.kind, found.new) == ("m.py", 3, "compare", "<=")
