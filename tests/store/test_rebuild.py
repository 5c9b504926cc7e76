"""A match that was cut off goes on as it was recorded, in the same journal, or not at all."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.game.schema.dump import world_hash
from gameserver.ids import Seat, Tick
from gameserver.match import Match
from gameserver.store.disk import Disk
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.store.rebuild import Rebuilding, Rebuilt
from gameserver.store.recorder import CHECKPOINT_EVERY_S, MatchRecorder
from gameserver.store.records import Checkpoint, Hash, Hole, Recovered, head_of, pack_other
from gameserver.store.verify import verify
from tests.store.recorded import GAME, OUTCOME, MemoryFile, NoInlet, Played, header

CHECKPOINT = int(CHECKPOINT_EVERY_S * GAME.tick_rate)


def stored(data: bytes, folder: Path) -> StoredMatch:
    path = folder / "m1.journal"
    path.write_bytes(data)
    return read_journal(path)


def rebuild(match: StoredMatch) -> Rebuilt:
    rebuilding = Rebuilding(match, GAME)
    for _ in rebuilding.run():
        pass
    assert rebuilding.rebuilt is not None
    assert rebuilding.done == rebuilding.ticks
    return rebuilding.rebuilt


def going_on(rebuilt: Rebuilt, file: Any, at_ms: int = 5) -> Played:
    """Return the match as the next process plays it."""
    world = rebuilt.simulation.world
    played = Played()
    played.file = file
    played.recorder = MatchRecorder.resumed(
        rebuilt.header, GAME, file, world, rebuilt.players, at_ms
    )
    played.match = Match(
        match_id="m1",
        game=GAME,
        map=world.map,
        options=world.options,
        seed=rebuilt.header.seed,
        players=rebuilt.players,
        inlet=NoInlet(),
        recorder=played.recorder,
        simulation=rebuilt.simulation,
        epoch=rebuilt.epoch,
    )
    return played


@pytest.mark.parametrize("ticks", [0, 3, 44, CHECKPOINT - 1, CHECKPOINT, CHECKPOINT + 77])
def test_a_match_that_was_cut_off_is_rebuilt_to_its_last_recorded_tick(
    ticks: int, tmp_path: Path
) -> None:
    played = Played().play(ticks, flush_every=1)
    rebuilt = rebuild(stored(played.file.data, tmp_path))
    assert rebuilt.simulation.world.tick == ticks
    assert world_hash(GAME, rebuilt.simulation.world) == world_hash(GAME, played.match.world)
    assert rebuilt.players == header().players
    assert (rebuilt.epoch, rebuilt.whole) == (2, len(played.file.data))


def test_no_more_than_the_ticks_behind_the_newest_checkpoint_are_replayed(tmp_path: Path) -> None:
    played = Played().play(2 * CHECKPOINT + 20, flush_every=1)
    rebuilding = Rebuilding(stored(played.file.data, tmp_path), GAME)
    assert rebuilding.ticks == 20


def test_a_rebuilding_pauses_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.store.rebuild.AT_ONCE", 10)
    played = Played().play(35)
    played.recorder.flush()
    rebuilding = Rebuilding(stored(played.file.data, tmp_path), GAME)
    assert [rebuilding.done for _ in rebuilding.run()] == [10, 20, 30]


def test_the_torn_end_is_cut_off_wherever_it_is(tmp_path: Path) -> None:
    data = Played().play(30, flush_every=1).file.data
    whole = {end for end, _ in payloads_of(data, len(MAGIC))}
    for length in range(len(data) - 80, len(data) + 1):
        rebuilt = rebuild(stored(data[:length], tmp_path))
        assert rebuilt.whole == max(end for end in whole if end <= length)


def test_players_who_came_and_went_are_in_their_seats(tmp_path: Path) -> None:
    played = Played().play(10)
    played.match.leave(Seat(1))
    played.play(10)
    played.match.join(Player(Seat(1), "Di", 2, bot=True))
    played.match.leave(Seat(2), Player(Seat(2), "Ed", 1, bot=True))
    played.play(10, flush_every=1)
    want = [(Seat(0), "Ann"), (Seat(1), "Di"), (Seat(2), "Ed")]
    assert [
        (each.seat, each.name) for each in rebuild(stored(played.file.data, tmp_path)).players
    ] == want
    played.play(CHECKPOINT, flush_every=1)  # now they come from the checkpoint
    played.match.leave(Seat(0))
    played.play(2, flush_every=1)
    rebuilt = rebuild(stored(played.file.data, tmp_path))
    assert [(each.seat, each.name) for each in rebuilt.players] == want[1:]


def test_a_match_goes_on_in_its_journal_which_replays_as_one(tmp_path: Path) -> None:
    played = Played().play(100, flush_every=1)
    file = MemoryFile(played.file.data + b"torn")
    for epoch in (2, 3):
        whole = stored(file.data, tmp_path)
        rebuilt = rebuild(whole)
        assert rebuilt.epoch == epoch
        file = MemoryFile(file.data[: rebuilt.whole])
        played = going_on(rebuilt, file, at_ms=epoch)
        assert played.match.epoch == epoch
        played.play(60, flush_every=1)
    played.end()
    match = stored(file.data, tmp_path)
    verdict = verify(match, GAME)
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (220, None, True)
    recovered = [each for each in match.records() if isinstance(each, Recovered)]
    assert recovered == [Recovered(Tick(100), 2), Recovered(Tick(160), 3)]


def test_a_file_on_disk_is_cut_and_goes_on(tmp_path: Path) -> None:
    played = Played().play(50, flush_every=1)
    path = tmp_path / "m1.journal"
    path.write_bytes(played.file.data + b"torn end" * 20)
    rebuilt = rebuild(read_journal(path))
    disk = Disk(tmp_path)
    file = disk.reopen(path, rebuilt.whole, rebuilt.simulation.world.tick)
    begun = [file.begun]
    played = going_on(rebuilt, file)
    played.play(50).end()
    disk.close()
    assert [*begun, file.begun] == [False, True]
    verdict = verify(read_journal(tmp_path / "m1.journal.zst"), GAME)
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (100, None, True)


def test_a_match_that_ended_is_not_rebuilt_but_tells_its_result(tmp_path: Path) -> None:
    played = Played().play(50).end()
    rebuilding = Rebuilding(stored(played.file.data, tmp_path), GAME)
    assert rebuilding.end is not None
    assert (rebuilding.end.reason, rebuilding.end.tick) == ("finished", 50)
    assert rebuilding.end.outcome == OUTCOME


def test_a_match_goes_on_behind_a_hole(tmp_path: Path) -> None:
    played = Played().play(20, flush_every=1)
    played.file.full = True
    played.play(20, flush_every=1)
    played.file.full = False
    played.recorder.retry()
    played.match.leave(Seat(1))
    played.play(20, flush_every=1)
    rebuilt = rebuild(stored(played.file.data, tmp_path))
    assert rebuilt.simulation.world.tick == 60
    assert world_hash(GAME, rebuilt.simulation.world) == world_hash(GAME, played.match.world)
    assert [each.seat for each in rebuilt.players] == [0, 2]


@pytest.mark.parametrize("kind", ["slow", "full"])
@pytest.mark.parametrize("first", [0, 12])
def test_an_epoch_that_the_disk_did_not_take_is_not_repeated(
    kind: str, first: int, tmp_path: Path
) -> None:
    data = Played().play(20, flush_every=1).file.data
    before = rebuild(stored(data, tmp_path))
    file = MemoryFile(data, on_disk=Tick(20))
    setattr(file, kind, first == 0)
    played = going_on(before, file).play(first, flush_every=1)
    setattr(file, kind, True)
    played.play(20, flush_every=1)
    setattr(file, kind, False)
    played.recorder.retry()
    played.play(20, flush_every=1)
    match = stored(file.data, tmp_path)
    recovered = [each for each in match.records() if isinstance(each, Recovered)]
    assert recovered == [Recovered(Tick(20), 5)], "once, wherever the hole is"
    [hole] = [each for each in match.records() if isinstance(each, Hole)]
    assert (hole.first, hole.last) == (21 + first, 41 + first)
    assert rebuild(match).epoch == before.epoch + 1
    assert verify(match, GAME).differs_at is None


# --- what is refused ------------------------------------------------------------------------------


def with_records(data: bytes, *records: Any) -> bytes:
    return data + b"".join(frame_of(pack_other(record)) for record in records)


def test_other_code_does_not_go_on_with_a_match(tmp_path: Path) -> None:
    data = Played().play(5, flush_every=1).file.data
    rest = data[len(head_of(header())) :]
    changed = head_of(attrs.evolve(header(), code="0" * 32)) + rest
    with pytest.raises(JournalError, match="the code of skirmish or of this program has changed"):
        rebuild(stored(changed, tmp_path))


def test_a_replay_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    data = Played().play(5, flush_every=1).file.data
    with pytest.raises(JournalError, match="leads to another world at tick 5"):
        rebuild(stored(with_records(data, Hash(Tick(5), b"x" * 16)), tmp_path))


def test_a_checkpoint_that_does_not_fit_its_hash_is_refused(tmp_path: Path) -> None:
    data = Played().play(5, flush_every=1).file.data
    spoilt = with_records(data, Hash(Tick(5), b"x" * 16), Checkpoint(Tick(5), b"dump"))
    with pytest.raises(JournalError, match="the checkpoint of tick 5 has another hash"):
        Rebuilding(stored(spoilt, tmp_path), GAME)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    data = Played().play(5, flush_every=1).file.data
    spoilt = with_records(data, Hole(Tick(6), Tick(9)), Checkpoint(Tick(9), b"dump"))
    with pytest.raises(JournalError, match="the checkpoint of tick 9"):
        rebuild(stored(spoilt, tmp_path))


def test_a_hole_without_a_checkpoint_behind_it_is_refused(tmp_path: Path) -> None:
    data = Played().play(5, flush_every=1).file.data
    with pytest.raises(JournalError, match="its ticks from 6 on are missing"):
        rebuild(stored(with_records(data, Hole(Tick(6), Tick(9))), tmp_path))
