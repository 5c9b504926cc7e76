"""Simulate a whole server with players for many seeds: ``script/simulate --seeds 200``.

Law: each failure is printed with the command that reproduces it.
"""

import gc
import logging
import os
import secrets
import shlex
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import attrs
import click
import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from gameserver.accel import VARIABLE, implementation
from gameserver.errors import ConfigError
from gameserver.game.loading.games import load_game
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_usable_maps
from gameserver.game.maps.tilemap import MapObject, ObjectKind
from gameserver.testing.maps import map_from_rows
from gameserver.testing.scenario import Report, simulate

ROOM: Final = map_from_rows(
    *["." * 16] * 16, objects=[MapObject(1, ObjectKind.SPAWN, "a", 0, 512 * 4, 512 * 4)]
)


BOUT: Final = "gameserver.testing.skirmish:Bout"
"""Default game of a simulation, small and short."""


NEW: Final = 1 << 40
"""Bound of new seeds: so many that none comes again."""

SUMS: Final = (
    "cuts",
    "half_opens",
    "stalls",
    "slow_readers",
    "refusals",
    "blocks",
    "clock_jumps",
    "full_disks",
    "slow_disks",
    "crashes",
    "torn",
    "journals",
    "reconnects",
    "crossings",
    "sessions",
    "deeds",
    "strangers",
    "lines",
    "messages",
    "checks",
)
"""Fields of the reports that are shown as sums."""


@attrs.frozen
class Chosen:
    """What is simulated with each seed."""

    game: str
    maps: Path
    options: Mapping[str, int | bool | str]
    players: int
    seconds: float
    both_paths: bool = False

    def again(self, seed: int) -> str:
        """Return the command that simulates a seed again."""
        words = ["script/simulate", "--first", f"{seed}", "--seeds", "1"]
        words += ["--players", f"{self.players}", "--seconds", f"{self.seconds:g}"]
        if self.game != BOUT:
            words += ["--game", self.game, "--maps", str(self.maps)]
        for name, value in self.options.items():
            words += ["--option", f"{name}={value}"]
        if self.both_paths:
            words.append("--both-paths")
        return shlex.join(words)

    def outcome(self, seed: int) -> Report:
        """Simulate a seed; an exception becomes a fault of the report."""
        game = load_game(self.game)
        maps = {ROOM.name: ROOM} if self.game == BOUT else load_usable_maps(self.maps)[0]
        gc.collect()
        gc.disable()  # a run leaves few cycles, and each collection walks over all of it
        try:
            return simulate(
                seed,
                game,
                maps,
                players=self.players,
                seconds=self.seconds,
                options=self.options,
                scores_rise=self.game == BOUT,
            )
        except Exception:  # a bug, or an assertion of the hall
            return Report(seed, self.players, faults=[traceback.format_exc()])
        finally:
            gc.enable()


@attrs.frozen
class SeedRun:
    """The result of one seed."""

    outcome: Report
    speed: float
    """Virtual seconds for each second of processor time."""


def run_seed(chosen: Chosen, seed: int, *, twice: bool) -> SeedRun:
    """Simulate one seed; a second run must leave the same trace."""
    began = time.process_time()
    outcome = chosen.outcome(seed)
    took_s = time.process_time() - began
    if twice and not outcome.faults and chosen.outcome(seed).trace != outcome.trace:
        outcome.faults.append("a second run of the same seed had another trace")
    return SeedRun(outcome, outcome.virtual_s / max(took_s, 1e-6))


