"""Messages that a client sends from time to time, and all the ways in which a connection ends."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.conversation import (
    CHORES_EVERY_S,
)
from gameserver.client.link.farewell import Farewell
from gameserver.client.status import (
    OfflineCause,
)
from gameserver.errors import Code, GameMismatchError
from gameserver.ids import EventNumber, RequestId, Tick
from gameserver.messages import lobby, session, wire
from gameserver.protocol.deltas import OUTSIDE, encode_delta
from tests.client.wires import (
    HEARTBEAT_S,
    RESUMED,
    TIMEOUT_S,
    WELCOME,
    Noted,
    QuietWire,
    conversation,
    talking,
)

# --- regular messages -----------------------------------------------------------------------------


async def test_without_a_match_pings_come_twice_in_a_heartbeat(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        one.wire.take()
        began = trio.current_time()
        times: list[float] = []
        while len(times) < 3:
            one.wire.say(wire.Steer(Tick(1), 0))
            await trio.sleep(CHORES_EVERY_S / 2)
            times += [trio.current_time() - began for _ in one.wire.take(wire.Ping)]
        expected = [n * HEARTBEAT_S / 2 for n in (1, 2, 3)]
        assert times == pytest.approx(expected, abs=CHORES_EVERY_S)


async def test_events_are_acknowledged_within_a_second_and_only_when_there_are_new_ones(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        await trio.sleep(3.1)
        one.wire.take()
        await one.hear(wire.EventEnvelope(EventNumber(1), session.NameChanged("Anna")))
        one.wire.take()
        await trio.sleep(1.0 + CHORES_EVERY_S)
        (ack,) = one.wire.take(wire.Ack)
        assert ack.event == 1
        await trio.sleep(3)
        assert one.wire.take(wire.Ack) == []
        assert one.ended_at is None


async def test_many_events_are_acknowledged_together(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        one.wire.take()
        acks = 0
        for number in range(1, 31):
            await trio.sleep(0.2)
            acks += len(one.wire.take(wire.Ack))
            await one.hear(wire.EventEnvelope(EventNumber(number), session.NameChanged("Anna")))
        assert 5 <= acks <= 6


# --- ends -----------------------------------------------------------------------------------------


async def test_a_server_that_never_welcomes_is_given_up_after_the_timeout(
    autojump_clock: MockClock,
) -> None:
    began = trio.current_time()
    async with talking(autojump_clock) as one:
        farewell = await one.lasts()
        assert farewell == Farewell("The server did not answer.", cause=OfflineCause.SILENT)
        assert one.ended_at is not None
        assert TIMEOUT_S < one.ended_at - began <= TIMEOUT_S + 2 * CHORES_EVERY_S
        assert one.wire.aborted_at == one.ended_at


async def test_a_server_that_falls_silent_is_given_up_after_two_heartbeats(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        await trio.sleep(3)
        await one.hear(wire.Ping(1))
        heard = trio.current_time()
        farewell = await one.lasts()
        assert farewell == Farewell(
            "Nothing was heard from the server for 20 s.", cause=OfflineCause.SILENT
        )
        assert one.ended_at is not None
        assert 2 * HEARTBEAT_S < one.ended_at - heard <= 2 * HEARTBEAT_S + 2 * CHORES_EVERY_S


async def test_the_first_reason_counts(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        await one.hear(wire.Goodbye("forbidden", "first"), wire.Goodbye("internal", "second"))
        farewell = await one.lasts()
        assert (farewell.code, farewell.sentence) == (Code.FORBIDDEN, "first")
    async with talking(autojump_clock, one.talk, RESUMED) as again:
        again.wire.lose("it broke")
        assert await again.lasts() == Farewell("it broke"), "an earlier end's reason is over"


async def test_an_announced_stop_explains_a_lost_connection_and_nothing_else(
    autojump_clock: MockClock,
) -> None:
    stops = wire.NoticeEnvelope(session.ServerMessage("soon", stops_in_s=3.0))
    talk = conversation()
    async with talking(autojump_clock, talk, WELCOME, stops) as one:
        one.wire.lose()
        assert await one.lasts() == Farewell("the server stopped", cause=OfflineCause.STOPPING)
    async with talking(autojump_clock, talk, RESUMED, stops) as one:
        await one.hear(b"\x92\x11")
        assert (await one.lasts()).cause is OfflineCause.REFUSED
    async with talking(autojump_clock, talk, RESUMED) as one:
        one.wire.lose()
        assert (await one.lasts()).cause is OfflineCause.LOST


async def test_a_token_that_is_unknown_is_dropped_and_a_new_session_begun_at_once(
    autojump_clock: MockClock,
) -> None:
    unknown = wire.Refusal(RequestId(0), Code.TOKEN_UNKNOWN, "who are you?")
    async with talking(autojump_clock, conversation(token=b"x" * 16)) as one:
        await one.hear(attrs.evolve(unknown, code=Code.INTERNAL))
        assert one.farewell is None
        await one.hear(unknown)
        farewell = await one.lasts()
        assert farewell == Farewell(
            "who are you?", Code.TOKEN_UNKNOWN, OfflineCause.REFUSED, at_once=True
        )
        assert one.talk.session.token == b""
    async with talking(autojump_clock, one.talk, WELCOME) as again:
        await again.hear(unknown)
        assert again.farewell is None, "it does not concern a session that was welcomed"
        assert again.talk.session.token == WELCOME.token


async def test_a_game_that_is_not_here_is_raised_and_the_connection_aborted(
    autojump_clock: MockClock,
) -> None:
    quiet, talk = QuietWire(), conversation(play=True)
    assert isinstance(autojump_clock, MockClock)
    quiet.say(attrs.evolve(WELCOME, game="nowhere"))
    with pytest.raises(GameMismatchError, match="Nowhere, which is not installed"):
        await talk.over(quiet.wire, lambda _resumed: None)
    assert quiet.aborted_at is not None


async def test_bytes_are_counted_over_all_connections(autojump_clock: MockClock) -> None:
    talk = conversation()
    assert (talk.bytes_in, talk.bytes_out) == (0, 0)
    async with talking(autojump_clock, talk, WELCOME) as one:
        first = one.wire
        assert (talk.bytes_in, talk.bytes_out) == (first.bytes_in, first.bytes_out)
    async with talking(autojump_clock, talk, RESUMED) as two:
        second = two.wire
        both = (first.bytes_in + second.bytes_in, first.bytes_out + second.bytes_out)
        assert (talk.bytes_in, talk.bytes_out) == both
    assert (talk.bytes_in, talk.bytes_out) == both
    assert 0 < first.bytes_in != first.bytes_out > 0


async def test_without_a_connection_a_cut_and_a_goodbye_do_nothing_and_with_one_they_end_it(
    autojump_clock: MockClock,
) -> None:
    talk = conversation()
    talk.cut()
    await talk.say_goodbye()
    async with talking(autojump_clock, talk, WELCOME) as one:
        one.wire.take()
        await talk.say_goodbye()
        (goodbye,) = one.wire.take()
        assert (goodbye.code, goodbye.retry_after_s) == ("closed", None)
        assert one.wire.closed_at is not None
        assert one.wire.aborted_at is None
        await one.lasts()
    one.wire.aborted_at = None
    talk.cut()
    assert one.wire.aborted_at is None, "that connection is over"


async def test_the_end_settles_every_request_with_none(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, None, WELCOME) as one:
        answers = Noted()
        one.talk.ask(lobby.QuickPlay(), answers)
        one.talk.end()
        assert answers.values == [None]
        with trio.fail_after(1):
            assert [update async for update in one.updates] == []


async def test_a_delta_before_the_welcome_is_no_message_of_a_gameserver(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock) as one:
        one.wire.say(encode_delta(wire.Delta(1, None, ())))
        farewell = await one.lasts()
        assert OUTSIDE in farewell.sentence
        assert one.wire.is_aborted
