"""The tool against a small tree: one rule that its test holds, and one that no test looks at."""

import math
import re
from pathlib import Path

import attrs
import pytest
import trio
from click.testing import CliRunner
from trio.testing import MockClock

from bench.errors import BenchError
from bench.mutants.__main__ import mutants
from bench.mutants.floors import nearest
from bench.mutants.reach import Reached, Selection, statement_lines
from bench.mutants.run import Times, forker, judge, sample

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
    async with forker(tree, 1) as run:
        assert await run(Selection(("tests/rooms",)), 0.5) is None


PROGRAM = """
import pathlib, subprocess, sys

PRINT = "from gameserver.rooms.held import is_full; print(is_full(2, 2))"

def test_full():
    assert subprocess.run([sys.executable, "-c", PRINT], capture_output=True).stdout == b"True\\n"
"""


async def test_each_run_sees_the_files_as_they_are_and_so_do_the_programs_of_its_tests(
    tree: Path,
) -> None:
    (tree / "tests/rooms/test_both.py").write_text(PROGRAM, "utf-8")
    async with forker(tree, 1) as run:
        tests = Selection(("tests/rooms",))
        assert await run(tests, 60, reach=tree / "reach.json") == 0
        (tree / "gameserver/rooms/held.py").write_text(HELD.replace(">=", ">"), "utf-8")
        assert await run(tests, 60) == 1
        (tree / "gameserver/rooms/held.py").write_text(HELD, "utf-8")
        assert await run(tests, 60) == 0


async def test_programs_that_tests_leave_behind_are_killed(tree: Path) -> None:
    (tree / "tests/rooms/test_both.py").write_text(
        "import subprocess\ndef test_x():\n"
        "    open('pid', 'w').write(str(subprocess.Popen(['sleep', '1000']).pid))\n",
        "utf-8",
    )
    async with forker(tree, 1) as run:
        await run(Selection(("tests/rooms",)), 60)
        with trio.fail_after(30):
            while _runs((tree / "pid").read_text("utf-8")):  # noqa: ASYNC110 (another process)
                await trio.sleep(0.01)


def _runs(pid: str) -> bool:
    process = Path("/proc", pid, "stat")
    return process.exists() and process.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


REACH = """
import time
from gameserver.rooms.held import is_full
from gameserver.rooms.loose import is_empty

def test_slow():
    time.sleep(0.3)
    is_full(1, 2)

def test_other():
    is_empty(1)

def test_fast():
    is_full(1, 2)
"""


async def test_tests_that_execute_a_statement_are_known_and_run_the_fastest_first(
    tree: Path,
) -> None:
    (tree / "tests/rooms/test_both.py").write_text(REACH, "utf-8")
    times = Times()
    async with forker(tree, 1) as run:
        await times.measure(run, Selection(("tests/rooms",)), tree / "reach.json")
        names = tuple(f"tests/rooms/test_both.py::test_{name}" for name in ("fast", "slow"))
        held, loose = (
            sample(tree, [f"gameserver/rooms/{name}.py"], 1, 1)[0] for name in ("held", "loose")
        )
        first = times.first(tree, held)
        assert first == Selection(("tests/rooms/test_both.py",), names)
        assert first in times.took_s
        other = times.first(tree, loose)
        assert other == Selection(("tests/rooms/test_both.py",), (REACHES_LOOSE,))
        # Only the chosen test runs: the others would fail.
        (tree / "gameserver/rooms/held.py").write_text("def is_full(*_): 1 / 0\n", "utf-8")
        assert await run(other, 60) == 0
        assert await run(first, 60) == 1


REACHES_LOOSE = "tests/rooms/test_both.py::test_other"


def test_nearest_tests_come_first_where_no_test_executes_the_statement(tree: Path) -> None:
    (tree / "tests/rooms/test_held.py").touch()
    mutation = sample(tree, ["gameserver/rooms/held.py"], 1, 1)[0]
    times = Times()
    assert times.first(tree, mutation) == Selection(("tests/rooms/test_held.py",))
    times.reached[("tests/rooms",)] = Reached({"test": 0.1}, {mutation.path: {1: [0]}})
    assert times.first(tree, mutation) == Selection(("tests/rooms/test_held.py",))


STATEMENTS = b"""\
if (
    a
):
    b = [
        1,
    ]
else:
    c()
match d:
    case 1:
        e()
try:
    f()
except G:
    h()
"""


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (1, range(1, 4)),
        (2, range(1, 4)),
        (5, range(4, 7)),
        (8, range(8, 9)),
        (9, range(9, 10)),
        (10, range(10, 11)),
        (11, range(11, 12)),
        (14, range(14, 15)),
        (15, range(15, 16)),
    ],
)
def test_statement_is_its_lines_without_its_body(line: int, lines: range) -> None:
    assert statement_lines(STATEMENTS, line) == lines


@attrs.define
class Machine:
    """Runs tests in virtual time: an unchanged or wrong module takes ``took_s``, or hangs."""

    tree: Path
    took_s: float
    hangs: bool

    async def __call__(
        self,
        tests: Selection,  # noqa: ARG002
        limit_s: float,
        *,
        reach: Path | None = None,  # noqa: ARG002
    ) -> int | None:
        changed = (self.tree / "gameserver/rooms/held.py").read_text("utf-8") != HELD
        with trio.move_on_after(limit_s):
            await trio.sleep(math.inf if changed and self.hangs else self.took_s)
            return 0
        return None


@pytest.mark.parametrize(("hangs", "outcome"), [(True, "timed out"), (False, "survived")])
async def test_a_mutation_that_hangs_is_told_from_a_machine_that_became_slow(
    tree: Path, autojump_clock: MockClock, hangs: bool, outcome: str
) -> None:
    del autojump_clock
    machine = Machine(tree, 10, hangs)
    times = Times()
    mutation = sample(tree, ["gameserver/rooms/held.py"], 1, 1)[0]
    await times.measure(machine, Selection(("tests/rooms",)))
    machine.took_s = 100
    began = trio.current_time()
    verdict = await judge(machine, tree, mutation, times)
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
