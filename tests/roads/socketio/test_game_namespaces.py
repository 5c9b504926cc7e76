"""Namespaces of authors over Socket.IO: joined early or late, with what waited for them."""

import json

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import Code, PacketError
from gameserver.ids import RequestId
from gameserver.messages.namespaces import EmitAnswered, Emitted, NamespaceEnded, NamespaceJoined
from gameserver.messages.wire import (
    Refusal,
    ResultEnvelope,
)
from gameserver.roads.socketio.connection import IDLE_BURST
from gameserver.roads.socketio.game import (
    MOST_HELD,
)
from tests.roads.socketio.served import CLUB, DEN, Served, serving


async def join(served: Served) -> None:
    """Begin, and be in the club."""
    await served.begin()
    await served.say("0/club,")
    served.post(ResultEnvelope(RequestId(1), NamespaceJoined()))


async def test_a_namespace_asked_for_early_is_joined_once_there_is_a_session(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.say("0", '0/club,{"word":"x"}')
        assert served.requests() == []
        served.welcome()
        assert await served.heard() == ["0SID", "2WELCOME"]
        await wait_all_tasks_blocked()
        asked = {"namespace": CLUB, "auth": {"word": "x"}}
        assert served.requests() == [[1, "namespace.join", asked]]
        served.post(ResultEnvelope(RequestId(1), NamespaceJoined()))
        assert await served.heard() == ["0/club,SID"], "the welcome was told already"
        await served.say("0/den,")
        assert served.requests()[1:] == [[2, "namespace.join", {"namespace": DEN, "auth": {}}]]
        served.post(Refusal(RequestId(2), Code.FORBIDDEN, "Not you.", {"a": 1}))
        (refused,) = await served.heard()
        assert refused.startswith("4/den,")
        told = {"message": "Not you.", "data": {"code": Code.FORBIDDEN, "details": {"a": 1}}}
        assert json.loads(refused.removeprefix("4/den,")) == told
    del autojump_clock


async def test_a_session_may_begin_in_a_namespace_of_an_author_and_enter_the_main_one_later(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        assert await served.begin(CLUB) == []
        await wait_all_tasks_blocked()
        joined = [1, "namespace.join", {"namespace": CLUB, "auth": {}}]
        assert served.requests() == [joined]
        served.tell(Emitted(CLUB, "early", (1,)))
        assert await served.heard() == []
        await served.say("0")
        assert await served.heard() == ["0SID", "2WELCOME"]
        served.post(ResultEnvelope(RequestId(1), NamespaceJoined()))
        assert await served.heard() == ["0/club,SID", "2/club,WELCOME", '2/club,["early",1]']
        await served.say("1/club,")
        assert served.requests() == [joined, [2, "namespace.leave", {"namespace": CLUB}]]
        assert served.link is not None
        assert served.link.is_open
    del autojump_clock


async def test_a_refused_hello_refuses_the_namespace_that_it_came_with(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.say('0/club,{"name":"Ann"}')
        served.post(Refusal(RequestId(0), Code.FORBIDDEN, "Not now."))
        (refused,) = await served.heard()
        assert refused.startswith('4/club,{"message":"Not now."')
    del autojump_clock


async def test_events_of_a_namespace_come_in_it_and_acks_go_back(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await join(served)
        served.tell(Emitted(CLUB, "told", ("x", 2)))
        served.tell(Emitted(CLUB, "which?", (), ack=9))
        assert await served.heard() == ["0/club,SID", '2/club,["told","x",2]', '2/club,0["which?"]']
        await served.say('3/club,0["this"]')
        acked = {"namespace": CLUB, "ack": 9, "args": ["this"]}
        assert served.requests()[1:] == [[2, "namespace.ack", acked]]
        await served.say('2/club,7["echo",1]', '2/club,["tell"]')
        emits = [row[2] for row in served.requests()[2:]]
        assert emits == [
            {"namespace": CLUB, "event": "echo", "args": [1], "ack": True},
            {"namespace": CLUB, "event": "tell", "args": [], "ack": False},
        ]
        served.post(ResultEnvelope(RequestId(3), EmitAnswered((1, "b"))))
        served.post(ResultEnvelope(RequestId(4), EmitAnswered()))
        assert await served.heard() == ['3/club,7[1,"b"]']
        await served.say('2/club,8["echo"]')
        served.post(Refusal(RequestId(5), Code.FORBIDDEN, "No."))
        (refused,) = await served.heard()
        assert json.loads(refused.removeprefix("3/club,8"))[0]["error"]["sentence"] == "No."
        served.tell(NamespaceEnded(CLUB, "club.out", "Out."))
        assert await served.heard() == ["1/club,"]
    del autojump_clock


async def test_more_acks_than_may_be_missing_are_not_asked_for(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await join(served)
        await served.heard()
        asked = 0
        while True:
            served.tell(Emitted(CLUB, "which?", (5,), ack=asked + 1))
            (packet,) = await served.heard()
            if packet == '2/club,["which?",5]':
                break
            assert packet == f'2/club,{asked}["which?",5]'
            asked += 1
            assert asked < 10_000
        assert asked > 8
    del autojump_clock


async def test_what_a_resumed_session_is_told_of_a_namespace_waits_until_it_joins_again(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.say("0", "0/club,", "0/den,")
        served.welcome(resumed=True)
        for number in range(MOST_HELD + 1):
            served.tell(Emitted(CLUB, "n", (number,)))
        served.tell(Emitted(DEN, "d", ()))
        served.tell(NamespaceEnded(DEN, "x"))
        assert await served.heard() == ["0SID", "2WELCOME"]
        served.post(ResultEnvelope(RequestId(1), NamespaceJoined()))
        served.post(ResultEnvelope(RequestId(2), NamespaceJoined()))
        first, *told = await served.heard()
        assert first == "0/club,SID"
        # Bounded: the event of the other namespace took the place of the second oldest.
        assert told[:2] == ['2/club,["n",2]', '2/club,["n",3]']
        assert told[-3:] == [f'2/club,["n",{MOST_HELD}]', "0/den,SID", '2/den,["d"]']
        assert len(told) == MOST_HELD - 1 + 2
    del autojump_clock


async def test_a_client_without_the_namespace_gets_its_events_by_their_long_names(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await served.begin()
        served.tell(Emitted(CLUB, "told", (1,)))
        (packet,) = await served.heard()
        name, fields, number = json.loads(packet[1:])
        assert (name, number) == ("namespace.emitted", 1)
        assert (fields["namespace"], fields["event"], fields["args"]) == (CLUB, "told", [1])
    del autojump_clock


async def test_acks_that_come_again_are_bounded_as_all_that_does_nothing(
    autojump_clock: MockClock,
) -> None:
    async with serving() as served:
        await join(served)
        served.tell(Emitted(CLUB, "which?", (), ack=9))
        await served.heard()
        for _ in range(int(IDLE_BURST) + 1):
            await served.game.receive("3/club,0[]")
        with pytest.raises(PacketError) as refused:
            await served.game.receive("3/club,0[]")
        assert refused.value.code == Code.RATE_LIMITED
        await wait_all_tasks_blocked()
        assert len(served.requests()) == 2, "the first ack is told"
    del autojump_clock
