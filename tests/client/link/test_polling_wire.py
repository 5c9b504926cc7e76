"""Long polling at the client: which requests are sent when, and which messages are received."""

from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.exchange import GAP_S, MOST_MESSAGES
from gameserver.client.link.polling import WAIT_MS, PollingWire
from tests.client.link.pollserver import (
    ADDRESS,
    WAIT_S,
    Response,
    Row,
    ok,
    polling,
)


async def test_the_first_request_waits_for_nothing_and_one_waits_from_then_on(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(3)
        first, second = server.rows
        assert (first.number, first.wait_ms, first.confirmed, first.messages) == (1, 0, 0, [])
        assert (second.number, second.wait_ms) == (2, WAIT_MS)
        assert len(first.link) == 16
        assert second.link == first.link
        head = server.heads[0]
        assert (head.method, head.target) == (b"POST", b"/poll")
        headers = dict(head.headers)
        assert headers[b"host"] == b"play.example:7777"
        assert headers[b"content-type"] == b"application/msgpack"
        assert wire.road == "long-polling"
        await trio.sleep(WAIT_S)
        assert [row.number for row in server.rows] == [1, 2, 3]
        assert len(server.clients) <= 2


async def test_each_connection_has_a_link_of_its_own(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (first, _):
        pass
    async with polling(autojump_clock) as (second, _):
        pass
    assert first.rows[0].link != second.rows[0].link


async def test_messages_go_out_in_order_on_the_connection_that_does_not_wait(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        waiting = server.rows[-1]
        await wire.send([b"one", b"two"])
        await trio.sleep(0.01)
        sent = server.rows[2]
        assert sent.messages == [b"one", b"two"]
        assert sent.connection != waiting.connection
        assert sent.at == pytest.approx(1)
        assert wire.bytes_out > 0
        assert wire.bytes_in > 0


async def test_messages_of_a_short_time_share_one_request(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        for number in range(20):
            await wire.send([b"%d" % number])
            await trio.sleep(GAP_S / 5)
        await trio.sleep(1)
        rows = [row for row in server.rows if row.messages]
        gaps = [later.at - row.at for row, later in pairwise(rows)]
        assert min(gaps) >= GAP_S - 1e-9
        assert len(rows) <= 6
        assert server.taken == [b"%d" % number for number in range(20)]


async def test_a_request_has_a_bounded_number_of_messages(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        whole = [b"%d" % number for number in range(2 * MOST_MESSAGES + 1)]
        await wire.send(whole)
        await trio.sleep(1)
        counts = [len(row.messages) for row in server.rows if row.messages]
        assert counts == [MOST_MESSAGES, MOST_MESSAGES, 1]
        assert server.taken == whole


async def test_messages_are_received_once_in_order_and_confirmed(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        server.say(b"a", b"b")
        assert [await wire.receive(), await wire.receive()] == [b"a", b"b"]
        await trio.sleep(0.2)
        assert server.rows[-1].confirmed == 2
        server.say(b"c")
        assert await wire.receive() == b"c"
        await trio.sleep(0.2)
        assert server.rows[-1].confirmed == 3


async def test_a_message_that_comes_in_two_responses_is_received_once(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        responses = [ok(99, 1, b"a", b"b"), ok(99, 1, b"a", b"b", b"c"), ok(99, 3, b"c", b"d")]

        async def script(_row: Row) -> Response:
            await trio.lowlevel.checkpoint()
            if responses:
                return responses.pop(0)
            await trio.sleep_forever()
            raise AssertionError

        await trio.sleep(1)
        server.script = script
        for number in range(3):
            await wire.send([b"%d" % number])
            await trio.sleep(0.2)
        received = [await wire.receive() for _ in range(4)]
        assert received == [b"a", b"b", b"c", b"d"]
        await wire.send([b"x"])
        await trio.sleep(0.2)
        assert server.rows[-1].confirmed == 4


async def test_bytes_of_both_connections_are_counted_with_http(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def nothing(_address: object) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        raise OSError

    unused = PollingWire(ADDRESS, nothing)
    assert (unused.bytes_in, unused.bytes_out) == (0, 0)
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        before = wire.bytes_out
        await wire.send([b"x" * 1000])
        await trio.sleep(1)
        assert 1000 < wire.bytes_out - before < 1000 + 800
        before = wire.bytes_in
        server.say(b"y" * 2000)
        await trio.sleep(1)
        assert 2000 < wire.bytes_in - before < 2000 + 800
