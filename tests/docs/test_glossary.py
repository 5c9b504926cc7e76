"""The glossary agrees with the code: every name in it exists, and each class has one name."""

import ast
import re
from importlib import import_module

import pytest

from tests.house.checkout import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
WORDS, NAMES = GLOSSARY.split("## Names in the code")
NAMED = re.findall(r"^\| ([^|`]+) \| `([\w.]+)` \|", NAMES, flags=re.MULTILINE)


@pytest.mark.parametrize(("word", "name"), NAMED)
def test_every_name_in_the_glossary_is_in_the_code(word: str, name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(import_module(module), attribute), f"{word} is not {name}"


def classes() -> dict[str, list[str]]:
    """Return where each public class, or name of a type, is defined."""
    found: dict[str, list[str]] = {}
    for top in ("gameserver", "client_demo"):
        for path in sorted((ROOT / top).rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if (name := defined(node)) and not name.startswith("_"):
                    found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    return found


def defined(node: ast.stmt) -> str:
    """Return the name of the class or type that a statement defines, if it does."""
    match node:
        case ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name if name[0].isupper() and not name.isupper() else ""
        case _:
            return ""


def test_each_name_in_the_glossary_belongs_to_one_class() -> None:
    assert len(NAMED) > 12
    everywhere = classes()
    names = [name.rpartition(".")[2] for _, name in NAMED]
    several = {name: everywhere[name] for name in names if len(everywhere.get(name, [])) > 1}
    assert several == {}


def test_no_two_classes_have_the_same_name() -> None:
    several = {name: where for name, where in classes().items() if len(where) > 1}
    # Two games, which never meet, have a score board each.
    assert several == {"Board": ["gameserver/arena/entities.py", "gameserver/testing/skirmish.py"]}


def test_no_term_is_explained_twice() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", WORDS, flags=re.MULTILINE)
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))
