import itertools
import json

import msgpack

from bench import encoders, recording
from bench.commands import bytes as command
from bench.recording import Hands


def test_all_players_of_a_recorded_match_move() -> None:
    made = recording.minimal(10, 3)
    moving = sum(frame.moving for frame in made.frames) / len(made.frames)
    assert 7 < moving <= 10
    assert all(frame.sent[0] for frame in made.frames)


def test_fighters_of_a_recorded_arena_run_and_shoot() -> None:
    made = recording.arena(8)
    assert sum(frame.moving for frame in made.frames) > 3 * len(made.frames)
    assert any(frame.events for frame in made.frames)
    assert all(any(own.values()) for own in made.frames[-1].own)


def test_generated_inputs_hold_a_direction_for_a_while_and_stay_in_bounds() -> None:
    hands = Hands.of(3)
    rows = []
    for _ in range(400):
        hands(None)
        rows.append((hands.dx, hands.dy, hands.angle))
    assert all(abs(dx) <= 1 and abs(dy) <= 1 and 0 <= angle < 1024 for dx, dy, angle in rows)
    changes = sum(a[:2] != b[:2] for a, b in itertools.pairwise(rows))
    assert 10 < changes < 60


def test_every_encoder_encodes_the_same_state() -> None:
    made = recording.minimal(3, 1)
    (full,) = encoders.full_json(made)[-1]
    (packed,) = encoders.full_msgpack(made)[-1]
    rows = made.frames[-1].public["Walker"]
    assert [list(entity.values())[1:] for entity in json.loads(full)["entities"]] == [
        list(row) for row in rows
    ]
    assert msgpack.unpackb(packed)[1] == [[list(row) for row in rows]]


def test_changes_hold_removed_ids_and_changed_fields() -> None:
    before = {"Walker": [(1, 5, 6), (2, 7, 8)]}
    now = {"Walker": [(1, 5, 9), (3, 1, 2)]}
    assert encoders.changes(before, now) == ([2], [1, 2, 9, 3, 3, 1, 2])
    assert encoders.changes(now, now) == ([], [])


def test_snapshots_are_smaller_than_changed_fields_in_msgpack() -> None:
    made = recording.minimal(10, 3)
    alternatives = (command.ours, encoders.changed_msgpack, encoders.full_msgpack)
    sizes = [
        sum(len(message) for tick in encode(made) for message in tick) for encode in alternatives
    ]
    assert sizes[0] < sizes[1] < sizes[2]
