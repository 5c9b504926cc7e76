"""A recorded match is seen at any tick as it was played, compared with another, and cut short."""

from pathlib import Path

import pytest

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.game.schema.dump import dump_world, world_hash
from gameserver.ids import Seat, Tick
from gameserver.match.journal import TickRecord
from gameserver.store import playback as playing
from gameserver.store.clip import clip
from gameserver.store.difference import first_of_one, first_of_two
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.playback import Playback, open_playback
from gameserver.store.reading import StoredMatch, brief, contents, read_journal
from gameserver.store.records import Checkpoint, Hash, head_of, pack_other, pack_tick
from gameserver.store.verify import verify
from tests.store.recorded import GAME, Played, header

TICKS = 40 * GAME.tick_rate


def stored(data: bytes, folder: Path, name: str = "m1.journal") -> StoredMatch:
    path = folder / name
    path.write_bytes(data)
    return read_journal(path)


@pytest.fixture(scope="module")
def recorded() -> tuple[bytes, dict[int, bytes]]:
    """Return a journal, and the hashes of some worlds as they were played."""
    played, hashes = Played(), {}
    hashes[0] = world_hash(GAME, played.match.world)
    for _ in range(TICKS):
        played.play(1)
        if played.match.tick_number % 7 == 0:
            hashes[played.match.tick_number] = world_hash(GAME, played.match.world)
    played.end()
    return played.file.data, hashes


