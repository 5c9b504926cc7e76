"""``script/bench NAME``: one command for each question.

Law: if the machine lacks a program, one line says what to install, and the exit code is 1.
"""

import signal
import sys
from importlib import import_module

import click

from bench.errors import BenchError
from bench.stacks import STACKS
from gameserver.plain import make_safe

KEYS = ", ".join(stack.key for stack in STACKS)


@click.group(context_settings={"max_content_width": 100})
def bench() -> None:
    """Measure this server, the kernel's floor and its peers; server and load have a core each."""


def common(command: click.Command) -> click.Command:
    """Add the options that every command has."""
    quick = click.Option(["--quick"], is_flag=True, help="Fewer clients, shorter.")
    as_json = click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object.")
    command.params += [quick, as_json]
    bench.add_command(command)
    return command


Names = tuple[str, ...]
which = click.option("--stack", "names", multiple=True, help=f"Only these; several times: {KEYS}.")


@common
@click.command
def floor(quick: bool, as_json: bool) -> None:
    """Measure what the kernel alone asks for."""
    start("floor", quick=quick, as_json=as_json)


@common
@click.command
@which
def peers(names: Names, quick: bool, as_json: bool) -> None:
    """Compare all stacks under the same workload."""
    start("peers", names, quick=quick, as_json=as_json)


@common
@click.command
@which
def capacity(names: Names, quick: bool, as_json: bool) -> None:
    """Find how many players one core holds."""
    start("capacity", names, quick=quick, as_json=as_json)


@common
@click.command
@which
def latency(names: Names, quick: bool, as_json: bool) -> None:
    """Measure from an input sent to its effect seen."""
    start("latency", names, quick=quick, as_json=as_json)


@common
@click.command
@which
def profile(names: Names, quick: bool, as_json: bool) -> None:
    """Tell where the microseconds of a tick go."""
    start("profile", names, quick=quick, as_json=as_json)


@common
@click.command
def bigroom(quick: bool, as_json: bool) -> None:
    """Fill one room with more and more players, with and without interest management."""
    start("bigroom", quick=quick, as_json=as_json)


@common
@click.command("bytes")
def bytes_sent(quick: bool, as_json: bool) -> None:
    """Compare what a recorded match costs on the wire, by encoder."""
    start("bytes", quick=quick, as_json=as_json)


@common
@click.command
def stalled(quick: bool, as_json: bool) -> None:
    """Let some clients stop reading, and see what the others feel."""
    start("stalled", quick=quick, as_json=as_json)


@common
@click.command
def idle(quick: bool, as_json: bool) -> None:
    """Measure what connections cost that do nothing."""
    start("idle", quick=quick, as_json=as_json)


@common
@click.command
def charts(quick: bool, as_json: bool) -> None:
    """Draw the newest results as SVG into docs/images."""
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
