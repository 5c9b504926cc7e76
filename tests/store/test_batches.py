"""Ticks that are packed together are read as they were, and what does not fit is no less exact."""

from pathlib import Path

import attrs
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import JournalError
from gameserver.game.command import Command, edge, level
from gameserver.game.entity import Player
from gameserver.game.schema.dump import dump_world, unpack_dump
from gameserver.game.schema.unfolding import Unfolding
from gameserver.ids import Seat, Tick
from gameserver.match.journal import TickRecord
from gameserver.store.batches import KIND, MOST_TICKS, TickBatch, ticks_of, widths_of
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.reading import StoredMatch, contents, read_journal
from gameserver.store.records import Checkpoint, RecordKind, head_of, pack_other
from gameserver.store.verify import verify
from gameserver.testing.skirmish import SkirmishCommand
from tests.memory import memory_below
from tests.store.recorded import GAME, MemoryFile, Played, header


@attrs.frozen
class Wide(Command):
    tiny: int = level(0, 255)
    below: int = level(-128, 127)
    short: int = level(0, 65535)
    shorter: int = level(-129, 1)
    whole: int = level(0, 1 << 31)
    less: int = level(-(1 << 31), 0)
    far: int = level(-(1 << 52), 1 << 52)
    pressed: bool = edge()


@attrs.frozen
class Bare(Command):
    """A game in which nobody does anything."""


def commands() -> st.SearchStrategy[Wide]:
    fields = [f for f in Wide.fields() if f.name != "pressed"]
    return st.builds(
        Wide,
        view=st.integers(0, 65535),
        pressed=st.booleans(),
        **{field.name: st.integers(field.lo, field.hi) for field in fields},
    )


def unpacked(record: bytes, command: type[Command]) -> list[TickRecord]:
    kind, *values = msgpack.unpackb(record)
    assert kind == RecordKind.TICKS
    return ticks_of(values, widths_of(command), len(command.fields()), Unfolding(9, 1 << 20))


def stored(data: bytes, folder: Path) -> StoredMatch:
    path = folder / "m.journal"
    path.write_bytes(data)
    return read_journal(path)


def test_each_field_has_the_narrowest_width_that_holds_its_bounds() -> None:
    assert widths_of(Wide) == "BbHhIiqB"
    assert widths_of(Bare) == ""


@given(st.lists(st.lists(commands(), min_size=2, max_size=2), min_size=1, max_size=5))
def test_packed_ticks_are_read_as_they_were(ticks: list[list[Wide]]) -> None:
    batch = TickBatch(Wide)
    seats = (Seat(3), Seat(300))
    for number, row in enumerate(ticks):
        assert batch.add(Tick(7 + number), dict(zip(seats, row, strict=True)))
    read = unpacked(batch.packed(), Wide)
    assert [each.tick for each in read] == [*range(7, 7 + len(ticks))]
    assert [each.commands for each in read] == [
        tuple((seat, c.view, c.to_row()) for seat, c in zip(seats, row, strict=True))
        for row in ticks
    ]
    assert all((each.left, each.joined) == ((), ()) for each in read)
    assert batch.packed() == b"", "it begins anew"


def test_commands_without_fields_have_their_views() -> None:
    batch = TickBatch(Bare)
    batch.add(Tick(1), {Seat(0): Bare(view=9)})
    assert unpacked(batch.packed(), Bare)[0].commands == ((Seat(0), 9, ()),)


def test_other_seats_or_too_many_ticks_begin_another_record() -> None:
    batch = TickBatch(Wide)
    one = {Seat(0): Wide()}
    for number in range(MOST_TICKS):
        assert batch.add(Tick(number + 1), one)
        assert not batch.add(Tick(number + 2), {Seat(1): Wide()})
        assert not batch.add(Tick(number + 2), {})
    assert not batch.add(Tick(MOST_TICKS + 1), one)
    assert len(unpacked(batch.packed(), Wide)) == MOST_TICKS
    assert batch.add(Tick(MOST_TICKS + 1), one)


