"""A process that has imported pytest and what the tests need, and forks for each run of tests.

Law: nothing of the working folder, which is a copy of the tree, is imported before a fork, so each
run sees the files as they are then. The program is started by its path, outside of its package.

A request is one line of JSON on the standard input (`Order`), its answer the exit code on the
standard output, or null after the time limit. When the input ends, running tests are killed.
"""

import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs
import pytest
from coverage import Coverage

QUIET: Final = ("-q", "-x", "-p", "no:cacheprovider", "-c", "pyproject.toml")


@attrs.frozen
class Order:
    """One run of tests."""

    args: Sequence[str]
    """Arguments of pytest; files and folders are relative to the copy."""
    chosen: Sequence[str] | None
    """The only tests to run, in their order; None for all."""
    limit_s: float
    """Time after which the run and all its child processes are killed."""
    reach: str | None
    """File for what `Reach` records; bytecode is then written, too, for later runs."""


@attrs.define(eq=False)
class Importer:
    """A plugin that imports modules, because pytest wants to import its plugins by itself."""

    names: Sequence[str]

    def pytest_collection(self) -> None:
        """Import what can be imported."""
        for name in self.names:
            with suppress(Exception):
                importlib.import_module(name)


@attrs.define(eq=False)
class Chosen:
    """A plugin that runs some tests only, in the order in which they are given."""

    tests: Sequence[str]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out all other tests."""
        found = {each.nodeid: each for each in items}
        items[:] = [found[name] for name in self.tests if name in found]


@attrs.define(eq=False)
class Reach:
    """A plugin that records the seconds that each test takes, and the lines that it executes."""

    file: str
    began_s: float = 0.0
    took_s: dict[str, float] = attrs.field(factory=dict)
    coverage: Coverage = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        product = Path("gameserver").absolute()
        self.coverage = Coverage(data_file=None, config_file=False, include=[f"{product}/*"])
        self.coverage.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin a test."""
        self.coverage.switch_context(nodeid)
        self.began_s = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """End a test."""
        self.took_s[nodeid] = time.monotonic() - self.began_s

    def pytest_sessionfinish(self) -> None:
        """Write the times, tests by file and line, and the names of imported foreign modules."""
        self.coverage.stop()
        data = self.coverage.get_data()
        here = Path.cwd()
        own = {"__main__", *(each.stem for each in here.iterdir())}
        numbers = {name: number for number, name in enumerate(self.took_s)}
        record = {
            "took_s": self.took_s,
            "tests": {
                Path(file).relative_to(here).as_posix(): {
                    line: [numbers[name] for name in names if name in numbers]
                    for line, names in data.contexts_by_lineno(file).items()
                }
                for file in data.measured_files()
            },
            "modules": sorted(each for each in sys.modules if each.split(".")[0] not in own),
        }
        Path(self.file).write_text(json.dumps(record), "utf-8")


def run(order: Order) -> int | None:
    """Run tests in a fork; return the exit code, or None after the time limit."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            code = _run_here(order)
        finally:
            os._exit(code)
    ended = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([ended, sys.stdin], [], [], order.limit_s)
    finally:
        os.close(ended)
        # The group may have left child processes behind; it does not exist before its first moment.
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if ended in ready else None


def _run_here(order: Order) -> int:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.dont_write_bytecode = order.reach is None
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1" if order.reach is None else ""  # empty means no
    plugins: list[object] = [] if order.chosen is None else [Chosen(order.chosen)]
    if order.reach is not None:
        plugins.append(Reach(order.reach))
    return int(pytest.main([*QUIET, *order.args], plugins))


def main() -> None:
    """Answer requests until the input ends."""
    for line in sys.stdin:
        order = Order(**json.loads(line))
        code = run(order)
        if order.reach is not None and code is not None:
            prepare(order.reach)
        print(json.dumps(code), file=ANSWERS, flush=True)


def prepare(reach: str) -> None:
    """Import what a run has imported from elsewhere, for the runs that follow."""
    if Path(reach).exists():
        names = json.loads(Path(reach).read_text("utf-8"))["modules"]
        with TemporaryDirectory() as empty:
            pytest.main([*QUIET, "--collect-only", empty], [Importer(names)])


if __name__ == "__main__":
    ANSWERS: Final = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    main()
