"""The program that ``script/bench journal`` counts: a match of Arena, with a journal or without.

Law: the inputs are made before anything is counted, by the game's bots; so what is counted is the
match, and the journal as a server writes it.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from bench.cache import ROOT
from bench.recording import Seated
from gameserver.arena.arena import Arena
from gameserver.arena.options import ArenaOptions
from gameserver.game.command import Command
from gameserver.game.entity import Outcome, Player
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.world import World
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.match.simulation import Simulation
from gameserver.messages.wire import Input
from gameserver.protocol.codec import encode
from gameserver.service.journals import FLUSH_S
from gameserver.store.batches import widths_of
from gameserver.store.disk import Disk
from gameserver.store.identity import code_digest, spec_of
from gameserver.store.recorder import MatchRecorder
from gameserver.store.records import Header, head_of
from gameserver.store.worker import Job, ThreadWorker

GAME: Final = Arena()
OPTIONS: Final = ArenaOptions(time_limit_s=0, score_limit=0)
SEATS: Final = 8
SEED: Final = 5

PARTS: Final = {
    "commands": "taking the commands of each tick",
    "worlds": "hashes and checkpoints",
    "flush": "packing, framing, handing over",
    "end": "the end, and compressing the file",
    "writer": "of these: what the writing thread does",
}
"""What a journal's cost consists of, in words; see `Counting`."""


@attrs.frozen
class Recorded:
    """The inputs of one tick: the commands, and the messages that bring them."""

    commands: Mapping[Seat, Command]
    messages: tuple[tuple[PlayerId, bytes], ...]


@attrs.define
class Tapped:
    """A recorder that keeps the commands of each tick."""

    ticks: list[Recorded] = attrs.field(factory=list)

    def record(
        self, tick: Tick, _left: Any, _joined: Any, commands: Mapping[Seat, Command]
    ) -> None:
        """Keep the commands of a tick, and the messages that would bring them."""
        messages = tuple(
            (PlayerId(f"p{seat}"), encode(Input(tick, Tick(0), Tick(tick - 1), 0, each.to_row())))
            for seat, each in commands.items()
        )
        self.ticks.append(Recorded(dict(commands), messages))

    def stepped(self, world: World) -> None:
        """Keep nothing."""


@attrs.define
class Told:
    """An inlet that delivers what was recorded."""

    ticks: list[Recorded]
    at: int = 0

    def drain(self) -> tuple[tuple[PlayerId, bytes], ...]:
        """Return the messages for the next tick."""
        self.at += 1
        return self.ticks[self.at - 1].messages if self.ticks else ()


class SameThread:
    """A worker without a thread, whose works are counted by themselves."""

    def __init__(self, counting: "Counting") -> None:
        """Do nothing."""
        self._counting = counting
        self._s = 0.0

    def put(self, work: Job) -> None:
        """Do a work."""
        with self._counting.part("writer"):
            work()

    def now(self) -> float:
        """Return a time that passes with each flush."""
        self._s += FLUSH_S
        return self._s

    def rest(self, seconds: float) -> None:
        """Do nothing."""

    def close(self, longest_s: float) -> bool:
        """Do nothing: no work waits."""
        del longest_s
        return True


class Counting:
    """Switches callgrind: it counts all from `begin` to `end`, or one part of the journal alone."""

    def __init__(self, library: str, part: str) -> None:
        """Load the library of ``bench/counting``; without a path nothing is counted."""
        loaded = ctypes.CDLL(library) if library else None
        self._count: Callable[[int], object] = loaded.count if loaded else _nothing
        self._turn: Callable[[], object] = loaded.turn if loaded else _nothing
        self._part = part
        self.threaded = not part
        """Whether the writer is a thread; the counting of a part is that of one thread."""

    def begin(self) -> None:
        """Begin to count."""
        self._count(1)

    def end(self) -> None:
        """End counting."""
        self._count(0)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what is done within, if that is the wanted part."""
        mine = name == self._part
        if mine:
            self._turn()
        yield
        if mine:
            self._turn()

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is counted as a part."""
        if name != self._part:
            return call
        turn = self._turn

        def counted(*arguments: Any) -> Any:
            turn()
            result = call(*arguments)
            turn()
            return result

        return counted


def _nothing(*_arguments: object) -> None:
    pass


def arena_map() -> TileMap:
    """Return the map that is played on."""
    return load_maps(ROOT / "maps")["foundry"]


