"""Effects become acts: all of them, in the order of deciding, each to its end.

Law: an effect that makes the rooms decide more adds to the end of the queue; one that meets a bug
is lost alone.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.game.entity import Outcome
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.match import TickReport
from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.match import MatchEnded, MatchStarted
from gameserver.messages.session import Presence, ServerMessage
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    NoticeEnvelope,
)
from gameserver.rooms.state import effects
from gameserver.service.announcements import Announcements
from gameserver.service.connections import PlayerLink
from gameserver.service.livematch import BROKEN_GAME, LiveMatch
from gameserver.store.records import FAULT
from tests.e2e.faulty import Faulty
from tests.service.stage import Recorder, Stage


def says(text: str) -> ServerMessage:
    return ServerMessage(text)


def told(name: str, text: str) -> tuple[str, NoticeEnvelope]:
    return (name, NoticeEnvelope(says(text)))


def is_event(kind: type) -> Callable[[Any], bool]:
    return lambda item: isinstance(item, EventEnvelope) and isinstance(item.event, kind)


# --- order ----------------------------------------------------------------------------------------


async def test_effects_are_performed_in_the_order_of_decisions_over_all_players(
    mock_clock: MockClock,
) -> None:
    del mock_clock  # the time stands still
    stage = Stage()
    ann, bob = stage.guest("Ann"), stage.guest("Bob")
    stage.decide(
        effects.Tell((bob,), says("one")),
        effects.Tell((ann, bob), says("two")),
        effects.Disconnect(ann, 1, Code.SESSION_REPLACED, "enough"),
        effects.Tell((ann, bob), says("three")),
    )
    assert stage.tape == []
    stage.perform()
    assert stage.tape == [
        told("Bob", "one"),
        told("Ann", "two"),
        told("Bob", "two"),
        ("Ann", Goodbye(Code.SESSION_REPLACED, "enough")),
        ("Ann", "closed"),
        told("Bob", "three"),
    ]


async def test_each_effect_is_performed_once(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    stage.decide(effects.Tell((ann,), says("one")))
    stage.perform()
    stage.perform()
    assert stage.tape == [told("Ann", "one")]


async def test_chat_lines_reach_everybody_in_the_order_of_sending(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.guest("Ann"), stage.guest("Bob")
    for number, (who, text) in enumerate([(ann, "one"), (bob, "two"), (ann, "three")], 1):
        stage.ask(who, number, SendChat(Channel.GLOBAL, text))
    stage.perform()
    for name in ("Ann", "Bob"):
        lines = [event.line.text for event in stage.events(name, ChatSaid)]
        assert lines == ["one", "two", "three"]


async def test_a_goodbye_to_an_older_connection_leaves_the_newer_one_open(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    stage.decide(effects.Disconnect(ann, 0, Code.RATE_LIMITED, "too fast"))
    stage.perform()
    assert stage.tape == []
    assert stage.connections.line(ann) is not None


# --- effects of effects ---------------------------------------------------------------------------


async def test_effects_caused_by_an_effect_are_performed_in_the_same_call(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    stage.counted_down()
    stage.perform()
    assert len(stage.matches) == 1
    for name in ("Ann", "Bob"):
        assert len(stage.events(name, MatchStarted)) == 1
    assert stage.hall.take_effects() == []


async def test_effects_caused_by_an_effect_follow_those_decided_before(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    _ann, bob = stage.playing()
    (live,) = stage.matches
    stage.decide(
        effects.StopMatch(live.match_id, "stopped"),
        effects.Tell((bob,), says("decided before")),
    )
    stage.perform()
    notice = stage.position("Bob", lambda item: item == NoticeEnvelope(says("decided before")))
    assert notice < stage.position("Bob", is_event(MatchEnded))
    assert notice < stage.position("Ann", is_event(MatchEnded))
    for name in ("Ann", "Bob"):
        (ended,) = stage.events(name, MatchEnded)
        assert ended.result.reason == "stopped"


async def test_a_finished_match_is_forgotten_and_its_end_reported_once(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    stage.playing()
    (live,) = stage.matches
    with capture_logs() as logs:
        live.end("finished", outcome=Outcome(()))
        live.end("stopped")
    assert [line["event"] for line in logs] == ["match ended"]
    assert len(stage.matches) == 0
    (ended,) = stage.events("Ann", MatchEnded)
    assert ended.result.reason == "finished"


async def test_a_match_above_the_limit_returns_its_players_to_the_lobby(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage(most=0)
    stage.counted_down()
    stage.perform()
    assert len(stage.matches) == 0
    for name in ("Ann", "Bob"):
        (ended,) = stage.events(name, MatchEnded)
        assert ended.result.reason == Code.SERVER_FULL
        assert ended.result.message == "the server runs as many matches as it may"
        assert stage.events(name, MatchStarted) == []


async def test_a_game_that_cannot_start_returns_its_players_without_showing_its_exception(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage(Faulty())
    stage.counted_down()
    (order,) = [each for each in stage.hall.take_effects() if isinstance(each, effects.BeginMatch)]
    options = {**order.config.options, "break_start": True}
    stage.decide(attrs.evolve(order, config=attrs.evolve(order.config, options=options)))
    stage.perform()
    assert len(stage.matches) == 0
    (ended,) = stage.events("Bob", MatchEnded)
    assert (ended.result.reason, ended.result.message) == (FAULT, BROKEN_GAME)


# --- failing effects ------------------------------------------------------------------------------


@pytest.mark.parametrize("bug", ["in the effect", "in a connection"])
async def test_a_bug_in_an_effect_loses_that_effect_only(mock_clock: MockClock, bug: str) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.guest("Ann", broken=bug == "in a connection"), stage.guest("Bob")
    unsayable: Any = object()
    broken = effects.Tell((ann,), unsayable if bug == "in the effect" else says("never"))
    stage.decide(effects.Tell((bob,), says("before")), broken, effects.Tell((bob,), says("behind")))
    with capture_logs() as logs:
        stage.perform()
    assert [(line["event"], line["effect"]) for line in logs] == [("effect failed", "Tell")]
    assert stage.tape == [told("Bob", "before"), told("Bob", "behind")]


async def test_after_a_bug_the_next_call_performs_its_effects(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    unsayable: Any = object()
    stage.decide(effects.Tell((ann,), unsayable))
    stage.perform()
    stage.decide(effects.Tell((ann,), says("again")))
    stage.perform()
    assert stage.tape == [told("Ann", "again")]


async def test_effects_on_a_match_that_is_gone_do_nothing(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.playing()
    (live,) = stage.matches
    live.end("finished")
    stage.tape.clear()
    stage.decide(
        effects.ExitMatch(live.match_id, ann),
        effects.ClearSeat(live.match_id, Seat(0)),
        effects.StopMatch(live.match_id, "stopped"),
        effects.Tell((bob,), says("behind")),
    )
    with capture_logs() as logs:
        stage.perform()
    assert logs == []
    assert stage.tape == [told("Bob", "behind")]


# --- from the matches -----------------------------------------------------------------------------


async def test_an_evicted_viewer_loses_the_connection_it_watched_over_and_no_other(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann, _bob = stage.guest("Ann"), stage.guest("Bob")
    watched = stage.connections.line(ann)
    assert watched is not None
    match = SimpleNamespace(add_viewer=lambda *_: None, world=SimpleNamespace(tick=Tick(8)))
    match.take_in = match.step = match.flush = lambda: None
    match.send = lambda: TickReport(Tick(9), evicted=(ann, PlayerId("gone")))
    quiet = Announcements(stage.people, 0)
    live = LiveMatch(match, SimpleNamespace(attach=lambda *_: None), stage.people, quiet)
    live.watch(ann, Seat(0), watched)
    newer = PlayerLink(Recorder("Ann's next", stage.tape), 2, lambda _count: None)
    assert stage.connections.attach(ann, newer) is watched
    live.tick()
    assert stage.tape == [("Ann", "aborted")], "the line it watched over, not the newest one"


async def test_a_lobby_learns_when_a_players_inputs_stop_and_when_they_return(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann, _bob = stage.playing()

    def seen() -> list[bool]:
        notices = [each.notice for who, each in stage.tape if isinstance(each, NoticeEnvelope)]
        return [
            notice.stalled
            for notice in notices
            if isinstance(notice, Presence) and notice.player_id == ann
        ]

    stage.people.reported(TickReport(Tick(1), silent={ann: True}))
    assert seen() == [True]
    stage.people.reported(TickReport(Tick(2), silent={ann: False}))
    stage.people.reported(TickReport(Tick(3)))
    assert seen() == [True, False]
