"""``gameserver stats``: show a server's statistics, live in the terminal or as JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

import attrs
import click
import trio
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table

from gameserver.cli.interrupts import run_interruptible
from gameserver.cli.output import moves, out, outside, say
from gameserver.client.looking import look_at
from gameserver.commandline import Exact, Number
from gameserver.messages.session import GameStats, Quantiles, ServerStats

STRAIN: Final = (
    "[green]none[/]",
    "[yellow]half the snapshots[/]",
    "[yellow]a quarter of the snapshots[/]",
    "[bold red]a quarter of the snapshots, no new matches[/]",
)
"""Description of each level of `ServerStats.strain`."""

SOON_DAYS: Final = 14
"""Days before its end from which the server warns of a certificate."""

LINE_CHARS: Final = 66
"""Longest line of a list beside the names of the rows, for terminals of 80 columns."""

Show = Callable[[ServerStats], None]


def build() -> click.Command:
    """Return the command ``stats``."""
    return _stats


@click.command("stats", cls=Exact)
@click.option("--url", default="ws://127.0.0.1:7777", show_default=True, help="Server to look at.")
@click.option(
    "--token",
    default="",
    envvar="GAMESERVER_STATS_TOKEN",
    show_envvar=True,
    help="The server's stats-token; another machine's server needs one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option(
    "--every",
    default=1.0,
    show_default=True,
    type=Number(0.1, 4),
    help="Seconds between two updates.",
)
@click.option("--once", is_flag=True, help="Print once and end.")
def _stats(url: str, token: str, as_json: bool, every: float, once: bool) -> None:
    """Show a server's statistics: ticks, inputs, traffic and process; Ctrl-C ends it."""
    pause_s = None if once else every
    if as_json:
        run_interruptible(partial(_look, url, token, pause_s, _print_json))
    elif once or not moves(out):
        run_interruptible(partial(_look, url, token, pause_s, _print_picture))
    else:
        run_interruptible(partial(_look_live, url, token, pause_s))


async def _look_live(url: str, token: str, every: float | None) -> None:
    # Started inside the interruptible task: after a signal its end restores the cursor.
    with Live(console=out, auto_refresh=False, transient=False) as live:
        await _look(url, token, every, lambda stats: live.update(picture(stats), refresh=True))


async def _look(url: str, token: str, every: float | None, show: Show) -> None:
    async with look_at(url, token) as looker:
        while True:
            show(await looker.ask())
            if every is None:
                return
            await trio.sleep(every)


def _print_picture(stats: ServerStats) -> None:
    out.print(picture(stats))


def _print_json(stats: ServerStats) -> None:
    say(json.dumps(attrs.asdict(stats)))


# --- for people -----------------------------------------------------------------------------------


def picture(stats: ServerStats) -> RenderableType:
    """Return the tables for the terminal: the server's figures, then each game's."""
    return Group(_server(stats), *(_game(game) for game in stats.games))


def _certificate(days: float) -> str:
    if days < 0:
        return f"[bold red]ended {-days:.0f} days ago[/]"
    return f"[{'green' if days > SOON_DAYS else 'yellow'}]ends in {days:.0f} days[/]"


def _server(stats: ServerStats) -> Table:
    grid = Table.grid(padding=(0, 2))
    colour = "green" if stats.cpu_share < 0.7 else "yellow" if stats.cpu_share < 0.9 else "red"
    rows = {
        "server": f"[bold]{outside(stats.server)}[/], up {_duration(stats.uptime_s)}",
        "people": _people(stats),
        "process": f"[{colour}]{stats.cpu_share:.0%}[/] of a processor,"
        f" {stats.memory_bytes / 2**20:.0f} MiB",
        "loop lag": _times(stats.loop_lag),
        "loop pass": _times(stats.loop_passes),
        "collector": _times(stats.gc_pauses),
        "strain": STRAIN[min(stats.strain, len(STRAIN) - 1)],
    }
    for name, totals in (("opened", stats.opened), ("closed", stats.closed)):
        if totals:
            rows[name] = _most_first(totals)
    if stats.namespaces:
        rows["namespaces"] = _in_lines(
            f"{outside(name)}: {_many(members, 'member')},"
            f" {_many(stats.namespace_rooms.get(name, 0), 'room')};"
            for name, members in stats.namespaces.items()
        )
    if stats.certificate_left_s is not None:
        rows["certificate"] = _certificate(stats.certificate_left_s / 86400)
    for name, value in rows.items():
        grid.add_row(f"[dim]{name}[/]", value)
    return grid


