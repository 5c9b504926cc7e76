"""The page about security names a test, or a reason, for each attack; all named tests exist."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = 48
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[tuple[int, str]]:
    """Return the number and the tests of each row."""
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    return [(int(row[1]), row[4]) for row in ROW.finditer(page)]


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return frozenset(each.name for each in functions)


def test_every_attack_has_a_test_or_a_reason_why_not() -> None:
    assert [number for number, _ in rows()] == list(range(1, ATTACKS + 1))
    without = [n for n, said in rows() if not NAMED.search(said) and not said.startswith("none:")]
    assert without == []


def test_every_named_test_exists() -> None:
    named = [(path, name) for _, said in rows() for path, name in NAMED.findall(said)]
    assert len(named) > ATTACKS
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or name not in names_in(path)
    ]
    assert missing == []
