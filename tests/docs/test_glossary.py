"""The glossary agrees with the code: what it names is there, and has one name only."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
WORDS, NAMES = GLOSSARY.split("## Names in the code")
NAMED = re.findall(r"^\| ([^|`]+) \| `([\w.]+)` \|", NAMES, flags=re.MULTILINE)


@pytest.mark.parametrize(("word", "name"), NAMED)
def test_what_the_glossary_names_is_in_the_code(word: str, name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(import_module(module), attribute), f"{word} is not {name}"


def classes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in Path(ROOT / "gameserver").rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    return found


def test_a_name_of_the_glossary_is_that_of_one_class() -> None:
    assert len(NAMED) > 12
    everywhere = classes()
    names = [name.rpartition(".")[2] for _, name in NAMED]
    several = {name: everywhere[name] for name in names if len(everywhere.get(name, [])) > 1}
    assert several == {}


def test_no_word_is_explained_twice() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", WORDS, flags=re.MULTILINE)
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))
