"""``script/bench NAME``: one command for each benchmark.

Law: if the machine lacks a program, one line says what to install, and the exit code is 1.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import click

from bench.errors import BenchError
from bench.stacks import CROWD, STACKS, WIDE, Stack
from gameserver.plain import make_safe

SERVERS = [stack for stack in STACKS if stack.key != "floor"]
WITH_EFFECTS = [stack for stack in STACKS if stack.effects]
OWN_STACKS = [stack for stack in STACKS if stack.dialect == "gameserver"]

F = TypeVar("F", bound=Callable[..., object])


@click.group(context_settings={"max_content_width": 100})
def bench() -> None:
    """Measure the speed of this server, and of other servers under the same load.

    Server and load generator run on one processor core each. Tables are printed on standard output,
    the progress on standard error. The newest result of each command is stored as JSON in
    .cache/bench/results. A command first installs the servers that it compares, below .cache/bench.
    """


def common(command: click.Command) -> click.Command:
    """Add the options that every command has."""
    quick = click.Option(
        ["--quick"], is_flag=True, help="Measure less: fewer clients, a shorter time."
    )
    as_json = click.Option(
        ["--json", "as_json"], is_flag=True, help="Print one JSON object instead of tables."
    )
    command.params += [quick, as_json]
    bench.add_command(command)
    return command


Names = tuple[str, ...]


def choice_of(stacks: Sequence[Stack], default: str) -> Callable[[F], F]:
    """Return an option for choosing among stacks; ``default`` describes its default in words."""
    keys = ", ".join(stack.key for stack in stacks)
    return click.option(
        "--stack",
        "names",
        multiple=True,
        metavar="NAME",
        show_default=default,
        help=f"Measure only this server; may be repeated. NAME is one of {keys}.",
    )


@common
@click.command
def floor(quick: bool, as_json: bool) -> None:
    """Measure a C program that only receives and sends.

    This is the cost of the kernel alone, so no server can be cheaper. The command peers
    compares with it.
    """
    start("floor", quick=quick, as_json=as_json)


@common
@click.command
@choice_of(SERVERS, "all")
def peers(names: Names, quick: bool, as_json: bool) -> None:
    """Compare this server with other servers under the same load.

    Shows processor time, bytes and the times between states, in rooms of 10 and of 50 players.
    """
    start("peers", names, quick=quick, as_json=as_json)


@common
@click.command
@choice_of(SERVERS, "gameserver and gameserver-arena")
def capacity(names: Names, quick: bool, as_json: bool) -> None:
    """Find how many players one core can serve, in rooms of 10.

    A number of players counts if all of them play, at least 97 % of the states arrive, and 99 of
    100 states come less than one tick late.
    """
    start("capacity", names, quick=quick, as_json=as_json)


@common
@click.command
@choice_of(WITH_EFFECTS, "all")
def latency(names: Names, quick: bool, as_json: bool) -> None:
    """Measure the time from sending an input to seeing its effect."""
    start("latency", names, quick=quick, as_json=as_json)


@common
@click.command
@choice_of(OWN_STACKS, "gameserver")
def profile(names: Names, quick: bool, as_json: bool) -> None:
    """Show which code uses the processor time of a tick.

    Samples the call stack of this server. Shows the time by package, by function, and by function
    with all that it calls.
    """
    start("profile", names, quick=quick, as_json=as_json)


@common
@click.command
@choice_of(OWN_STACKS, "gameserver")
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another checkout to compare with; it is run with this one's packages.",
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Runs.")
def instructions(
    names: Names, against: Path | None, rounds: int, quick: bool, as_json: bool
) -> None:
    """Count the machine instructions of the server per client and tick, in a room of 10.

    Counts with valgrind (callgrind). Unlike times, instructions hardly depend on what else the
    machine does, so this command also compares two checkouts on a machine that is not calm.
    """
    start("instructions", names, quick=quick, as_json=as_json, against=against, rounds=rounds)


@common
@click.command
@click.option("--parts", is_flag=True, help="Count the parts of the cost as well.")
def journal(quick: bool, as_json: bool, parts: bool) -> None:
    """Count the machine instructions that the journal of a match costs.

    Plays a match of Arena with a journal and without, the simulation alone and with eight viewers,
    and counts with valgrind (callgrind).
    """
    start("journal", quick=quick, as_json=as_json, parts=parts)


@common
@click.command
def saving(quick: bool, as_json: bool) -> None:
    """Measure the processor time of saving a call into the rooms (--data), with SQLite."""
    start("saving", quick=quick, as_json=as_json)


@common
@click.command
def bigroom(quick: bool, as_json: bool) -> None:
    """Measure one large room, with and without interest management.

    The number of players rises from 100 to 1,000. With interest management each player is sent near
    entities at full rate, far ones more rarely or not at all; without, everything in each tick.
    """
    start("bigroom", quick=quick, as_json=as_json)


@common
@click.command
@choice_of([WIDE, CROWD], "both")
@click.option("--players", "sizes", multiple=True, type=int, help="How many; may be repeated.")
def crowd(names: Names, sizes: tuple[int, ...], quick: bool, as_json: bool) -> None:
    """Measure a crowd that enters one lobby, or a running match, within 3 s.

    Shows when all are in, from when a line of chat reaches all of them within 1 s, when their match
    has its full rate, and what a match of ten other players loses meanwhile.
    """
    start("crowd", names, quick=quick, as_json=as_json, sizes=sizes)


@common
@click.command("bytes")
def bytes_sent(quick: bool, as_json: bool) -> None:
    """Compare the bytes of a recorded match by encoder.

    The same states are encoded as JSON, as msgpack, by Colyseus's schema, and by this server.
    """
    start("bytes", quick=quick, as_json=as_json)


@common
@click.command
def compression(quick: bool, as_json: bool) -> None:
    """Measure what deflate would save of the server's messages, and its processor time."""
    start("compression", quick=quick, as_json=as_json)


