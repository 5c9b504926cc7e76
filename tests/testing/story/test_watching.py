"""What a watcher of a server calls a fault: rooms, scores, ticks, fields and queues."""

from math import inf, nan
from typing import Any

import attrs
import pytest

from gameserver.game.entity import Player
from gameserver.ids import MatchId, PlayerId, RequestId, Seat
from gameserver.match import Match
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import RequestEnvelope
from gameserver.rooms.calls import Ask, Call, Charge, MatchIsOver, Moment
from gameserver.testing.skirmish import SIDE, Runner
from gameserver.testing.story.report import MOST_FAULTS, Report
from gameserver.testing.story.watching import (
    KEPT_LOOKS,
    LOST_S,
    MOST_WAITING_BYTES,
    STOPPED,
    UNSYNCED_S,
    Watcher,
    wrong_fields,
)
from tests.store.recorded import GAME, OUTCOME, Played

MOMENT = Moment(0.0, 0, bytes(16))
ENVELOPE = RequestEnvelope(RequestId(1), GetServerInfo())
ASK = Ask(PlayerId("p"), ENVELOPE)
CHARGE = Charge(PlayerId("p"), ENVELOPE)


class Rooms:
    """Checks of the rooms: counted, and wrong on demand."""

    def __init__(self) -> None:
        self.checked = 0
        self.right = True

    def check(self) -> None:
        self.checked += 1
        assert self.right, "a seat is taken twice"


@attrs.define
class Live:
    """A running match."""

    match: Match
    match_id: MatchId = MatchId("m1")


@attrs.define
class Waiting:
    """A conversation whose link has bytes for its peer."""

    waiting_bytes: int

    @property
    def _link(self) -> "Waiting":
        return self


@attrs.define
class Watched:
    """The parts of a server that a watcher looks at."""

    hall: Rooms = attrs.field(factory=Rooms)
    matches: list[Live] = attrs.field(factory=list)
    _conversations: list[Waiting] = attrs.field(factory=list)
    closed: bool = False

    @property
    def server(self) -> "Watched":
        return self


class Scene:
    """A watcher, what it looks at, and its report."""

    def __init__(self, *, scores_rise: bool = True) -> None:
        self.played = Played().play(10)
        self.watched = Watched(matches=[Live(self.played.match)])
        self.report = Report(1, 2)
        whole: Any = self.watched
        self.watcher = Watcher(whole, self.report, GAME.tick_rate, scores_rise=scores_rise)

    def faults(self) -> list[str]:
        found, self.report.faults = self.report.faults, []
        return found

    def look(self) -> list[str]:
        self.watcher.look()
        return self.faults()

    def runner(self, seat: int) -> Runner:
        return next(
            each
            for each in self.played.match.world
            if isinstance(each, Runner) and each.owner == seat
        )

    def restarted(self, ticks_lost: float) -> list[str]:
        """Let another process go on with the match, so many ticks before where it was."""
        before = self.played.match
        self.played = Played().play(int(before.tick_number - ticks_lost))
        self.played.match.epoch = before.epoch + 1
        self.watched.matches[0].match = self.played.match
        return self.look()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_sound_match_has_no_faults(scene: Scene) -> None:
    for _ in range(5):
        assert scene.look() == []
        scene.played.play(5)
    assert scene.report.checks == 5


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("x", 0, ""),
        ("x", SIDE, ""),
        ("x", -1, "Runner.x is -1, out of bounds"),
        ("x", SIDE + 1, f"Runner.x is {SIDE + 1}, out of bounds"),
        ("heat", 1e300, ""),
        ("heat", nan, "Runner.heat is nan"),
        ("heat", -inf, "Runner.heat is -inf"),
        ("hits", -(10**9), ""),
    ],
)
def test_fields_are_finite_and_within_their_bounds(
    scene: Scene, name: str, value: float, words: str
) -> None:
    setattr(scene.runner(0), name, value)
    assert list(wrong_fields(scene.played.match.world)) == ([words] if words else [])


def test_a_score_that_falls_is_a_fault_where_scores_only_rise(scene: Scene) -> None:
    scene.runner(1).hits = 7
    assert scene.look() == []
    scene.runner(1).hits = 6
    assert scene.look() == ["the score of Bo in seat 1 fell from 7 to 6"]
    assert scene.look() == []
    other = Scene(scores_rise=False)
    other.runner(1).hits = 7
    other.look()
    other.runner(1).hits = 0
    assert other.look() == []


def test_the_score_of_somebody_else_in_the_seat_is_none_that_fell(scene: Scene) -> None:
    scene.runner(1).hits = 7
    scene.look()
    scene.played.match.leave(Seat(1))
    scene.played.play(1)
    scene.played.match.join(Player(Seat(1), "Bo", 2, bot=True))
    scene.played.play(1)
    assert scene.runner(1).hits < 7
    assert scene.look() == [], "who came back owns another runner"
    renamed = Scene()
    renamed.runner(1).hits = 7
    renamed.look()
    renamed.runner(1).hits = 0
    renamed.runner(1).name = "Di"
    assert renamed.look() == []


