"""The last value that a journal may have, and the first that is refused."""

import os
import time
from io import BytesIO
from pathlib import Path

import attrs
import pytest

from gameserver.errors import JournalError, UnreadableFileError
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.frames import (
    LONGEST_PAYLOAD,
    frame_at,
    frame_of,
    payloads_of,
    read_exactly,
)
from gameserver.store.keep import Keep
from gameserver.store.reading import (
    Contents,
    brief,
    contents,
    journal_name,
    journal_of,
    journals_in,
    read_journal,
)
from gameserver.store.records import (
    MOST_SEATS,
    Checkpoint,
    End,
    Hash,
    Hole,
    JournalRecord,
    SeatTaken,
    head_of,
    numbered_records,
    pack_other,
    pack_tick,
    records_of,
    seated_in,
)
from gameserver.store.sifting import sifted
from tests.store.recorded import OUTCOME, header

# --- frames ---------------------------------------------------------------------------------------


def test_a_frame_is_found_where_it_begins_and_only_whole() -> None:
    data = b"x" + frame_of(b"abc") + frame_of(b"")
    assert frame_at(data, 1, 3) == (12, 3)
    assert frame_at(data, 12, 0) == (20, 0)
    assert frame_at(data, 13, 100) == (0, 0), "no room for a head"
    assert frame_at(data, 1, 2) == (0, 0), "longer than is looked at"
    assert frame_at(data[:11], 1, 3) == (0, 0), "cut off"
    assert frame_at(data[:9] + b"?" + data[10:], 1, 3) == (0, 3), "another checksum"


def test_the_longest_payload_is_read_and_a_longer_one_is_not() -> None:
    longest, longer = (bytes(LONGEST_PAYLOAD + more) for more in (0, 1))
    for payload, count in ((longest, 1), (longer, 0)):
        data = frame_of(payload)
        assert len(list(payloads_of(data))) == count
        assert len(list(sifted(BytesIO(data), len(data)))) == count
        assert frame_at(data, 0, len(data))[0] == count * len(data)


@pytest.mark.parametrize("length", [b"\xff\xff\xff\x01", b"\xff\xff\xff\x00"])
def test_only_checksums_that_are_computed_count_for_the_end_of_the_search(length: bytes) -> None:
    looks_like_one = length + bytes(4) + b"\x92\x01"  # longer than any, or than the file
    behind = b"\x92\x01behind"
    data = frame_of(b"first") + b"?" + 20 * looks_like_one + frame_of(behind)
    assert list(sifted(BytesIO(data), len(data))) == [b"first", behind]


def test_so_many_bytes_are_read_as_there_are() -> None:
    assert read_exactly(BytesIO(b"abc"), 2) == b"ab"
    assert read_exactly(BytesIO(b"abc"), 4) == b"abc"
    assert read_exactly(BytesIO(b"abc"), 0) == b""


# --- records --------------------------------------------------------------------------------------


def test_a_tick_has_a_command_for_each_seat_at_most() -> None:
    head = attrs.evolve(header(), command_fields=1, widths="B")
    rows = [(Seat(seat), 0, (seat % 7,)) for seat in range(MOST_SEATS)]
    (tick,) = records_of(pack_tick(Tick(1), [], [], rows), head)
    assert list(getattr(tick, "commands", ())) == rows
    with pytest.raises(JournalError, match="do not fit the game"):
        records_of(pack_tick(Tick(1), [], [], [*rows, rows[0]]), head)


def test_without_a_header_commands_have_no_fields() -> None:
    (tick,) = records_of(pack_tick(Tick(1), [], [], [(Seat(2), 3, ())]))
    assert getattr(tick, "commands", None) == ((2, 3, ()),)
    with pytest.raises(JournalError, match="do not fit the game"):
        records_of(pack_tick(Tick(1), [], [], [(Seat(2), 3, (4,))]))


def test_each_record_is_told_with_the_index_at_which_it_begins() -> None:
    parts = [Hash(Tick(1), b"x"), Hole(Tick(2), Tick(900)), Hash(Tick(900), b"long" * 9)]
    packed = [pack_other(each) for each in parts]
    found = numbered_records(b"".join(packed))
    assert found == [
        (0, parts[0]),
        (len(packed[0]), parts[1]),
        (len(packed[0]) + len(packed[1]), parts[2]),
    ]
    with pytest.raises(JournalError, match="cut off"):
        records_of(b"".join(packed)[:-1])


def test_a_text_of_a_header_has_a_longest_length(tmp_path: Path) -> None:
    for length, fits in ((4096, True), (4097, False)):
        path = tmp_path / f"{length}{OPEN}"
        path.write_bytes(head_of(attrs.evolve(header(), map_name="x" * length)))
        if fits:
            assert len(read_journal(path).header.map_name) == length
        else:
            with pytest.raises(JournalError, match="too long"):
                read_journal(path)


@pytest.mark.parametrize(("fields", "fits"), [(1024, True), (1025, False), (-1, False)])
def test_a_command_has_a_bounded_number_of_fields(tmp_path: Path, fields: int, fits: bool) -> None:
    path = tmp_path / f"m{OPEN}"
    path.write_bytes(head_of(attrs.evolve(header(), command_fields=fields, widths="B" * fields)))
    if fits:
        assert read_journal(path).header.command_fields == fields
    else:
        with pytest.raises(JournalError):
            read_journal(path)


