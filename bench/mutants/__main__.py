"""``script/mutants``: make small changes to the product, and check that a test fails for each.

Law: the tree is only read. The exit code is 1 if fewer mutations were noticed than wanted.
"""

import difflib
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import trio
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax

from bench.errors import BenchError
from bench.mutants.floors import FLOORS
from bench.mutants.run import Verdict, copy_tree, judge_all, sample
from bench.mutants.sites import Mutation
from bench.show import WIDE, Column, table

ROOT: Final = Path(__file__).resolve().parents[2]

VERDICTS: Final = (
    Column("place", "place"),
    Column("kind", "kind"),
    Column("becomes", "new"),
    Column("outcome", "outcome"),
    Column("took", "seconds", 1, " s"),
)
PACKAGES: Final = (
    Column("package", "package"),
    Column("mutations", "mutations"),
    Column("survived", "survived"),
)


@click.command(context_settings={"max_content_width": 100})
@click.argument("paths", nargs=-1)
@click.option(
    "--count",
    default=60,
    show_default=True,
    type=click.IntRange(1),
    help="Largest number of mutations.",
)
@click.option("--seed", default=1, show_default=True, help="Chooses mutations and test data.")
@click.option(
    "--jobs",
    default=os.cpu_count() or 1,
    show_default="number of processors",
    type=click.IntRange(1, 64),
    help="Number of test runs at the same time.",
)
@click.option(
    "--least",
    default=95.0,
    show_default=True,
    type=click.FloatRange(0, 100),
    help="Percentage of mutations for which a test must fail.",
)
@click.option(
    "--root",
    default=ROOT,
    show_default="this checkout",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="Checkout to test; it is copied, never changed.",
)
def mutants(
    paths: tuple[str, ...], count: int, seed: int, jobs: int, least: float, root: Path
) -> None:
    """Mutation testing: check that the tests fail when the product is changed.

    Makes small changes to copies of random modules, one at a time, and runs the tests of the
    module's package. A mutation survives if all of them pass.

    PATHS are modules and folders such as gameserver/rooms/chat. By default all packages with tests
    of their own are mutated.

    Exit codes: 0 enough mutations were noticed by tests, 1 too few were.
    """
    chosen = paths or [
        f"gameserver/{name}" for name in FLOORS if (root / "gameserver" / name).is_dir()
    ]
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    with TemporaryDirectory(prefix="mutants-") as folder:
        copy = copy_tree(root, Path(folder))
        try:
            mutations = sample(copy, chosen, count, seed)
            verdicts = _run(copy, mutations, seed, min(jobs, len(mutations)))
        except BenchError as error:
            raise click.ClickException(str(error)) from None
        show(console, copy, verdicts)
    noticed = 100 * sum(not each.survived for each in verdicts) / len(verdicts)
    console.print(
        f"{noticed:.1f} % of {len(verdicts)} mutations noticed, {least:g} % wanted; seed {seed}"
    )
    sys.exit(noticed < least)


def _run(copy: Path, mutations: Sequence[Mutation], seed: int, jobs: int) -> list[Verdict]:
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(mutations), now="the unchanged tree")
        survived = 0

        def report(step: str | Verdict) -> None:
            nonlocal survived
            if isinstance(step, str):
                console.print(step, style="dim", highlight=False)
                return
            survived += step.survived
            place = f"{step.mutation.path}:{step.mutation.line}"
            bar.update(task, advance=1, now=f"{survived} survived; {place}")
            if step.survived:
                console.print(f"survived: {place} ({step.mutation.kind})", highlight=False)

        return trio.run(judge_all, copy, mutations, seed, jobs, report)


def show(console: Console, root: Path, verdicts: Sequence[Verdict]) -> None:
    """Print a table of all verdicts, one of all packages, and the diffs of survivors."""
    rows = [
        {
            "place": f"{verdict.mutation.path.removeprefix('gameserver/')}:{verdict.mutation.line}",
            "kind": verdict.mutation.kind,
            "new": _short(verdict.mutation.new),
            "outcome": verdict.outcome,
            "seconds": verdict.seconds,
            "style": "red" if verdict.survived else "",
        }
        for verdict in sorted(verdicts, key=lambda each: each.mutation)
    ]
    console.print(table("Mutations", VERDICTS, rows))
    every = Counter(_package(each) for each in verdicts)
    survived = Counter(_package(each) for each in verdicts if each.survived)
    rows = [
        {"package": name, "mutations": every[name], "survived": survived[name]}
        for name in sorted(every)
    ]
    console.print(table("Packages", PACKAGES, rows))
    for verdict in verdicts:
        if verdict.survived:
            console.print(Syntax(diff(root, verdict.mutation), "diff", background_color="default"))


def diff(root: Path, mutation: Mutation) -> str:
    """Return what a mutation changes, as a unified diff."""
    source = (root / mutation.path).read_bytes()
    before, after = (
        each.decode().splitlines(keepends=True) for each in (source, mutation.apply(source))
    )
    return "".join(difflib.unified_diff(before, after, mutation.path, mutation.kind))


def _package(verdict: Verdict) -> str:
    return Path(verdict.mutation.path).parts[1]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else f"{line[:47]}…"


if __name__ == "__main__":
    mutants(prog_name="script/mutants")