def test_seeking_shows_each_tick_as_it_was_played_in_any_order(
    recorded: tuple[bytes, dict[int, bytes]], tmp_path: Path
) -> None:
    data, hashes = recorded
    playback = Playback(stored(data, tmp_path), GAME)
    assert (playback.first, playback.last) == (0, TICKS)
    ticks = sorted(hashes)
    for tick in (ticks[-1], ticks[1], ticks[len(ticks) // 2], 0, *ticks[5:9], ticks[-1], ticks[-2]):
        playback.seek(tick)
        assert playback.tick == tick
        assert world_hash(GAME, playback.world) == hashes[tick]
    assert playback.differs_at is None
    playback.seek(10**9)
    assert (playback.tick, playback.step()) == (TICKS, False)
    assert brief(stored(data, tmp_path)).ticks == contents(stored(data, tmp_path)).ticks


def test_seeking_in_parts_steps_no_more_than_it_is_told(
    recorded: tuple[bytes, dict[int, bytes]], tmp_path: Path
) -> None:
    playback = Playback(stored(recorded[0], tmp_path), GAME)
    parts = 0
    while not playback.seek_some(100, 30):
        parts += 1
        assert playback.tick == 30 * parts
    assert (playback.tick, parts) == (100, 3)
    playback.seek(0)
    assert not playback.seek_some(60, 30)
    assert playback.seek_some(60, 30)
    assert playback.tick == 60
    assert playback.seek_some(60, 0)


def test_key_frames_take_bounded_memory(
    recorded: tuple[bytes, dict[int, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, hashes = recorded
    monkeypatch.setattr(playing, "KEY_S", 0.1)
    monkeypatch.setattr(playing, "KEY_BYTES", 40_000)
    playback = Playback(stored(data, tmp_path), GAME)
    playback.seek(TICKS)
    assert 1 < playback._keys_bytes <= 40_000
    assert sum(map(len, playback._keys.values())) == playback._keys_bytes
    playback.seek(77)
    assert world_hash(GAME, playback.world) == hashes[77]


def test_key_frames_may_take_all_of_their_bound(
    recorded: tuple[bytes, dict[int, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "KEY_S", 0.1)
    first = Playback(stored(recorded[0], tmp_path), GAME)
    first.seek(TICKS)
    kept, every = list(first._keys), first._every
    for less, thinned in ((0, False), (1, True)):
        monkeypatch.setattr(playing, "KEY_BYTES", first._keys_bytes - less)
        second = Playback(stored(recorded[0], tmp_path), GAME)
        second.seek(TICKS)
        assert (second._every > every) == (len(second._keys) < len(kept)) == thinned


def test_a_hole_is_jumped_over_and_the_ticks_around_it_are_shown(tmp_path: Path) -> None:
    played = Played().play(50)
    played.file.full_once = True
    played.play(50)
    played.recorder.retry()
    played.play(50)
    wanted = world_hash(GAME, played.match.world)
    playback = Playback(stored(played.end().file.data, tmp_path), GAME)
    ((first, last),) = playback.holes
    playback.seek(first - 1)
    assert playback.tick == first - 1
    playback.seek(first + 1)
    assert (playback.tick, playback.record) == (last, None)
    playback.seek(150)
    assert world_hash(GAME, playback.world) == wanted
    assert last in playback.key_ticks()


def test_a_journal_of_other_code_is_refused_by_a_sentence(tmp_path: Path) -> None:
    data = Played().play(10).end().file.data.replace(header().code.encode(), b"0" * 32)
    frames = b"".join(frame_of(payload) for _, payload in payloads_of_broken(data))
    path = tmp_path / "m1.journal"
    path.write_bytes(MAGIC + frames)
    with pytest.raises(JournalError, match="has changed since the match"):
        open_playback(path, GAME)


def payloads_of_broken(data: bytes) -> list[tuple[int, bytes]]:
    """Return the frames of a file whose header was changed without its checksum."""
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
    begin = len(MAGIC) + 8
    rest = payloads_of(data, begin + length)
    return [(0, data[begin : begin + length]), *((end, bytes(each)) for end, each in rest)]


def test_a_wrong_hash_is_noticed_while_playing_and_named_by_diff(tmp_path: Path) -> None:
    played = Played().play(90)
    data = head_of(header())
    for _, payload in payloads_of(played.file.data, len(head_of(header()))):
        data += frame_of(payload)
    match = stored(data, tmp_path)
    assert first_of_one(match, GAME) == []
    wrong = stored(data + frame_of(pack_other(Hash(Tick(90), b"x" * 16))), tmp_path)
    (found,) = first_of_one(wrong, GAME)
    assert found.tick == 90
    assert "hash of the world" in found.sentence()


def test_a_checkpoint_of_another_world_is_named_by_entity_and_field(tmp_path: Path) -> None:
    played = Played().play(90)
    soldier = next(entity for entity in played.match.world if hasattr(entity, "x"))
    before = soldier.x
    soldier.x += 3
    record = Checkpoint(Tick(90), dump_world(GAME, played.match.world))
    played.recorder.flush()
    match = stored(played.file.data + frame_of(pack_other(record)), tmp_path)
    found = first_of_one(match, GAME)
    assert found[0].what == f"{type(soldier).__name__} {soldier.id}"
    assert (found[0].tick, found[0].field) == (90, "x")
    assert (found[0].first, found[0].second) == (str(before + 3), str(before))


def test_two_recordings_part_at_the_first_other_command(tmp_path: Path) -> None:
    data = head_of(header())
    match = stored(Played().play(60).end().file.data, tmp_path, "a.journal")
    assert first_of_two(match, match, GAME) == []
    for record in match.records():
        if not isinstance(record, TickRecord) or record.tick > 40:
            continue
        rows = list(record.commands)
        if record.tick == 31:
            seat, view, row = rows[1]
            rows[1] = (seat, view, (*row[:-1], row[-1] ^ 1))
        data += frame_of(pack_tick(record.tick, record.left, record.joined, rows))
    found = first_of_two(match, stored(data, tmp_path, "b.journal"), GAME)
    assert (found[0].tick, found[0].what) == (31, "command of seat 1")
    other = stored(head_of(header(seed=8)), tmp_path, "c.journal")
    with pytest.raises(JournalError, match="their seed differs"):
        first_of_two(match, other, GAME)


def test_a_clip_is_a_journal_of_the_last_seconds(
    recorded: tuple[bytes, dict[int, bytes]], tmp_path: Path
) -> None:
    data, hashes = recorded
    short = stored(clip(stored(data, tmp_path), GAME, 5.0), tmp_path, "clip.journal")
    playback = Playback(short, GAME)
    assert playback.first == playback.tick == TICKS - 5 * GAME.tick_rate
    assert verify(short, GAME).differs_at is None
    assert contents(short).end is not None
    tick = max(hashes)
    playback.seek(tick)
    assert world_hash(GAME, playback.world) == hashes[tick]
    playback.seek(0)
    assert playback.tick == playback.first
    whole = stored(clip(stored(data, tmp_path), GAME, 3600.0), tmp_path, "whole.journal")
    assert Playback(whole, GAME).first == 0


def test_a_clip_knows_who_sits_where_at_its_beginning(tmp_path: Path) -> None:
    played = Played().play(30)
    played.match.leave(Seat(1))
    newcomer = Player(Seat(3), "Di", 2, bot=True)
    played.match.join(newcomer)
    played.play(30)
    played.match.leave(Seat(0))
    played.play(GAME.tick_rate)
    match = stored(played.end().file.data, tmp_path)
    last = Playback(match, GAME).last
    short = stored(clip(match, GAME, 1.0 + 1 / GAME.tick_rate), tmp_path, "clip.journal")
    (state,) = [each for each in short.records() if isinstance(each, Checkpoint)]
    assert state.tick == last - GAME.tick_rate - 1
    assert [player.name for player in state.players] == ["Ann", "Cy", "Di"]
    later = stored(clip(match, GAME, 1.0 - 1 / GAME.tick_rate), tmp_path, "later.journal")
    (state,) = [each for each in later.records() if isinstance(each, Checkpoint)]
    assert [player.name for player in state.players] == ["Cy", "Di"]
    twice = stored(clip(later, GAME, 0.5), tmp_path, "twice.journal")
    (state,) = [each for each in twice.records() if isinstance(each, Checkpoint)]
    assert [player.name for player in state.players] == ["Cy", "Di"]
