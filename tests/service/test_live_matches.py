"""Running matches: refusals, ends, figures, and the counters that stay."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome, Player
from gameserver.game.world import World
from gameserver.ids import LobbyId, MatchId, PlayerId, Seat, Tick
from gameserver.match.watchers import delay_ticks
from gameserver.messages.lobby import LobbyConfig
from gameserver.messages.match import MatchHappened
from gameserver.rooms.state import effects
from gameserver.service.announcements import Announcements
from gameserver.service.effects import Effects
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import TOO_BUSY, Matches
from gameserver.service.ticker import Ticker
from gameserver.testing.skirmish import Skirmish, Struck
from gameserver.transports import Drain
from tests.service.peers import MAP


def matches(most: int = 2, spectator_delay_s: float = 0.0) -> Matches:
    seeds = iter(range(100))
    return Matches(
        Skirmish(), {MAP.name: MAP}, Ticker(lambda: 0.0),
        most=most, seeds=lambda: next(seeds), drain=Drain, spectator_delay_s=spectator_delay_s,
    )  # fmt: skip


def order(number: int) -> effects.BeginMatch:
    config = LobbyConfig(title="Den", map=MAP.name, size=4, bot_level="random")
    players = (Player(Seat(0), "Ann", 1), Player(Seat(1), "Bot", 2, bot=True))
    return effects.BeginMatch(MatchId(f"m{number}"), LobbyId("den"), config, players)


LISTENER: Any = SimpleNamespace(
    happened=lambda *_: None, reported=lambda *_: None, ended=lambda *_: None
)


async def test_matches_are_refused_while_the_server_is_busy_or_full(mock_clock: MockClock) -> None:
    del mock_clock
    some = matches(most=2)
    some.refused_for_s = 0.5
    with pytest.raises(RequestError):
        some.start(order(1), LISTENER)
    some.refused_for_s = 3.5
    with pytest.raises(RequestError) as busy:
        some.start(order(1), LISTENER)
    assert (busy.value.code, busy.value.sentence) == (Code.SERVER_BUSY, TOO_BUSY)
    assert busy.value.details == {"retry_after_s": 3.5}
    some.start(order(1), LISTENER, spared=True)
    some.refused_for_s = 0.0
    some.start(order(2), LISTENER)
    for spared in (False, True):
        with pytest.raises(RequestError) as full:
            some.start(order(3), LISTENER, spared=spared)
        assert full.value.code == Code.SERVER_FULL
    assert (len(some), some.started) == (2, 2)
    some.forget(MatchId("m1"))
    some.forget(MatchId("m1"))
    assert (len(some), some.started) == (1, 2)
    assert some.get(MatchId("m1")) is None
    live = some.get(MatchId("m2"))
    assert live is not None
    assert [each.match_id for each in some] == ["m2"] == [live.match_id]


async def test_snapshots_are_stretched_in_present_and_future_matches(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    some = matches()
    first = some.start(order(1), LISTENER)
    assert first.match.snapshot_stretch == 1
    some.stretch_snapshots(4)
    second = some.start(order(2), LISTENER)
    assert [live.match.snapshot_stretch for live in (first, second)] == [4, 4]
    assert first.timetable.meter is second.timetable.meter is some.meter


async def test_counters_of_a_match_that_is_over_are_kept(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del mock_clock
    some = matches()
    live = some.start(order(1), LISTENER)
    live.match.counts.malformed = 3
    closed: list[bool] = []
    monkeypatch.setattr(live.inlet, "close", lambda: closed.append(True))
    assert some.past.malformed == 0
    some.forget(MatchId("m1"))
    assert some.past.malformed == 3
    assert closed == [True]


class Report:
    """One report of a match, as a test sets it."""

    def __init__(self, fault: Exception | None = None, outcome: Outcome | None = None) -> None:
        self.fault, self.outcome = fault, outcome
        self.evicted: tuple[PlayerId, ...] = ()
        self.tick = 7


def live_match(*reports: Report | Exception) -> tuple[LiveMatch, list[Any]]:
    left = list(reports)
    told: list[Any] = []

    def send() -> Report:
        report = left.pop(0)
        if isinstance(report, Exception):
            raise report
        return report

    match: Any = SimpleNamespace(
        match_id=MatchId("m1"),
        world=SimpleNamespace(tick=Tick(6)),
        take_in=lambda: None,
        step=lambda: None,
        send=send,
        flush=lambda: None,
        standings=lambda: "standings",
        shifted=told.append,
    )
    listener: Any = SimpleNamespace(
        reported=lambda _report: None, ended=lambda _live, *end: told.append(end)
    )
    inlet: Any = None
    return LiveMatch(match, inlet, listener, Announcements(listener, 0)), told


def test_a_suspended_match_runs_no_further_tick_and_reports_no_end() -> None:
    live, told = live_match(Report(), Report(outcome=Outcome(())))
    assert live.tick()
    live.suspend()
    assert not live.tick()
    live.end("stopped")
    assert told == []


def test_a_match_ends_once_with_its_reason() -> None:
    outcome = Outcome(())
    fault = Exception("the step failed")
    cases: list[tuple[Report | Exception, tuple[Any, ...]]] = [
        (Report(outcome=outcome), ("finished", outcome, "")),
        (Report(fault=fault), ("fault", "standings", "the game met a fault and ended the match")),
        (ZeroDivisionError(), ("fault", outcome, "the game met a fault and ended the match")),
    ]
    for report, end in cases:
        live, told = live_match(Report(), report)
        with capture_logs() as logs:
            assert [live.tick(), live.tick(), live.tick()] == [True, False, False]
        assert told == [end]
        assert len(logs) == (end[0] == "fault")
        live.end("stopped")
        assert told == [end]


def test_each_report_is_passed_on_before_the_end_that_it_causes() -> None:
    live, told = live_match(Report(), Report(outcome=Outcome(())))
    listener: Any = live.listener
    listener.reported = told.append
    while live.tick():
        pass
    first, second, end = told
    assert (first.outcome, second.outcome, end[0]) == (None, Outcome(()), "finished")


def test_a_bug_in_the_end_itself_ends_the_match_once_more_as_a_fault() -> None:
    live, told = live_match(Report(outcome=Outcome(())))
    listener: Any = live.listener

    def ended(_live: LiveMatch, *end: Any) -> None:
        told.append(end[0])
        if len(told) == 1:
            raise ZeroDivisionError("a bug")

    listener.ended = ended
    with capture_logs() as logs:
        assert not live.tick()
    assert told == ["finished", "fault"]
    assert [line["event"] for line in logs] == ["tick failed"]


def test_a_bug_between_two_ticks_ends_the_match_as_a_fault() -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    live, told = live_match()
    live.match.shifted = fails  # type: ignore[method-assign, assignment]
    with capture_logs() as logs:
        live.shed(4)
    assert [end[0] for end in told] == ["fault"]
    assert [line["event"] for line in logs] == ["tick failed"]
    live.shed(4)
    assert len(told) == 1
    live, told = live_match()
    listener: Any = live.listener
    ended, calls = listener.ended, []

    def breaks_once(*end: Any) -> None:
        calls.append(end)
        if len(calls) == 1:
            fails()
        ended(*end)

    listener.ended = breaks_once
    with capture_logs() as logs:
        live.overran(5.0)
    assert [end[0] for end in told] == ["fault"]
    assert [line["event"] for line in logs] == ["match too slow", "tick failed"]


def test_a_match_that_is_too_slow_ends_with_the_seconds() -> None:
    live, told = live_match()
    live.shed(4)
    with capture_logs() as logs:
        live.overran(5.26)
    assert told == [4, ("fault", "standings", "the game's step was too slow for 5 s")]
    assert (logs[0]["event"], logs[0]["seconds"]) == ("match too slow", 5.3)
    assert not live.tick()


def test_the_figures_of_a_match_are_logged_at_its_end() -> None:
    counts = SimpleNamespace(malformed=1, clamped_views=2, desyncs=3)
    live: Any = SimpleNamespace(
        match_id="m1",
        match=SimpleNamespace(tick_number=70, counts=counts),
        inlet=SimpleNamespace(overflowed=4),
        timetable=SimpleNamespace(shed=5, late_max_s=0.0126, busy_s=0.3456, done=70),
    )
    forgotten: list[str] = []
    parts: Any = SimpleNamespace(forget=forgotten.append)
    with capture_logs() as logs:
        Effects(cast(Any, None), cast(Any, None), parts).forget(live, "finished")
        live.timetable.done = 0
        Effects(cast(Any, None), cast(Any, None), parts).forget(live, "stopped")
    first, second = logs
    assert forgotten == ["m1", "m1"]
    assert (first["event"], first["reason"], first["ticks"]) == ("match ended", "finished", 70)
    assert (first["shed"], first["latest_ms"], first["overflowed"]) == (5, 13, 4)
    assert (first["malformed"], first["clamped_views"], first["desyncs"]) == (1, 2, 3)
    assert (first["tick_ms"], second["tick_ms"]) == (4.94, 345.6)


@pytest.mark.parametrize("delay_s", [0.0, 1.0])
async def test_spectators_are_sent_an_event_before_they_see_its_tick(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch, delay_s: float
) -> None:
    del mock_clock
    real = Skirmish.step

    def step(self: Skirmish, world: World, commands: Any) -> None:
        if world.tick % 7 == 3:
            world.emit(Struck(0, 1, "Bot"))
        real(self, world, commands)

    monkeypatch.setattr(Skirmish, "step", step)
    told: dict[effects.Hearers, list[tuple[int, MatchHappened]]] = {}
    now = 0
    faded: list[LiveMatch] = []

    def happened(event: MatchHappened, hearers: effects.Hearers) -> None:
        told.setdefault(hearers, []).append((now, event))

    listener: Any = SimpleNamespace(
        happened=happened, reported=lambda *_: None, ended=lambda *_: None, faded=faded.append
    )
    live = matches(spectator_delay_s=delay_s).start(order(1), listener)
    delay = delay_ticks(delay_s, live.match.game.tick_rate)
    for now in range(1, 101):  # noqa: B007  read by `happened`
        live.tick()
    live.end("abandoned")
    assert live.fading is bool(delay)
    for now in range(101, 101 + delay):  # noqa: B007  read by `happened`
        live.tick()
    assert live.match.tick_number == 100, "nothing is stepped any more"
    assert not live.tick()
    assert faded == [live] * bool(delay)
    if not delay:
        (at_once,) = told.values()
        assert told.keys() == {effects.Hearers.ALL}
        assert all(tick == event.tick for tick, event in at_once)
        return
    players, spectators = (
        told[hearers] for hearers in (effects.Hearers.SEATED, effects.Hearers.SPECTATORS)
    )
    assert [event for _, event in players] == [event for _, event in spectators]
    assert all(tick == event.tick for tick, event in players)
    assert [tick for tick, _ in spectators] == [event.tick + delay for _, event in spectators]
    assert spectators[-1][0] > 100
