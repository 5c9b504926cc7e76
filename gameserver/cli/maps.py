"""``gameserver maps``: report the faults of maps, each with its place."""

import sys
from pathlib import Path

import click
from rich.table import Table

from gameserver.cli.groups import NearestGroup
from gameserver.cli.output import out, outside, show
from gameserver.commandline import Exact
from gameserver.errors import UnreadableFileError
from gameserver.game.checking.maps import check_map
from gameserver.game.maps.mapfault import Fault
from gameserver.game.maps.tiled import map_files, twin


def build() -> click.Group:
    """Return the command group ``maps``."""
    group = NearestGroup("maps", help="Work with maps (Tiled JSON).")
    group.add_command(_check)
    return group


@click.command("check", cls=Exact)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
def _check(paths: tuple[Path, ...]) -> None:
    """Report every fault of maps with its place; folders are searched for maps.

    Ends with exit code 1 if any map has an error.
    """
    files = [file for path in paths for file in _maps_in(path)]
    if not files:
        raise click.UsageError("there is no map file (.tmj, .json) at the given paths")
    errors = 0
    taken: set[tuple[Path, str]] = set()
    for file in files:
        faults = check_map(file)
        if (file.parent, file.stem) in taken:
            faults.insert(0, twin(file))  # a server loads the first usable file of a name
        wrong = sum(fault.severity == "error" for fault in faults)
        if not wrong:
            taken.add((file.parent, file.stem))
        errors += wrong
        _show(file, faults)
    sys.exit(1 if errors else 0)


def _maps_in(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        next(path.iterdir(), None)  # raises if it is unreadable, which would look empty
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}") from None
    return map_files(path)


def _show(file: Path, faults: list[Fault]) -> None:
    if not faults:
        out.print(f"[green]✓[/] {outside(str(file))}", highlight=False, soft_wrap=True)
        return
    wrong = any(fault.severity == "error" for fault in faults)
    mark = "[red]✗[/]" if wrong else "[yellow]![/]"
    out.print(f"{mark} {outside(str(file))}", highlight=False, soft_wrap=True)
    table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
    for column in ("", "place", "what is wrong", "what to do"):
        table.add_column(column, overflow="fold")
    for fault in faults:
        colour = "red" if fault.severity == "error" else "yellow"
        severity = f"[{colour}]{fault.severity}[/]"
        table.add_row(severity, *map(outside, (fault.place, fault.message, fault.hint)))
    show(table)
