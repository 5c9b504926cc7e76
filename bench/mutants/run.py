"""Run the tests against mutated copies of the tree.

Law: the tree itself is never changed. Each job has its own copy, in which it changes one file at
a time and restores it. Programs that tests start import the same copy. The process that runs the
tests forks for each run (`warm`), and has imported nothing of the copy before. Unchanged modules
keep their bytecode: a changed file has another modification time, and no bytecode is written.
"""

import json
import os
import random
import shutil
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Final, Protocol

import attrs
import trio

from bench.errors import BenchError
from bench.mutants.floors import FLOORS, floor_of, nearest
from bench.mutants.reach import Reached, Selection, statement_lines
from bench.mutants.sites import Mutation, find_mutations, is_usable

LEFT_OUT: Final = (".*", "__pycache__", "build", "dist", "*.egg-info")
"""Names of files and folders that are not copied."""

LEAST_LIMIT_S: Final = 30.0
LIMIT_FACTOR: Final = 4
"""Time limit of a run, as a multiple of the unchanged tree's time: jobs share the processors."""

MOST_RETRIES: Final = 3
"""How often a run is repeated with more time because the unchanged tree has become slower."""

MOST_S: Final = 900.0
"""Longest time for the tests of a package without a mutation."""

MOST_KIB: Final = 4 * 1024 * 1024
"""Largest address space of a run: an endless loop may allocate memory."""

PASSED: Final = (0, 5)
"""Exit codes of pytest for no failure; 5 means that no tests were found.

Every other code is a failure, because the same tests passed before the change.
"""


@attrs.frozen
class Verdict:
    """The outcome of one mutation."""

    mutation: Mutation
    outcome: str
    """``killed``, ``timed out`` (killed as well) or ``survived``."""
    seconds: float

    @property
    def survived(self) -> bool:
        """Tell whether no test noticed."""
        return self.outcome == "survived"


class Report(Protocol):
    """A function that is called with a sentence for each measured package, and each verdict."""

    def __call__(self, step: str | Verdict, /) -> None:
        """Take one step."""


def sample(root: Path, chosen: Iterable[str], count: int, seed: int) -> list[Mutation]:
    """Pick mutations at random; the same tree and seed give the same ones.

    Args:
        root: The tree.
        chosen: Modules and folders below ``gameserver`` with tests of their own, relative to root.
        count: Largest number of mutations.
        seed: Seed of the choice.

    Raises:
        BenchError: A module does not exist or has no tests of its own, or nothing can be mutated.
    """
    sources = {path: (root / path).read_bytes() for path in _modules(root, chosen)}
    every = [each for path, source in sources.items() for each in find_mutations(path, source)]
    random.Random(seed).shuffle(every)  # noqa: S311
    picked: list[Mutation] = []
    for each in every:
        if len(picked) == count:
            break
        if is_usable(each, sources[each.path]):
            picked.append(each)
    if not picked:
        raise BenchError("no mutation is possible in these modules")
    return picked


def _modules(root: Path, chosen: Iterable[str]) -> list[str]:
    found: set[str] = set()
    for name in chosen:
        path = Path(name)
        if len(path.parts) < 2 or path.parts[0] != "gameserver" or path.parts[1] not in FLOORS:
            raise BenchError(f"{name} is in no package with tests of its own: {', '.join(FLOORS)}")
        if not (root / path).exists():
            raise BenchError(f"{name} does not exist")
        modules = [root / path] if path.suffix == ".py" else (root / path).rglob("*.py")
        found.update(each.relative_to(root).as_posix() for each in modules)
    return sorted(found)


class RunTests(Protocol):
    """A function such as `Forker.run`."""

    async def __call__(
        self, tests: Selection, limit_s: float, *, reach: Path | None = ...
    ) -> int | None:
        """Run tests in a copy until the first failure; return the exit code, None after a timeout.

        Args:
            tests: What to run.
            limit_s: Time after which the run and all its child processes are killed.
            reach: File for a record of what the tests execute.
        """


