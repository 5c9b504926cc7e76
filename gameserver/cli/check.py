"""``gameserver check``: check a game's classes, and play trial matches with it."""

import os
import sys
import threading
from pathlib import Path

import attrs
import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gameserver.cli.flags import Folder
from gameserver.cli.output import err, moves, out, outside, say, show, to_json
from gameserver.commandline import Exact, Number, WholeNumber
from gameserver.errors import ConfigError, GameFaultError
from gameserver.game.checking import definition_faults
from gameserver.game.checking.found import Found
from gameserver.game.game import Game
from gameserver.game.loading.games import find_game
from gameserver.game.maps.mapfault import Fault, MapError, Severity
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_usable_maps
from gameserver.testing.trial import Played, plans, play
from gameserver.testing.watchdog import watched


def build() -> click.Command:
    """Return the command ``check``."""
    return _check


@click.command("check", cls=Exact, context_settings={"max_content_width": 100})
@click.argument("game", metavar="GAME")
@click.option(
    "--maps",
    type=Folder(),
    help="Folder of maps to play on. [default: the maps that come with the program]",
)
@click.option(
    "--seconds",
    type=Number(1, 3600),
    default=20,
    show_default=True,
    help="Length of the first match, in the game's time; further ones take a quarter.",
)
@click.option(
    "--seed",
    type=WholeNumber(0, 2**63 - 1),
    default=1,
    show_default=True,
    help="Seed of the matches.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def _check(game: str, maps: Path | None, seconds: float, seed: int, *, as_json: bool) -> None:
    """Check a game: its classes, and matches with its bots and players who press at random.

    GAME is an installed game's name or module:Class. Each match is recorded and replayed in two
    other processes with other hash seeds: all must come to the same world. Ends with exit code 1
    if there is an error.
    """
    before = threading.enumerate()
    try:
        with watched(f"importing {game}"):
            found = find_game(game)
    except GameFaultError as error:
        raise ConfigError(str(error)) from None
    faults = definition_faults(found)
    played: list[Played] = []
    if not _errors(faults):
        more, played = _trial(found, game, maps or shipped_maps(), seconds, seed)
        faults += more
    stray = [thread for thread in threading.enumerate() if thread not in before]
    faults += _threads(stray)
    every = [*faults, *(fault for match in played for fault in match.faults)]
    if as_json:
        say(to_json(_as_json(found, every, played)))
    else:
        _show(game, found, every, played)
    code = 1 if _errors(every) else 0
    if any(not thread.daemon for thread in stray):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # a normal exit would wait for threads that may never end
    sys.exit(code)


def _threads(stray: list[threading.Thread]) -> list[Fault]:
    """Return a warning about threads that the game has started and that are still running."""
    if not stray:
        return []
    names = [thread.name for thread in stray]
    message = f"starts threads that go on: {', '.join(names)[:60]}"
    hint = "a match is played by its step alone; what threads do cannot be replayed"
    return [Fault(Severity.WARNING, "threads", message, hint)]


def _errors(faults: list[Fault]) -> int:
    return sum(fault.severity is Severity.ERROR for fault in faults)


def _trial(
    game: Game, spec: str, folder: Path, seconds: float, seed: int
) -> tuple[list[Fault], list[Played]]:
    try:
        maps = list(load_usable_maps(folder)[0].values())
    except MapError as error:
        raise ConfigError(f"maps in {folder}: {error.sentence.splitlines()[0]}") from None
    found = Found()
    planned = list(plans(game, maps, round(seconds * game.tick_rate), found))
    played = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not moves(err)
    ) as bar:
        task = bar.add_task("playing", total=sum(plan.ticks for plan in planned))
        for number, plan in enumerate(planned):
            bar.update(task, description=f"playing with {outside(plan.label)}")
            done = bar.tasks[0].completed
            played.append(
                play(game, spec, plan, seed + number, lambda ticks: bar.advance(task, ticks))
            )
            bar.update(task, completed=done + plan.ticks)
    return found.faults, played


def _show(spec: str, game: Game, faults: list[Fault], played: list[Played]) -> None:
    mark = "[red]✗[/]" if _errors(faults) else "[green]✓[/]"
    count = f"{len(game.entities)} entities, {len(game.events)} events" if played else "its classes"
    out.print(f"{mark} {outside(spec)}: {count}", highlight=False, soft_wrap=True)
    for match in played:
        mark = "[red]✗[/]" if _errors(list(match.faults)) else "[green]✓[/]"
        line = f"{match.plan.label} on {match.plan.tile_map.name}"
        if match.tally:
            end = "to its end" if match.ended else "so far"
            line += f": {match.ticks} ticks {end}, {match.step_ms:.2f} ms a step, {match.tally[:8]}"
        out.print(f"  {mark} {outside(line)}", highlight=False, soft_wrap=True)
    if not faults:
        return
    table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
    for column in ("", "place", "what is wrong", "what to do"):
        table.add_column(column, overflow="fold")
    for fault in faults:
        colour = "red" if fault.severity is Severity.ERROR else "yellow"
        severity = f"[{colour}]{fault.severity}[/]"
        table.add_row(severity, *map(outside, (fault.place, fault.message, fault.hint)))
    show(table)


def _as_json(game: Game, faults: list[Fault], played: list[Played]) -> dict[str, object]:
    return {
        "game": getattr(game, "name", ""),
        "faults": [attrs.asdict(fault) for fault in faults],
        "matches": [
            {
                "options": match.plan.label,
                "map": match.plan.tile_map.name,
                "ticks": match.ticks,
                "ended": match.ended,
                "step_ms": round(match.step_ms, 3),
                "world_hash": match.tally,
            }
            for match in played
        ],
    }
