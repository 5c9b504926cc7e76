"""Who had a seat is read from a journal without its ticks, whatever happened to the file."""

import hashlib
from pathlib import Path

import pytest

from gameserver.errors import JournalError, RequestError, UnreadableFileError
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.store import replayfile, sifting
from gameserver.store.disk import compress
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.reading import read_journal
from gameserver.store.recorder import MOST_PEOPLE
from gameserver.store.records import Hash, SeatTaken, head_of, pack_other, seated_in
from gameserver.store.replayfile import MOST_KNOWN, PAGE_BYTES, ReplayShelf, look_at
from gameserver.store.verify import verify
from tests.store.recorded import GAME, Played, header

ANN, BOB, CY = PlayerId("pann"), PlayerId("pbob"), PlayerId("pcy")


def stored(played: Played, folder: Path, name: str = "m.journal") -> Path:
    path = folder / name
    path.write_bytes(played.file.data)
    return path


def test_people_are_read_from_plain_and_compressed_journals(tmp_path: Path) -> None:
    played = Played()
    played.recorder.seated(Seat(0), ANN)
    played.play(40)
    played.recorder.seated(Seat(1), BOB)
    played.recorder.seated(Seat(2), ANN)  # another seat of the same person
    path = stored(played.play(40).end(), tmp_path)
    assert verify(read_journal(path), GAME).differs_at is None
    plain = look_at(path)
    closed = look_at(compress(path))
    assert plain.people == closed.people == {ANN, BOB}
    assert closed.digest == hashlib.sha256(closed.path.read_bytes()).hexdigest()
    assert closed.size == closed.path.stat().st_size


def test_who_sat_down_while_the_disk_was_full_is_told_behind_the_hole(tmp_path: Path) -> None:
    played = Played()
    played.recorder.seated(Seat(0), ANN)
    played.file.full = True
    played.play(20)
    played.recorder.seated(Seat(1), BOB)
    played.play(20)
    played.file.full = False
    played.recorder.retry()
    played.play(20)
    played.recorder.seated(Seat(2), CY)
    path = stored(played.play(20).end(), tmp_path)
    assert look_at(path).people == {ANN, BOB, CY}
    assert verify(read_journal(path), GAME).differs_at is None


def test_who_sat_down_is_told_at_an_end_that_is_the_first_thing_written(tmp_path: Path) -> None:
    played = Played()
    played.recorder.seated(Seat(0), ANN)
    played.file.full = True
    played.play(20)
    played.file.full = False
    path = stored(played.end(), tmp_path)
    assert look_at(path).people == {ANN}
    assert verify(read_journal(path), GAME).finished


def test_only_so_many_people_are_noted(tmp_path: Path) -> None:
    played = Played()
    for number in range(MOST_PEOPLE + 50):
        played.recorder.seated(Seat(0), PlayerId(f"p{number}"))
    path = stored(played.play(10).end(), tmp_path)
    assert len(look_at(path).people) == MOST_PEOPLE


def test_seats_behind_a_damage_count_as_a_match_is_read_on_behind_it(tmp_path: Path) -> None:
    seats = [pack_other(SeatTaken(Tick(0), Seat(0), each)) for each in (ANN, BOB, CY)]
    torn = bytearray(frame_of(seats[1]))
    torn[-1] ^= 1
    path = tmp_path / "m.journal"
    path.write_bytes(head_of(header()) + frame_of(seats[0]) + bytes(torn) + frame_of(seats[2]))
    assert look_at(path).people == {ANN, CY}
    path.write_bytes(head_of(header()) + frame_of(seats[0]) + frame_of(seats[1])[:-1])
    assert look_at(path).people == {ANN}, "a file that was cut off has nothing behind it"
    path.write_bytes(b"x" + head_of(header()) + frame_of(seats[0]))
    with pytest.raises(JournalError):
        look_at(path)