def test_a_match_that_goes_back_without_a_restart_is_a_fault(scene: Scene) -> None:
    scene.look()
    before = scene.played.match.epoch
    scene.played = Played().play(4)
    scene.played.match.epoch = before
    scene.watched.matches[0].match = scene.played.match
    assert scene.look() == ["match m1 went back from tick 10 to 4"]


@pytest.mark.parametrize("power", [False, True])
def test_a_crash_costs_no_more_than_it_may(scene: Scene, power: bool) -> None:
    scene.played.play(90)
    scene.watcher.crashed(power)
    assert scene.watcher.power_lost is power
    allowed = (UNSYNCED_S if power else LOST_S) * GAME.tick_rate
    assert scene.restarted(allowed) == []
    scene.played.play(int(allowed))
    scene.watcher.crashed(power)
    lost = (allowed + 1) / GAME.tick_rate
    assert scene.restarted(allowed + 1) == [f"{lost:.1f} s of match m1 were lost in a crash"]


def test_after_a_crash_scores_are_compared_with_the_tick_that_was_restored(scene: Scene) -> None:
    scene.look()
    early = scene.played.match.tick_number
    scene.played.play(10)
    scene.runner(1).hits += 5
    scene.look()
    assert scene.restarted(scene.played.match.tick_number - early) == [], "what was lost is gone"
    scene.runner(1).hits = 50
    scene.look()
    scene.watcher.crashed(False)
    (fault,) = scene.restarted(0)
    assert fault.startswith("the score of Bo in seat 1 fell from 50 to ")


def test_only_the_newest_looks_are_kept(scene: Scene) -> None:
    for _ in range(2 * KEPT_LOOKS):
        scene.look()
    (seen,) = scene.watcher._seen.values()
    assert len(seen.looks) == KEPT_LOOKS


@pytest.mark.parametrize(("bytes_", "wrong"), [(0, False), (1, True)])
def test_what_waits_for_one_peer_has_a_bound(scene: Scene, bytes_: int, wrong: bool) -> None:
    waiting = MOST_WAITING_BYTES + bytes_
    scene.watched._conversations = [Waiting(0), Waiting(waiting)]
    assert scene.look() == ([f"{waiting} bytes wait for one peer"] if wrong else [])


def test_rooms_are_checked_behind_each_call_that_may_change_much(scene: Scene) -> None:
    rooms = scene.watched.hall
    calls: list[Call[Any]] = [ASK, ASK, CHARGE, CHARGE, ASK]
    checked = []
    for call in calls:
        scene.watcher.called(MOMENT, call)
        checked.append(rooms.checked)
    assert checked == [1, 2, 3, 3, 3]
    rooms.right = False
    scene.watcher.check_rooms()
    (fault,) = scene.faults()
    assert fault.startswith("the rooms are wrong after Ask: ")
    assert "a seat is taken twice" in fault
    fresh = Scene()
    fresh.watched.hall.right = False
    (fault,) = fresh.look()
    assert fault.startswith("the rooms are wrong at the start: ")


@pytest.mark.parametrize(
    ("ticks", "reason", "wrong"),
    [
        (int(UNSYNCED_S * GAME.tick_rate), STOPPED, False),
        (int(UNSYNCED_S * GAME.tick_rate) + 1, STOPPED, True),
        (200, "finished", False),
    ],
)
def test_a_match_that_ran_and_is_not_restored_is_a_fault(
    ticks: int, reason: str, wrong: bool
) -> None:
    scene = Scene()
    scene.played.play(ticks - 10)
    over = MatchIsOver(MatchId("m1"), reason, OUTCOME, ticks, "")
    scene.watcher.called(MOMENT, over)
    assert scene.faults() == [], "it was never seen"
    scene.look()
    scene.watcher.called(MOMENT, over)
    ran = f"{ticks / GAME.tick_rate:.1f}"
    assert scene.faults() == ([f"match m1 of {ran} s was not restored"] if wrong else [])


def test_a_server_that_is_down_is_not_looked_at(scene: Scene) -> None:
    scene.watched.hall.right = False
    scene.watched.closed = True
    assert scene.look() == []
    assert scene.report.checks == 0


def test_a_match_that_is_over_is_forgotten(scene: Scene) -> None:
    scene.runner(1).hits = 7
    scene.look()
    live = scene.watched.matches.pop()
    scene.look()
    scene.watched.matches.append(live)
    scene.runner(1).hits = 0
    assert scene.look() == []


def test_a_report_begins_with_nothing_but_its_seed_and_players() -> None:
    told = attrs.asdict(Report(5, 2))
    assert (told.pop("seed"), told.pop("players")) == (5, 2)
    assert not any(told.values())


def test_a_report_keeps_each_fault_once_and_a_bounded_number() -> None:
    report = Report(1, 2)
    for number in range(MOST_FAULTS + 5):
        for _ in range(2):
            report.fault(f"fault {number}")
    assert report.faults == [f"fault {number}" for number in range(MOST_FAULTS)]
