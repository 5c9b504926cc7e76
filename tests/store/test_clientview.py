"""What a client had is taken within bounds, and compared with the match's journal."""

import os
import zlib
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, JournalError, RequestError
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.messages.match import ReportDesync, SendView
from gameserver.netcode.replication.sections import FIRST_GROUP, OWNER, PUBLIC
from gameserver.netcode.replication.views import body_of
from gameserver.store.clientview import (
    _MOST_TICKS,
    MAGIC,
    MOST_OPEN,
    MOST_VIEW,
    OPEN_S,
    ViewIntake,
    first_of_view,
    is_view,
    read_view,
)
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.testing.skirmish import Runner
from tests.memory import memory_below
from tests.store.recorded import GAME, Played

ANN = PlayerId("pann")
M1 = MatchId("m1")


class Kept:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.now = 0.0
        self.intake = ViewIntake(self.files.__setitem__, lambda: self.now)

    def expect(self, player_id: PlayerId = ANN, tick: int = 40, section: int = PUBLIC) -> int:
        report = ReportDesync(M1, Tick(tick), section, 1, 2)
        return self.intake.expect(player_id, Seat(0), f"of {player_id}", report)

    def refusal(self, part: SendView, player_id: PlayerId = ANN) -> Code:
        with pytest.raises(RequestError) as refused:
            self.intake.take(player_id, part)
        return refused.value.code


def test_a_view_comes_in_parts_and_is_kept_under_the_name_of_its_report(tmp_path: Path) -> None:
    kept = Kept()
    assert kept.expect() == MOST_VIEW
    data = zlib.compress(msgpack.packb([[39, b"a"], [40, b"b"]]))
    kept.intake.take(ANN, SendView(M1, 0, data[:7], last=False))
    assert kept.files == {}
    kept.intake.take(ANN, SendView(M1, 7, data[7:], last=True))
    path = tmp_path / "x.view"
    path.write_bytes(kept.files["of pann"])
    view = read_view(path)
    assert (view.match_id, view.seat, view.section) == (M1, 0, PUBLIC)
    assert [(each.tick, each.body) for each in view.ticks] == [(39, b"a"), (40, b"b")]
    assert kept.refusal(SendView(M1, len(data), b"x", last=True)) == Code.BAD_PARAMS


@pytest.mark.parametrize(
    "part",
    [
        SendView(MatchId("m2"), 0, b"x", last=True),
        SendView(M1, 1, b"x", last=True),
        SendView(M1, -1, b"x", last=True),
        SendView(M1, 0, bytes(MOST_VIEW + 1), last=True),
    ],
)
def test_a_part_that_is_not_the_next_one_gives_the_view_up(part: SendView) -> None:
    kept = Kept()
    kept.expect()
    assert kept.refusal(part) == Code.BAD_PARAMS
    assert kept.refusal(SendView(M1, 0, b"x", last=True)) == Code.BAD_PARAMS
    assert kept.files == {}


def test_views_are_bounded_in_size_number_and_time() -> None:
    kept = Kept()
    assert kept.refusal(SendView(M1, 0, b"x", last=True)) == Code.BAD_PARAMS
    kept.expect()
    for at in range(0, MOST_VIEW, 2048):
        kept.intake.take(ANN, SendView(M1, at, bytes(2048), last=False))
    assert kept.refusal(SendView(M1, MOST_VIEW, b"x", last=True)) == Code.BAD_PARAMS
    for number in range(MOST_OPEN + 3):
        kept.expect(PlayerId(f"p{number}"))
    assert len(kept.intake._open) == MOST_OPEN
    assert kept.refusal(SendView(M1, 0, b"x", last=True), PlayerId("p0")) == Code.BAD_PARAMS
    kept.now = OPEN_S + 1
    late = PlayerId(f"p{MOST_OPEN}")
    assert kept.refusal(SendView(M1, 0, b"x", last=True), late) == Code.BAD_PARAMS
    assert kept.files == {}


def test_a_view_may_come_until_its_time_is_over() -> None:
    for wait_s, taken in ((OPEN_S, True), (OPEN_S + 0.5, False)):
        kept = Kept()
        kept.expect()
        kept.now += wait_s
        part = SendView(M1, 0, b"x", last=True)
        if taken:
            kept.intake.take(ANN, part)
        else:
            assert kept.refusal(part) == Code.BAD_PARAMS
        assert bool(kept.files) is taken


def test_a_view_may_be_as_large_as_it_was_told() -> None:
    kept = Kept()
    assert kept.expect() == MOST_VIEW
    kept.intake.take(ANN, SendView(M1, 0, bytes(MOST_VIEW), last=True))
    assert len(kept.files) == 1


def test_a_view_has_at_most_so_many_ticks(tmp_path: Path) -> None:
    rows = [[number, b""] for number in range(_MOST_TICKS)]
    assert len(read_view(stored(tmp_path, rows, PUBLIC)).ticks) == _MOST_TICKS
    with pytest.raises(JournalError, match="damaged"):
        read_view(stored(tmp_path, [*rows, [_MOST_TICKS, b""]], PUBLIC))


