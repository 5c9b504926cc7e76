"""The journal of a match: everything that is needed to replay it, tick by tick.

Law: the journal holds exactly the arguments of `Game.start`, `join`, `leave` and `step`, commands
of bots included. A replay runs no bot and needs no client.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from gameserver.errors import GameFaultError
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.world import World
from gameserver.ids import Seat, Tick
from gameserver.match.simulation import Simulation

CommandRow = tuple[Seat, int, tuple[int, ...]]
"""Seat, view, and the fields of the command in the order of the wire."""


@attrs.frozen
class TickRecord:
    """The calls of one tick in order: each leave, each join, then one step with all commands."""

    tick: Tick
    left: tuple[Seat, ...]
    joined: tuple[Player, ...]
    commands: tuple[CommandRow, ...]


@attrs.define
class Journal:
    """Game, map, options, seed and players of a match, and all its ticks, in memory."""

    game: str
    map_digest: str
    options: Any
    seed: int
    players: tuple[Player, ...]
    ticks: list[TickRecord] = attrs.field(factory=list)

    def record(
        self,
        tick: Tick,
        left: tuple[Seat, ...],
        joined: tuple[Player, ...],
        commands: Mapping[Seat, Command],
    ) -> None:
        """Add the next tick; no tick may be left out."""
        rows = tuple((seat, c.view, c.to_row()) for seat, c in commands.items())
        self.ticks.append(TickRecord(tick, left, joined, rows))

    def stepped(self, world: World) -> None:
        """Take nothing: a replay computes the world again."""


def begin(journal: Journal, game: Game, tile_map: TileMap) -> Simulation:
    """Return the simulation at tick 0 of a recorded match.

    Raises:
        GameFaultError: The game or the map is another one than in the recording.
    """
    if (journal.game, journal.map_digest) != (game.name, tile_map.digest):
        raise GameFaultError("the journal was recorded with another game or map")
    return Simulation(game, tile_map, journal.options, journal.seed, journal.players)


def play(simulation: Simulation, record: TickRecord) -> None:
    """Advance a simulation by one recorded tick.

    Raises:
        GameFaultError: The game raised.
    """
    simulation.begin()
    for seat in record.left:
        simulation.leave(seat)
    for player in record.joined:
        simulation.join(player)
    simulation.step(
        {seat: simulation.game.command.from_row(row, view) for seat, view, row in record.commands}
    )


def replay(journal: Journal, game: Game, tile_map: TileMap) -> World:
    """Replay a recorded match to its last tick and return its world.

    Raises:
        GameFaultError: As the recorded match did, or the journal is of another game or map.
    """
    simulation = begin(journal, game, tile_map)
    for record in journal.ticks:
        play(simulation, record)
    return simulation.world
