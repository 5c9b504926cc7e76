"""Record a real match without sockets: the state of each tick and the messages sent for it.

Law: the match, its inputs and its bytes are those of a live game. Players' inputs come from the
game's bots or from a copy of the load generator's walk, and reach the match as messages.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from bench.cache import ROOT
from bench.minimal import Minimal, Step
from gameserver.arena.arena import Arena
from gameserver.arena.options import ArenaOptions
from gameserver.game.command import Command
from gameserver.game.entity import Entity, Event, Player
from gameserver.game.fields import Audience
from gameserver.game.game import Game
from gameserver.game.maps.tiled import load_maps
from gameserver.game.rng import Rng
from gameserver.game.schema.table import GameTable, table_of
from gameserver.game.world import World
from gameserver.ids import EntityId, MatchId, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.messages.wire import Input, Kind
from gameserver.protocol.codec import encode
from gameserver.protocol.deltas import is_delta
from gameserver.protocol.hot import peek_kind

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
"""Rows by class: the id, then the fields in the order of their bits."""

Plays = Callable[[World], Command]
MASK: Final = (1 << 64) - 1


@attrs.frozen
class Frame:
    """One tick: what a viewer may see, and what was sent.

    Attributes:
        public: The fields that all viewers see.
        own: By seat, the fields that only this seat sees.
        events: Numbers and fields of the events in the snapshot.
        sent: The snapshot of each seat.
        moving: Number of entities that moved since the previous tick.
    """

    public: Rows
    own: list[Rows]
    events: list[Row]
    sent: list[bytes]
    moving: int


@attrs.frozen
class Recording:
    """A match, tick by tick; the first tick, in which everybody got a keyframe, is left out."""

    key: str
    shown: str
    hz: int
    players: int
    table: GameTable
    first: Frame
    frames: list[Frame]


@attrs.define
class Hands:
    """The load generator's walk: the same numbers from the same seed, see ``load.c``."""

    random: int
    dx: int = 0
    dy: int = 0
    angle: int = 0
    turn: int = 0

    @classmethod
    def of(cls, index: int) -> "Hands":
        """Return the hands of the client with this number."""
        made = cls(0x9E3779B97F4A7C15 * (index + 1) & MASK)
        for _ in range(8):
            made.draw()
        made.angle = made.draw() & 1023
        return made

    def draw(self) -> int:
        """Return 32 bits of xorshift64*."""
        x = self.random
        x ^= x >> 12
        x ^= x << 25 & MASK
        x ^= x >> 27
        self.random = x
        return (x * 0x2545F4914F6CDD1D & MASK) >> 32

    def __call__(self, world: World) -> Command:
        """Return the next input."""
        del world
        if self.draw() % 12 == 0:
            self.dx = self.draw() % 3 - 1
            self.dy = self.draw() % 3 - 1
        if self.draw() % 7 == 0:
            self.turn = 0 if self.draw() % 2 else self.draw() % 33 - 16
        self.angle = self.angle + self.turn & 1023
        return Step(dx=self.dx, dy=self.dy, angle=self.angle)


@attrs.define
class Seated:
    """One player without network delay, which is also its outlet."""

    plays: Plays
    taken: bytes = b""

    def offer(self, message: bytes) -> bool:
        """Keep a snapshot; ignore all other messages."""
        if is_delta(message) or peek_kind(message) == Kind.SNAPSHOT:
            self.taken = message
        return True


@attrs.define
class Table:
    """All seats; the match's inlet."""

    seats: list[Seated]
    match: Match | None = None

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Return one input for the next tick from everybody."""
        assert self.match is not None
        world, arrived = self.match.world, []
        for seat, one in enumerate(self.seats):
            row = one.plays(world).to_row()
            message = encode(Input(world.tick + 1, Tick(0), world.tick, 0, row))
            arrived.append((PlayerId(f"p{seat}"), message))
        return arrived


def arena(seconds: float) -> Recording:
    """Record ten bots in a deathmatch on a shipped map."""
    game = Arena()
    level = game.bot_levels[len(game.bot_levels) // 2]
    plays = [game.bot(Seat(i), level, Rng.seeded(7, i)).command for i in range(10)]
    options = ArenaOptions(time_limit_s=0, score_limit=0)
    return record("arena", "Arena, 10 fighters", game, "foundry", ROOT / "maps", options, plays,
                  seconds)  # fmt: skip


def minimal(players: int, seconds: float) -> Recording:
    """Record the minimal game, played by the load generator's hands."""
    game = Minimal()
    plays = [Hands.of(i) for i in range(players)]
    return record(f"minimal-{players}", f"minimal game, {players} walkers", game, "field",
                  ROOT / "bench" / "maps", game.options(), plays, seconds)  # fmt: skip


def record(
    key: str, shown: str, game: Game, place: str, folder: Path, options: object,
    plays: Sequence[Plays], seconds: float,
) -> Recording:  # fmt: skip
    """Play a match, one player for each of ``plays``, and return its recording."""
    table = Table([Seated(play) for play in plays])
    players = [Player(Seat(i), f"Player {i}") for i in range(len(plays))]
    match = table.match = Match(
        match_id=MatchId("recorded"), game=game, map=load_maps(folder)[place], options=options,
        seed=5, players=players, inlet=table,
    )  # fmt: skip
    for seat, one in enumerate(table.seats):
        match.add_viewer(PlayerId(f"p{seat}"), Seat(seat), one)
    tables = table_of(game)
    before: dict[EntityId, tuple[object, object]] = {}
    frames = []
    for _ in range(int(seconds * game.tick_rate) + 1):
        report = match.tick()
        if report.fault is not None:
            raise report.fault
        entities = list(match.world)
        now: dict[EntityId, tuple[object, object]] = {
            e.id: (getattr(e, "x", 0), getattr(e, "y", 0)) for e in entities
        }
        moving = sum(before.get(number, at) != at for number, at in now.items())
        before = now
        own = [
            rows_of(tables, [e for e in entities if e.owner == seat], Audience.OWNER)
            for seat in range(len(plays))
        ]
        frames.append(
            Frame(
                rows_of(tables, entities, Audience.PUBLIC),
                own,
                [event_row(tables, event) for event in match.world.events if not event.reliable],
                [one.taken for one in table.seats],
                moving,
            )
        )
    return Recording(key, shown, game.tick_rate, len(plays), tables, frames[0], frames[1:])


def rows_of(tables: GameTable, entities: Sequence[Entity], audience: Audience) -> Rows:
    """Return by class the rows of what an audience sees."""
    rows: Rows = {}
    for entity in entities:
        table = tables.of(type(entity), audience)
        if table is not None:
            values = tuple(getattr(entity, field.name) for field in table.fields)
            rows.setdefault(type(entity).__name__, []).append((entity.id, *values))
    return rows


def event_row(tables: GameTable, event: Event) -> Row:
    """Return an event's number and fields."""
    row = tables.event_row(event)
    return (row.number, *row.values(event))