def _begin_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process handles Ctrl-C
    gc.freeze()  # so that the collection before each run does not walk over all modules
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@click.command(context_settings={"max_content_width": 100})
@click.option(
    "--seeds",
    default=20,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="Number of seeds; each is one simulation.",
)
@click.option("--first", default=1, show_default=True, help="First seed; the others follow it.")
@click.option(
    "--new",
    default=0,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Number of further seeds that nobody has run before; they are shown.",
)
@click.option(
    "--players",
    default=4,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Number of players in each simulation.",
)
@click.option(
    "--seconds",
    default=20.0,
    show_default=True,
    help="Virtual time during which connections fail at random.",
)
@click.option(
    "--game",
    default=BOUT,
    metavar="GAME",
    show_default="a small game for tests",
    help="Name of an installed game, or module:Class.",
)
@click.option(
    "--maps",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=shipped_maps(),
    show_default="the maps of this project",
    help="Folder of the game's maps.",
)
@click.option(
    "--option",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Option of the game for all matches; may be repeated.",
)
@click.option(
    "--twice/--once",
    default=True,
    show_default=True,
    help="Run each seed twice, and fail if the two traces differ; or run it once.",
)
@click.option(
    "--both-paths",
    is_flag=True,
    help="Run each seed in native and in pure code, once each, and fail if the two traces differ.",
)
@click.option(
    "--jobs",
    default=os.cpu_count() or 1,
    show_default="number of processors",
    help="Number of simulations at the same time.",
)
def main(
    seeds: int,
    first: int,
    new: int,
    players: int,
    seconds: float,
    game: str,
    maps: Path,
    given: Sequence[str],
    *,
    twice: bool,
    both_paths: bool,
    jobs: int,
) -> None:
    """Simulate a server and its players in virtual time, once for each seed.

    Players play, chat, leave and come back over several roads; connections fail, the clock jumps,
    the disk is full, the server crashes and starts again, all at random. What must hold is checked
    all along. A seed that fails is printed with the command that repeats it.

    Exit codes: 0 all seeds passed, 1 a seed failed.
    """
    options = dict(_option(each) for each in given)
    try:
        load_game(game)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    chosen = Chosen(game, maps, options, players, seconds, both_paths)
    console = Console()
    chosen_seeds = [*range(first, first + seeds), *(secrets.randbelow(NEW) for _ in range(new))]
    if new:
        shown = ", ".join(f"{seed}" for seed in chosen_seeds[seeds:])
        console.print(f"new seeds: {shown}", highlight=False, soft_wrap=True)
    if both_paths:
        runs = _run_both_paths(console, chosen, chosen_seeds, jobs)
    else:
        runs = _run(console, chosen, chosen_seeds, jobs, twice=twice)
    console.print(_table(runs))
    sys.exit(any(run.outcome.faults for run in runs))


def _run(
    console: Console,
    chosen: Chosen,
    seeds: Sequence[int],
    jobs: int,
    *,
    twice: bool,
    on: str = "",
) -> list[SeedRun]:
    """Simulate seeds in processes of their own; tell those that fail when they do."""
    runs: list[SeedRun] = []
    with (
        Progress(
            f"simulating{on}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as progress,
        ProcessPoolExecutor(jobs, get_context("spawn"), _begin_process) as pool,
    ):
        task = progress.add_task("", total=len(seeds))
        todo = [pool.submit(run_seed, chosen, seed, twice=twice) for seed in seeds]
        try:
            for done in as_completed(todo):
                runs.append(run := done.result())
                progress.advance(task)
                if run.outcome.faults:
                    _show_failed(console, chosen, run.outcome)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return runs


def _run_both_paths(
    console: Console, chosen: Chosen, seeds: Sequence[int], jobs: int
) -> list[SeedRun]:
    """Simulate seeds on each hot path; what differs is a fault of the seed."""
    try:
        implementation("native")
    except ImportError:
        raise click.ClickException(
            "the native code is not built for this Python; run script/build-native"
        ) from None
    runs: dict[str, list[SeedRun]] = {}
    for path in ("native", "pure"):
        with _hot_path(path):  # the pool's processes read it when they begin
            runs[path] = _run(console, chosen, seeds, jobs, twice=False, on=f" ({path})")
    traces = {run.outcome.seed: run.outcome.trace for run in runs["pure"]}
    for run in runs["native"]:
        if traces[run.outcome.seed] != run.outcome.trace and not run.outcome.faults:
            run.outcome.faults.append("native and pure code left two traces")
            _show_failed(console, chosen, run.outcome)
    return runs["native"] + runs["pure"]


@contextmanager
def _hot_path(path: str) -> Iterator[None]:
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = path
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        if before is not None:
            os.environ[VARIABLE] = before


def _option(given: str) -> tuple[str, int | bool | str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise click.BadParameter(f"--option must be NAME=VALUE, not {given}")
    if value in ("true", "false"):
        return name, value == "true"
    try:
        return name, int(value)
    except ValueError:
        return name, value


def _show_failed(console: Console, chosen: Chosen, outcome: Report) -> None:
    console.print(f"[red]seed {outcome.seed} failed[/]", highlight=False)
    for fault in outcome.faults:
        console.print(f"  {escape(fault)}", highlight=False, soft_wrap=True)
    console.print(
        f"  repeat: {escape(chosen.again(outcome.seed))}", highlight=False, soft_wrap=True
    )


def _sum(outcomes: list[Report], name: str) -> tuple[str, str]:
    return name.replace("_", " "), f"{sum(getattr(each, name) for each in outcomes):,}"


def _table(runs: list[SeedRun]) -> Table:
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
        *(_sum(outcomes, name) for name in SUMS),
        *(("trace", each.trace) for each in outcomes if len(outcomes) == 1),
    ):
        table.add_row(name, value)
    return table


if __name__ == "__main__":
    main(prog_name="script/simulate")
