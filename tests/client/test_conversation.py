"""What a client says by itself, what it makes of each message, and why a connection ends."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.conversation import FIRST_PINGS
from gameserver.client.link.pings import KEPT_ROUND_TRIPS, SHOWN_PINGS
from gameserver.client.status import (
    EventReceived,
    Noticed,
    SessionLost,
)
from gameserver.errors import Code
from gameserver.ids import EventNumber, LobbyId, PlayerId
from gameserver.messages import chat, lobby, session, wire
from gameserver.messages.base import Result
from tests.client.test_state import den
from tests.client.wires import ANOTHER, RESUMED, WELCOME, Noted, conversation, talking


def names(sent: list[Any]) -> list[str]:
    return [
        type(each.request if isinstance(each, wire.RequestEnvelope) else each).__name__
        for each in sent
    ]


# --- beginning ------------------------------------------------------------------------------------


async def test_a_new_session_is_acknowledged_and_asks_for_the_chat_and_the_round_trip(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock) as one:
        assert names(one.wire.take()) == ["Hello"]
        sent = await one.hear(WELCOME)
        assert names(sent) == ["Ack", "GetChatHistory"] + ["Ping"] * FIRST_PINGS
        assert sent[1].request == chat.GetChatHistory(chat.Channel.GLOBAL)
        assert len({ping.nonce for ping in sent[2:]}) == FIRST_PINGS
        assert one.online.values == [False]
        assert one.told(SessionLost) == []


async def test_a_resumed_session_repeats_its_requests_in_order_and_asks_for_no_history(
    autojump_clock: MockClock,
) -> None:
    talk = conversation()
    async with talking(autojump_clock, talk, WELCOME) as one:
        waits = [talk.ask(lobby.ListLobbies(), lambda _: None) for _ in range(2)]
        await trio.testing.wait_all_tasks_blocked()
        assert names(one.wire.take()) == ["ListLobbies"] * 2
    later = talk.ask(lobby.QuickPlay(), lambda _: None)
    async with talking(autojump_clock, talk) as one:
        (hello,) = one.wire.take()
        assert hello.token == WELCOME.token
        sent = await one.hear(RESUMED)
        assert names(sent) == (
            ["Ack", "GetChatHistory", "ListLobbies", "ListLobbies", "QuickPlay"]
            + ["Ping"] * FIRST_PINGS
        )
        assert [each.id for each in sent[2:5]] == [*waits, later]
        assert one.online.values == [True]


async def test_another_session_forgets_all_that_belonged_to_the_old_one(
    autojump_clock: MockClock,
) -> None:
    talk = conversation()
    entered = wire.EventEnvelope(EventNumber(1), lobby.LobbyChanged(den()))
    async with talking(autojump_clock, talk, WELCOME, entered) as one:
        assert talk.state.lobby == den()
    async with talking(autojump_clock, talk) as one:
        one.wire.take()
        await one.hear(ANOTHER)
        assert one.told(SessionLost) == [SessionLost(PlayerId("p1"))]
        assert talk.state.lobby != den()
        sent = await one.hear(entered)
        assert names(sent) == ["GetChatHistory"], "the same lobby is a new one to a new session"


# --- each message ---------------------------------------------------------------------------------


async def test_a_ping_is_answered_with_its_nonce_and_the_clients_milliseconds(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        await trio.sleep(1.5 - trio.current_time() % 0.25)
        now = trio.current_time()
        one.wire.take()
        sent = await one.hear(wire.Ping(77))
        assert [each for each in sent if isinstance(each, wire.Pong)] == [
            wire.Pong(77, int(now * 1000))
        ]


async def test_a_round_trip_is_measured_once_for_each_ping_that_was_sent(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock) as one:
        assert (one.talk.rtt_s, one.talk.rtt_history_s) == (None, [])
        await trio.sleep(3)
        pings = (await one.hear(WELCOME))[-FIRST_PINGS:]
        await trio.sleep(0.125)
        await one.hear(wire.Pong(pings[0].nonce, 0))
        await one.hear(wire.Pong(pings[0].nonce, 0), wire.Pong(999, 0))
        assert one.talk.rtt_history_s == pytest.approx([0.125])
        await trio.sleep(0.05)
        await one.hear(wire.Pong(pings[1].nonce, 0))
        assert one.talk.rtt_history_s == pytest.approx([0.125, 0.175])
        assert one.talk.rtt_s == pytest.approx(0.125)


def test_the_round_trip_is_the_smallest_of_the_last_ones() -> None:
    talk = conversation()
    trips = [0.1, *[0.5 + n / 100 for n in range(SHOWN_PINGS)]]
    talk._round_trips.history_s.extend(trips[:-1])
    assert talk.rtt_s == 0.1
    talk._round_trips.history_s.append(trips[-1])
    assert talk.rtt_s == 0.5
    talk._round_trips.history_s.extend([1.0] * KEPT_ROUND_TRIPS)
    assert talk.rtt_history_s == [1.0] * KEPT_ROUND_TRIPS


async def test_an_answer_settles_its_request_and_a_refusal_too(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        answers = Noted()
        ids = [one.talk.ask(request, answers) for request in (lobby.LeaveLobby(),) * 2]
        await one.hear(wire.ResultEnvelope(ids[0], Result()))
        refusal = wire.Refusal(ids[1], Code.RATE_LIMITED, "slower")
        await one.hear(refusal)
        assert answers.values == [Result(), refusal]


async def test_an_event_is_applied_and_reported_once_and_a_notice_each_time(
    autojump_clock: MockClock,
) -> None:
    event = session.NameChanged("Anna")
    notice = session.ServerMessage("hello")
    async with talking(autojump_clock, None, WELCOME) as one:
        for _ in range(2):
            await one.hear(wire.EventEnvelope(EventNumber(1), event), wire.NoticeEnvelope(notice))
        updates = one.updates.drain()
        assert [each for each in updates if isinstance(each, EventReceived | Noticed)] == [
            EventReceived(event), Noticed(notice), Noticed(notice),
        ]  # fmt: skip
        assert one.talk.state.player_name == "Anna"


async def test_an_answer_waits_for_the_event_before_it(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        answers = Noted()
        asked = [one.talk.ask(lobby.LeaveLobby(), answers) for _ in range(2)]
        refusal = wire.Refusal(asked[1], Code.RATE_LIMITED, "slower", after=EventNumber(1))
        await one.hear(wire.ResultEnvelope(asked[0], Result(), EventNumber(1)), refusal)
        assert answers.values == []
        await one.hear(wire.EventEnvelope(EventNumber(1), session.NameChanged("Anna")))
        assert answers.values == [Result(), refusal]


async def test_a_lobbys_history_is_asked_for_each_time_it_is_entered(
    autojump_clock: MockClock,
) -> None:
    left = lobby.LobbyLeft(LobbyId("den"), "left")
    events = [lobby.LobbyChanged(den(1)), lobby.LobbyChanged(den(2)), left,
              lobby.LobbyChanged(den(3)), lobby.LobbyChanged(den(1, "attic"))]  # fmt: skip
    asked = []
    async with talking(autojump_clock, None, WELCOME) as one:
        for number, event in enumerate(events, 1):
            sent = await one.hear(wire.EventEnvelope(EventNumber(number), event))
            asked.append([each.request for each in sent if isinstance(each, wire.RequestEnvelope)])
    once = [chat.GetChatHistory(chat.Channel.LOBBY)]
    assert asked == [once, [], [], once, once]
