"""A journal gives back the match, wherever its file was cut off and whatever stands in it."""

from pathlib import Path

import attrs
import msgpack
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.ids import Seat
from gameserver.store import verify as verify_module
from gameserver.store.disk import compress
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.reading import (
    Contents,
    StoredMatch,
    brief,
    contents,
    journal_name,
    read_journal,
)
from gameserver.store.records import Checkpoint, End, Hash, Header, Hole, RecordKind, head_of
from gameserver.store.verify import verify
from tests.memory import memory_below
from tests.store.recorded import GAME, OUTCOME, Played, header

CHECKPOINT = int(30 * GAME.tick_rate)


def stored(data: bytes, folder: Path) -> StoredMatch:
    path = folder / "m.journal"
    path.write_bytes(data)
    return read_journal(path)


@pytest.fixture(scope="module")
def whole() -> bytes:
    played = Played()
    played.play(40)
    played.match.leave(Seat(1))
    played.play(30)
    played.match.join(Player(Seat(1), "Di", 2, bot=True))
    return played.play(CHECKPOINT).end().file.data


def test_a_recorded_match_is_read_and_replayed_to_the_same_worlds(
    whole: bytes, tmp_path: Path
) -> None:
    match = stored(whole, tmp_path)
    assert match.header == header()
    assert match.torn == 0
    records = list(match.records())
    assert sum(isinstance(each, Checkpoint) for each in records) == 1
    found = contents(match)
    assert (found.ticks, found.left_out) == (CHECKPOINT + 70, 0)
    assert found.end is not None
    assert found.end.outcome == OUTCOME
    verdict = verify(match, GAME)
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (found.ticks, None, True)
    # Every 2 s, and the end: the hash of a checkpoint's tick is among them.
    assert verdict.hashes == found.ticks // (2 * GAME.tick_rate) + 1 == found.hashes + 1


def test_a_file_that_was_cut_off_anywhere_gives_all_whole_frames_before(
    whole: bytes, tmp_path: Path
) -> None:
    ends = [end for end, _ in payloads_of(whole, len(MAGIC))]
    first = ends[0]
    for cut in (*range(first, first + 200), *range(len(whole) - 200, len(whole))):
        match = stored(whole[:cut], tmp_path)
        kept = sum(end <= cut for end in ends)
        assert len(match._payloads) == kept - 1
        assert match.torn == cut - ends[kept - 1]
        assert not match.damaged
    for cut in (0, 3, len(MAGIC), first - 1):
        with pytest.raises(JournalError):
            stored(whole[:cut], tmp_path)
    verdict = verify(stored(whole[:-1], tmp_path), GAME)
    assert (verdict.differs_at, verdict.finished) == (None, False)


