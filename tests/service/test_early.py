"""Inputs that come before their match is entered are kept and passed on, within bounds."""

from contextlib import suppress

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import Code
from gameserver.ids import MatchId, RequestId, Tick
from gameserver.messages.match import EnterMatch
from gameserver.messages.session import GetServerStats
from gameserver.messages.wire import Input, RequestEnvelope, ResultEnvelope, Welcome
from gameserver.protocol.codec import encode
from gameserver.protocol.limits import INPUTS_BURST
from gameserver.service.early import MOST_EARLY, EarlyInputs
from tests.service.peers import Running, assert_serves, hello, serving
from tests.service.test_stopping import playing
from tests.transports.peers import masked

TOKEN = "hush"


def test_inputs_are_kept_and_passed_on_in_order_and_once() -> None:
    passed: list[bytes] = []
    early = EarlyInputs(passed.append)
    early.put(b"one")
    early.put(b"two")
    assert passed == []
    early.let_play()
    early.put(b"three")
    early.let_play()
    assert passed == [b"one", b"two", b"three"]


def test_of_more_inputs_than_are_kept_the_oldest_are_dropped() -> None:
    passed: list[bytes] = []
    early = EarlyInputs(passed.append)
    sent = [bytes([number]) for number in range(MOST_EARLY + 5)]
    for each in sent:
        early.put(each)
    early.let_play()
    assert passed == sent[5:]


def test_what_was_for_another_match_is_forgotten() -> None:
    passed: list[bytes] = []
    early = EarlyInputs(passed.append)
    early.put(b"old")
    early.forget()
    early.put(b"new")
    early.let_play()
    assert passed == [b"new"]


# --- with a server --------------------------------------------------------------------------------


@attrs.frozen
class Away:
    """A player whose connection is gone, in a match that goes on."""

    house: Running
    match_id: MatchId
    token: bytes

    @property
    def now(self) -> Tick:
        (live,) = self.house.server.matches
        return live.match.tick_number

    @property
    def applied(self) -> int:
        (live,) = self.house.server.matches
        return live.match.stats_of(0).applied

    def inputs(self, first: int, count: int) -> list[Input]:
        """Return inputs for the ticks from the one after the next one on."""
        return [
            Input(first + n, Tick(self.now + 2 + n), self.now, 0, (1, 0, 0, 0))
            for n in range(count)
        ]

    async def pass_by(self, ticks: int) -> None:
        """Let this many ticks pass."""
        until = self.now + ticks
        while self.now < until:  # noqa: ASYNC110  nobody tells of ticks
            await trio.sleep(0.01)


async def leave(house: Running) -> Away:
    """Play in a match against a bot, and lose the connection."""
    peer, started = await playing(house)
    welcome = next(each for each in peer.heard if isinstance(each, Welcome))
    await peer.websocket._stream.aclose()
    while len(house.server.connections):  # noqa: ASYNC110  nobody tells of it
        await trio.sleep(0.01)
    return Away(house, started.match_id, welcome.token)


def enter(number: int, match_id: str) -> RequestEnvelope:
    return RequestEnvelope(RequestId(number), EnterMatch(MatchId(match_id)))


async def test_inputs_right_behind_the_hello_and_the_request_to_enter_count_from_the_first(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        away = await leave(house)
        back = await house.dial()
        before = away.applied
        inputs = away.inputs(1, 6)
        await back.send_at_once(hello(token=away.token), enter(4, away.match_id), *inputs)
        await away.pass_by(10)
        assert away.applied - before == 6


async def test_inputs_that_come_before_the_match_is_entered_count_when_it_is(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        away = await leave(house)
        back = await house.dial()
        before = away.applied
        inputs = away.inputs(1, 6)
        await back.send_at_once(hello(token=away.token), *inputs)
        await wait_all_tasks_blocked()
        assert isinstance(await back.ask(4, EnterMatch(away.match_id)), ResultEnvelope)
        await away.pass_by(10)
        assert away.applied - before == 6


async def test_inputs_for_a_match_that_cannot_be_entered_do_not_reach_the_next_one(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        away = await leave(house)
        back = await house.dial()
        before = away.applied
        inputs = away.inputs(1, 6)
        await back.send_at_once(hello(token=away.token), *inputs, enter(4, "mnone"))
        assert isinstance(await back.ask(5, EnterMatch(away.match_id)), ResultEnvelope)
        await away.pass_by(10)
        assert away.applied == before


@pytest.mark.parametrize("first", [[], [hello()]], ids=["before the hello", "outside of a match"])
async def test_a_flood_of_inputs_without_a_match_ends_the_connection(
    autojump_clock: MockClock, first: list[object]
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        look = RequestEnvelope(RequestId(1), GetServerStats(TOKEN))
        await peer.send_at_once(*(first or [look]))
        for at in range(0, INPUTS_BURST + 1, 100):
            flood = [Input(at + n, Tick(0), Tick(0), 0, (0,)) for n in range(1, 101)]
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await peer.send_at_once(*flood)
        assert await peer.parted() == (Code.RATE_LIMITED, Code.RATE_LIMITED)
        assert house.server.hall.counts().sessions == len(first)


def in_two_frames(message: Input) -> bytes:
    data = encode(message)
    return masked(data[:3], final=False) + masked(data[3:], opcode=0)


async def test_an_input_in_two_frames_is_kept_before_the_match_and_counts_in_it(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        away = await leave(house)
        back = await house.dial()
        await back.sign_in(token=away.token)
        before = away.applied
        stream = back.websocket._stream
        first, second = away.inputs(1, 1), away.inputs(2, 3)[1:]
        await stream.send_all(b"".join(map(in_two_frames, first)))
        await wait_all_tasks_blocked()
        assert isinstance(await back.ask(4, EnterMatch(away.match_id)), ResultEnvelope)
        await stream.send_all(b"".join(map(in_two_frames, second)))
        await away.pass_by(10)
        assert away.applied - before == 3
        await assert_serves(back)