@asynccontextmanager
async def forker(copy: Path, seed: int) -> AsyncIterator[RunTests]:
    """Start the process that runs the tests of a copy, in forks of itself (`warm`).

    Args:
        copy: Root of the copy.
        seed: Seed of hypothesis, so that a verdict can be reproduced.
    """
    command = [sys.executable, "-P", str(Path(__file__).with_name("warm.py"))]
    limited = ["bash", "-c", f'ulimit -v {MOST_KIB}; exec "$@"', "limited", *command]
    # Without these, coverage of a mutated copy is not recorded as coverage of the tree.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    env["PYTHONPATH"] = str(copy)
    process = await trio.lowlevel.open_process(
        limited, cwd=copy, env=env, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    requests, answers = process.stdin, process.stdout

    async def run(tests: Selection, limit_s: float, *, reach: Path | None = None) -> int | None:
        order = {
            "args": [f"--hypothesis-seed={seed}", *tests.paths],
            "chosen": tests.chosen,
            "limit_s": limit_s,
            "reach": None if reach is None else str(reach),
        }
        await requests.send_all(json.dumps(order).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            if not (part := await answers.receive_some()):
                raise BenchError("the process that runs the tests has ended")
            answer += part
        code = json.loads(answer)
        assert code is None or isinstance(code, int)
        return code

    try:
        yield run
    finally:
        with trio.CancelScope(shield=True):
            await requests.aclose()  # it kills what it runs, and ends
            await process.wait()
            await answers.aclose()


def copy_tree(root: Path, folder: Path) -> Path:
    """Copy the files that the tests need into a folder; return the copy's root.

    Mutations are chosen from the copy, since the tree may change meanwhile.
    """
    return Path(
        shutil.copytree(root, folder / "0", ignore=shutil.ignore_patterns(*LEFT_OUT)),
    )


async def judge_all(
    first: Path, mutations: Sequence[Mutation], seed: int, jobs: int, report: Report
) -> list[Verdict]:
    """Return a verdict for each mutation, in their order.

    Args:
        first: A copy of the tree; the copies for further jobs are made beside it.
        mutations: The mutations to judge.
        seed: Seed of hypothesis.
        jobs: Number of runs of the tests at once.
        report: Called for every step.

    Raises:
        BenchError: The tests fail without a mutation, so a failure would prove nothing.
    """
    times = Times()
    floors = iter(sorted({floor_of(each.path) for each in mutations}))
    todo = iter(enumerate(mutations))
    verdicts: dict[int, Verdict] = {}

    # All jobs take from one iterator; there is no checkpoint between its items.
    async def measure(run: RunTests, copy: Path) -> None:
        for floor in floors:
            took_s = await times.measure(run, Selection(floor), copy.with_suffix(".json"))
            report(f"{' '.join(floor)} pass in {took_s:.0f} s")

    async def work(run: RunTests, copy: Path) -> None:
        for number, mutation in todo:
            verdict = verdicts[number] = await judge(run, copy, mutation, times)
            report(verdict)

    copies = [first.parent / str(job) for job in range(jobs)]
    for copy in copies[1:]:
        shutil.copytree(first, copy)
    with _one_error():
        async with AsyncExitStack() as stack:
            runs = [await stack.enter_async_context(forker(copy, seed)) for copy in copies]
            async with trio.open_nursery() as nursery:
                for run, copy in zip(runs, copies, strict=True):
                    nursery.start_soon(measure, run, copy)
            async with trio.open_nursery() as nursery:
                for run, copy in zip(runs, copies, strict=True):
                    nursery.start_soon(work, run, copy)
    return [verdicts[number] for number in range(len(mutations))]


@contextmanager
def _one_error() -> Iterator[None]:
    """Raise the first `BenchError` of a group by itself, so that it is printed as one line."""
    try:
        yield
    except* BenchError as group:
        raise group.exceptions[0] from None


@attrs.define
class Times:
    """How long tests take without a mutation, and what they execute."""

    took_s: dict[Selection, float] = attrs.field(factory=dict)
    reached: dict[tuple[str, ...], Reached] = attrs.field(factory=dict)

    async def measure(self, run: RunTests, tests: Selection, reach: Path | None = None) -> float:
        """Run tests in an unchanged copy; return the seconds that they take.

        Raises:
            BenchError: They fail.
        """
        began = trio.current_time()
        code = await run(tests, MOST_S, reach=reach)
        if code not in PASSED:
            why = "took too long" if code is None else f"failed: exit code {code}"
            named = " ".join(tests.paths)
            raise BenchError(f"the tests do not pass as they are: pytest {named} {why}")
        self.took_s[tests] = trio.current_time() - began
        if reach is not None:
            self.reached[tests.paths] = Reached.read(reach)
        return self.took_s[tests]

    def limit_s(self, tests: Selection) -> float:
        """Return the time limit of measured tests."""
        return max(LEAST_LIMIT_S, LIMIT_FACTOR * self.took_s[tests])

    def first(self, copy: Path, mutation: Mutation) -> Selection | None:
        """Return the tests that execute the mutated statement, else those nearest to the module."""
        reached = self.reached.get(floor_of(mutation.path))
        lines = statement_lines((copy / mutation.path).read_bytes(), mutation.line)
        if reached and (chosen := reached.by(mutation.path, lines)):
            tests = Selection(tuple(dict.fromkeys(each.split("::")[0] for each in chosen)), chosen)
            self.took_s.setdefault(tests, sum(reached.took_s[each] for each in chosen))
            return tests
        paths = nearest(copy, mutation.path)
        return Selection(paths) if paths else None


async def judge(run: RunTests, copy: Path, mutation: Mutation, times: Times) -> Verdict:
    """Change a file of a copy, run the tests that execute it, then all tests of its package.

    The order only saves time: a mutation survives if all tests of the package pass.
    """
    began = trio.current_time()
    outcome = "survived"
    for tests in (times.first(copy, mutation), Selection(floor_of(mutation.path))):
        if outcome == "survived" and tests:
            outcome = await _judge_by(run, copy, mutation, tests, times)
    return Verdict(mutation, outcome, trio.current_time() - began)


async def _judge_by(
    run: RunTests, copy: Path, mutation: Mutation, tests: Selection, times: Times
) -> str:
    """Return the outcome of some tests.

    A run that reaches its limit hangs only if the unchanged tree still takes the time from which
    the limit was derived: a machine that has become busy since is slow without any mutation.
    """
    if tests not in times.took_s:
        await times.measure(run, tests)
    for _ in range(MOST_RETRIES):
        limit_s = times.limit_s(tests)
        with _mutated(copy, mutation):
            code = await run(tests, limit_s)
        if code is not None:
            return "survived" if code in PASSED else "killed"
        await times.measure(run, tests)
        if times.limit_s(tests) <= limit_s:
            break
    return "timed out"


@contextmanager
def _mutated(copy: Path, mutation: Mutation) -> Iterator[None]:
    """Apply a mutation to its file, and restore the file with its time of modification."""
    path = copy / mutation.path
    source, times = path.read_bytes(), path.stat()
    path.write_bytes(mutation.apply(source))
    try:
        yield
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
