"""Simulate a whole server with players, seed after seed: ``script/simulate --seeds 200``.

Law: a failure is worth nothing without the way back to it, so each one is printed with the command
that runs it again.
"""

import gc
import logging
import os
import signal
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

import attrs
import click
import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from gameserver.game.maps.tilemap import MapObject, ObjectKind
from gameserver.testing.maps import map_from_rows
from gameserver.testing.scenario import Outcome, simulate
from gameserver.testing.skirmish import Bout

ROOM: Final = map_from_rows(
    *["." * 16] * 16, objects=[MapObject(1, ObjectKind.SPAWN, "a", 0, 512 * 4, 512 * 4)]
)


@attrs.frozen
class Run:
    """One seed, run twice unless it was to be run once."""

    outcome: Outcome
    speed: float
    """Virtual seconds for each second of processor time."""


def run_seed(seed: int, players: int, seconds: float, *, twice: bool) -> Run:
    """Simulate one seed; a second run must leave the same trace."""
    began = time.process_time()
    outcome = _outcome(seed, players, seconds)
    took_s = time.process_time() - began
    if twice and not outcome.faults:
        again = _outcome(seed, players, seconds)
        if again.trace != outcome.trace:
            outcome.faults.append("a second run of the same seed went another way")
    return Run(outcome, outcome.virtual_s / took_s)


def _outcome(seed: int, players: int, seconds: float) -> Outcome:
    gc.collect()
    gc.disable()  # a run leaves few cycles, and each collection walks over all of it
    try:
        return simulate(seed, Bout(), {ROOM.name: ROOM}, players=players, seconds=seconds)
    except Exception:  # a bug, or an assertion of the hall: it is the result of this seed
        return Outcome(seed, players, faults=[traceback.format_exc()])
    finally:
        gc.enable()


def _begin_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@click.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--first", default=1, show_default=True, help="The first seed.")
@click.option("--players", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--seconds", default=20.0, show_default=True, help="With troubles, in virtual time.")
@click.option("--twice/--once", default=True, help="Whether each seed is run twice and compared.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default="processors")
def main(seeds: int, first: int, players: int, seconds: float, *, twice: bool, jobs: int) -> None:
    """Run a server and its players through cuts, stalls, delays and slow readers."""
    console = Console()
    runs: list[Run] = []
    with (
        Progress(
            "simulating", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
        ) as progress,
        ProcessPoolExecutor(jobs, get_context("spawn"), _begin_process) as pool,
    ):
        task = progress.add_task("", total=seeds)
        todo = [
            pool.submit(run_seed, seed, players, seconds, twice=twice)
            for seed in range(first, first + seeds)
        ]
        try:
            for done in as_completed(todo):
                runs.append(done.result())
                progress.advance(task)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    runs.sort(key=lambda run: run.outcome.seed)
    console.print(_table(runs))
    failed = [run.outcome for run in runs if run.outcome.faults]
    for outcome in failed:
        console.print(
            f"[red]seed {outcome.seed}[/]: {escape('; '.join(outcome.faults))}", soft_wrap=True
        )
        again = f"script/simulate --first {outcome.seed} --seeds 1"
        console.print(f"  again: {again} --players {players} --seconds {seconds:g}", soft_wrap=True)
    sys.exit(bool(failed))


def _table(runs: list[Run]) -> Table:
    outcomes = [run.outcome for run in runs]
    table = Table(show_header=False, box=None)
    speeds = sorted(run.speed for run in runs)
    failed = sum(bool(outcome.faults) for outcome in outcomes)
    for name, value in (
        ("seeds", f"{len(runs)}"),
        ("failed", f"[red]{failed}[/]" if failed else "[green]0[/]"),
        ("virtual time", f"{sum(o.virtual_s for o in outcomes) / 60:.0f} min"),
        ("times real time", f"{speeds[len(speeds) // 2]:.1f} (median, one processor)"),
        ("matches with results", f"{sum(o.matches for o in outcomes)}"),
        ("cuts", f"{sum(o.cuts for o in outcomes)}"),
        ("stalls", f"{sum(o.stalls for o in outcomes)}"),
        ("slow readers", f"{sum(o.slow_readers for o in outcomes)}"),
        ("reconnects", f"{sum(o.reconnects for o in outcomes)}"),
        ("lines of chat", f"{sum(o.lines for o in outcomes)}"),
        ("messages", f"{sum(o.messages for o in outcomes):,}"),
    ):
        table.add_row(name, value)
    return table


if __name__ == "__main__":
    main()
