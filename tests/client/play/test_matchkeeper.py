"""Entering matches: which are accepted, what is asked, and which answers still count."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from gameserver.client.play.matchkeeper import FASTEST_HZ, SLOWEST_S, MatchKeeper
from gameserver.errors import Code, ProtocolError
from gameserver.ids import NO_SEAT, MatchId, RequestId, Seat, Tick
from gameserver.messages.base import Request
from gameserver.messages.lobby import MatchResult
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    MapData,
    MatchEnded,
    MatchEntered,
    MatchHappened,
    MatchStarted,
    ReportDesync,
)
from gameserver.messages.wire import Refusal, Section, Shift, Snapshot, Steer
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish

MAP = map_from_rows(*["." * 8] * 8)
OTHER_MAP = map_from_rows(*["." * 9] * 8)
ENTERED = MatchEntered(Tick(1), Seat(0), 1)


def match(number: int = 1) -> MatchStarted:
    return MatchStarted(
        MatchId(f"m{number}"), "skirmish", Seat(0), (), 30, 1, MAP.name, MAP.digest, {}, 1, {}
    )


@attrs.define(eq=False)
class Desk:
    """Notes what a keeper asks and abandons; the test answers."""

    asked: list[tuple[Request, Callable[[Any], None]]] = attrs.field(factory=list)
    abandoned: list[int] = attrs.field(factory=list)
    ready: int = 0
    trips: list[float] = attrs.field(factory=list)

    def ask(self, request: Request, settle: Callable[[Any], None]) -> RequestId:
        self.asked.append((request, settle))
        return RequestId(len(self.asked))

    def note_ready(self, _entered: object) -> None:
        self.ready += 1

    @property
    def requests(self) -> list[Request]:
        return [request for request, _ in self.asked]

    def answer(self, answer: object, number: int = -1) -> None:
        self.asked[number][1](answer)


def keeper(*, known: bool = True) -> tuple[MatchKeeper, Desk]:
    desk = Desk()
    made = MatchKeeper(
        desk.ask,
        desk.abandoned.append,
        lambda _message: None,
        desk.note_ready,
        lambda: desk.trips,
    )
    made.game = Skirmish()
    if known:
        made.know_map(MAP)
    return made, desk


def entered() -> tuple[MatchKeeper, Desk]:
    made, desk = keeper()
    made.started(match())
    desk.answer(ENTERED)
    return made, desk


# --- which matches --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "every"),
    [(1, 1), (FASTEST_HZ, 1), (30, 30 * SLOWEST_S), (1, SLOWEST_S)],
)
def test_a_match_within_the_bounds_is_entered(rate: int, every: int) -> None:
    made, desk = keeper()
    made.started(attrs.evolve(match(), tick_rate=rate, snapshot_every=every))
    assert desk.requests == [EnterMatch(MatchId("m1"))]


@pytest.mark.parametrize(
    ("rate", "every"),
    [(0, 1), (-1, 1), (FASTEST_HZ + 1, 1), (30, 0), (30, -1), (30, 30 * SLOWEST_S + 1)],
)
def test_a_match_out_of_bounds_is_an_error_and_leaves_the_present_one(
    rate: int, every: int
) -> None:
    made, desk = entered()
    bad = attrs.evolve(match(2), tick_rate=rate, snapshot_every=every)
    with pytest.raises(ProtocolError, match=f"of {rate} ticks .* each {every} ticks") as raised:
        made.started(bad)
    assert raised.value.code is Code.BAD_MESSAGE
    assert made.match_id == "m1"
    assert len(desk.requests) == 1


def test_without_a_game_no_match_is_entered() -> None:
    made, desk = keeper()
    made.game = None
    made.started(match())
    assert desk.requests == []
    assert made.match_id == "m1"


def test_nothing_is_entered_before_a_match_has_begun() -> None:
    made, desk = keeper()
    for call in (made.resumed, made.watch, made.step_out):
        call()
    assert (desk.requests, made.match_id, made.away) == ([], None, False)


# --- the map --------------------------------------------------------------------------------------


def test_a_map_is_fetched_once_and_known_from_then_on() -> None:
    made, desk = keeper(known=False)
    made.started(match())
    desk.answer(MapData({"map": MAP.to_wire()}))
    made.started(match(2))
    assert desk.requests == [
        GetMap(MatchId("m1")), EnterMatch(MatchId("m1")), EnterMatch(MatchId("m2")),
    ]  # fmt: skip


def test_a_map_that_is_refused_or_comes_too_late_enters_nothing() -> None:
    made, desk = keeper(known=False)
    made.started(match())
    for nothing in (None, Refusal(RequestId(1), Code.INTERNAL, "no")):
        desk.answer(nothing)
    made.started(match(2))
    desk.answer(MapData({"map": MAP.to_wire()}), 0)
    made.forget()
    desk.answer(MapData({"map": MAP.to_wire()}))
    assert desk.requests == [GetMap(MatchId("m1")), GetMap(MatchId("m2"))]


def test_the_map_must_be_the_matchs() -> None:
    made, desk = keeper(known=False)
    made.started(match())
    with pytest.raises(ProtocolError, match="another than the match's") as raised:
        desk.answer(MapData({"map": OTHER_MAP.to_wire()}))
    assert raised.value.code is Code.BAD_MESSAGE
    assert desk.requests == [GetMap(MatchId("m1"))]


# --- entering -------------------------------------------------------------------------------------


def test_a_match_that_was_entered_has_a_replica_with_the_round_trips_so_far() -> None:
    made, desk = keeper()
    desk.trips = [0.5, 0.25, 0.75]
    made.started(match())
    assert (made.replica, desk.ready) == (None, 0)
    desk.answer(attrs.evolve(ENTERED, seat=NO_SEAT))
    assert made.replica is not None
    assert made.replica.stats.rtt_ms == 250
    assert (made.replica.seat, desk.ready) == (NO_SEAT, 1)
    made.round_trip(0.125)
    assert made.replica.stats.rtt_ms == 125


def test_an_answer_that_is_none_or_of_an_earlier_match_enters_nothing() -> None:
    made, desk = keeper()
    made.started(match())
    for nothing in (None, Refusal(RequestId(1), Code.INTERNAL, "no")):
        desk.answer(nothing)
    made.started(match(2))
    desk.answer(ENTERED, 0)
    assert (made.replica, desk.ready) == (None, 0)
    desk.answer(ENTERED)
    assert made.replica is not None
    assert made.replica.started.match_id == "m2"


def test_a_match_that_begins_again_for_another_seat_has_a_new_replica() -> None:
    made, desk = entered()
    first = made.replica
    made.started(attrs.evolve(match(), seat=Seat(3)))
    assert made.replica is None
    desk.answer(ENTERED)
    assert made.replica is not first


def test_a_lost_connections_requests_are_abandoned_once() -> None:
    made, desk = keeper(known=False)
    made.started(match())
    made.disconnected()
    assert desk.abandoned == [1]
    made.resumed()
    made.disconnected()
    assert desk.abandoned == [1, 2]
    made.disconnected()
    assert desk.abandoned == [1, 2]


def test_a_move_that_fails_abandons_the_request_of_this_move_alone() -> None:
    made, desk = entered()
    made.cross()
    made.stayed()
    assert desk.abandoned == [2]
    made.cross()
    made.forget()
    desk.abandoned.clear()
    made.cross()  # without a match nothing is asked; another session has the ids again
    made.stayed()
    assert set(desk.abandoned) <= {0}


def test_after_a_resume_the_same_replica_goes_on() -> None:
    made, desk = entered()
    first = made.replica
    made.disconnected()
    made.resumed()
    desk.answer(attrs.evolve(ENTERED, next_seq=8))
    assert made.replica is first
    assert desk.ready == 2


# --- leaving --------------------------------------------------------------------------------------


def ended(match_id: str) -> MatchEnded:
    return MatchEnded(MatchResult(MatchId(match_id), "finished", "", (), (), 5))


def test_only_the_end_of_the_match_itself_ends_it() -> None:
    made, _ = entered()
    made.ended(ended("m2"))
    assert made.replica is not None
    for _ in range(2):
        made.ended(ended("m1"))
        assert made.match_id is None
        assert made.replica is None


def test_a_match_that_was_left_and_then_ends_cannot_be_watched() -> None:
    made, desk = entered()
    made.step_out()
    assert (made.away, made.match_id, made.replica) == (True, "m1", None)
    made.ended(ended("m1"))
    assert not made.away
    made.watch()
    assert len(desk.requests) == 1


def test_watching_twice_asks_once_and_ends_being_away() -> None:
    made, desk = entered()
    made.step_out()
    made.watch()
    made.watch()
    assert not made.away
    assert len(desk.requests) == 2
    made.resumed()
    assert len(desk.requests) == 3


def test_leaving_a_match_abandons_the_requests_to_enter_it() -> None:
    made, desk = keeper()
    made.started(match())
    made.step_out()
    assert desk.abandoned == [1]
    made.step_out()
    assert desk.abandoned == [1]


# --- feeding --------------------------------------------------------------------------------------


class Fed:
    """Stands in for a replica."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.noted: list[Any] = []
        self.reader = object()

    @property
    def tape(self) -> "Fed":
        return self

    def note(self, entry: object) -> None:
        self.noted.append(entry)

    def received(self, snapshot: Snapshot, reader: object) -> None:
        assert reader is self.reader
        self.noted.append(snapshot)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *given: self.calls.append((name, *given))