@common
@click.command
def stalled(quick: bool, as_json: bool) -> None:
    """Measure the effect on others of clients that stop reading."""
    start("stalled", quick=quick, as_json=as_json)


@common
@click.command
def idle(quick: bool, as_json: bool) -> None:
    """Measure memory and processor time of idle connections.

    The clients are signed in, and in no lobby and no match.
    """
    start("idle", quick=quick, as_json=as_json)


@common
@click.command
def tls(quick: bool, as_json: bool) -> None:
    """Compare 200 players over TLS with the same in the clear.

    Shows processor time of the server in alternating runs. The certificate is made for the run.
    """
    start("tls", quick=quick, as_json=as_json)


@common
@click.command
@click.option("--profile", "profiled", is_flag=True, help="Show which code uses the time.")
def polling(quick: bool, as_json: bool, profiled: bool) -> None:
    """Compare 200 players on long polling with the same on WebSocket.

    Each says ten inputs a second. Shows processor time, delivered states, and the time from an
    input to the snapshot that shows its effect.
    """
    start("polling", quick=quick, as_json=as_json, profiled=profiled)


@common
@click.command
def charts(quick: bool, as_json: bool) -> None:
    """Draw charts of the newest results into docs/images, as SVG.

    Uses the stored results of the commands bytes and peers. Measures nothing, so --quick has no
    effect.
    """
    start("charts", quick=quick, as_json=as_json)


def start(name: str, *arguments: object, **options: object) -> None:
    """Run a command's module."""
    import_module(f"bench.commands.{name}").run(*arguments, **options)


def main() -> None:
    """Run the command line."""
    make_safe()
    # Exit by an exception, so that the servers and loads that were started are stopped first.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        bench.main(prog_name="script/bench", standalone_mode=True)
    except BenchError as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