def test_no_more_commands_are_taken_than_a_record_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.store.batches.MOST_COMMANDS", 4)
    batch = TickBatch(Wide)
    two = {Seat(0): Wide(), Seat(1): Wide()}
    assert [batch.add(Tick(tick), two) for tick in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize("view", [-1, 1 << 16])
def test_ticks_with_a_value_beyond_its_width_have_records_of_their_own(
    tmp_path: Path, view: int
) -> None:
    recorder = attrs.evolve(Played().recorder, file=(file := MemoryFile(head_of(header()))))
    for tick in (1, 2, 3):
        recorder.record(Tick(tick), (), (), {Seat(1): SkirmishCommand(view=view * (tick == 2))})
    recorder.flush()
    records = list(stored(file.data, tmp_path).records())
    assert [each.tick for each in records if isinstance(each, TickRecord)] == [1, 2, 3]
    assert [each.commands[0][1] for each in records if isinstance(each, TickRecord)] == [0, view, 0]


def test_who_comes_and_goes_is_in_a_record_between_those_before_and_behind(tmp_path: Path) -> None:
    played = Played().play(3)
    played.match.leave(Seat(1))
    played.play(2)
    played.match.join(Player(Seat(1), "Di", 2, bot=True))
    data = played.play(3).end().file.data
    kinds = [
        row[0]
        for _, payload in payloads_of(data, len(MAGIC))
        for row in msgpack.Unpacker(MemoryReader(bytes(payload)))
    ]
    assert [kind for kind in kinds if kind in (1, KIND)] == [KIND, 1, KIND, 1, KIND]
    match = stored(data, tmp_path)
    assert contents(match).ticks == 8
    assert verify(match, GAME).differs_at is None


class MemoryReader:
    """A file of bytes that an unpacker reads."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int) -> bytes:
        found, self._data = self._data[:size], self._data[size:]
        return found


@pytest.mark.parametrize(
    "values",
    [
        [1, 0, [], b""],
        [1, -1, [], b""],
        [1, MOST_TICKS + 1, [], b""],
        [1, 1, [0], b""],
        [1, 1, [0], b"\0" * 7],
        [1, 1, ["0"], b"\0" * 8],
        [1, 1, [True], b"\0" * 8],
        [1, 1, [0], "text"],
        [1, 1, [0]],
        [1, 1, [0], b"\0" * 8, 0],
    ],
)
def test_packed_ticks_that_cannot_be_are_refused(values: list[object]) -> None:
    with pytest.raises(JournalError):
        ticks_of(values, "BHBBB", 5, Unfolding(9, 1 << 20))


def test_a_journal_whose_header_has_no_widths_has_no_packed_ticks(tmp_path: Path) -> None:
    data = Played().play(5).end().file.data
    rest = data[len(head_of(header())) :]
    with pytest.raises(JournalError, match="does not tell how its commands are packed"):
        contents(stored(head_of(attrs.evolve(header(), widths="")) + rest, tmp_path))


def test_packed_ticks_are_bounded_by_what_they_unfold_to(tmp_path: Path) -> None:
    seats, size = 4000, 2
    rows = msgpack.packb([KIND, 1, MOST_TICKS, [*range(seats)], bytes(MOST_TICKS * seats * size)])
    head = head_of(attrs.evolve(header(), command_fields=0, widths=""))
    match = stored(head + frame_of(rows), tmp_path)
    with memory_below(16 << 20), pytest.raises(JournalError, match="more values than it may"):
        contents(match)


@pytest.mark.parametrize("form", [2, 3])
def test_a_journal_of_an_earlier_form_is_read(tmp_path: Path, form: int) -> None:
    head = msgpack.unpackb(next(payloads_of(head_of(header()), len(MAGIC)))[1])
    tick = msgpack.packb([1, 1, [], [], [0, 5, *range(header().command_fields)]])
    data = MAGIC + frame_of(msgpack.packb([0, form, *head[2:-1]])) + frame_of(tick)
    match = stored(data, tmp_path)
    assert match.header == attrs.evolve(header(), widths="")
    fields = tuple(range(header().command_fields))
    assert [*match.records()] == [TickRecord(Tick(1), (), (), ((Seat(0), 5, fields),))]
    with pytest.raises(JournalError):
        stored(MAGIC + frame_of(msgpack.packb([0, form, *head[2:]])), tmp_path)


def test_a_checkpoint_with_another_past_is_found_although_no_hash_tells_of_it(
    tmp_path: Path,
) -> None:
    played = Played().play(40)
    played.recorder.flush()
    world = played.match.world
    dump = dump_world(GAME, world)
    parts = unpack_dump(dump)
    parts[-1] = parts[-1][1:]
    for kept, differs_at in ((dump, None), (msgpack.packb(parts), Tick(40))):
        record = frame_of(pack_other(Checkpoint(world.tick, kept)))
        assert verify(stored(played.file.data + record, tmp_path), GAME).differs_at == differs_at