def test_a_replica_gets_the_messages_of_its_match_and_without_one_they_are_ignored() -> None:
    made, _ = entered()
    happened = MatchHappened(MatchId("m1"), Tick(4), 0, ())
    steer, shift = Steer(Tick(5), 2), Shift(Tick(5), 3)
    parts = [
        Snapshot(Tick(7), (Section(n, False, b""), Section(n + 1, False, b""))) for n in (0, 5)
    ]
    fed = Fed()
    for replica in (None, fed):
        made.replica = replica  # type: ignore[assignment]
        made.snapshot(parts, 1.5)
        made.retimed(steer)
        made.retimed(shift)
        made.happened(happened)
        made.happened(attrs.evolve(happened, match_id=MatchId("m2")))
        made.round_trip(0.5)
    sections = tuple(section for part in parts for section in part.sections)
    assert fed.noted == [Snapshot(Tick(7), sections), steer, shift, happened, 0.5]
    assert fed.calls == [
        ("receive", 7, sections, 1.5), ("steer", steer), ("shift", shift), ("happened", happened),
        ("round_trip", 0.5),
    ]  # fmt: skip


def test_a_replicas_reports_are_asked_and_their_answers_change_nothing() -> None:
    made, desk = entered()
    assert made.replica is not None
    report = ReportDesync(MatchId("m1"), Tick(3), 0, 1, 2)
    made.replica._report(report)
    assert desk.requests[-1] == report
    desk.answer(ENTERED)
    assert desk.ready == 1


# --- restarts of the server -----------------------------------------------------------------------


def test_a_match_that_another_process_goes_on_with_is_noted_when_it_is_entered_again() -> None:
    made, desk = entered()
    assert not made.restarted, "it is entered for the first time"
    for answer, restarted in ((ENTERED, False), (attrs.evolve(ENTERED, epoch=2), True)):
        made.disconnected()
        made.resumed()
        desk.answer(answer)
        assert made.restarted is restarted
    made.started(match(2))
    desk.answer(attrs.evolve(ENTERED, epoch=3))
    assert not made.restarted, "nothing of it was seen before"