def test_a_compressed_journal_is_the_same(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.journal"
    path.write_bytes(whole)
    done = compress(path)
    assert [each.name for each in tmp_path.iterdir()] == ["m.journal.zst"]
    assert done.stat().st_mode & 0o777 == 0o600, "it holds names and the seed"
    assert done.stat().st_size < len(whole) / 2
    assert read_journal(done) == stored(whole, tmp_path)


def test_another_world_is_found_at_the_first_hash_behind_it(whole: bytes, tmp_path: Path) -> None:
    head = head_of(header())
    other = head_of(header(seed=8)) + whole[len(head) :]
    verdict = verify(stored(other, tmp_path), GAME)
    assert verdict.differs_at == 2 * GAME.tick_rate


def test_changed_code_is_refused_and_never_replayed(whole: bytes, tmp_path: Path) -> None:
    head = head_of(header())
    other = head_of(attrs.evolve(header(), code="0" * 32)) + whole[len(head) :]
    with pytest.raises(JournalError, match=r"code of .* has changed since"):
        verify(stored(other, tmp_path), GAME)
    other = head_of(attrs.evolve(header(), game="chess")) + whole[len(head) :]
    with pytest.raises(JournalError, match="a match of chess, not of"):
        verify(stored(other, tmp_path), GAME)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"map_wire": [1, 2]}, "cannot begin"),
        ({"options": {"nothing": 1}}, "cannot begin"),
        ({"tick_rate": 0}, "cannot be"),
        ({"command_fields": -1}, "cannot be"),
        ({"widths": "B"}, "widths of its commands"),
        ({"widths": "B" * 5000}, "too long"),
        ({"widths": "s" * header().command_fields}, "widths of its commands"),
        ({"spec": "x" * 5000}, "too long"),
        ({"options": {b"mode": 1}}, "options"),
        ({"options": {"mode": b"x"}}, "options"),
        ({"options": {"mode": [1]}}, "options"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_a_sentence(
    whole: bytes, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    head = head_of(header())
    other = head_of(attrs.evolve(header(), **change)) + whole[len(head) :]
    with pytest.raises(JournalError, match=words):
        verify(stored(other, tmp_path), GAME)


@pytest.mark.parametrize(("rate", "fits"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_a_tick_rate_is_between_one_and_a_thousand(tmp_path: Path, rate: int, fits: bool) -> None:
    data = head_of(attrs.evolve(header(), tick_rate=rate))
    if fits:
        assert stored(data, tmp_path).header.tick_rate == rate
    else:
        with pytest.raises(JournalError, match="tick rate"):
            stored(data, tmp_path)


@pytest.mark.parametrize("fields", [0, 1])
def test_a_game_may_have_commands_without_fields(tmp_path: Path, fields: int) -> None:
    data = head_of(attrs.evolve(header(), command_fields=fields, widths="B" * fields))
    assert stored(data, tmp_path).header.command_fields == fields


def test_a_journal_without_ticks_is_told_to_have_none(tmp_path: Path) -> None:
    assert brief(stored(head_of(header()), tmp_path)) == Contents(0, 0, 0, None)


def test_names_of_journals_sort_by_time_and_hold_no_folder() -> None:
    assert journal_name(1_700_000_000_999, "../m1") == "20231114T221320-___m1"


def test_a_compressed_file_of_something_else_is_no_journal(tmp_path: Path) -> None:
    other = zstandard.ZstdCompressor().compress(b"something else")
    with pytest.raises(JournalError, match=r"it is no journal of a match$"):
        stored(other, tmp_path)


def test_progress_is_told_now_and_then(
    whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_module, "TOLD_EVERY", 20)
    told: list[int] = []
    ticks = verify(stored(whole, tmp_path), GAME, told.append).ticks
    assert told == list(range(20, ticks + 1, 20))


def test_a_game_that_raises_while_it_is_replayed_is_told_with_the_tick(
    whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("no")

    match = stored(whole, tmp_path)
    verify(match, GAME)
    monkeypatch.setattr(type(GAME), "step", fails)
    with pytest.raises(JournalError, match="the game met a fault at tick 1"):
        verify(match, GAME)


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="its form is 9; this version reads 2, 3 and 4"):
        stored(MAGIC + frame_of(msgpack.packb([0, 9, "x"])), tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2, [], [], []]],  # tick 1 is missing
        [[1, 1, [], [], [0, 0]]],  # half of a command
        [[1, 1, ["a"], [], []]],
        [[1, 1, [], [[0, "Ann"]], []]],
        [[2, 1, b""]],
        [[4, 2, 5]],
        [[4, 1, 0]],
        [[2, 0, "text"]],  # a hash that is no bytes
        [[3, 0, 5, []]],  # nor a dump
        [[5, 5, 0, b"", [], "", []]],  # the reason of an end that is no text
        [[5, "x", 0, b"", [], "", ["1"]]],  # a team's score
        [[5, "x", 0, b"", [], "", [True]]],
        [[5, "x", 0, b"", [[0, "Ann", 0, 0, {1: 2}, False]], "", []]],
        [[5, "x", 0, b"", [[0, "Ann", 0, 0, {"kills": "2"}, False]], "", []]],
        [[5, "x", 0, b"", [[0, "Ann", 0, 0, {}]], "", []]],  # half of a standing
        [[9]],
        [[]],
        [7],
        [[1]],
        [[0, 1]],
    ],
)
def test_records_that_cannot_be_are_refused(rows: list[object], tmp_path: Path) -> None:
    data = head_of(header()) + frame_of(b"".join(map(msgpack.packb, rows)))
    with pytest.raises(JournalError):
        contents(stored(data, tmp_path))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.just(b"\x95\x01"), max_size=4), st.booleans())
def test_bytes_of_any_kind_lead_to_records_or_to_one_error(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], framed: bool
) -> None:
    data = head_of(header()) + b"".join(map(frame_of if framed else bytes, payloads))
    try:
        for record in stored(data, tmp_path_factory.getbasetemp()).records():
            assert isinstance(record, Header | Hash | Checkpoint | Hole | End | object)
    except JournalError:
        pass


def test_a_compressed_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.store.reading.MOST_BYTES", 1 << 20)
    path = tmp_path / "bomb.journal.zst"
    path.write_bytes(zstandard.compress(MAGIC + bytes(1 << 26)))
    with memory_below(4 << 20), pytest.raises(JournalError, match="larger than any match"):
        read_journal(path)
    path.write_bytes(b"no zstd at all")
    with pytest.raises(JournalError, match="no journal of a match"):
        read_journal(path)


EMPTY_ARRAY, EMPTY_MAP, FALSE = b"\x90", b"\x80", b"\xc2"


@pytest.mark.parametrize("value", [EMPTY_ARRAY, EMPTY_MAP, FALSE], ids=["array", "map", "leaf"])
def test_values_that_unfold_in_memory_are_bounded_in_each_frame(
    tmp_path: Path, value: bytes
) -> None:
    parts, each = 15, (1 << 20) - 1
    inner = b"\xdd" + each.to_bytes(4, "big") + value * each
    bomb = bytes((0x94, RecordKind.CHECKPOINT, 0)) + b"\xc4\x00" + bytes((0x90 | parts,))
    path = tmp_path / "bomb.journal.zst"
    path.write_bytes(zstandard.compress(head_of(header()) + frame_of(bomb + inner * parts)))
    assert path.stat().st_size < 8192
    journal = read_journal(path)
    with memory_below(128 << 20), pytest.raises(JournalError, match="more values than it may"):
        contents(journal)


def test_a_long_journal_is_in_memory_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.store.reading.MOST_BYTES", 33 << 20)
    path = tmp_path / "m.journal.zst"
    frames = head_of(header()) + frame_of(bytes(1 << 20)) * 32
    path.write_bytes(zstandard.compress(frames))
    with memory_below(40 << 20):
        assert len(read_journal(path)._payloads) == 32
