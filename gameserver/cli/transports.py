"""``gameserver transports``: measure all ways to reach a server side by side."""

import sys
from typing import Final

import click
from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gameserver.cli.interrupts import INTERRUPTED, run_interruptible
from gameserver.cli.output import err, fail, moves, out, outside, say, to_json
from gameserver.client.link.address import Address
from gameserver.client.probes.comparison import ROADS, Comparison, RoadFigures
from gameserver.commandline import Exact, WholeNumber

COLUMNS: Final = (
    "p50\nms",
    "p99\nms",
    "trip\nbytes",
    "frame\nbytes",
    "asks\nper s",
    "back\nms",
    "lost,\ntwice",
)

CAPTION: Final = """p50, p99: from a request to its answer, this machine and the way included
trip, frame: bytes of a request with its answer; those around one message
asks: requests a second, when 16 are said at once
back: from a cut until the session answers again and has all that it missed
lost, twice: events at these cuts"""

EXAMPLES: Final = """\b
Examples:
  gameserver transports
  gameserver transports --url wss://play.example --rounds 3
  gameserver transports --road websocket --road event-stream
  gameserver transports --json > transports.json
"""


def build() -> click.Command:
    """Return the command ``transports``."""
    return _transports


@click.command("transports", cls=Exact, epilog=EXAMPLES)
@click.option("--url", default="ws://127.0.0.1:7777", show_default=True, help="Server to measure.")
@click.option(
    "--rounds",
    default=10,
    show_default=True,
    type=WholeNumber(1, 1000),
    help="Rounds of some 4 s; each has 12 round trips, a burst and a cut of every way.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=WholeNumber(0, 2**53),
    help="Decides where connections are cut.",
)
@click.option(
    "--road",
    "names",
    multiple=True,
    type=click.Choice([road.road for road in ROADS]),
    help="Measure this way; may be given several times. All without it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def _transports(url: str, rounds: int, seed: int, names: tuple[str, ...], as_json: bool) -> None:
    """Measure all ways to reach a server, side by side.

    For each way: the time from a small request to its answer, the bytes around a message, how many
    requests a second pass if they are said at once, and what a cut connection costs. The ways take
    turns at every request. The times include this machine, the server's and the network between.

    The probes keep below the limits of a server with default settings, and sign out at the end.
    Ends with exit code 1 if a way failed or an event was lost or came twice.
    """
    Address.parse(url)
    comparison = _run(url, rounds, seed, names)
    if comparison is None:
        sys.exit(INTERRUPTED)
    if as_json:
        roads = [each.to_json() for each in comparison.measured]
        say(to_json({"url": url, "rounds": rounds, "seed": seed, "roads": roads}))
    elif not all(each.failure for each in comparison.measured):
        out.print(picture(comparison.measured))
    if wrong := complaint(comparison.measured):
        fail(wrong)
        sys.exit(1)


def _run(url: str, rounds: int, seed: int, names: tuple[str, ...]) -> Comparison | None:
    """Measure; None if a signal ended the run, after the probes have closed."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    roads = [road for road in ROADS if not names or road.road in names]

    async def main() -> Comparison:
        # Started inside the interruptible task: after a signal its end restores the cursor.
        with Progress(*columns, console=err, transient=True, disable=not moves(err)) as bar:
            comparison = Comparison(url, roads, seed=seed, progress=lambda: bar.advance(task))
            task = bar.add_task("measuring", total=rounds * comparison.steps)
            await comparison.run(rounds)
            return comparison

    return run_interruptible(main)


def picture(measured: list[RoadFigures]) -> RenderableType:
    """Return the table for the terminal, a road in each row, and what failed."""
    table = Table(
        title="ways to the server",
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        padding=(0, 1),
        pad_edge=False,
    )
    table.add_column("way", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for each in measured:
        table.add_row(*_row(each))
    return Group(
        table,
        f"[dim]{CAPTION}[/]",
        *(
            f"[yellow]{outside(each.road)}:[/] {outside(each.failure)}"
            for each in measured
            if each.failure
        ),
    )


def _row(measured: RoadFigures) -> list[str]:
    figures = measured.to_json()
    lost, doubled = figures["events_lost"], figures["events_doubled"]
    colour = "red" if lost or doubled else "green"
    return [
        outside(measured.road),
        *(
            _shown(figures[name])
            for name in (
                "round_trip_p50_ms",
                "round_trip_p99_ms",
                "wire_bytes_per_round_trip",
                "overhead_bytes_per_message",
                "messages_per_s",
                "back_p50_ms",
            )
        ),
        f"[{colour}]{lost}, {doubled}[/]" if measured.cuts else "-",
    ]


def _shown(figure: object) -> str:
    match figure:
        case float() if figure < 100:
            return f"{figure:.1f}"
        case float() | int():
            return f"{figure:,.0f}"
        case _:
            return "-"


def complaint(measured: list[RoadFigures]) -> str:
    """Return the reason for exit code 1; "" for none."""
    failed = [each for each in measured if each.failure]
    if failed:
        if len(failed) == len(measured):
            return failed[0].failure
        return f"{', '.join(each.road for each in failed)}: {failed[0].failure}"
    wrong = [each.road for each in measured if any(cut.lost or cut.doubled for cut in each.cuts)]
    return f"{', '.join(wrong)}: events were lost or came twice after a cut" if wrong else ""
