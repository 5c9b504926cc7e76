"""``gameserver bots``: real clients that bots play, for load tests and as opponents."""

import sys
from typing import Final

import click
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from gameserver.cli.interrupts import INTERRUPTED, run_interruptible
from gameserver.cli.output import err, fail, moves, say, show, to_json
from gameserver.client import ClientSettings, Conditions
from gameserver.client.bots import BotReport, check_level, run_bots
from gameserver.client.link.address import Address
from gameserver.client.link.roads import ALL
from gameserver.commandline import Exact, Number, WholeNumber, road_option
from gameserver.errors import ConnectionLostError
from gameserver.game.loading.games import load_game

SILENT_S: Final = 2.0
"""Seconds without a welcome until the command says what it waits for."""


def build() -> click.Command:
    """Return the command ``bots``."""
    return _bots


@click.command("bots", cls=Exact)
@click.option("--url", default="ws://127.0.0.1:7777", show_default=True, help="Server to play on.")
@click.option(
    "--game", default="", help="The server's game as module:Class, where it is not installed."
)
@click.option("--players", default=4, show_default=True, type=WholeNumber(1, 500))
@click.option("--seconds", default=30.0, show_default=True, type=Number(1, 86_400))
@click.option("--level", default="", help="One of the game's bot levels; the middle one if empty.")
@click.option("--lag", default=0.0, type=Number(0, 5000), help="Added to the round trip, ms.")
@click.option(
    "--jitter",
    default=0.0,
    type=Number(0, 1000),
    help="Variation of the round trip to either side, ms.",
)
@click.option(
    "--stall", default=0.0, type=Number(0, 30), help="Length of the stalls of the connection, s."
)
@click.option(
    "--stall-every",
    default=15.0,
    show_default=True,
    type=Number(1, 3600),
    help="Mean time between two stalls, s.",
)
@road_option(ALL)
@click.option(
    "--seed", default=1, show_default=True, type=WholeNumber(0, 2**53), help="Seed of the run."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def _bots(
    url: str,
    game: str,
    players: int,
    seconds: float,
    level: str,
    lag: float,
    jitter: float,
    stall: float,
    stall_every: float,
    roads: tuple[str, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Join a server with real clients that the game's own bots play, and report what they saw."""
    conditions = Conditions(
        lag_ms=lag, jitter_ms=jitter, stall_s=stall, stall_every_s=stall_every, seed=seed
    )
    chosen = load_game(game) if game else None
    if chosen is not None:
        check_level(chosen, level)
    settings = ClientSettings(game=chosen, conditions=conditions, roads=roads or ALL)
    report = _run(url, players, seconds, settings, level, seed)
    if report is None:
        sys.exit(INTERRUPTED)
    if as_json:
        say(to_json(report.to_json()))
    else:
        _show(report)
    if complaint := _complaint(report):
        fail(complaint)
        sys.exit(1)


def _complaint(report: BotReport) -> str:
    """Return the reason for which the run as a whole has failed; "" if it has not."""
    if report.faults:
        matches = "a match" if report.faults == 1 else f"{report.faults} matches"
        return f"the server ended {matches} early: {report.fault}; its log says where it happened"
    if not report.matches:
        return "no bot came into a match: the server began none, or the time was too short"
    return ""


def _run(
    url: str, players: int, seconds: float, settings: ClientSettings, level: str, seed: int
) -> BotReport | None:
    """Run the bots; None if a signal ended the run, after the bots have signed out."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )

    waiting = _Waiting(Address.parse(url).host_header)

    async def main() -> BotReport:
        # Started inside the interruptible task: after a signal its end restores the cursor.
        with Progress(*columns, console=err, transient=True, disable=not moves(err)) as bar:
            task = bar.add_task(f"{players} bots play", total=seconds)

            def progress(passed: float) -> None:
                bar.update(task, completed=passed)
                waiting.passed(passed)

            try:
                return await run_bots(
                    url,
                    players,
                    seconds,
                    settings=settings,
                    level=level,
                    seed=seed,
                    progress=progress,
                    signed_in=waiting.over,
                )
            except ConnectionLostError as error:
                if waiting.server in str(error):
                    raise
                raise ConnectionLostError(f"{waiting.server}: {error}") from None

    return run_interruptible(main)


class _Waiting:
    """Says once that the server is silent, if no bot is welcomed within `SILENT_S`."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._is_over = False

    def over(self) -> None:
        """Note that the server has welcomed a bot."""
        self._is_over = True

    def passed(self, seconds: float) -> None:
        """Note the time since the start."""
        if seconds >= SILENT_S and not self._is_over:
            self._is_over = True
            err.print(f"waiting for {self.server} to answer …", highlight=False, markup=False)


def _show(report: BotReport) -> None:
    table = Table(title=f"{report.players} bots, {report.seconds:.0f} s", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in report.to_json().items():
        if name in ("players", "seconds"):
            continue
        shown = " / ".join(f"{v:g}" for v in value.values()) if isinstance(value, dict) else value
        table.add_row(name + (" (p50 / p99)" if isinstance(value, dict) else ""), f"{shown}")
    show(table)
