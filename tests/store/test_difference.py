"""Where two worlds and two recordings differ, named by entity, field, seat and tick."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.game.schema.dump import dump_world
from gameserver.ids import Seat, Tick
from gameserver.match.journal import TickRecord
from gameserver.store.clip import clip
from gameserver.store.difference import PlaybackDifference, differences, first_of_one, first_of_two
from gameserver.store.frames import frame_of
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.store.records import Checkpoint, Hash, Hole, head_of, pack_other, pack_tick
from gameserver.testing.skirmish import Board, Runner
from tests.memory import memory_below
from tests.store.recorded import GAME, Played, header

Rows = list[Any]


def stored(data: bytes, folder: Path, name: str) -> StoredMatch:
    path = folder / f"{name}.journal"
    path.write_bytes(data)
    return read_journal(path)


def shown(first: Any, second: Any) -> list[tuple[str, str, str, str]]:
    found = differences(GAME, msgpack.packb(first), msgpack.packb(second))
    return [(each.what, each.field, each.first, each.second) for each in found]


@pytest.fixture
def dump() -> Any:
    world = Played().play(20).match.world
    return msgpack.unpackb(dump_world(GAME, world))


def copy_of(dump: Any) -> Any:
    return msgpack.unpackb(msgpack.packb(dump))


def test_a_dump_that_unfolds_in_memory_is_refused_before_it_does(dump: Any) -> None:
    rows = b"\xdd" + (1 << 20).to_bytes(4, "big") + b"\x90" * (1 << 20)
    bomb = b"\x96\x01\x05" + rows + b"\x90" * 3
    with memory_below(44 << 20), pytest.raises(JournalError, match="more values than it may"):
        list(differences(GAME, bomb, msgpack.packb(dump)))


def runner(dump: Any, seat: int) -> Any:
    kind = GAME.entities.index(Runner)
    return next(row for row in dump[2] if row[0] == kind and row[2] == seat)


def test_each_field_that_differs_is_named_in_the_order_of_the_dump(dump: Any) -> None:
    assert shown(dump, dump) == []
    other = copy_of(dump)
    row, before = runner(other, 1), runner(dump, 1)
    row[3], row[5] = before[3] + 1, before[5] + 7
    other[1] += 1
    other[4] = ["another generator"]
    number = before[1]
    found = shown(dump, other)
    assert found[:2] == [
        (f"Runner {number}", "born", str(before[3]), str(before[3] + 1)),
        (f"Runner {number}", "x", str(before[5]), str(before[5] + 7)),
    ]
    assert [each[0] for each in found[2:]] == ["tick of the world", "random generator"]
    assert found[2][2:] == (str(dump[1]), str(dump[1] + 1))


def test_entities_that_one_world_lacks_or_has_of_another_class_are_named_whole(dump: Any) -> None:
    other = copy_of(dump)
    lost, changed, kept = (runner(other, seat) for seat in (0, 1, 2))
    other[2].remove(lost)
    board = next(row for row in dump[2] if row[0] == GAME.entities.index(Board))
    changed[0] = board[0]
    kept[5] += 1
    wanted = [
        (f"Runner {lost[1]}", "", "Runner", "absent"),
        (f"Runner {changed[1]}", "", "Runner", "Board"),
        (f"Runner {kept[1]}", "x", str(kept[5] - 1), str(kept[5])),
    ]
    assert sorted(shown(dump, other)) == sorted(wanted)
    back = shown(other, dump)
    assert (f"Runner {lost[1]}", "", "absent", "Runner") in back
    assert (f"Board {changed[1]}", "", "Board", "Runner") in back


@pytest.mark.parametrize(
    ("value", "words"),
    [("x" * 58, "'" + "x" * 58 + "'"), ("x" * 59, "'" + "x" * 56 + "...")],
    ids=["sixty", "longer"],
)
def test_long_values_are_cut(dump: Any, value: str, words: str) -> None:
    other = copy_of(dump)
    row = next(row for row in other[2] if row[0] == GAME.entities.index(Board))
    row[6] = value
    ((what, field, _, new),) = shown(dump, other)
    assert (what, field, new) == (f"Board {row[1]}", "title", words)


def too_few_parts(dump: Any) -> None:
    dump.pop()


def too_few_fields(dump: Any) -> None:
    runner(dump, 0).pop()


def no_such_class(dump: Any) -> None:
    runner(dump, 0)[0] = 99


@pytest.mark.parametrize("spoil", [too_few_parts, too_few_fields, no_such_class])
def test_what_is_no_dump_of_the_game_is_refused(dump: Any, spoil: Callable[[Any], None]) -> None:
    other = copy_of(dump)
    spoil(other)
    with pytest.raises(JournalError, match="a checkpoint is no dump of"):
        shown(dump, other)


def test_a_difference_is_told_in_one_line() -> None:
    told = PlaybackDifference(Tick(7), "Runner 3", "x", "1", "2").sentence()
    assert told == "tick 7: Runner 3, x: 1 / 2"
    assert PlaybackDifference(Tick(7), "seats", "", "a", "b").sentence() == "tick 7: seats: a / b"


# --- two recordings -------------------------------------------------------------------------------


def again(
    match: StoredMatch, change: Callable[[TickRecord], TickRecord], last: int = 10**9
) -> bytes:
    """Return the bytes of a journal whose ticks up to ``last`` were changed, and has no end."""
    data = head_of(match.header)
    for record in match.records():
        if isinstance(record, TickRecord) and record.tick <= last:
            new = change(record)
            data += frame_of(pack_tick(new.tick, new.left, new.joined, new.commands))
    return data


def same(record: TickRecord) -> TickRecord:
    return record


@pytest.fixture
def match(tmp_path: Path) -> StoredMatch:
    return stored(Played().play(60).end().file.data, tmp_path, "m1")


def changed_at(tick: int, **fields: Any) -> Callable[[TickRecord], TickRecord]:
    def change(record: TickRecord) -> TickRecord:
        if record.tick != tick:
            return record
        parts = {
            "left": record.left,
            "joined": record.joined,
            "commands": record.commands,
        } | fields
        return TickRecord(record.tick, **parts)

    return change


def test_the_first_other_call_is_named_by_its_kind_and_the_worlds_behind_it(
    match: StoredMatch, tmp_path: Path
) -> None:
    commands = next(
        record.commands
        for record in match.records()
        if isinstance(record, TickRecord) and record.tick == 30
    )
    newcomer = Player(Seat(3), "Di", 2, bot=True)
    cases: dict[str, dict[str, Any]] = {
        "seats that left": {"left": (Seat(1),)},
        "players who joined": {"joined": (newcomer,)},
        "command of seat 2": {"commands": commands[:2]},
        "order of the commands": {"commands": commands[::-1]},
    }
    for number, (what, fields) in enumerate(cases.items()):
        other = stored(again(match, changed_at(30, **fields)), tmp_path, f"other{number}")
        for one, two in ((match, other), (other, match)):
            found = first_of_two(one, two, GAME)
            assert (found[0].tick, found[0].what, found[0].field) == (30, what, "")
        if what == "command of seat 2":
            seat, view, row = commands[2]
            assert (found[0].first, found[0].second) == ("absent", str((view, *row)))
            assert seat == 2
        if what.startswith(("seats", "players")):
            assert found[1:], "the worlds differ from then on"
            assert {each.tick for each in found[1:]} == {30}
            assert found[0].second == "()"


def test_recordings_are_compared_as_far_as_both_go(match: StoredMatch, tmp_path: Path) -> None:
    cut = stored(again(match, same, last=40), tmp_path, "cut")
    assert first_of_two(match, cut, GAME) == first_of_two(cut, match, GAME) == []
    ended = stored(Played().play(40).end().file.data, tmp_path, "ended")
    for one, two in ((match, ended), (ended, match)):
        (found,) = first_of_two(one, two, GAME)
        assert "the journal's end, is reached at another tick" in found.what
        assert {found.first, found.second} == {"40", "41"}


def test_a_clip_is_compared_from_its_first_tick(match: StoredMatch, tmp_path: Path) -> None:
    data = clip(match, GAME, 1.0)
    short = stored(data, tmp_path, "short")
    begin = Playback(short, GAME).first
    assert 0 < begin < 60
    assert first_of_two(match, short, GAME) == first_of_two(short, match, GAME) == []
    dump = msgpack.unpackb(next(r.dump for r in short.records() if isinstance(r, Checkpoint)))
    runner(dump, 0)[5] += 1
    wrong = head_of(match.header) + frame_of(
        pack_other(Hole(Tick(1), begin)) + pack_other(Checkpoint(begin, msgpack.packb(dump)))
    )
    found = first_of_two(match, stored(wrong, tmp_path, "wrong"), GAME)
    assert (found[0].tick, found[0].field) == (begin, "x")


# --- one recording --------------------------------------------------------------------------------


def test_a_recording_with_a_hole_agrees_with_itself(tmp_path: Path) -> None:
    played = Played().play(50)
    played.file.full_once = True
    played.play(50)
    played.recorder.retry()
    data = played.play(50).end().file.data
    assert first_of_one(stored(data, tmp_path, "hole"), GAME) == []


def test_the_first_of_several_faults_is_named(match: StoredMatch, tmp_path: Path) -> None:
    playback = Playback(match, GAME)
    playback.seek(50)
    dump = msgpack.unpackb(dump_world(GAME, playback.world))
    runner(dump, 0)[5] += 1
    begun = again(match, same, last=20) + frame_of(pack_other(Hash(Tick(20), bytes(16))))
    middle = again(match, same, last=50)[len(again(match, same, last=20)) :]
    end = frame_of(pack_other(Checkpoint(Tick(50), msgpack.packb(dump))))
    (found,) = first_of_one(stored(begun + middle + end, tmp_path, "two"), GAME)
    assert (found.tick, found.what) == (20, "hash of the world")
    later = stored(again(match, same, last=50) + end, tmp_path, "one")
    assert [(each.tick, each.field) for each in first_of_one(later, GAME)] == [(50, "x")]


def test_recordings_of_different_matches_are_refused_by_what_differs(
    match: StoredMatch, tmp_path: Path
) -> None:
    head = header()
    assert head == match.header
    other = stored(head_of(header(seed=8)), tmp_path, "seed")
    with pytest.raises(JournalError, match="of different matches: their seed differs"):
        first_of_two(match, other, GAME)
