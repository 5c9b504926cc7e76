"""Those in no match: their signs of life wake nobody, and all else is heard at once."""

from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import Goodbye, Ping, Pong, RequestEnvelope, ResultEnvelope
from gameserver.protocol.limits import MESSAGES_BURST
from tests.service.lines import serving


async def test_pings_are_answered_and_requests_between_them_too(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(Ping(7), RequestEnvelope(RequestId(1), GetServerInfo()), Ping(8))
        answers = [await peer.hear() for _ in range(3)]
        assert {answer.nonce for answer in answers if isinstance(answer, Pong)} == {7, 8}
        assert sum(isinstance(answer, ResultEnvelope) for answer in answers) == 1


async def test_a_flood_of_pongs_is_a_flood(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for number in range(MESSAGES_BURST + 1):
            await peer.send(Pong(number, 0))
        came = await peer.hear_out()
        assert isinstance(came[-1], Goodbye)
        assert came[-1].code == Code.RATE_LIMITED
