"""Print a recorded match tick by tick: its world, then what each tick brought and changed."""

import traceback
from typing import Any

import attrs

from gameserver.cli.output import out, outside
from gameserver.errors import GameFaultError, JournalError
from gameserver.game.entity import Entity
from gameserver.game.game import Game
from gameserver.game.schema.dump import dump_world
from gameserver.game.schema.table import BASE_FIELDS, state_fields
from gameserver.store.difference import differences
from gameserver.store.playback import Playback


def print_steps(playback: Playback, game: Game, at: int, ticks: int) -> None:
    """Print the world of tick ``at``, and the changes of the ``ticks`` behind it.

    Raises:
        JournalError: The match cannot be replayed up to there.
    """
    playback.seek(at)
    print_line(f"[bold]tick {playback.tick}[/] of {playback.last}")
    for entity in playback.world:
        print_entity(entity)
    for _ in range(ticks):
        before = dump_world(game, playback.world)
        try:
            if not playback.step():
                return
        except JournalError as error:
            _print_fault(playback, game, error)
            raise
        print_line(f"[bold]tick {playback.tick}[/]")
        _print_record(playback, game)
        for each in differences(game, before, dump_world(game, playback.world)):
            if each.what.split()[0] in {kind.__name__ for kind in game.entities}:
                name = f"{each.what} {each.field}".strip()
                print_line(f"  {outside(f'{name}: {each.first} -> {each.second}')}")
        for event in playback.world.events:
            print_line(f"  [dim]event[/] {outside(str(event))}")


def _print_fault(playback: Playback, game: Game, error: JournalError) -> None:
    """Print the tick in which the game raised: its commands, and where in the game that was."""
    fault = error.__cause__
    if not isinstance(fault, GameFaultError):
        return
    print_line(f"[bold]tick {playback.tick}[/]")
    _print_record(playback, game)
    if fault.__cause__ is not None:
        for line in "".join(traceback.format_exception(fault.__cause__)).splitlines():
            print_line(f"  {outside(line)}")


def _print_record(playback: Playback, game: Game) -> None:
    record = playback.record
    if record is None:
        print_line("  the ticks before are missing")
        return
    for seat in record.left:
        print_line(f"  seat {seat} left")
    for player in record.joined:
        print_line(f"  seat {player.seat} joined: {outside(player.name)}")
    for seat, view, row in record.commands:
        command = game.command.from_row(row, view)
        values = " ".join(f"{name}={value}" for name, value in attrs.asdict(command).items())
        print_line(f"  [dim]seat {seat}[/] {values}")


def print_entity(entity: Entity) -> None:
    """Print all fields of an entity."""
    values = " ".join(f"{name}={value!r}" for name, value in values_of(entity).items())
    print_line(f"  {outside(f'{type(entity).__name__} {entity.id}: {values}')}")


def values_of(entity: Entity) -> dict[str, Any]:
    """Return the fields of an entity, but for its id."""
    names = (*BASE_FIELDS[1:], *(field.name for field in state_fields(type(entity))))
    return {name: getattr(entity, name) for name in names}


def print_line(text: str) -> None:
    """Print a line with markup, however long."""
    out.print(text, soft_wrap=True, highlight=False)
