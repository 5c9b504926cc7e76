"""What is answered stays in proportion to what was sent, whatever is asked for."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.ids import EventNumber, RequestId
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, GetChatHistory, SendChat
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import ListLobbies
from gameserver.messages.wire import Ack, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.protocol.codec import encode
from gameserver.rooms.limits.rules import RoomRules
from tests.service.peers import Peer, Running, serving

RULES = RoomRules()
LONG_S = 60.0


async def fill_history(house: Running) -> None:
    """Let the channel of everybody hold lines as long as they may be."""
    for number in range(10):
        peer = await house.guest(f"Chatter{number}")
        for line in range(5):
            text = f"{number}{line}".ljust(RULES.chat_chars, "ж")
            await peer.ask(line + 1, SendChat(Channel.GLOBAL, text))
        await peer.websocket.aclose()


async def flood(peer: Peer, request: Request) -> tuple[int, int, list[Any]]:
    """Ask for one thing as fast as a session may; return bytes sent and received, and answers."""
    sent, answers = 0, []
    end = trio.current_time() + LONG_S
    number = 0
    while trio.current_time() < end:
        number += 1
        messages: list[Any] = [RequestEnvelope(RequestId(number), request)]
        if number % 10 == 0:
            messages.append(Ack(EventNumber(10**6), RequestId(number - 1)))
        sent += sum(len(encode(each)) for each in messages)
        await peer.send(*messages)
        answers.append(await peer.hear_a(ResultEnvelope, Refusal))
        await trio.sleep(1 / 15)
    return sent, sum(len(encode(each)) for each in answers), answers


@pytest.mark.parametrize(
    "request_",
    [GetChatHistory(Channel.GLOBAL), ListLobbies(), GetLobbyForm()],
    ids=lambda each: each.name,
)
async def test_above_the_allowance_large_answers_are_in_proportion_to_the_received_bytes(
    request_: Request, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        await fill_history(house)
        sent, received, answers = await flood(await house.guest("Greedy"), request_)
    largest = max(len(encode(each)) for each in answers)
    allowance = RULES.answer_burst_bytes + RULES.answer_per_s * LONG_S + largest
    assert received <= allowance + 20 * sent
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert {each.code for each in refused} <= {Code.RATE_LIMITED}
    assert all(each.details["retry_after_s"] for each in refused)


async def test_a_client_above_the_allowance_of_answers_can_still_chat(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        await fill_history(house)
        peer = await house.guest("Greedy")
        *_, answers = await flood(peer, GetChatHistory(Channel.GLOBAL))
        assert isinstance(answers[-1], Refusal)
        said = await peer.ask(90_000, SendChat(Channel.GLOBAL, "still here"))
        assert isinstance(said, ResultEnvelope)


async def test_a_refused_large_request_is_answered_when_repeated_after_the_promised_time(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        await fill_history(house)
        peer = await house.guest("Greedy")
        *_, answers = await flood(peer, GetChatHistory(Channel.GLOBAL))
        refused = answers[-1]
        assert isinstance(refused, Refusal)
        wait_s = refused.details["retry_after_s"]
        assert isinstance(wait_s, float)
        until = trio.current_time() + wait_s
        while trio.current_time() < until:
            await peer.send(Ack(EventNumber(0), RequestId(0)))
            await trio.sleep(1.0)
        again = await peer.ask(refused.id, GetChatHistory(Channel.GLOBAL))
        assert isinstance(again, ResultEnvelope)
