"""A small drawn field and a match on it, stepped by hand."""

from collections.abc import Mapping
from typing import Any

import attrs

from gameserver.arena import Arena
from gameserver.arena.entities import Board, Fighter, MatchPhase
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.arena.tuning import WARMUP_TICKS
from gameserver.game.command import Command
from gameserver.game.entity import Event, Outcome, Player
from gameserver.game.maps.tilemap import TILE, MapObject, ObjectKind, TileMap
from gameserver.ids import Seat
from gameserver.match.simulation import Simulation
from gameserver.testing.maps import map_from_rows

ROOM = ("#" * 24, *["#" + "." * 22 + "#"] * 14, "#" * 24)
"""22 by 14 open tiles."""

GAME = Arena()
EAST, SOUTH, WEST, NORTH = 0, 256, 512, 768


def centre(tile: int) -> int:
    return tile * TILE + TILE // 2


def thing(number: int, kind: ObjectKind, tx: int, ty: int, name: str = "", team: int = 0) -> Any:
    return MapObject(number, kind, name, team, centre(tx), centre(ty))


def a_map(*more: MapObject, rows: tuple[str, ...] = ROOM) -> TileMap:
    spawns = (
        thing(1, ObjectKind.SPAWN, 2, 2, team=1),
        thing(2, ObjectKind.SPAWN, 21, 13, team=2),
        thing(3, ObjectKind.SPAWN, 2, 13, team=1),
        thing(4, ObjectKind.SPAWN, 21, 2, team=2),
    )
    return map_from_rows(*rows, objects=(*spawns, *more), modes=("dm", "tdm", "ctf"))


class Field:
    """A match whose fighters stand where a test puts them and do what it says."""

    def __init__(
        self,
        seats: int = 2,
        tile_map: TileMap | None = None,
        *,
        warm_up: bool = False,
        **options: Any,
    ) -> None:
        self.options = ArenaOptions(**options)
        players = [Player(Seat(i), f"P{i}", i % 2 + 1) for i in range(seats)]
        self.run = Simulation(GAME, tile_map or a_map(), self.options, 11, players)
        self.world = self.run.world
        self.happened: list[Event] = []
        if not warm_up:
            self.steps(WARMUP_TICKS + 1)
            self.happened.clear()
            assert self.board.phase == MatchPhase.PLAY

    @property
    def board(self) -> Board:
        return self.world.one(Board)

    def fighter(self, seat: int) -> Fighter:
        fighter = self.world.owned(Seat(seat), Fighter)
        assert fighter is not None
        return fighter

    def put(self, seat: int, tx: int, ty: int, **changes: Any) -> Fighter:
        """Stand a fighter still on a tile, unshielded, with other fields as given."""
        fighter = self.fighter(seat)
        fighter.x, fighter.y, fighter.vx, fighter.vy = centre(tx), centre(ty), 0, 0
        fighter.shielded, fighter.shield_ends = False, 0
        for name, value in changes.items():
            setattr(fighter, name, value)
        return fighter

    def step(self, commands: Mapping[int, Command] | None = None) -> list[Event]:
        """Run one tick; who is given no command holds still. Returns what happened."""
        self.run.begin()
        given = commands or {}
        self.run.step(
            {f.owner: given.get(f.owner, ArenaCommand(aim=f.aim)) for f in self.world.all(Fighter)}
        )
        self.happened += self.world.events
        return list(self.world.events)

    def steps(self, ticks: int, commands: Mapping[int, Command] | None = None) -> None:
        """Run ticks in which levels are held and presses count once."""
        held = dict(commands or {})
        for _ in range(ticks):
            self.step(held)
            held = {seat: command.repeated() for seat, command in held.items()}

    def of(self, kind: type[Event]) -> list[Any]:
        """Return the events of a kind that have happened so far."""
        return [event for event in self.happened if isinstance(event, kind)]

    def outcome(self) -> Outcome | None:
        return self.run.outcome()


def shooting(aim: int) -> ArenaCommand:
    return ArenaCommand(aim=aim, fire=1)


def launching(aim: int) -> ArenaCommand:
    return ArenaCommand(aim=aim, rocket=True)


def aged(command: ArenaCommand, view: int) -> ArenaCommand:
    return attrs.evolve(command, view=view)