def _people(stats: ServerStats) -> str:
    return (
        f"{_many(stats.players, 'player')}, {_many(stats.sessions, 'session')},"
        f" {_many(stats.connections, 'connection')}{_by_transport(stats)},"
        f" {stats.lobbies:,} {'lobby' if stats.lobbies == 1 else 'lobbies'}"
    )


def _by_transport(stats: ServerStats) -> str:
    """Return the numbers of connections by transport, if there is another than the WebSocket."""
    if set(stats.transports) <= {"websocket"}:
        return ""
    counts = _most_first(stats.transports).replace("\n", " ")  # its row has more in it
    return f" ({counts})"


def _most_first(counts: Mapping[str, int]) -> str:
    """Return counts in words, the largest first."""
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return _in_lines(f"{count:,} {outside(name)}," for name, count in ordered)


def _in_lines(items: Iterable[str]) -> str:
    """Join items, which end with a separator, to lines that a terminal does not break."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + 1 + len(item) <= LINE_CHARS:
            lines[-1] += f" {item}"
        else:
            lines.append(item)
    return "\n".join(lines).rstrip(",;")


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("s" if count != 1 else "")


def _game(game: GameStats) -> Table:
    table = Table(title=outside(game.game), title_justify="left", title_style="bold")
    for column in ("figure", "p50", "p99", "p99.9", "most"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, spread in {
        "tick duration": game.duration,
        "tick lateness": game.lateness,
        "since the start: duration": game.duration_ever,
        "since the start: lateness": game.lateness_ever,
    }.items():
        times = (spread.p50_ms, spread.p99_ms, spread.p999_ms, spread.max_ms)
        table.add_row(f"{name}, ms", *(coloured(time, game.tick_ms) for time in times))
    counts = {
        "matches": game.matches,
        "seats (bots)": f"{game.seats} ({game.bots})",
        "viewers (congested)": f"{game.viewers} ({_bad(game.congested)})",
        "bytes per viewer and second": f"{game.bytes_per_viewer_s:,.0f}",
        "bytes of snapshots": f"{game.snapshot_bytes:,}",
        "ticks": f"{game.ticks:,}",
        "overruns": _bad(game.overruns),
        "shed ticks": _bad(game.shed_ticks),
        "inputs": f"{game.inputs:,}",
        "late / missed inputs": f"{game.late_inputs:,} / {game.missed_inputs:,}",
        "malformed, desyncs": f"{_bad(game.malformed)}, {_bad(game.desyncs)}",
    }
    table.add_section()
    for name, value in counts.items():
        table.add_row(name, str(value))
    return table


def coloured(time_ms: float, tick_ms: float) -> str:
    """Return a time with its colour: green below half a tick, yellow below a tick, else red."""
    colour = "green" if time_ms < tick_ms / 2 else "yellow" if time_ms < tick_ms else "red"
    return f"[{colour}]{time_ms:.2f}[/]"


def _bad(count: int) -> str:
    """Return a count of faults, in yellow unless it is 0."""
    return f"[yellow]{count:,}[/]" if count else "0"


def _times(spread: Quantiles) -> str:
    return f"p50 {spread.p50_ms:.2f}, p99 {spread.p99_ms:.2f}, most {spread.max_ms:.2f} ms"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
