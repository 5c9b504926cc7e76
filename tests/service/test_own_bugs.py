"""A bug of the server itself costs what it met, and the tasks that serve all others go on."""

from collections.abc import Callable
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.game.entity import Outcome
from gameserver.ids import RequestId, Tick
from gameserver.match import TickReport
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import CreateLobby, LobbyChanged, LobbyConfig, Phase, SetReady
from gameserver.messages.match import MatchEnded
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import EventEnvelope, Ping, Pong, Refusal, ResultEnvelope
from gameserver.rooms.calls import Ask, Expire
from gameserver.service.conversation import Conversation
from gameserver.service.livematch import BROKEN_GAME
from gameserver.store.records import FAULT
from tests.service.peers import MAP, serving
from tests.service.stage import Stage
from tests.service.test_spreader import LISTENERS, Crowd


class BugError(Exception):
    """Not of a kind that anything expects."""


def once(call: Callable[..., Any], *, wanted: type = object) -> Callable[..., Any]:
    """Return a call that meets a bug the first time it is given something of a kind."""
    met: list[object] = []

    def stub(*args: Any, **kwargs: Any) -> Any:
        if not met and isinstance(args[0] if args else None, wanted):
            met.append(args)
            raise BugError
        return call(*args, **kwargs)

    return stub


class Counting:
    """Counts the calls of a function."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call, self.calls = call, 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.call(*args)


def failures(logs: list[Any]) -> list[str]:
    return [line["event"] for line in logs if line["event"].endswith("failed")]


# --- matches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["take_in", "step", "send"])
@pytest.mark.usefixtures("mock_clock")
async def test_a_bug_in_a_tick_ends_its_match_without_standings_and_with_a_fault(
    part: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    stage.playing()
    (live,) = stage.matches
    monkeypatch.setattr(live.match, part, once(getattr(live.match, part)))
    with capture_logs() as logs:
        assert live.tick() is False
        assert live.tick() is False, "it is over"
    assert failures(logs) == ["tick failed"]
    assert len(stage.matches) == 0
    for name in ("Ann", "Bob"):
        (ended,) = stage.events(name, MatchEnded)
        assert (ended.result.reason, ended.result.message) == (FAULT, BROKEN_GAME)
        assert ended.result.lines == ()


@pytest.mark.usefixtures("mock_clock")
async def test_a_bug_while_a_match_is_ended_does_not_leave_it_half_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    stage.playing()
    (live,) = stage.matches
    monkeypatch.setattr(stage.people, "ended", once(stage.people.ended))
    monkeypatch.setattr(live.match, "send", lambda: TickReport(Tick(1), Outcome(())))
    with capture_logs() as logs:
        assert live.tick() is False
    assert failures(logs) == ["tick failed"]
    assert len(stage.matches) == 0
    (ended,) = stage.events("Ann", MatchEnded)
    assert ended.result.reason == FAULT


@pytest.mark.usefixtures("mock_clock")
async def test_a_too_slow_match_ends_with_the_number_of_slow_seconds() -> None:
    stage = Stage()
    stage.playing()
    (live,) = stage.matches
    with capture_logs() as logs:
        live.overran(5.04)
    assert [line["seconds"] for line in logs if line["event"] == "match too slow"] == [5.0]
    (ended,) = stage.events("Bob", MatchEnded)
    assert (ended.result.reason, ended.result.message) == (
        FAULT,
        "the game's step was too slow for 5 s",
    )
    assert live.tick() is False


# --- tasks for all --------------------------------------------------------------------------------


async def test_a_bug_at_one_deadline_does_not_prevent_the_next_ones(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        people = house.server.people
        monkeypatch.setattr(people, "take", once(people.take, wanted=Expire))
        peer = await house.guest()
        with capture_logs() as logs:
            await peer.ask(1, CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4, bots=1)))
            await peer.ask(2, SetReady(True))
            while True:
                await peer.send(Ping(1))
                heard = await peer.hear_a(EventEnvelope, Pong)
                event = getattr(heard, "event", None)
                if isinstance(event, LobbyChanged) and event.lobby.phase is Phase.IN_MATCH:
                    break
                await trio.sleep(0.5)
    assert failures(logs) == ["deadline failed"]


async def test_a_bug_while_sockets_are_read_does_not_end_the_reading(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        resting = house.server._router.resting
        peer = await house.guest()
        await peer.send(Ping(1))
        assert isinstance(await peer.hear(), Pong)
        monkeypatch.setattr(resting, "drain", once(resting.drain, wanted=int))
        with capture_logs() as logs:
            await peer.send(Ping(2))
            assert (await peer.hear_a(Pong)).nonce == 2
    assert failures(logs) == ["reading failed"]


@pytest.mark.usefixtures("autojump_clock")
async def test_a_bug_while_an_event_is_handed_out_does_not_stop_handing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd = Crowd()
    monkeypatch.setattr(crowd.spreader, "slice", once(crowd.spreader.slice))
    with capture_logs() as logs:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(crowd.spreader.run)
            crowd.say(crowd.listeners[0], "hello")
            await crowd.spreader.wait_idle()
            nursery.cancel_scope.cancel()
    assert failures(logs) == ["telling failed"]
    assert [crowd.heard(number) for number in range(LISTENERS)] == [["hello"]] * LISTENERS


async def test_a_bug_at_one_connections_heartbeat_does_not_end_the_checks_of_the_others(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        first, second = await house.guest("Ann"), await house.guest("Bob")
        monkeypatch.setattr(Conversation, "check_life", once(Conversation.check_life))
        with capture_logs() as logs:
            assert isinstance(await first.hear_a(Ping), Ping)
            assert isinstance(await second.hear_a(Ping), Ping)
    assert failures(logs) == ["heartbeat failed"]


async def test_a_bug_while_the_load_is_measured_does_not_end_the_measuring(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        watch = house.server.watch
        monkeypatch.setattr(watch, "look", look := Counting(once(watch.look)))
        with capture_logs() as logs:
            await trio.sleep(3)
        assert isinstance(await (await house.guest()).ask(1, GetServerInfo()), ResultEnvelope)
    assert look.calls > 2
    assert failures(logs) == ["measuring failed"]


# --- requests -------------------------------------------------------------------------------------


async def test_a_bug_in_a_request_is_answered_without_its_text_and_the_next_request_works(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        people = house.server.people
        monkeypatch.setattr(people, "take", once(people.take, wanted=Ask))
        with capture_logs():
            answer = await peer.ask(1, SendChat(Channel.GLOBAL, "hello"))
            assert isinstance(answer, Refusal)
            assert (answer.id, answer.code) == (RequestId(1), Code.INTERNAL)
            assert isinstance(await peer.ask(2, GetServerInfo()), ResultEnvelope)


async def test_a_bug_behind_a_lost_connection_leaves_no_connected_session(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        router = house.server._router
        assert house.server.hall.counts().connected == 1
        monkeypatch.setattr(router, "_stop_watching", once(router._stop_watching))
        with capture_logs() as logs:
            await peer.websocket.aclose()
            await trio.sleep(1)
        assert house.server.hall.counts().connected == 0
        assert isinstance(await (await house.guest("Bob")).ask(1, GetServerInfo()), ResultEnvelope)
    assert failures(logs) == ["connection failed"]
