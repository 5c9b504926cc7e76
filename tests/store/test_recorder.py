"""What a disk does not take is a hole, and the journal goes on behind it."""

from pathlib import Path

import pytest

from gameserver.game.schema.dump import world_hash
from gameserver.ids import Tick
from gameserver.store.playback import Playback
from gameserver.store.reading import contents, read_journal
from gameserver.store.recorder import MatchRecorder
from gameserver.store.records import Checkpoint, Hole
from gameserver.store.verify import verify
from tests.store.recorded import GAME, OUTCOME, PLAYERS, MemoryFile, Played, header


def holes(played: Played, folder: Path) -> list[Hole]:
    path = folder / "m.journal"
    path.write_bytes(played.file.data)
    match = read_journal(path)
    verdict = verify(match, GAME)
    assert verdict.differs_at is None
    assert verdict.finished
    found = [each for each in match.records() if isinstance(each, Hole)]
    assert verdict.left_out == sum(hole.last - hole.first + 1 for hole in found)
    assert contents(match).ticks == played.match.tick_number
    return found


@pytest.mark.parametrize("kind", ["slow", "full"])
def test_ticks_that_were_not_taken_are_a_hole_and_a_checkpoint_follows(
    tmp_path: Path, kind: str
) -> None:
    played = Played().play(50)
    setattr(played.file, kind, True)
    played.play(23)
    assert played.recorder.lost or kind == "full"
    played.play(4)
    setattr(played.file, kind, False)
    if kind == "full":
        assert played.recorder.fault == "No space left on device"
        played.play(10)
        assert played.recorder.lost, "it waits until somebody says that it may try again"
        played.recorder.retry()
    played.play(31)
    assert not played.recorder.lost
    [hole] = holes(played.end(), tmp_path)
    assert hole.first == 51
    assert 75 < hole.last < 95
    assert played.file.closed


def test_a_disk_that_stays_full_costs_the_rest_of_the_journal_but_not_the_match(
    tmp_path: Path,
) -> None:
    played = Played().play(50)
    played.file.full = True
    played.play(400).end()
    assert played.match.tick_number == 450
    assert played.file.retries == 1, "at the end once more"
    path = tmp_path / "m.journal"
    path.write_bytes(played.file.data)
    assert contents(read_journal(path)).ticks == 50


@pytest.mark.parametrize("kind", ["slow", "full"])
def test_an_end_that_the_disk_refuses_is_written_later(tmp_path: Path, kind: str) -> None:
    played = Played().play(50)
    setattr(played.file, kind, True)
    played.play(20).end()
    played.recorder.end_again()
    before = played.recorder.closed
    setattr(played.file, kind, False)
    played.recorder.end_again()
    assert (before, played.recorder.closed) == (False, True)
    size = len(played.file.data)
    played.recorder.end_again()
    assert len(played.file.data) == size, "once"
    [hole] = holes(played, tmp_path)
    assert (hole.first, hole.last) == (51, 70)
    path = tmp_path / "again.journal"
    path.write_bytes(played.file.data)
    end = contents(read_journal(path)).end
    assert end is not None
    assert (end.reason, end.tick, end.outcome) == ("finished", Tick(70), OUTCOME)


def test_a_disk_that_has_space_again_at_the_end_gets_the_result(tmp_path: Path) -> None:
    played = Played().play(50)
    played.file.full = True
    played.play(20)
    played.file.full = False
    [hole] = holes(played.end(), tmp_path)
    assert (hole.first, hole.last) == (51, 70)


def test_a_fault_between_a_flush_and_the_retry_is_a_hole(tmp_path: Path) -> None:
    played = Played().play(50)
    played.file.full = True
    played.play(5)  # its flush is the write that fails
    played.file.full = False
    played.recorder.retry()
    [hole] = holes(played.play(20).end(), tmp_path)
    assert hole.first == 51


def test_a_fault_of_the_last_flush_is_a_hole(tmp_path: Path) -> None:
    played = Played().play(52)
    played.file.full_once = True
    [hole] = holes(played.end(), tmp_path)
    assert (hole.first, hole.last) == (51, 52)


@pytest.mark.parametrize("ticks", [0, 1, 40])
def test_the_present_moment_alone_is_a_journal(tmp_path: Path, ticks: int) -> None:
    played = Played().play(ticks)
    path = tmp_path / "moment.journal"
    path.write_bytes(played.recorder.moment(played.match.world))
    match = read_journal(path)
    playback = Playback(match, GAME)
    assert (playback.tick, playback.first) == (ticks, ticks)
    assert playback.holes == ([(1, ticks)] if ticks else [])
    assert world_hash(GAME, playback.world) == world_hash(GAME, played.match.world)
    (state,) = [each for each in match.records() if isinstance(each, Checkpoint)]
    assert state.players == PLAYERS


def test_an_end_is_written_once(tmp_path: Path) -> None:
    played = Played().play(10).end()
    size = len(played.file.data)
    played.recorder.end("again", None, OUTCOME)
    assert len(played.file.data) == size
    assert holes(played, tmp_path) == []


def test_a_fault_has_no_hash(tmp_path: Path) -> None:
    played = Played().play(7)
    played.recorder.end("fault", None, OUTCOME)
    path = tmp_path / "m.journal"
    path.write_bytes(played.file.data)
    end = contents(read_journal(path)).end
    assert end is not None
    assert (end.reason, end.digest, end.tick) == ("fault", b"", Tick(7))
    assert verify(read_journal(path), GAME).hashes == 0


def test_recovery_from_a_checkpoint_leads_to_the_same_end(tmp_path: Path) -> None:
    played = Played().play(100)
    played.file.slow = True
    played.play(6)
    played.file.slow = False
    played.play(400).end()
    path = tmp_path / "m.journal"
    path.write_bytes(played.file.data)
    match = read_journal(path)
    [checkpoint] = [each for each in match.records() if isinstance(each, Checkpoint)][:1]
    verdict = verify(match, GAME)
    assert verdict.hashes == contents(match).hashes + 1
    assert checkpoint.tick > 105


def test_a_world_that_cannot_be_dumped_costs_the_hashes_but_not_the_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise TypeError("a set cannot be packed")

    for name in ("dump_world", "present_hash"):
        monkeypatch.setattr(f"gameserver.store.recorder.{name}", fails)
    played = Played().play(100)
    played.file.slow = True
    played.play(10)
    played.file.slow = False
    played.play(20).end()
    assert played.match.tick_number == 130
    path = tmp_path / "m.journal"
    path.write_bytes(played.file.data)
    found = contents(read_journal(path))
    assert (found.ticks, found.hashes, found.left_out) == (130, 0, 30)


def test_a_recorder_that_goes_on_knows_the_seats_that_were_taken_then() -> None:
    world = Played().play(9).match.world
    resumed = MatchRecorder.resumed(header(), GAME, MemoryFile(), world, PLAYERS[1:], 0)
    assert resumed._seats == {player.seat: player for player in PLAYERS[1:]}