def players(*, bots: bool) -> tuple[Player, ...]:
    """Return the seats."""
    return tuple(Player(Seat(seat), f"Player {seat}", bot=bots) for seat in range(SEATS))


def inputs(ticks: int) -> list[Recorded]:
    """Return the inputs that bots give."""
    tapped = Tapped()
    match = _match(Told([]), tapped, bots=True)
    for _ in range(ticks):
        match.tick()
    return tapped.ticks


def _match(inlet: Told, recorder: Any, *, bots: bool) -> Match:
    return Match(
        match_id=MatchId("counted"),
        game=GAME,
        map=arena_map(),
        options=OPTIONS,
        seed=SEED,
        players=players(bots=bots),
        inlet=inlet,
        recorder=recorder,
    )


def recorder_of(folder: Path, counting: Counting) -> tuple[MatchRecorder, Disk]:
    """Return what writes the match's journal into a folder."""
    make = ThreadWorker if counting.threaded else lambda _name, _idle: SameThread(counting)
    disk = Disk(folder, make_worker=make)
    header = Header(
        match_id="counted",
        spec=spec_of(GAME),
        game=GAME.name,
        code=code_digest(type(GAME)),
        map_name="foundry",
        map_wire=arena_map().to_wire(),
        options=attrs.asdict(OPTIONS),
        seed=SEED,
        tick_rate=GAME.tick_rate,
        command_fields=len(GAME.command.fields()),
        players=players(bots=False),
        began_ms=0,
        server="0",
        widths=widths_of(GAME.command),
    )
    return MatchRecorder(header, GAME, disk.open("counted", head_of(header))), disk


def play(ticks: int, viewers: int, folder: Path | None, counting: Counting) -> Tick:
    """Play a match and return its last tick; without a folder it has no journal."""
    told = inputs(ticks)
    taps, disk = None, None
    if folder is not None:
        recorder, disk = recorder_of(folder, counting)
        taps = Taps(recorder, counting)
    stage = _Watched(told, taps, viewers) if viewers else _Bare(told, taps)
    every = int(FLUSH_S * GAME.tick_rate)
    counting.begin()
    for number in range(ticks):
        stage.tick()
        if taps is not None and number % every == every - 1:
            taps.flush()
    if taps is not None and disk is not None:
        taps.end("finished", stage.world, Outcome(()))
        disk.close()
    counting.end()
    return stage.world.tick


class Taps:
    """A recorder whose parts are counted by themselves."""

    def __init__(self, recorder: MatchRecorder, counting: Counting) -> None:
        """Wrap what is wanted; the others stay the recorder's own methods."""
        self.record = counting.wrap("commands", recorder.record)
        self.stepped = counting.wrap("worlds", recorder.stepped)
        self.flush = counting.wrap("flush", recorder.flush)
        self.end = counting.wrap("end", recorder.end)


class _Watched:
    """A match with viewers, who send their inputs as messages."""

    def __init__(self, told: list[Recorded], taps: Taps | None, viewers: int) -> None:
        self._match = _match(Told(told), taps, bots=False)
        for seat in range(viewers):
            self._match.add_viewer(PlayerId(f"p{seat}"), Seat(seat), Seated(lambda _: Command()))

    @property
    def world(self) -> World:
        return self._match.world

    def tick(self) -> None:
        self._match.tick()


class _Bare:
    """The simulation alone, which is given the commands."""

    def __init__(self, told: list[Recorded], taps: Taps | None) -> None:
        self._told = told
        self._taps = taps
        self._simulation = Simulation(GAME, arena_map(), OPTIONS, SEED, players(bots=False))

    @property
    def world(self) -> World:
        return self._simulation.world

    def tick(self) -> None:
        world, taps = self._simulation.world, self._taps
        commands = dict(self._told[world.tick].commands)
        self._simulation.begin()
        if taps is not None:
            taps.record(world.tick, (), (), commands)
        self._simulation.step(commands)
        if taps is not None:
            taps.stepped(world)


def main() -> None:
    """Run the program: ticks, viewers, folder, library, part; empty is none."""
    ticks, viewers, folder, library, part = sys.argv[1:]
    counting = Counting(library, part)
    tick = play(int(ticks), int(viewers), Path(folder) if folder else None, counting)
    sys.stdout.write(f"{tick} ticks\n")


if __name__ == "__main__":
    main()