@pytest.mark.parametrize("closed", [False, True])
def test_wherever_bytes_have_changed_the_seats_of_all_whole_frames_are_told(
    tmp_path: Path, closed: bool
) -> None:
    played = Played()
    for seat, each in enumerate((ANN, BOB, CY)):
        played.recorder.seated(Seat(seat), each)
        played.play(40)
    path = stored(played.end(), tmp_path)
    data = path.read_bytes()
    ends = [len(MAGIC), *(end for end, _ in payloads_of(data, len(MAGIC)))]
    seats = [seated_in(bytes(payload)) for _, payload in payloads_of(data, len(MAGIC))]
    behind_header = ends[1]
    seen = set()
    for place in range(behind_header, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        torn = next(number for number, end in enumerate(ends[1:]) if place < end)
        kept = {
            seat.player_id for number, found in enumerate(seats) if number != torn for seat in found
        }
        looked = look_at(compress(path) if closed else path)
        assert looked.people == kept, place
        looked.path.unlink()
        seen.add(frozenset(kept))
    assert len(seen) > 1, "a frame of seats was hit, too"


def test_a_search_behind_a_damage_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = frame_of(pack_other(SeatTaken(Tick(0), Seat(0), ANN)))
    traps = b"\x00\x10\x00\x00wrong\x91\x08"[:8] + b"\x91\x08"
    path = tmp_path / "m.journal"
    path.write_bytes(head_of(header()) + traps * 1000 + bytes(5000) + seat)
    assert look_at(path).people == {ANN}
    monkeypatch.setattr(sifting, "MOST_CHECKED", 100 * 4096)
    assert look_at(path).people == set()


def test_a_frame_that_lies_across_pieces_is_found_behind_a_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = frame_of(pack_other(SeatTaken(Tick(0), Seat(0), ANN)))
    path = tmp_path / "m.journal"
    for size in range(1, 40):
        monkeypatch.setattr(sifting, "_PIECE", size)
        path.write_bytes(head_of(header()) + b"\xff" * (30 + size % 7) + seat)
        assert look_at(path).people == {ANN}


def test_no_more_is_unpacked_than_a_journal_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = head_of(header()) + frame_of(pack_other(SeatTaken(Tick(0), Seat(0), ANN)))
    behind = frame_of(b"") * 1000 + frame_of(pack_other(SeatTaken(Tick(0), Seat(0), BOB)))
    path = tmp_path / "m.journal"
    path.write_bytes(begin + behind)
    assert look_at(path).people == {ANN, BOB}
    monkeypatch.setattr(replayfile, "MOST_BYTES", len(begin + behind) - 100)
    closed = compress(path)  # empty frames take nearly nothing there
    assert look_at(closed).people == {ANN}


def test_a_frame_of_seats_with_something_else_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "m.journal"
    mixed = pack_other(SeatTaken(Tick(0), Seat(0), ANN)) + pack_other(Hash(Tick(0), b""))
    path.write_bytes(head_of(header()) + frame_of(mixed))
    with pytest.raises(JournalError):
        look_at(path)


@pytest.mark.parametrize("name", ["m.journal", "m.journal.zst"])
@pytest.mark.parametrize("data", [b"", b"noise", b"gsjrnl1"])
def test_what_is_no_journal_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(JournalError):
        look_at(path)


def test_a_shelf_pages_a_file_and_finds_it_anew_when_it_was_compressed(tmp_path: Path) -> None:
    played = Played()
    played.recorder.seated(Seat(0), ANN)
    path = stored(played.play(2000).end(), tmp_path, "20260101T000000-m1.journal")
    match_id, shelf = MatchId("m1"), ReplayShelf(tmp_path)
    first = shelf.page(match_id, ANN, 0)
    assert len(first.data) == PAGE_BYTES
    assert shelf.page(match_id, ANN, first.file.size).data == b""
    closed = compress(path)
    again = shelf.page(match_id, ANN, 0)
    assert (again.file.path, again.file.digest != first.file.digest) == (closed, True)
    with pytest.raises(RequestError):
        shelf.page(match_id, BOB, 0)
    closed.unlink()
    with pytest.raises(UnreadableFileError):
        shelf.page(match_id, ANN, 0)


def test_a_shelf_knows_so_many_files(tmp_path: Path) -> None:
    shelf = ReplayShelf(tmp_path)
    for number in range(MOST_KNOWN + 9):
        seat = frame_of(pack_other(SeatTaken(Tick(0), Seat(0), ANN)))
        (tmp_path / f"1-m{number}.journal").write_bytes(head_of(header()) + seat)
        shelf.page(MatchId(f"m{number}"), ANN, 0)
    assert len(shelf._known) == MOST_KNOWN
    assert shelf.page(MatchId("m0"), ANN, 0).data
