"""The tool against a small tree: one rule that its test holds, and one that no test looks at."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
import trio
from click.testing import CliRunner
from trio.testing import MockClock

from bench.errors import BenchError
from bench.mutants.__main__ import mutants
from bench.mutants.floors import nearest
from bench.mutants.run import Times, judge, run_tests, sample

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


@attrs.define
class Machine:
    """Runs tests in virtual time: an unchanged or wrong module takes ``took_s``, or hangs."""

    took_s: float
    hangs: bool

    async def __call__(
        self,
        copy: Path,
        tests: Sequence[str],  # noqa: ARG002
        seed: int,  # noqa: ARG002
        limit_s: float,
        *,
        compiling: bool = False,  # noqa: ARG002
    ) -> int | None:
        changed = (copy / "gameserver/rooms/held.py").read_text("utf-8") != HELD
        with trio.move_on_after(limit_s):
            await trio.sleep(math.inf if changed and self.hangs else self.took_s)
            return 0
        return None


@pytest.mark.parametrize(("hangs", "outcome"), [(True, "timed out"), (False, "survived")])
async def test_a_mutation_that_hangs_is_told_from_a_machine_that_became_slow(
    tree: Path, autojump_clock: MockClock, hangs: bool, outcome: str
) -> None:
    del autojump_clock
    machine = Machine(10, hangs)
    times = Times(1, machine)
    mutation = sample(tree, ["gameserver/rooms/held.py"], 1, 1)[0]
    await times.measure(tree, ("tests/rooms",))
    machine.took_s = 100
    began = trio.current_time()
    verdict = await judge(tree, mutation, times)
    assert (verdict.outcome, verdict.survived) == (outcome, not hangs)
    runs = 40 + 400 if hangs else 40 + 100
    measured = 100 + 100 if hangs else 100
    assert trio.current_time() - began == pytest.approx(runs + measured)


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
