"""Floods: told so by a code, then kicked; who is only in a hurry is kept.

Law: what a connection may send is counted by kind, and reaching the end of one count touches
nobody else.
"""

from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked
from trio_websocket import ConnectionClosed

from gameserver.errors import Code
from gameserver.ids import EventNumber, RequestId, Tick
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, LobbyConfig
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import (
    Ack,
    Goodbye,
    Input,
    Kind,
    Ping,
    Pong,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
    Seen,
)
from gameserver.protocol.hot import LONGEST
from gameserver.protocol.limits import INPUTS_BURST, INPUTS_PER_S, MESSAGES_BURST
from gameserver.rooms.limits.rules import RoomRules
from tests.service.peers import MAP, Peer, assert_serves, serving
from tests.service.test_stopping import playing

RULES = RoomRules()
DEN = CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4))


def form(number: int) -> RequestEnvelope:
    return RequestEnvelope(RequestId(number), GetLobbyForm())


async def test_a_flood_of_requests_is_answered_rate_limited_and_then_kicked(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer, other = await house.guest("Ann"), await house.guest("Bob")
        for number in range(1, MESSAGES_BURST + 2):
            await peer.send(form(number))
        came = await peer.hear_out()
        answers = [each for each in came if isinstance(each, ResultEnvelope)]
        *refusals, last = [each for each in came if isinstance(each, Refusal)]
        assert len(answers) == RULES.requests_burst
        assert [each.id for each in answers + refusals] == [*range(1, MESSAGES_BURST + 1)]
        assert {each.code for each in refusals} == {Code.RATE_LIMITED}
        assert all(each.details.get("retry_after_s") for each in refusals)
        assert (last.id, last.code) == (0, Code.RATE_LIMITED)
        assert isinstance(came[-1], Goodbye)
        assert came[-1].code == Code.RATE_LIMITED
        assert len(house.server.connections) == 1
        await assert_serves(other)


async def ask_too_fast(peer: Peer) -> None:
    """Ask below the rate of a connection and above that of a session, for a minute."""
    number = 0
    while trio.current_time() < 60:
        await peer.send(form(number + 1), Ack(EventNumber(0), RequestId(number)))
        await trio.sleep(1 / 19)
        await peer.send(form(number + 2))
        await trio.sleep(1 / 38)
        number += 2


async def test_a_client_that_stays_above_the_rate_of_requests_is_kicked(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        came: list[Any] = []

        async def listen() -> None:
            came.extend(await peer.hear_out())

        house.nursery.start_soon(listen)
        with pytest.raises(ConnectionClosed):
            await ask_too_fast(peer)
        await wait_all_tasks_blocked()
        refusals = [each for each in came if isinstance(each, Refusal)]
        assert len(refusals) > RULES.patience_burst
        assert {each.code for each in refusals} == {Code.RATE_LIMITED}
        assert 0 not in {each.id for each in refusals}
        goodbye = next(each for each in came if isinstance(each, Goodbye))
        assert goodbye.code == Code.RATE_LIMITED


async def test_a_request_refused_for_its_rate_is_done_when_repeated_later(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        last = 1
        while isinstance(await peer.ask(last, GetLobbyForm()), ResultEnvelope):
            last += 1
        last += 1
        refused = await peer.ask(last, DEN)
        assert isinstance(refused, Refusal)
        assert refused.code == Code.RATE_LIMITED
        wait_s = refused.details["retry_after_s"]
        assert isinstance(wait_s, float)
        await trio.sleep(wait_s)
        assert isinstance(await peer.ask(last, DEN), ResultEnvelope)


async def test_a_flood_of_pings_is_answered_for_its_burst_and_then_kicked(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for nonce in range(MESSAGES_BURST + 1):
            await peer.send(Ping(nonce))
        came = await peer.hear_out()
        assert [each.nonce for each in came if isinstance(each, Pong)] == [*range(MESSAGES_BURST)]
        assert [each.code for each in came[-2:]] == [Code.RATE_LIMITED, Code.RATE_LIMITED]


async def test_a_flood_of_inputs_in_a_match_is_kicked_as_well(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer, _ = await playing(house)  # its inputs are read by the match, past the conversation
        other = await house.guest("Bob")
        flood = [
            Input(number, Tick(0), Tick(0), 0, (0, 0, 0, 0))
            for number in range(1, INPUTS_BURST + 2 * round(INPUTS_PER_S))
        ]
        with suppress(ConnectionClosed):
            for at in range(0, len(flood), 100):
                await peer.send_at_once(*flood[at : at + 100])
        *_, refusal, goodbye = [
            each for each in await peer.hear_out() if isinstance(each, Refusal | Goodbye)
        ]
        assert (refusal.code, goodbye.code) == (Code.RATE_LIMITED, Code.RATE_LIMITED)
        await assert_serves(other)


async def test_inputs_and_seens_do_not_count_as_requests(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for tick in range(3 * MESSAGES_BURST):
            await peer.send(Seen(Tick(tick)))
        await assert_serves(peer)


async def test_a_flood_of_inputs_is_kicked_after_ten_seconds(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer, other = await house.guest("Ann"), await house.guest("Bob")
        # They are read within some hundredths of a second, in which a few more are allowed.
        count = INPUTS_BURST + round(INPUTS_PER_S / 10)
        await peer.send_at_once(*(Seen(Tick(tick)) for tick in range(count)))
        came = await peer.hear_out()
        assert [each.code for each in came[-2:]] == [Code.RATE_LIMITED, Code.RATE_LIMITED]
        await assert_serves(other)


async def test_an_input_longer_than_the_limit_ends_the_connection(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(bytes((0x92, Kind.SEEN)) + bytes(LONGEST))
        came = await peer.hear_out()
        assert [each.code for each in came[-2:]] == [Code.BAD_MESSAGE, Code.BAD_MESSAGE]


async def test_requests_answered_by_the_service_count_towards_the_rate_too(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        answers = [
            await peer.ask(number, GetServerInfo()) for number in range(1, RULES.requests_burst + 9)
        ]
        refused = [each for each in answers if isinstance(each, Refusal)]
        later = 1  # the last ones are asked so much later that one more is allowed
        assert len(answers) - len(refused) in range(
            RULES.requests_burst, RULES.requests_burst + later + 1
        )
        assert {each.code for each in refused} == {Code.RATE_LIMITED}
