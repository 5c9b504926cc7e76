"""Whatever a file holds, with right checksums: it is played, or refused by one kind of error."""

import random
from pathlib import Path
from typing import Any

import attrs
import msgpack
import pytest

from gameserver.errors import JournalError
from gameserver.game.schema.dump import dump_world
from gameserver.ids import Seat, Tick
from gameserver.store.clip import clip
from gameserver.store.difference import first_of_one
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.playback import Playback
from gameserver.store.reading import brief, read_journal
from gameserver.store.rebuild import Rebuilding
from gameserver.store.records import (
    Checkpoint,
    Hole,
    RecordKind,
    head_of,
    pack_other,
    pack_tick,
)
from gameserver.store.verify import verify
from tests.store.recorded import GAME, Played, header

ROUNDS = 250
JUNK: tuple[Any, ...] = (
    0, -1, 1 << 40, -(1 << 63), (1 << 64) - 1, "", b"", "x" * 300, None, True, 1.5, float("nan"),
    [], {}, [[]], {"a": 1},
)  # fmt: skip


def changed(value: Any, dice: random.Random) -> Any:
    """Return a value with one part changed, at any depth; the dump within a checkpoint as well."""
    if isinstance(value, list) and value and dice.random() < 0.93:
        parts = list(value)
        at = dice.randrange(len(parts))
        chance = dice.random()
        if chance < 0.07:
            del parts[at]
        elif chance < 0.12:
            parts.insert(at, dice.choice(JUNK))
        else:
            parts[at] = changed(parts[at], dice)
        return parts
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        return {**value, key: changed(value[key], dice)}
    if isinstance(value, bytes) and len(value) > 40:
        try:
            return msgpack.packb(changed(msgpack.unpackb(value), dice))
        except msgpack.ExtraData:  # no dump, but packed commands
            at = dice.randrange(len(value))
            return value[:at] + bytes([dice.randrange(256)]) + value[at + dice.randrange(2) :]
    if type(value) is int and -(1 << 40) < value < 1 << 40 and dice.random() < 0.5:
        return value + dice.choice((1, -1, 100, -100, 1 << 20))
    return dice.choice(JUNK)


def rows_of(payload: bytes) -> list[Any]:
    unpacker = msgpack.Unpacker()
    unpacker.feed(payload)
    return list(unpacker)


def journal_of(rows: list[list[Any]]) -> bytes:
    """Return a journal whose frames hold these records."""
    return MAGIC + b"".join(frame_of(b"".join(map(msgpack.packb, each))) for each in rows)


def checked(ticks: int) -> Played:
    """Return a match that was played for some ticks, with a checkpoint in its journal."""
    played = Played().play(ticks)
    played.recorder.flush()
    world = played.match.world
    played.file.data += frame_of(pack_other(Checkpoint(world.tick, dump_world(GAME, world))))
    return played


def test_a_journal_with_changed_records_is_played_or_refused(tmp_path: Path) -> None:
    data = checked(40).play(20).end().file.data
    payloads = [payload for _, payload in payloads_of(data, len(MAGIC))]
    dice, path = random.Random(4), tmp_path / "m1.journal"
    played_whole = refused = 0
    for _ in range(ROUNDS):
        rows = [rows_of(payload) for payload in payloads]
        frame = dice.choice(rows)
        at = dice.randrange(len(frame))
        frame[at] = changed(frame[at], dice)
        path.write_bytes(journal_of(rows))
        try:
            match = read_journal(path)
            brief(match)
            playback = Playback(match, GAME)
            for tick in (60, 5, 45):
                playback.seek(tick)
            first_of_one(match, GAME)
            clip(match, GAME, 0.5)
            played_whole += 1
        except JournalError:
            refused += 1
    assert played_whole > 10
    assert refused > 60


def test_a_match_with_a_changed_checkpoint_is_rebuilt_or_refused(tmp_path: Path) -> None:
    played = checked(40).play(20)
    played.recorder.flush()
    payloads = [payload for _, payload in payloads_of(played.file.data, len(MAGIC))]
    dice, path = random.Random(1), tmp_path / "m1.journal"
    rebuilt = refused = 0
    for _ in range(2 * ROUNDS):
        rows = [rows_of(payload) for payload in payloads]
        row = next(each for frame in rows for each in frame if each[0] == RecordKind.CHECKPOINT)
        row[2] = changed(row[2], dice)
        path.write_bytes(journal_of(rows))
        try:
            rebuilding = Rebuilding(read_journal(path), GAME)
            for _ in rebuilding.run():
                pass
            rebuilt += rebuilding.rebuilt is not None
        except JournalError:
            refused += 1
    assert rebuilt > 0
    assert refused > ROUNDS


@pytest.mark.parametrize("tick", ["", None, [], True, 41])
def test_a_checkpoint_of_another_tick_is_refused(tmp_path: Path, tick: Any) -> None:
    played = Played().play(40)
    played.recorder.flush()
    world = played.match.world
    version, _, *parts = msgpack.unpackb(dump_world(GAME, world))
    dump = msgpack.packb([version, tick, *parts])
    hole = pack_other(Hole(Tick(1), world.tick)) + pack_other(Checkpoint(world.tick, dump))
    path = tmp_path / "m1.journal"
    path.write_bytes(head_of(header()) + frame_of(hole))
    with pytest.raises(JournalError, match="is of another tick"):
        verify(read_journal(path), GAME)


def test_a_checkpoint_that_leads_to_values_beyond_a_dump_is_refused(tmp_path: Path) -> None:
    played = Played().play(40)
    played.recorder.flush()
    world = played.match.world
    version, tick, rows, identity, *parts = msgpack.unpackb(dump_world(GAME, world))
    identity = [(1 << 64) - 1 if type(value) is int else value for value in identity]
    dump = msgpack.packb([version, tick, rows, identity, *parts])
    hole = pack_other(Hole(Tick(1), world.tick)) + pack_other(Checkpoint(world.tick, dump))
    before = len(played.file.data)
    played.play(2 * GAME.tick_rate).end()
    path = tmp_path / "m1.journal"
    path.write_bytes(head_of(header()) + frame_of(hole) + played.file.data[before:])
    with pytest.raises(JournalError, match="cannot be: Integer value out of range"):
        verify(read_journal(path), GAME)


def test_commands_of_another_width_than_the_games_are_refused(tmp_path: Path) -> None:
    head = attrs.evolve(header(), command_fields=0, widths="")
    tick = pack_tick(Tick(1), (), (), [(Seat(0), 0, ())])
    path = tmp_path / "m1.journal"
    path.write_bytes(head_of(head) + frame_of(tick))
    match = read_journal(path)
    with pytest.raises(JournalError, match="its commands or its tick rate"):
        Playback(match, GAME).step()
