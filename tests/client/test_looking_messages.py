"""Reading statistics: every message that a server may send meanwhile."""

from typing import Any

import attrs
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.client.looking import Looker
from gameserver.errors import Code, ConnectionLostError, RequestError, ServerClosedError
from gameserver.ids import RequestId
from gameserver.messages import wire
from gameserver.messages.session import GameStats, GetServerStats, Quantiles, ServerStats
from tests.client.wires import Noted, QuietWire

SPREAD = Quantiles(0, 0.0, 0.0, 0.0, 0.0)
GAME = GameStats(
    "skirmish", 1, 1, 0, 1, 0, 1, 33.0, SPREAD, SPREAD, SPREAD, SPREAD,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0,
)  # fmt: skip
STATS = ServerStats(
    "den", 1.0, 1, 1, 1, 1, 1, 1, 0, 1, False, 0.1, 1, SPREAD, SPREAD, GAME, (GAME,)
)


async def asked(clock: MockClock, *said: Any, timeout_s: float = 3.0) -> tuple[Any, QuietWire]:
    """Ask once, with these messages as the server's; return the answer or the error."""
    assert isinstance(clock, MockClock)
    quiet, found = QuietWire(), Noted()
    looker = Looker(quiet.wire, "hush", timeout_s)

    async def ask() -> None:
        try:
            found(await looker.ask())
        except (RequestError, ConnectionLostError, ServerClosedError) as error:
            found(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        for each in said:
            quiet.say(each)
    return found.values[0], quiet


async def test_the_request_has_the_token_and_pings_are_answered_before_the_answer(
    autojump_clock: MockClock,
) -> None:
    answer = wire.ResultEnvelope(RequestId(1), STATS)
    found, quiet = await asked(autojump_clock, wire.Ping(7), wire.Pong(1, 1), answer)
    assert found == STATS
    request, pong = quiet.sent
    assert request == wire.RequestEnvelope(RequestId(1), GetServerStats("hush"))
    assert pong == wire.Pong(7, 0)


async def test_each_request_has_the_next_id(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    quiet = QuietWire()
    looker = Looker(quiet.wire, "", 3.0)
    for number in (1, 2, 3):
        quiet.say(wire.ResultEnvelope(RequestId(number), attrs.evolve(STATS, players=number)))
        assert (await looker.ask()).players == number
    assert [each.id for each in quiet.sent] == [1, 2, 3]


async def test_a_refusal_and_a_goodbye_are_errors_with_their_words(
    autojump_clock: MockClock,
) -> None:
    refusal = wire.Refusal(RequestId(1), Code.FORBIDDEN, "no", {"why": 1})
    error, _ = await asked(autojump_clock, refusal)
    assert isinstance(error, RequestError)
    assert (error.code, error.sentence, error.details) == (Code.FORBIDDEN, "no", {"why": 1})
    error, _ = await asked(autojump_clock, wire.Goodbye("from.the.future", "bye"))
    assert isinstance(error, ServerClosedError)
    assert (error.code, error.sentence) == (Code.INTERNAL, "bye")


async def test_other_messages_do_not_extend_the_time(autojump_clock: MockClock) -> None:
    error, _ = await asked(autojump_clock, *[wire.Ping(n) for n in range(5)], timeout_s=2.5)
    assert isinstance(error, ConnectionLostError)
    assert str(error) == "the server did not answer within 2.5 s"
    assert trio.current_time() == 2.5
