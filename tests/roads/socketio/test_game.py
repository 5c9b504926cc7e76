"""One client of Socket.IO, packet by packet; the test is the service behind its link."""

import json

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import Code, PacketError
from gameserver.ids import RequestId
from gameserver.messages.base import Result
from gameserver.messages.namespaces import Emitted
from gameserver.messages.wire import (
    Kind,
    ResultEnvelope,
)
from gameserver.roads.socketio.game import (
    CONNECT_TIMEOUT_S,
    MOST_REFUSED,
)
from tests.roads.socketio.served import CLUB, serving


async def test_a_client_joins_with_its_auth_and_is_welcomed(autojump_clock: MockClock) -> None:
    began = trio.current_time()
    async with serving() as served:
        assert served.game.late_s == began + CONNECT_TIMEOUT_S
        assert served.game.fill(served.connection.queue)
        await served.say('0{"name":"Ann"}')
        ((kind, hello),) = served.got
        assert (kind, hello["player_name"]) == (Kind.HELLO, "Ann")
        assert served.game.late_s == float("inf")
        assert await served.heard() == [], "it is in once it has been welcomed"
        served.welcome()
        assert await served.heard() == ["40SID"[1:], "2WELCOME"]
    del autojump_clock


async def test_requests_are_numbered_behind_those_of_the_session(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.say("0")
        served.welcome(next_request=7, resumed=True)
        await served.heard()
        await served.say('2["chat.send",{"text":"x"}]', '25["lobby.list"]')
        assert served.got[1:] == [
            [Kind.REQUEST, 7, "chat.send", {"text": "x"}],
            [Kind.REQUEST, 8, "lobby.list", {}],
        ]
        served.post(ResultEnvelope(RequestId(7), Result()))
        served.post(ResultEnvelope(RequestId(8), Result()))
        assert await served.heard() == ['35[{"result":{}}]'], "only the second asked for an ack"
    del autojump_clock


@pytest.mark.parametrize("name", ["5", "null", "true", "1.5"])
async def test_an_events_name_is_a_text(name: str, autojump_clock: MockClock) -> None:
    async with serving() as served:
        await served.begin()
        with pytest.raises(PacketError) as raised:
            await served.say(f"2[{name},1]")
        assert raised.value.code == Code.BAD_MESSAGE
        assert served.got[1:] == []
    del autojump_clock


async def test_a_message_of_another_form_is_answered_if_an_ack_is_wanted(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.begin()
        await served.say('21["input","x"]')
        (answer,) = await served.heard()
        assert json.loads(answer[2:])[0]["error"]["code"] == Code.BAD_MESSAGE
        with pytest.raises(PacketError):
            await served.say('2["input","x"]')
        await served.say('2["seen",5]')
        assert served.got[-1] == [Kind.SEEN, 5]
    del autojump_clock


async def test_a_wrong_auth_is_a_connect_error_and_another_may_follow(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.say('0{"name":5}')
        (refused,) = await served.heard()
        assert refused.startswith("4")
        told = json.loads(refused[1:])
        assert told["data"]["code"] == Code.HELLO_EXPECTED
        assert (told["data"]["details"], served.link) == ({}, None)
        assert (await served.begin())[-1] == "2WELCOME"
    del autojump_clock


async def test_namespaces_that_are_not_there_may_be_asked_for_a_few_times(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        for _ in range(MOST_REFUSED):
            await served.say("0/nowhere,")
        assert await served.heard() == ['4/nowhere,{"message":"Invalid namespace"}'] * MOST_REFUSED
        with pytest.raises(PacketError) as raised:
            await served.say("0/nowhere,")
        assert raised.value.code == Code.RATE_LIMITED
    del autojump_clock


# --- leaving, and what has arrived ----------------------------------------------------------------


async def test_who_leaves_the_last_namespace_leaves_the_session(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.begin()
        assert served.link is not None
        await served.say("1")
        assert not served.link.is_open
        assert served.requests() == []
    async with serving() as served:
        await served.begin()
        assert served.link is not None
        served.game.closed()
        await wait_all_tasks_blocked()
        assert not served.link.is_open
    del autojump_clock


async def test_what_was_sent_before_a_ping_is_confirmed_by_its_pong_once(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.game.ponged()  # there is no session yet
        await served.begin()
        assert served.link is not None
        await served.say('25["a"]')
        served.post(ResultEnvelope(RequestId(1), Result()))
        served.tell(Emitted(CLUB, "told", ()))
        served.game.beaten()
        await served.heard()
        await served.game.ponged()
        await wait_all_tasks_blocked()
        assert served.got[-1][0] == Kind.REQUEST, "it was sent behind the ping"
        before = served.link.controls
        served.game.beaten()
        await trio.sleep(0.25)
        for _ in range(2):
            await served.game.ponged()
        await wait_all_tasks_blocked()
        assert served.got[-1] == [Kind.ACK, 1, 1]
        assert [row[0] for row in served.got].count(Kind.ACK) == 1
        assert served.link.round_trip_s == pytest.approx(0.25)
        assert served.link.controls == before + 2
    del autojump_clock


async def test_an_older_answer_behind_a_newer_one_is_confirmed_with_the_newer(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.begin()
        await served.say('25["a"]', '26["b"]')
        served.post(ResultEnvelope(RequestId(2), Result()))
        served.post(ResultEnvelope(RequestId(1), Result()))
        await served.heard()
        served.game.beaten()
        await served.game.ponged()
        await wait_all_tasks_blocked()
        assert served.got[-1] == [Kind.ACK, 0, 2]
    del autojump_clock


async def test_the_end_of_the_link_is_the_end_behind_what_was_said(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.begin()
        assert served.link is not None
        served.tell(Emitted(CLUB, "last", ()))
        served.link.close_soon("over")
        queue = served.connection.queue
        assert served.game.fill(queue), "there is something to send yet"
        assert "last" in str(queue[0].data)
        queue.clear()
        assert not served.game.fill(queue)
    del autojump_clock
