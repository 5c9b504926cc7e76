"""``script/attack NAME…``: attack a server on this machine and measure the effect on its players.

Law: only a server on this machine is attacked, for a bounded time, with a bounded number of
connections. The verdict is ``held`` if all figures stayed within the bar; the exit code is 1 if an
attack had another verdict.
"""

import json
import sys
from typing import Final

import click
import trio
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.attacks.registry import Attack, attacks
from bench.attacks.run import AttackError, Outcome, carry_out
from bench.attacks.server import find_pid, target_of
from bench.attacks.wire import Target
from bench.errors import BenchError
from bench.show import Column, table

MOST_LISTENERS: Final = 4000
MOST_SECONDS: Final = 60.0

COLUMNS: Final = (
    Column("attack", "attack"),
    Column("loop held", "held_before_ms", 1, " ms"),
    Column("attacked", "held_ms", 1, " ms"),
    Column("answer", "trip_before_ms", 1, " ms"),
    Column("attacked", "trip_ms", 1, " ms"),
    Column("snapshots p99", "gap_p99_before_ms", 1, " ms"),
    Column("attacked", "gap_p99_ms", 1, " ms"),
    Column("out for 1 in", "ratio", 1),
    Column("memory", "memory_mib", 1, " MiB"),
    Column("cut", "cut"),
    Column("verdict", "verdict"),
    Column("note", "note"),
)

ENDING: Final = """\
Loop held: longest pass of the server's event loop, in processor time, before and during the attack.
Answer: longest time until a ping of an honest client in no match was answered.
Snapshots p99: 99th percentile of the time between two snapshots of an honest player's match.
Out for 1 in: bytes that the server sends to the attacker for each byte received from it.
Memory: growth of the server's memory. Cut: honest clients that lost their connection.
Limits: loop 20 ms, answer 100 ms, snapshots p99 + 10 %, out for 1 in 20, memory 16 MiB, cut 0."""


@click.command(context_settings={"max_content_width": 100})
@click.argument("names", nargs=-1)
@click.option(
    "--url",
    default="ws://127.0.0.1:7777",
    show_default=True,
    metavar="URL",
    help="Address of the server.",
)
@click.option("--all", "every", is_flag=True, help="Run all attacks, one after the other.")
@click.option("--list", "listing", is_flag=True, help="List the attacks and exit.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each attack.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, MOST_SECONDS),
    show_default="each attack's own",
    help="Duration of each attack.",
)
@click.option(
    "--listeners",
    type=click.IntRange(0, MOST_LISTENERS),
    default=2000,
    show_default=True,
    help="Honest clients that only receive, in attacks by chat.",
)
@click.option(
    "--pid",
    type=int,
    default=0,
    show_default="found by the port",
    help="Process id of the server, for measuring its memory.",
)
def attack(
    names: tuple[str, ...],
    url: str,
    every: bool,
    listing: bool,
    as_json: bool,
    seconds: float | None,
    listeners: int,
    pid: int,
) -> None:
    """Attack a server on this machine, and measure the effect on its honest players.

    NAMES are attacks; --list shows them. First start the server, for example with script/server
    --port 7777. Other busy programs disturb the measurement.

    Exit codes: 0 the server stayed within the limits, 1 it did not, 2 nothing could be measured.
    """
    known = attacks()
    if listing:
        for one in known.values():
            click.echo(f"{one.name:18} {one.title}")
        return
    chosen = list(known.values()) if every else [_named(name, known) for name in names]
    if not chosen:
        raise click.UsageError("name an attack, or use --all; --list shows them")
    target = target_of(url)
    pid = pid or find_pid(target.port)
    outcomes: list[Outcome] = []
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=len(chosen))
        for one in chosen:
            bar.update(task, description=one.name)
            outcome = _one(one, seconds, listeners, target, pid)
            outcomes.append(outcome)
            if as_json:
                click.echo(json.dumps(outcome.row()))
            bar.advance(task)
    if not as_json:
        wide = Console(width=None if sys.stdout.isatty() else 200)
        wide.print(table(f"Attacks on {target.name}", COLUMNS, [each.row() for each in outcomes]))
        wide.print(ENDING, style="dim")
    sys.exit(any(outcome.faults for outcome in outcomes))


def _named(name: str, known: dict[str, Attack]) -> Attack:
    if name not in known:
        raise BenchError(f"there is no attack {name}; --list shows all")
    return known[name]


def _one(one: Attack, seconds: float | None, listeners: int, target: Target, pid: int) -> Outcome:
    try:
        return trio.run(_run, one, seconds or one.seconds, listeners, target, pid)
    except (ConnectionError, OSError, AttackError) as error:
        raise BenchError(f"{one.name}: {error}") from None


async def _run(one: Attack, seconds: float, listeners: int, target: Target, pid: int) -> Outcome:
    return await carry_out(one, target, seconds=seconds, listeners=listeners, pid=pid)


def main() -> None:
    """Run the command line."""
    try:
        attack.main(prog_name="script/attack", standalone_mode=True)
    except BenchError as error:
        click.echo(f"attack: {error}", err=True)
        sys.exit(2)
    except BaseExceptionGroup as group:
        first = group.exceptions[0]
        click.echo(f"attack: {first}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
