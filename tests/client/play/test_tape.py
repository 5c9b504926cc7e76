"""A tape holds the last seconds of a match within its bounds, and plays what the client saw."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.client.play import tapefile
from gameserver.client.play.tape import (
    MAGIC,
    MOST_BYTES,
    TAPE_S,
    VERSION,
    WINDOW_S,
    PlayTape,
)
from gameserver.client.play.tapefile import StoredTape, read_tape, steps_of
from gameserver.client.play.telemetry import Telemetry
from gameserver.errors import JournalError
from gameserver.game.fields import Audience
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import EntityId, MatchId, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened, MatchStarted
from gameserver.messages.wire import Input, Section, Seen, Shift, Snapshot, Steer
from gameserver.netcode.prediction.world import Difference, Verdict
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.netcode.replication.sections import PUBLIC
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishOptions
from tests.memory import memory_below

GAME = Skirmish()
MAP = map_from_rows(*["." * 16] * 16)
STARTED = MatchStarted(
    MatchId("m1"), "skirmish", Seat(0), (), 30, 1, MAP.name, MAP.digest, {}, 1, {}
)


@attrs.define
class Watched:
    """A match whose snapshots a tape takes; one runner moves, another one stands."""

    now: float = 0.0
    tick: int = 0
    telemetry: Telemetry = attrs.field(factory=Telemetry)
    tape: PlayTape = attrs.field(init=False)
    reader: SnapshotReader = attrs.field(factory=lambda: SnapshotReader(GAME))
    seen: dict[int, int] = attrs.field(factory=dict)
    """Where the runner was, by tick."""

    def __attrs_post_init__(self) -> None:
        self.tape = PlayTape(STARTED, self.telemetry, lambda: self.now)
        self.world = World(map=MAP, options=SkirmishOptions(), salt=1)
        self.runner = self.world.spawn(Runner(x=10, y=20, name="me"), Seat(0))
        self.world.spawn(Runner(x=30, y=40, name="other"), Seat(1))
        self.encoder = SectionEncoder(table_of(GAME), Audience.PUBLIC)

    world: World = attrs.field(init=False)
    runner: Runner = attrs.field(init=False)
    encoder: SectionEncoder = attrs.field(init=False)

    def enter(self) -> None:
        self.reader = SnapshotReader(GAME)
        self.tape.note(MatchEntered(Tick(self.tick), Seat(0), 1))

    def play(self, ticks: int, *, keyframe: bool = False) -> None:
        for _ in range(ticks):
            self.now += 1 / 30
            self.tick += 1
            self.runner.x += 1 + self.tick % 3
            body = self.encoder.encode(list(self.world), checksum=self.tick % 10 == 0)
            if keyframe:
                body = self.encoder.keyframe()
            snapshot = Snapshot(Tick(self.tick), (Section(PUBLIC, keyframe, body),))
            reading = self.reader.apply(snapshot.tick, snapshot.sections)
            assert reading.confirmed is not None
            assert reading.desyncs == []
            self.tape.received(snapshot, self.reader)
            self.seen[self.tick] = self.runner.x
            keyframe = False


def played(tape: StoredTape) -> dict[int, int]:
    """Return where the runner was in each snapshot of a tape."""
    found: dict[int, int] = {}
    for step in steps_of(tape, GAME):
        if isinstance(step.entry, Snapshot):
            assert step.reading is not None
            assert step.reading.desyncs == []
            assert step.reading.confirmed is not None
            runner = step.reading.confirmed.entities[EntityId(1)]
            assert isinstance(runner, Runner)
            found[step.entry.tick] = runner.x
    return found


def test_a_tape_plays_the_last_half_minute_as_it_was_seen() -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(30 * 90)
    tape = read_tape(watched.tape.to_bytes())
    found = played(tape)
    assert found == {tick: watched.seen[tick] for tick in found}
    assert max(found) == watched.tick
    assert TAPE_S <= len(found) / 30 <= TAPE_S + WINDOW_S + 0.1
    assert tape.header["map_digest"] == MAP.digest
    assert tape.header["game"] == "skirmish"


def test_a_short_match_is_whole_and_a_reconnect_in_it_begins_anew() -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(200)
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(200)
    found = played(read_tape(watched.tape.to_bytes()))
    assert found == watched.seen


def test_what_was_sent_and_measured_comes_back_in_order() -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    entries: list[Any] = [
        Input(4, Tick(9), Tick(1), 20, (1, 700, 0)),
        Seen(Tick(1)),
        Steer(Tick(1), -2),
        Shift(Tick(1), 3),
        MatchHappened(MatchId("m1"), Tick(1), 0, (1, True, "who")),
        0.125,
    ]
    for entry in entries:
        watched.now += 0.5
        watched.tape.note(entry)
    told = read_tape(watched.tape.to_bytes()).entries
    assert [entry for _, entry in told[2:]] == entries
    assert [at for at, _ in told[2:]] == [33 + 500 * n for n in range(1, 7)]


def test_divergences_of_its_time_are_named() -> None:
    watched = Watched()
    for tick in (1, 5000):
        wrong = (Difference("Runner", EntityId(1), "x", 5, 7),)
        watched.telemetry.judged(Verdict(tick, True, wrong, 2.0, False))
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(30 * 60)
    (told,) = read_tape(watched.tape.to_bytes()).divergences
    assert attrs.astuple(told) == (5000, "world", "Runner", "1", "x", "5", "7")


def test_a_divergence_at_the_first_tick_of_a_tape_is_named_and_none_before_it() -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(30 * 60)
    first = read_tape(watched.tape.to_bytes()).tick
    assert first > 1
    for tick in (first - 1, first):
        wrong = (Difference("Runner", EntityId(1), "x", 5, 7),)
        watched.telemetry.judged(Verdict(tick, True, wrong, 2.0, False))
    (told,) = read_tape(watched.tape.to_bytes()).divergences
    assert told.tick == first


def huge_snapshots(watched: Watched) -> None:
    body = watched.encoder.keyframe()
    watched.tick += 1
    sections = (Section(PUBLIC, True, body), *(Section(9, False, bytes(100_000)),) * 3)
    watched.tape.received(Snapshot(Tick(watched.tick), sections), watched.reader)


def events(watched: Watched) -> None:
    watched.tape.note(MatchHappened(MatchId("m1"), Tick(1), 0, ("x" * 100_000,)))


def round_trips(watched: Watched) -> None:
    for _ in range(1000):
        watched.tape.note(0.1)


def least_bytes(entry: object) -> int:
    """Return how much memory an entry takes at least."""
    bodies = sum(len(part.body) for part in getattr(entry, "sections", ()))
    texts = sum(len(each) for each in getattr(entry, "fields", ()) if isinstance(each, str))
    return 100 + bodies + texts


@pytest.mark.parametrize("flood", [huge_snapshots, events, round_trips])
def test_a_server_that_floods_a_tape_cannot_make_it_grow(flood: Callable[[Watched], None]) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    for _ in range(400):
        flood(watched)
        assert watched.tape._size <= MOST_BYTES + 1_000_000
    entries = [entry for window in watched.tape._windows for _, entry in window.entries]
    bodies = [len(part.body) for entry in entries for part in getattr(entry, "sections", ())]
    assert sum(bodies) <= MOST_BYTES
    assert sum(map(least_bytes, entries)) <= MOST_BYTES + 1_000_000


def test_of_large_snapshots_the_oldest_are_dropped_and_not_all() -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    sizes = []
    for _ in range(100):
        huge_snapshots(watched)
        sizes.append(watched.tape._size)
    assert sizes[30] > MOST_BYTES // 2
    assert min(sizes[30:]) > MOST_BYTES // 2


def test_an_empty_tape_is_a_file_as_well(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.tape"
    Watched().tape.save(path)
    assert read_tape(path.read_bytes()).entries == ()


GOOD = Watched()
GOOD.enter()
GOOD.play(1, keyframe=True)
GOOD.play(9)
BODY = msgpack.unpackb(zlib.decompress(GOOD.tape.to_bytes()[len(MAGIC) :]))


def packed(body: object) -> bytes:
    return MAGIC + zlib.compress(msgpack.packb(body))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"gsjrnl1\n",
        MAGIC,
        MAGIC + b"x" * 100,
        GOOD.tape.to_bytes()[:-5],
        packed(7),
        packed([]),
        packed([VERSION + 1, {}, 0, [], [], []]),
        packed([VERSION, {}, 0, [], [], []]),
        packed([VERSION, {**BODY[1], "tick_rate": 0}, *BODY[2:]]),
        packed([VERSION, {**BODY[1], "game": 5}, *BODY[2:]]),
        packed([*BODY[:3], [[0, "no bytes"]], *BODY[4:]]),
        *(
            packed([*BODY[:4], [row], []])
            for row in (
                7, [], [0, 0], [99, 0, 1], [0, 0, 1, [[0, True]]], [1, 0, 1, 2, 3, 4, ["x"]],
                [2, 0, "x"], [3, 0, 1], [5, 0, 1, 0, [1.5]], [6, 0, 1, 0], [7, 0, "x"], [[], 0, 1],
            )
        ),
        packed([*BODY[:5], [[1, "a"]]]),
        packed([VERSION, BODY[1], 0, [], [[7, 0, 1]] * 300_000, []]),
    ],
)  # fmt: skip
def test_what_is_no_tape_is_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(JournalError):
        read_tape(data)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tapefile, "MOST_UNPACKED", 1 << 20)
    data = MAGIC + zlib.compress(bytes(64 << 20))
    with memory_below(8 << 20), pytest.raises(JournalError, match="larger than it can be"):
        read_tape(data)


@pytest.mark.parametrize(("value", "arrays"), [(b"\x90", 8), (b"\x80", 8), (b"\x00", 60)])
def test_a_tape_that_unfolds_in_memory_is_refused_before_it_does(value: bytes, arrays: int) -> None:
    array = b"\xdd" + (1 << 18).to_bytes(4, "big") + value * (1 << 18)
    entries = b"\xdc" + arrays.to_bytes(2, "big") + array * arrays
    data = MAGIC + zlib.compress(b"\x96\x01\x80\x00\x90" + entries + b"\x90")
    with memory_below(110 << 20), pytest.raises(JournalError, match="damaged"):
        read_tape(data)


def test_a_snapshot_of_another_game_is_a_section_that_cannot_be_decoded() -> None:
    row = [0, 0, 1, [[PUBLIC, True, b"\xc1"]]]
    tape = read_tape(packed([*BODY[:3], [], [row], []]))
    (step,) = steps_of(tape, GAME)
    assert step.reading is not None
    assert step.reading.confirmed is None
    assert len(step.reading.desyncs) == 1


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_garbled_tape_raises_one_error(noise: bytes, at: int) -> None:
    plain = bytearray(msgpack.packb(BODY))
    plain[at : at + len(noise)] = noise
    try:
        tape = read_tape(MAGIC + zlib.compress(bytes(plain)))
        for _ in steps_of(tape, GAME):
            pass
    except JournalError:
        pass


def test_only_texts_of_events_count_beside_the_weight_of_an_entry() -> None:
    def size(*fields: int | bool | str) -> int:
        tape = PlayTape(STARTED, Telemetry(), lambda: 0.0)
        tape.note(MatchHappened(MatchId("m1"), Tick(1), 0, fields))
        return tape._size

    assert size(7, True, "") == size()
    assert size("abc", 7, "de") == size() + 5
