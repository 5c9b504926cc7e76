"""A client between attempts: what it waits for, what it tells, and how its requests end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.client import (
    Address,
    Client,
    ClientSettings,
    Closed,
    Connecting,
    OfflineCause,
    Online,
    Reconnecting,
    Stall,
    Trouble,
)
from gameserver.client.client import FAREWELL_S, GAVE_UP, LEFT, LOBBY_GRACE_S
from gameserver.errors import (
    Code,
    ConnectionLostError,
    RequestError,
    RequestTimedOutError,
    ServerClosedError,
)
from gameserver.ids import EventNumber, RequestId
from gameserver.messages import lobby, session, wire
from gameserver.messages.base import Result
from gameserver.messages.namespaces import Emitted, NamespaceJoined
from tests.client.lives import Life, living
from tests.client.test_state import den
from tests.client.wires import RESUMED, WELCOME, Noted


def entered(number: int = 1) -> wire.EventEnvelope:
    return wire.EventEnvelope(EventNumber(number), lobby.LobbyChanged(den(number)))


# --- attempts -------------------------------------------------------------------------------------


async def test_before_the_first_welcome_attempts_are_counted_and_then_the_error_is_raised(
    autojump_clock: MockClock,
) -> None:
    refusal = ConnectionLostError("nobody is there")
    async with living(autojump_clock, refuses=refusal, first_attempts=3) as life:
        assert life.client.status == Connecting(2)
        await trio.sleep(60)
        assert [str(error) for error in life.raised] == ["nobody is there"]
        assert life.statuses() == [Connecting(2), Connecting(3)]
        assert len(life.roads.attempts) == 3
        assert {seconds for _, seconds in life.roads.attempts} == {4.0}


async def test_before_it_runs_a_client_may_be_hurried_and_given_up(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = Client(Address("play.example", 7777), "Ann", ClientSettings(play=False))
    assert client.status == Connecting()
    client.try_now()
    client.watch_match()
    client.drop_connection()
    client.give_up()
    assert client._given_up
    assert (client.road, client.silent_s, client.bytes_in, client.bytes_out) == ("", 0.0, 0, 0)
    assert (client.stall, client.trouble, client.trouble_sentence) == (
        Stall.NONE, Trouble.NONE, "",
    )  # fmt: skip


async def test_an_unknown_token_is_no_failed_attempt(autojump_clock: MockClock) -> None:
    unknown = wire.Refusal(RequestId(0), Code.TOKEN_UNKNOWN, "who are you?")
    async with living(autojump_clock, unknown, first_attempts=1, token=b"x" * 16) as life:
        assert life.raised == []
        assert [at for at, _ in life.roads.attempts] == [0.0, 0.0]
        await life.say(WELCOME)
        assert life.client.status == Online(resumed=False)
        assert life.client.reconnects == 0


async def test_a_lost_connection_is_followed_by_attempts_and_each_is_told(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME, entered()) as life:
        life.roads.refuses = ConnectionLostError("still nobody")
        await trio.sleep(2)
        life.heard.drain()
        life.line.lose("it broke")
        await trio.sleep(20)
        first, second, *_ = statuses = life.statuses()
        assert [each.attempt for each in statuses] == list(range(1, len(statuses) + 1))
        assert (first.reason, first.cause) == ("It broke.", OfflineCause.LOST)
        assert (second.reason, second.cause) == ("Still nobody.", OfflineCause.UNREACHABLE)
        assert first.retry_at == 2 + first.retry_in_s
        assert first.seat_until == second.seat_until == 2 + LOBBY_GRACE_S
        times = [at for at, _ in life.roads.attempts[1:]]
        waits = [each.retry_at for each in statuses]
        assert times == pytest.approx(waits[: len(times)])
        life.roads.refuses = None
        life.client.try_now()
        await wait_all_tasks_blocked()
        await life.say(RESUMED)
        assert life.client.status == Online(resumed=True)
        assert life.client.reconnects == 1
        life.line.lose("again")
        await trio.sleep(2)
        assert life.statuses()[1].attempt == 1, "it was online in between"


async def test_the_seat_is_kept_for_the_grace_of_the_lobby_the_match_or_not_at_all(
    autojump_clock: MockClock,
) -> None:
    brief = attrs.evolve(WELCOME, resume_grace_s=10.0)
    async with living(autojump_clock, brief, entered()) as life:
        life.line.lose()
        await wait_all_tasks_blocked()
        assert isinstance(life.client.status, Reconnecting)
        assert life.client.status.seat_until == 10
    async with living(autojump_clock, WELCOME, entered()) as life:
        began = trio.current_time()
        life.client._talk.matches.replica = SimpleNamespace(  # type: ignore[assignment]
            pause=lambda: None, acknowledge=lambda _now: None
        )
        life.line.lose()
        await wait_all_tasks_blocked()
        assert isinstance(life.client.status, Reconnecting)
        assert life.client.status.seat_until == began + WELCOME.resume_grace_s
    async with living(autojump_clock, WELCOME) as life:
        life.line.lose()
        await wait_all_tasks_blocked()
        assert isinstance(life.client.status, Reconnecting)
        assert life.client.status.seat_until is None, "there is no lobby"


async def test_a_seat_is_no_longer_told_once_its_time_is_over(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME, entered()) as life:
        life.roads.refuses = ConnectionLostError("nobody")
        life.line.lose()
        await trio.sleep(LOBBY_GRACE_S * 3)
        for status in life.statuses()[1:]:
            kept = status.retry_at - status.retry_in_s < LOBBY_GRACE_S
            assert status.seat_until == (LOBBY_GRACE_S if kept else None)


async def test_the_servers_wish_is_added_to_the_wait(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME) as life:
        await life.say(wire.Goodbye(Code.SERVER_FULL, "come back later", 7.5))
        assert isinstance(life.client.status, Reconnecting)
        assert life.client.status.cause is OfflineCause.FULL
        assert 7.5 <= life.client.status.retry_in_s <= 8.0


async def test_a_final_goodbye_closes_the_client_with_its_code(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME) as life:
        await life.say(wire.Goodbye(Code.FORBIDDEN, "you may not be here"))
        assert life.client.status == Closed(Code.FORBIDDEN, "you may not be here")
        with pytest.raises(ServerClosedError) as closed:
            await life.client.request(lobby.QuickPlay())
        assert closed.value.code is Code.FORBIDDEN
        with pytest.raises(ServerClosedError):
            await life.client.wait_online()
        assert len(life.roads.attempts) == 1


async def test_giving_up_ends_the_wait_and_is_ignored_while_online(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME) as life:
        life.client.give_up()
        await trio.sleep(1)
        assert life.statuses()[-1] == Online(resumed=False)
        life.roads.refuses = ConnectionLostError("nobody")
        life.line.lose()
        await wait_all_tasks_blocked()
        before = trio.current_time()
        life.client.give_up()
        await wait_all_tasks_blocked()
        assert life.client.status == Closed(None, GAVE_UP)
        assert trio.current_time() == before
        with pytest.raises(ServerClosedError) as closed:
            await life.client.request(lobby.QuickPlay())
        assert closed.value.code is Code.SERVER_STOPPING


async def test_a_better_road_is_taken_without_a_word(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME, can_improve=True) as life:
        life.heard.drain()
        await trio.sleep(5)
        life.roads.opens.set()
        await wait_all_tasks_blocked()
        assert len(life.roads.wires) == 2
        assert life.line.take(wire.Hello), "beside the earlier one"
        assert [each.is_aborted for each in life.roads.wires] == [False, False]
        assert life.statuses() == []
        await life.say(RESUMED)
        assert [each.is_aborted for each in life.roads.wires] == [True, False]
        assert not life.roads.can_improve
        assert life.client.status == Online(resumed=True)
        assert life.client.reconnects == 0
        assert life.client.road == "websocket"
        life.line.lose()
        await wait_all_tasks_blocked()
        assert isinstance(life.client.status, Reconnecting), "the next loss is told"


# --- requests -------------------------------------------------------------------------------------


async def ask(life: Life, found: Noted, timeout_s: float | None = None) -> None:
    try:
        found(await life.client.request(lobby.LeaveLobby(), timeout_s))
    except (RequestError, RequestTimedOutError, ConnectionLostError, ServerClosedError) as error:
        found(error)


@asynccontextmanager
async def asking(life: Life, timeout_s: float | None = None) -> AsyncIterator[Noted]:
    found = Noted()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, life, found, timeout_s)
        yield found


async def test_a_request_returns_its_result_or_raises_its_refusal(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME) as life:
        life.line.take()
        async with asking(life) as found:
            await life.answer()
        assert found.values == [Result()]
        refusal = wire.Refusal(RequestId(1), "from.the.future", "no", {"why": 1})
        async with asking(life) as found:
            await life.answer(refusal)
        (error,) = found.values
        assert isinstance(error, RequestError)
        assert (error.code, error.sentence, error.details) == (Code.INTERNAL, "no", {"why": 1})


@pytest.mark.parametrize(("given", "seconds"), [(None, 30.0), (2.5, 2.5), (0.0, 0.0)])
async def test_a_request_without_an_answer_ends_after_its_time(
    autojump_clock: MockClock, given: float | None, seconds: float
) -> None:
    async with living(autojump_clock, attrs.evolve(WELCOME, heartbeat_s=60.0)) as life:
        life.line.take()
        async with asking(life, given) as found:
            pass
        ((at, error),) = found.calls
        assert at == seconds
        assert isinstance(error, RequestTimedOutError)
        assert str(error) == f"lobby.leave: no answer within {seconds:g} s"
        open_now = life.client._talk.session.unanswered()
        assert lobby.LeaveLobby() not in [each.request for each in open_now]


async def test_a_request_whose_session_is_lost_ends_with_it(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME) as life:
        async with asking(life) as found:
            await wait_all_tasks_blocked()
            life.line.lose()
            await wait_all_tasks_blocked()
            life.client.try_now()
            await wait_all_tasks_blocked()
            await life.say(attrs.evolve(WELCOME, token=b"n" * 16))
        (error,) = found.values
        assert isinstance(error, ConnectionLostError)
        assert str(error) == "lobby.leave: the session ended before the answer came"


async def test_a_request_of_a_client_that_closes_ends_with_the_reason(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME) as life:
        async with asking(life) as found:
            await wait_all_tasks_blocked()
            await life.say(wire.Goodbye(Code.FORBIDDEN, "out"))
        (error,) = found.values
        assert isinstance(error, ServerClosedError)
        assert (error.code, error.sentence) == (Code.FORBIDDEN, "out")


# --- leaving --------------------------------------------------------------------------------------


async def test_a_namespace_has_one_object_which_the_events_of_the_server_reach(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME) as life:
        guild, heard = life.client.namespace("/guild"), list[Any]()
        assert (life.client.namespace("/guild"), guild.name) == (guild, "/guild")
        guild.on("hello", lambda *args: heard.append(args))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(guild.join, None)
            await wait_all_tasks_blocked()
            asked = life.line.take(wire.RequestEnvelope)[-1]
            await life.say(wire.ResultEnvelope(asked.id, NamespaceJoined()))
        event = Emitted("/guild", "hello", ["Ann"])
        await life.say(wire.EventEnvelope(EventNumber(1), event))
        assert heard == [("Ann",)]


async def test_leaving_signs_out_says_goodbye_and_closes(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME) as life, trio.open_nursery() as nursery:
        life.line.take()
        nursery.start_soon(life.client.leave)
        await wait_all_tasks_blocked()
        (asked,) = life.line.take(wire.RequestEnvelope)
        assert asked.request == session.SignOut()
        await life.say(wire.ResultEnvelope(asked.id, Result()))
        assert [each.code for each in life.line.take(wire.Goodbye)] == ["closed"]
        assert life.client.status == Closed(None, LEFT)
        assert trio.current_time() == 0


async def test_leaving_takes_a_bounded_time(autojump_clock: MockClock) -> None:
    async with living(autojump_clock, WELCOME) as life:
        await life.client.leave()
        assert trio.current_time() == FAREWELL_S
        assert life.client.status == Closed(None, LEFT)


@pytest.mark.parametrize("said", [(), (WELCOME,)])
async def test_without_signing_out_only_a_goodbye_is_said(
    autojump_clock: MockClock, said: tuple[Any, ...]
) -> None:
    async with living(autojump_clock, *said, sign_out=not said) as life:
        life.line.take()
        await life.client.leave()
        assert [type(each) for each in life.line.take()] == [wire.Goodbye]
        assert life.client.status == Closed(None, LEFT)
        assert trio.current_time() == 0


# --- state ----------------------------------------------------------------------------------------


async def test_the_client_shows_what_the_welcome_said(autojump_clock: MockClock) -> None:
    async with living(autojump_clock) as life:
        client = life.client
        assert (client.limits, client.server, client.player_id, client.token) == (None, "", "", b"")
        await life.say(WELCOME, entered())
        assert (client.limits, client.server) == (WELCOME.limits, WELCOME.server)
        assert (client.player_id, client.token) == (WELCOME.player_id, WELCOME.token)
        assert (client.player_name, client.lobby, client.game) == ("Ann", den(1), None)
        assert (client.lobby_list, client.match, client.rtt_s) == (None, None, None)
        assert client.bytes_in == life.line.bytes_in > 0
        assert client.bytes_out == life.line.bytes_out > 0
        assert client.now() == trio.current_time()
