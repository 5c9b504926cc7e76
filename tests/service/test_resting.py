"""Those in no match: their signs of life wake nobody, and all else is heard at once."""

import pytest
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import Goodbye, Ping, Pong, RequestEnvelope, ResultEnvelope
from gameserver.protocol.codec import encode
from gameserver.protocol.limits import MESSAGES_BURST
from tests.service.peers import serving


async def test_pings_and_the_requests_between_them_are_answered(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(Ping(7), RequestEnvelope(RequestId(1), GetServerInfo()), Ping(8))
        answers = [await peer.hear() for _ in range(3)]
        assert {answer.nonce for answer in answers if isinstance(answer, Pong)} == {7, 8}
        assert sum(isinstance(answer, ResultEnvelope) for answer in answers) == 1


async def test_a_flood_of_pongs_is_limited_like_other_messages(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for number in range(MESSAGES_BURST + 1):
            await peer.send(Pong(number, 0))
        came = await peer.hear_out()
        assert isinstance(came[-1], Goodbye)
        assert came[-1].code == Code.RATE_LIMITED


async def test_a_request_after_a_ping_in_one_message_keeps_its_order(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        peer.asked[RequestId(2)] = SendChat
        first = RequestEnvelope(RequestId(1), SendChat(Channel.GLOBAL, "first"))
        second = RequestEnvelope(RequestId(2), SendChat(Channel.GLOBAL, "second"))
        await peer.send_at_once(first, encode(Ping(7)) + encode(second))
        answered = [
            answer.id
            for answer in [await peer.hear() for _ in range(5)]
            if isinstance(answer, ResultEnvelope)
        ]
        assert answered == [1, 2]


@pytest.mark.parametrize(
    "wrong", [b"\x92\x04\xa1a", b"\x92\x04\xc3", b"\x92\x04", b"\x92\x05\x01", b"\x92\x04\xd4\x01a"]
)
async def test_a_malformed_ping_loses_no_answer_to_earlier_messages(
    autojump_clock: MockClock, wrong: bytes
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send_at_once(RequestEnvelope(RequestId(1), GetServerInfo()), wrong)
        came = await peer.hear_out()
        assert sum(isinstance(answer, ResultEnvelope) for answer in came) == 1
        assert isinstance(came[-1], Goodbye)
        assert came[-1].code == Code.BAD_MESSAGE