def test_seats_are_found_in_frames_of_their_own_alone() -> None:
    seats = [SeatTaken(Tick(1), Seat(n), PlayerId(f"p{n}")) for n in (0, 1)]
    packed = [pack_other(each) for each in seats]
    assert seated_in(b"".join(packed)) == seats
    assert seated_in(pack_other(Hash(Tick(1), b"x")) + packed[0]) == []
    assert seated_in(b"") == []
    with pytest.raises(JournalError, match="a frame of seats holds something else"):
        seated_in(packed[0] + pack_other(Hash(Tick(1), b"x")))


# --- what is in a journal -------------------------------------------------------------------------


def journal(folder: Path, *frames: list[JournalRecord]) -> Path:
    path = folder / f"20200101T000000-m1{OPEN}"
    parts = [b"".join(pack_other(each) for each in frame) for frame in frames]
    path.write_bytes(head_of(header()) + b"".join(map(frame_of, parts)))
    return path


HOLE = Hole(Tick(1), Tick(9))
STATE = Checkpoint(Tick(9), b"dump")
END = End("finished", Tick(9), b"x", OUTCOME)


@pytest.mark.parametrize(
    ("frames", "counted", "last"),
    [
        ([], Contents(0, 0, 0, None), Contents(0, 0, 0, None)),
        ([[HOLE]], Contents(9, 9, 0, None), Contents(9, 0, 0, None)),
        ([[HOLE, STATE]], Contents(9, 9, 0, None), Contents(9, 0, 0, None)),
        (
            [[HOLE, STATE, Hash(Tick(9), b"x")], [Hash(Tick(9), b"y")]],
            Contents(9, 9, 2, None),
            Contents(9, 0, 0, None),
        ),
        ([[HOLE, STATE], [END]], Contents(9, 9, 0, END), Contents(9, 0, 0, END)),
    ],
)
def test_ticks_holes_hashes_and_the_end_are_counted(
    tmp_path: Path, frames: list[list[JournalRecord]], counted: Contents, last: Contents
) -> None:
    match = read_journal(journal(tmp_path, *frames))
    assert contents(match) == counted
    assert brief(match) == last


@pytest.mark.parametrize(
    "frames",
    [
        [[Hole(Tick(2), Tick(3))]],
        [[Hole(Tick(0), Tick(3))]],
        [[Hole(Tick(1), Tick(0))]],
        [[Hash(Tick(1), b"x")]],
        [[HOLE, Hash(Tick(8), b"x")]],
    ],
)
def test_records_out_of_their_order_are_refused(
    tmp_path: Path, frames: list[list[JournalRecord]]
) -> None:
    with pytest.raises(JournalError):
        contents(read_journal(journal(tmp_path, *frames)))


def test_a_hole_may_be_of_one_tick_and_nothing_follows_an_end(tmp_path: Path) -> None:
    one = Hole(Tick(1), Tick(1))
    end = End("finished", Tick(1), b"", OUTCOME)
    match = read_journal(journal(tmp_path, [one], [end, Hash(Tick(7), b"x")]))
    assert list(match.records()) == [one, end]
    assert list(match.numbered()) == [(0, one), (1, end)]


# --- files ----------------------------------------------------------------------------------------


def test_a_journal_is_found_by_its_match_the_finished_one_first(tmp_path: Path) -> None:
    assert journal_of(tmp_path / "none", "m1") is None
    assert journal_of(tmp_path, "m1") is None
    names = [journal_name(began, match) for began, match in ((0, "m1"), (5000, "m-2"))]
    assert names == ["19700101T000000-m1", "19700101T000005-m-2"]
    for name in names:
        (tmp_path / f"{name}{OPEN}").touch()
    assert journal_of(tmp_path, "m1") == tmp_path / f"{names[0]}{OPEN}"
    assert journal_of(tmp_path, "m-2") == tmp_path / f"{names[1]}{OPEN}"
    (tmp_path / f"{names[0]}{CLOSED}").touch()
    assert journal_of(tmp_path, "m1") == tmp_path / f"{names[0]}{CLOSED}"
    (tmp_path / "notes.txt").touch()
    assert [path.name for path in journals_in(tmp_path)] == [
        f"{names[0]}{OPEN}",
        f"{names[0]}{CLOSED}",
        f"{names[1]}{OPEN}",
    ]
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        journal_of(tmp_path / "notes.txt", "m1")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        journals_in(tmp_path / "none")


DAY_S = 86_400


def test_only_what_is_beyond_a_bound_is_deleted(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}{OPEN if number % 2 else CLOSED}" for number in range(4)]
    for number, path in enumerate(paths):
        path.touch()
        age_s = (3 - number) * DAY_S + 600
        os.utime(path, (time.time() - age_s,) * 2)
    assert Keep().clear(tmp_path) == []
    assert Keep(matches=4).clear(tmp_path) == []
    assert Keep(days=3.1).clear(tmp_path) == []
    assert Keep(days=3.0).clear(tmp_path) == paths[:1]
    assert Keep(matches=2).clear(tmp_path, running=["1"]) == []
    assert Keep(matches=1).clear(tmp_path, running=["1"]) == [paths[2]]
    assert Keep(matches=1).clear(tmp_path) == [paths[1]]
    assert Keep(matches=1).clear(tmp_path / "none") == []
    assert journals_in(tmp_path) == [paths[3]]
