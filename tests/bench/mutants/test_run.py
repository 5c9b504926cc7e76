"""The tool against a small tree: one rule that its test holds, and one that no test looks at."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.errors import BenchError
from bench.mutants.__main__ import mutants
from bench.mutants.floors import nearest
from bench.mutants.run import run_tests, sample

HELD = "def is_full(people, seats):\n    return people >= seats\n"
LOOSE = "def is_empty(people):\n    return people == NOBODY\n\n\nNOBODY = 0\n"
TEST = """
from gameserver.rooms.held import is_full
from gameserver.rooms.loose import is_empty

def test_full():
    assert is_full(2, 2) is True
    assert is_full(1, 2) is False
    is_empty(1)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "pyproject.toml": "[tool.pytest.ini_options]\n",
        "gameserver/__init__.py": "",
        "gameserver/rooms/__init__.py": "",
        "gameserver/rooms/held.py": HELD,
        "gameserver/rooms/loose.py": LOOSE,
        "tests/rooms/test_both.py": TEST,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def run(tree: Path, *args: str) -> tuple[int, str]:
    result = CliRunner().invoke(mutants, ["--root", str(tree), "--jobs", "2", *args])
    return result.exit_code, result.stdout + result.stderr


def test_mutations_of_tested_code_are_killed_and_the_tree_is_unchanged(tree: Path) -> None:
    code, text = run(tree, "gameserver/rooms/held.py")
    assert (code, "100.0 % of 2 mutations noticed" in text) == (0, True), text
    assert text.count("killed") == 2
    assert (tree / "gameserver/rooms/held.py").read_text("utf-8") == HELD


def test_survivor_fails_the_run_and_is_shown_as_a_diff(tree: Path) -> None:
    code, text = run(tree, "--least", "60")
    assert (code, "50.0 % of 4 mutations noticed" in text) == (1, True), text
    assert "-    return people == NOBODY" in text
    assert re.search(r"\+    return people != NOBODY", text)
    assert re.search(r"rooms +│ +4 +│ +2", text)
    assert run(tree, "--least", "50")[0] == 0


def test_tests_that_fail_without_mutations_are_reported_and_no_mutation_is_tried(
    tree: Path,
) -> None:
    (tree / "tests/rooms/test_both.py").write_text("def test_x(): assert False\n", "utf-8")
    code, text = run(tree)
    assert code == 1
    assert "the tests do not pass as they are: pytest tests/rooms failed" in text


async def test_tests_that_do_not_end_are_killed(tree: Path) -> None:
    (tree / "tests/rooms/test_both.py").write_text("while True: pass\n", "utf-8")
    assert await run_tests(tree, ["tests/rooms"], seed=1, limit_s=0.5) is None


def test_sample_is_the_same_for_one_seed_and_another_for_another(tree: Path) -> None:
    first, again, other = (sample(tree, ["gameserver/rooms"], 4, seed) for seed in (1, 1, 2))
    assert first == again
    assert sorted(first) == sorted(other)
    assert first != other
    assert len(sample(tree, ["gameserver/rooms"], 3, 1)) == 3


@pytest.mark.parametrize("name", ["gameserver/nothing", "tests/rooms", "gameserver", "/"])
def test_path_without_tests_of_its_own_is_refused(tree: Path, name: str) -> None:
    with pytest.raises(BenchError, match="is in no package with tests of its own"):
        sample(tree, [name], 1, 1)


def test_tests_named_or_placed_like_a_module_come_first(tree: Path) -> None:
    (tree / "tests/rooms/chat").mkdir()
    (tree / "tests/rooms/chat/test_chat.py").touch()
    (tree / "tests/rooms/test_held.py").touch()
    assert nearest(tree, "gameserver/rooms/held.py") == ("tests/rooms/test_held.py",)
    assert nearest(tree, "gameserver/rooms/chat/chat.py") == ("tests/rooms/chat",)
    assert nearest(tree, "gameserver/rooms/loose.py") == ()
