"""A recorded match of the small game, played without any network."""

from collections.abc import Sequence
from typing import Final

import attrs

from gameserver.game.entity import Outcome, Player, Standing
from gameserver.game.game import Game
from gameserver.ids import Seat, Tick
from gameserver.match import Match
from gameserver.store.batches import widths_of
from gameserver.store.identity import code_digest, spec_of
from gameserver.store.recorder import MatchRecorder
from gameserver.store.records import Header, head_of
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish, SkirmishOptions

GAME: Final = Skirmish()
MAP: Final = map_from_rows(*["." * 8] * 8)
PLAYERS: Final = (
    Player(Seat(0), "Ann", 1, bot=True),
    Player(Seat(1), "Bo", 2, bot=True),
    Player(Seat(2), "Cy", 1, bot=True),
)
OUTCOME: Final = Outcome((Standing(Seat(1), "Bo", 2, 7, won=True), Standing(Seat(0), "Ann", 1, 3)))


@attrs.define
class MemoryFile:
    """A journal's file in memory, whose disk can be full or slow."""

    data: bytes = b""
    on_disk: Tick = attrs.field(default=Tick(0))
    begun: bool = False
    fault: str = ""
    slow: bool = False
    """Whether too much is queued already."""
    full: bool = False
    """Whether each write fails."""
    full_once: bool = False
    """Whether the next write fails."""
    retries: int = 0
    closed: bool = False

    def append(self, data: bytes, tick: Tick) -> bool:
        if self.slow:
            return False
        if self.full or self.full_once:
            self.full_once = False
            self.fault = "No space left on device"
        elif not self.fault:
            self.data += data
            self.on_disk, self.begun = tick, True
        return True

    def retry(self) -> None:
        self.retries += 1
        self.fault = ""

    def finish(self) -> None:
        self.closed = not self.fault


class NoInlet:
    """Delivers nothing: all players are bots."""

    def drain(self) -> Sequence[tuple[str, bytes]]:
        return ()


def header(game: Game = GAME, seed: int = 7) -> Header:
    return Header(
        match_id="m1",
        spec=spec_of(game),
        game=game.name,
        code=code_digest(type(game)),
        map_name=MAP.name,
        map_wire=MAP.to_wire(),
        options=attrs.asdict(SkirmishOptions()),
        seed=seed,
        tick_rate=game.tick_rate,
        command_fields=len(game.command.fields()),
        players=PLAYERS,
        began_ms=1_700_000_000_000,
        server="0.0",
        widths=widths_of(game.command),
    )


@attrs.define
class Played:
    """A match, its recorder and its file."""

    file: MemoryFile = attrs.field(factory=MemoryFile)
    recorder: MatchRecorder = attrs.field(init=False)
    match: Match = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        head = header()
        self.file.data = head_of(head)
        self.recorder = MatchRecorder(head, GAME, self.file)
        self.match = Match(
            match_id="m1",
            game=GAME,
            map=MAP,
            options=SkirmishOptions(),
            seed=head.seed,
            players=PLAYERS,
            inlet=NoInlet(),
            recorder=self.recorder,
        )

    def play(self, ticks: int, *, flush_every: int = 5) -> "Played":
        for _ in range(ticks):
            self.match.tick()
            if self.match.tick_number % flush_every == 0:
                self.recorder.flush()
        return self

    def end(self) -> "Played":
        self.recorder.end("finished", self.match.world, OUTCOME)
        return self
