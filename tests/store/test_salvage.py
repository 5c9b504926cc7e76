"""Bytes of a journal that have changed cost the ticks up to the next checkpoint, and no more."""

import random
import struct
from pathlib import Path

import pytest

from gameserver.game.schema.dump import world_hash
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.store import salvage as salvage_module
from gameserver.store.frames import MAGIC, frame_at, payloads_of
from gameserver.store.reading import StoredMatch, contents, read_journal
from gameserver.store.rebuild import Rebuilding
from gameserver.store.records import Checkpoint, Hole, records_of
from gameserver.store.salvage import Damage
from gameserver.store.verify import verify
from tests.store.recorded import GAME, Played, header

CHECKPOINT = 30 * GAME.tick_rate
BEHIND = 75
"""Ticks behind the second checkpoint."""


@pytest.fixture(scope="module")
def played() -> Played:
    made = Played()
    made.recorder.seated(Seat(0), PlayerId("ann"))
    made.play(2 * CHECKPOINT + BEHIND)
    made.recorder.flush()
    return made


def stored(data: bytes, folder: Path) -> StoredMatch:
    path = folder / "m.journal"
    path.write_bytes(data)
    return read_journal(path)


def flipped(data: bytes, at: int, bit: int = 2) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def frames(data: bytes) -> list[tuple[int, int, int, int]]:
    """Return begin and end of each frame behind the header, and the ticks around its records."""
    found, begin, tick = [], 0, 0
    for end, payload in payloads_of(data, len(MAGIC)):
        records = records_of(payload, header())
        last = max((getattr(each, "tick", 0) for each in records), default=0)
        if begin:
            found.append((begin, end, tick, max(tick, last)))
        begin, tick = end, max(tick, last)
    return found


def test_a_flipped_bit_anywhere_costs_what_is_before_the_next_checkpoint(
    played: Played, tmp_path: Path
) -> None:
    data, dice = played.file.data, random.Random(3)
    parts = frames(data)
    checkpoints = [
        index
        for index, (_, payload) in enumerate(payloads_of(data, len(MAGIC)))
        if any(isinstance(each, Checkpoint) for each in records_of(payload, header()))
    ]
    for index in (0, 1, 2, *dice.sample(range(3, len(parts) - 1), 60)):
        begin, end, before, last = parts[index]
        at = dice.choice((begin, begin + 1, begin + 3, begin + 5, dice.randrange(begin + 8, end)))
        match = stored(flipped(data, at, dice.randrange(8)), tmp_path)
        (damage,) = match.damages
        assert (damage.begin, damage.end, damage.first) == (begin, end, before + 1)
        assert damage.ticks >= last - before
        behind = [number for number in checkpoints if number > index + 1]
        lost_none = last == before
        assert damage.passed == (bool(behind) or lost_none)
        verdict = verify(match, GAME)
        assert verdict.differs_at is None
        if lost_none:
            assert damage.ticks == verdict.left_out == 0
        elif damage.passed:
            assert damage.last in (CHECKPOINT, 2 * CHECKPOINT)
            assert damage.last - before <= CHECKPOINT
            assert verdict.left_out == damage.ticks
            assert contents(match).ticks == played.match.tick_number
        else:
            assert (contents(match).ticks, damage.last) == (before, played.match.tick_number)
            assert (match.whole, match.torn) == (begin, len(data) - begin)


def test_a_match_goes_on_from_the_checkpoint_behind_a_damage(
    played: Played, tmp_path: Path
) -> None:
    begin = frames(played.file.data)[10][0]
    rebuilding = Rebuilding(stored(flipped(played.file.data, begin + 20), tmp_path), GAME)
    assert rebuilding.ticks == BEHIND
    for _ in rebuilding.run():
        pass
    rebuilt = rebuilding.rebuilt
    assert rebuilt is not None
    world = rebuilt.simulation.world
    assert world.tick == played.match.tick_number
    assert world_hash(GAME, world) == world_hash(GAME, played.match.world)
    assert rebuilt.whole == len(played.file.data)
    assert rebuilt.epoch == 3, "the record of another process may have been lost"


def test_several_damages_are_each_told(played: Played, tmp_path: Path) -> None:
    parts = frames(played.file.data)
    one, two = parts[5][0], parts[-5][0]
    match = stored(flipped(flipped(played.file.data, one + 9), two + 9), tmp_path)
    assert [each.passed for each in match.damages] == [True, False]
    assert [each.begin for each in match.damages] == [one, two]
    assert verify(match, GAME).differs_at is None
    (hole,) = [each for each in match.records() if isinstance(each, Hole)]
    assert (hole.first, hole.last) == (match.damages[0].first, CHECKPOINT)


def test_a_damaged_frame_of_seats_costs_no_tick(played: Played, tmp_path: Path) -> None:
    begin, end, *_ = frames(played.file.data)[0]
    match = stored(flipped(played.file.data, begin + 10), tmp_path)
    assert match.damages == (Damage(begin, end, Tick(1), Tick(0), passed=True),)
    assert verify(match, GAME).ticks == played.match.tick_number


def test_bytes_that_are_missing_are_a_damage(played: Played, tmp_path: Path) -> None:
    begin, end, before, _ = frames(played.file.data)[20]
    data = played.file.data
    match = stored(data[: begin + 11] + data[end - 2 :], tmp_path)
    (damage,) = match.damages
    assert (damage.begin, damage.first, damage.last) == (begin, before + 1, CHECKPOINT)
    zeros = data[: begin + 11] + bytes(4096) + data[end:]
    assert [each.passed for each in stored(zeros, tmp_path).damages] == [True]


def test_the_end_behind_a_damage_ends_the_match(tmp_path: Path) -> None:
    data = Played().play(60).end().file.data
    begin, _, before, _ = frames(data)[2]
    match = stored(flipped(data, begin + 9), tmp_path)
    assert match.damages[0].passed
    rebuilding = Rebuilding(match, GAME)
    assert rebuilding.end is not None
    assert (rebuilding.end.reason, rebuilding.end.tick) == ("finished", 60)
    assert verify(match, GAME).ticks == before


@pytest.mark.parametrize("rest", [b"", bytes(5000), b"\x93\x01" * 3000, bytes(range(256)) * 40])
def test_what_is_no_frame_behind_the_last_one_is_a_torn_end(
    played: Played, tmp_path: Path, rest: bytes
) -> None:
    match = stored(played.file.data + rest, tmp_path)
    # Eight zeros are an empty frame, which holds nothing.
    assert (match.damaged, match.torn) == (False, len(rest) if any(rest) else 0)


def test_a_file_of_false_beginnings_is_given_up(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salvage_module, "MOST_CHECKED", 1 << 20)
    checked: list[int] = []
    real = frame_at

    def counting(data: bytes, at: int, most: int) -> tuple[int, int]:
        found = real(data, at, most)
        checked.append(found[1])
        return found

    monkeypatch.setattr(salvage_module, "frame_at", counting)
    false = (struct.pack("<II", 1 << 19, 0) + b"\x93\x01") * (1 << 17)
    match = stored(played.file.data + false + played.file.data[-200:], tmp_path)
    assert not match.damaged
    assert sum(checked) <= 1 << 20
