"""One connection's queue: order, delays, the full queue, and how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.conditions import Conditions
from gameserver.client.link.line import QUEUED_MESSAGES, READ_OUT_S, Line
from gameserver.errors import ConnectionLostError
from gameserver.messages.wire import Ping, Pong
from gameserver.protocol.codec import encode
from tests.client.wires import Noted, QuietWire

PERFECT = Conditions()
SLOW = Conditions(lag_ms=500)
"""A quarter of a second each way."""


@attrs.define(eq=False)
class Ends:
    """Both ends of a line."""

    line: Line
    wire: QuietWire
    heard: Noted
    lost: str = ""
    lost_at: float | None = None


@asynccontextmanager
async def running(clock: MockClock, conditions: Conditions = PERFECT) -> AsyncIterator[Ends]:
    assert isinstance(clock, MockClock)
    wire, heard = QuietWire(), Noted()
    ends = Ends(Line(wire.wire, conditions, heard), wire, heard)

    async def run() -> None:
        try:
            await ends.line.run()
        except ConnectionLostError as error:
            ends.lost, ends.lost_at = str(error), trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        yield ends
        nursery.cancel_scope.cancel()


def ping(number: int) -> bytes:
    return encode(Ping(number))


@pytest.mark.parametrize(("conditions", "delay_s"), [(PERFECT, 0.0), (SLOW, 0.25)])
async def test_messages_go_both_ways_in_order_after_half_the_lag(
    autojump_clock: MockClock, conditions: Conditions, delay_s: float
) -> None:
    async with running(autojump_clock, conditions) as ends:
        await trio.sleep(1)
        began = trio.current_time()
        for number in range(3):
            ends.line.post(ping(number))
            ends.wire.say(Pong(number, 0))
        await trio.sleep(1)
        assert ends.wire.sent == [Ping(n) for n in range(3)]
        ((written_at, messages),) = ends.wire.writes
        assert written_at == pytest.approx(began + delay_s)
        assert messages == 3, "all in one write"
        assert ends.heard.values == [encode(Pong(n, 0)) for n in range(3)]
        assert [at for at, _ in ends.heard.calls] == pytest.approx([began + delay_s] * 3)
        assert ends.line.last_heard == pytest.approx(began + delay_s)
        assert ends.line.last_posted == pytest.approx(began)
        assert ends.lost_at is None


async def test_a_line_counts_from_its_beginning_until_something_is_heard_or_posted(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    await trio.sleep(3)
    line = Line(QuietWire().wire, PERFECT, Noted())
    assert (line.last_heard, line.last_posted) == (3, 3)


async def test_a_message_that_comes_while_others_wait_is_not_delayed_with_them(
    autojump_clock: MockClock,
) -> None:
    async with running(autojump_clock, SLOW) as ends:
        for number in range(3):
            ends.line.post(ping(number))
            ends.wire.say(Pong(number, 0))
            await trio.sleep(0.1)
        await trio.sleep(1)
        assert [at for at, _ in ends.wire.writes] == pytest.approx([0.25, 0.35, 0.45])
        assert [at for at, _ in ends.heard.calls] == pytest.approx([0.25, 0.35, 0.45])


async def test_a_full_queue_aborts_the_connection(autojump_clock: MockClock) -> None:
    async with running(autojump_clock, SLOW) as ends:
        for number in range(QUEUED_MESSAGES):
            ends.line.post(ping(number))
        aborted = [ends.wire.is_aborted]
        ends.line.post(ping(0))
        aborted.append(ends.wire.is_aborted)
        assert aborted == [False, True]
        await trio.sleep(1)
        assert ends.wire.sent == []
        assert ends.lost == "the client aborted"


# --- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("conditions", "delay_s"), [(PERFECT, 0.0), (SLOW, 0.25)])
async def test_messages_received_before_the_end_are_still_handed_on(
    autojump_clock: MockClock, conditions: Conditions, delay_s: float
) -> None:
    async with running(autojump_clock, conditions) as ends:
        await trio.sleep(1)
        for number in range(2):
            ends.wire.say(Pong(number, 0))
        ends.wire.lose("gone")
        await trio.sleep(1)
        assert ends.heard.values == [encode(Pong(n, 0)) for n in range(2)]
        assert ends.lost == "gone"
        assert ends.lost_at == pytest.approx(1 + delay_s)


async def test_messages_delayed_when_the_client_aborts_are_lost(autojump_clock: MockClock) -> None:
    async with running(autojump_clock, SLOW) as ends:
        ends.wire.say(Pong(1, 0))
        await trio.sleep(0.1)
        ends.line.abort()
        await trio.sleep(0.01)
        assert ends.lost == "the client aborted"
        assert ends.lost_at == pytest.approx(0.1)
        assert ends.heard.values == []


async def test_a_message_may_abort_and_later_messages_are_lost(
    autojump_clock: MockClock,
) -> None:
    async with running(autojump_clock, SLOW) as ends:

        def hear(message: bytes) -> None:
            ends.heard(message)
            ends.line.abort()

        ends.line._receive = hear
        for number in range(2):
            ends.wire.say(Pong(number, 0))
        await trio.sleep(1)
        assert ends.heard.values == [encode(Pong(0, 0))]


async def test_after_a_failed_write_the_servers_messages_are_read_out(
    autojump_clock: MockClock,
) -> None:
    async with running(autojump_clock) as ends:
        ends.wire.fails = "no way out"
        ends.line.post(ping(1))
        await trio.sleep(READ_OUT_S / 2)
        ends.wire.say(Pong(1, 0))
        ends.wire.lose("gone")
        await trio.sleep(0.01)
        assert ends.heard.values == [encode(Pong(1, 0))]
        assert ends.lost == "gone"
        assert ends.lost_at == pytest.approx(READ_OUT_S / 2)


async def test_after_a_failed_write_reading_ends_soon_though_the_server_says_nothing(
    autojump_clock: MockClock,
) -> None:
    async with running(autojump_clock) as ends:
        ends.wire.fails = "no way out"
        ends.line.post(ping(1))
        await trio.sleep(READ_OUT_S * 2)
        assert ends.lost == "no way out"
        assert ends.lost_at == pytest.approx(READ_OUT_S)


async def test_closing_waits_for_queued_messages(autojump_clock: MockClock) -> None:
    async with running(autojump_clock, SLOW) as ends:
        ends.line.post(ping(1))
        await trio.sleep(0.1)
        ends.line.post(ping(2))
        await ends.line.close()
        assert ends.wire.sent == [Ping(1), Ping(2)]
        assert ends.wire.closed_at == trio.current_time() == pytest.approx(0.35)


async def test_closing_waits_for_nothing_when_nothing_can_be_sent(
    autojump_clock: MockClock,
) -> None:
    async with running(autojump_clock, SLOW) as ends:
        ends.line.post(ping(1))
        await trio.sleep(0.1)
        ends.line.post(ping(2))
        ends.wire.fails = "no way out"
        await ends.line.close()
        assert ends.wire.closed_at == trio.current_time() == pytest.approx(0.25)


async def test_closing_an_idle_line_waits_for_nothing(autojump_clock: MockClock) -> None:
    async with running(autojump_clock) as ends:
        await ends.line.close()
        assert trio.current_time() == 0
        await trio.sleep(0.01)
        assert ends.lost == "the client closed"