def test_ticks_that_the_journal_lacks_are_passed_over(match: StoredMatch, tmp_path: Path) -> None:
    playback = Playback(match, GAME)
    playback.seek(20)
    some = [entity for entity in playback.world if entity.owner != 1]
    row = [20, body_of(GAME, some, PUBLIC, Seat(0))]
    view = read_view(stored(tmp_path, [[-5, b""], row, [900, b""]], PUBLIC))
    assert first_of_view(match, view, GAME)[0].tick == 20


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> StoredMatch:
    path = tmp_path_factory.mktemp("view") / "m.journal"
    path.write_bytes(Played().play(60).end().file.data)
    return read_journal(path)


def stored(folder: Path, ticks: list[Any], section: int, seat: int = 0) -> Path:
    path = folder / "x.view"
    data = zlib.compress(msgpack.packb(ticks))
    path.write_bytes(MAGIC + msgpack.packb([1, "m1", "pann", seat, 40, section, data]))
    return path


@pytest.mark.parametrize(
    ("section", "field"), [(PUBLIC, "x"), (OWNER, "ammo"), (FIRST_GROUP + 1, "plan")]
)
def test_the_first_tick_and_field_that_differ_are_named(
    match: StoredMatch, tmp_path: Path, section: int, field: str
) -> None:
    ticks, playback, seat = [], Playback(match, GAME), Seat(0)
    truth = 0
    for tick in range(30, 41):
        playback.seek(tick)
        world = playback.world
        runner = world.owned(seat, Runner)
        assert runner is not None
        true = getattr(runner, field)
        if tick >= 37:
            truth = truth or true
            setattr(runner, field, true + 5)
        others = [e for e in world if isinstance(e, Runner) and e is not runner]
        for other in others:
            other.ammo += 1  # which this client is never told
        ticks.append([tick, body_of(GAME, [runner] if section >= 2 else world, section, seat)])
        for other in others:
            other.ammo -= 1
        setattr(runner, field, true)
    view = read_view(stored(tmp_path, ticks, section))
    (found,) = first_of_view(match, view, GAME)
    assert (found.tick, found.what.split()[0], found.field) == (37, "Runner", field)
    assert (found.first, found.second) == (repr(truth), repr(truth + 5))
    equal = read_view(stored(tmp_path, ticks[:7], section))
    assert first_of_view(match, equal, GAME) == []


def test_an_entity_that_the_client_lacks_is_absent_there(
    match: StoredMatch, tmp_path: Path
) -> None:
    playback = Playback(match, GAME)
    playback.seek(20)
    some = [entity for entity in playback.world if entity.owner != 1]
    view = read_view(stored(tmp_path, [[20, body_of(GAME, some, PUBLIC, Seat(0))]], PUBLIC))
    found = first_of_view(match, view, GAME)
    assert {each.field for each in found} == {""}
    assert {(each.first, each.second) for each in found} >= {("'Runner'", "absent")}


def test_views_of_other_matches_or_ticks_are_refused(match: StoredMatch, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="none of the view's ticks"):
        first_of_view(match, read_view(stored(tmp_path, [[900, b""]], PUBLIC)), GAME)
    with pytest.raises(JournalError, match="none of this game"):
        first_of_view(match, read_view(stored(tmp_path, [[30, b"\xc1"]], PUBLIC)), GAME)
    path = stored(tmp_path, [], PUBLIC)
    path.write_bytes(path.read_bytes().replace(b"\xa2m1", b"\xa2m2"))
    with pytest.raises(JournalError, match="different matches"):
        first_of_view(match, read_view(path), GAME)


def test_a_view_of_another_form_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, [], PUBLIC)
    data = path.read_bytes()
    assert data[len(MAGIC)] == 0x97  # an array of seven, whose first element is the form
    path.write_bytes(data[: len(MAGIC) + 1] + b"\x02" + data[len(MAGIC) + 2 :])
    with pytest.raises(JournalError, match="its form is 2"):
        read_view(path)


def test_what_is_no_file_is_no_view(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_view(tmp_path / "pipe")
    assert not is_view(tmp_path / "nothing")
    assert not is_view(tmp_path)
    assert is_view(stored(tmp_path, [], PUBLIC))


@pytest.mark.parametrize("rows", [7, [7], [[1]], [["x", b""]], [[1, "x"]]])
def test_what_is_no_view_is_refused(tmp_path: Path, rows: Any) -> None:
    with pytest.raises(JournalError):
        read_view(stored(tmp_path, rows, PUBLIC))


def test_a_bomb_of_a_client_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.view"
    data = zlib.compress(bytes(40 << 20), 9)
    assert len(data) < MOST_VIEW
    path.write_bytes(MAGIC + msgpack.packb([1, "m1", "pann", 0, 40, 0, data]))
    with memory_below(24 << 20), pytest.raises(JournalError, match="larger than it can be"):
        read_view(path)


def test_a_view_that_unfolds_in_memory_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "x.view"
    array = b"\xdc\x10\x00" + b"\x90" * 4096
    data = zlib.compress(b"\xdc\x02\x00" + array * 512, 9)
    assert len(data) < MOST_VIEW
    path.write_bytes(MAGIC + msgpack.packb([1, "m1", "pann", 0, 40, 0, data]))
    with memory_below(24 << 20), pytest.raises(JournalError, match="damaged"):
        read_view(path)


@given(st.binary(max_size=300))
def test_any_bytes_of_a_client_raise_one_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.view"
    for noise in (data, MAGIC + data, MAGIC + msgpack.packb([1, "m", "p", 0, 4, 0, data])):
        path.write_bytes(noise)
        with pytest.raises(JournalError):
            read_view(path)
