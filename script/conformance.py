"""Ask a server the cases of Autobahn's WebSocket suite; Rust code of kosoku runs them.

The server has ``--conformance echo``, whose path has limits that fit the suite; the limits of the
public paths have tests of their own.

Exit codes: 0 all cases passed; 1 at least one failed, or the server ended; 2 no such case.
"""

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
from kosoku import FailureError, run_fuzzingclient
from kosoku._caseindex import initialize_shims
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress
from rich.table import Table

QUICK: Final = (
    "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.1.1", "9.2.1", "9.3.9", "9.5.6",
    "10.*", "12.2.1", "13.1.1", "13.3.1", "13.6.1",
)  # fmt: skip
"""A quick part of each group."""
LONG: Final = (*(f"{group}.*" for group in range(1, 8)), "9.*", "10.*", "12.*", "13.*")
AT_ONCE: Final = 8


@click.command()
@click.argument("cases", nargs=-1)
@click.option("--long", is_flag=True, help="All cases; takes an hour and more.")
@click.option(
    "--url", default="", help="A server with --conformance echo; without, one is started."
)
def main(cases: Sequence[str], long: bool, url: str) -> None:
    """Ask the cases of Autobahn's WebSocket suite."""
    _repair_compression_cases()
    asked = cases or (LONG if long else QUICK)
    with _server() if not url else _nothing(url) as base:
        results = _ask(f"{base.rstrip('/')}/echo", asked)
    failed = [each for each in results if not each.passed]
    Console().print(_table(results))
    for each in failed:
        sentence = f"{each.case_id}: {each.result} {each.result_close}"
        Console().print(f"[red]{escape(sentence)}", highlight=False)
    sys.exit(1 if failed else 0)


def _repair_compression_cases() -> None:
    """Let the cases of compression compare bytes.

    The runner hands over text for both kinds of messages, and these cases take the hash of bytes.
    """
    initialize_shims()
    module: Any = importlib.import_module("case12_x_x")
    on_message = module.onMessage

    def compare(case: Any, message: bytes | str, binary: bool) -> None:
        form = "latin-1" if case.TESTDATA["binary"] else "utf-8"
        data = message.encode(form) if isinstance(message, str) else message
        on_message(case, data, binary)

    for case in (*module.Case12_X_X, *module.Case13_X_X):
        case.onMessage = compare


@contextmanager
def _nothing(url: str) -> Iterator[str]:
    yield url


@contextmanager
def _server() -> Iterator[str]:
    """Run a server on a free port; yield its address."""
    command = [sys.executable, "-m", "gameserver", "serve", "--port", "0", "--conformance", "echo"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, stdout=piped, text=True) as process:  # noqa: S603  our own
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            if "ws://" not in ready:
                raise click.ClickException("the server did not start; see above")
            yield ready[ready.index("ws://") :].strip()
            if process.poll() is not None:
                raise click.ClickException("the server ended during the cases")
        finally:
            process.terminate()


def _ask(url: str, cases: Iterable[str]) -> list[Any]:
    results: list[Any] = []
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as shown:
        task = shown.add_task("cases", total=len(tuple(cases)))
        for pattern in cases:
            shown.update(task, description=f"cases {pattern}")
            results += asyncio.run(_batch(url, pattern))
            shown.advance(task)
    return results


async def _batch(url: str, pattern: str) -> list[Any]:
    try:
        return list(await run_fuzzingclient(url, [pattern], concurrency=AT_ONCE))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except FailureError as failure:
        return list(failure.results)


def _table(results: Sequence[Any]) -> Table:
    table = Table("group", "cases", "ok", "not strict", "informational", "failed", "seconds")
    for group in sorted({each.case_id.split(".")[0] for each in results}, key=int):
        table.add_row(*_row(group, [x for x in results if x.case_id.split(".")[0] == group]))
    table.add_section()
    table.add_row(*_row("all", results))
    return table


def _row(name: str, results: Sequence[Any]) -> list[str]:
    def count(value: str) -> str:
        return str(sum(each.passed and each.behavior.value == value for each in results))

    failed = sum(not each.passed for each in results)
    seconds = sum(each.duration for each in results) / 1000
    counts = [count("OK"), count("NON-STRICT"), count("INFORMATIONAL")]
    return [name, str(len(results)), *counts, str(failed), f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
