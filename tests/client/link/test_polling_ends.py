"""Long polling at the client: cuts, refusals, ends, and leaving."""

import msgpack
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.exchange import LEAVE_S, LOST_S, MOST_MESSAGES, MOST_NUMBER, RETRY_S
from gameserver.client.link.farewell import LOST
from gameserver.client.link.polling import dial_polling
from gameserver.client.link.posting import MAX_RESPONSE_BYTES
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConnectionLostError
from tests.client.link.pollserver import (
    ADDRESS,
    WAIT_S,
    CutError,
    Poll,
    Response,
    Row,
    lost,
    ok,
    polling,
)

# --- cuts -----------------------------------------------------------------------------------------


async def cut(_row: Row) -> Response:
    await trio.lowlevel.checkpoint()
    raise CutError


@pytest.mark.parametrize("kind", ["cut", "not applied"])
async def test_a_request_that_was_not_applied_is_sent_again_with_its_number(
    autojump_clock: MockClock, kind: str
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        failures = 3

        async def script(row: Row) -> Response:
            nonlocal failures
            if row.messages and failures:
                failures -= 1
                await trio.lowlevel.checkpoint()
                if kind == "cut":
                    raise CutError
                return ok(row.number - 1)
            return await server.usual(row)

        server.script = script
        await wire.send([b"one"])
        await trio.sleep(2)
        again = [row for row in server.rows if row.messages]
        assert [row.messages for row in again] == [[b"one"]] * 4
        assert len({row.number for row in again}) == 1
        times = [row.at for row in again]
        assert times == pytest.approx([1 + RETRY_S * n for n in range(4)])


async def test_a_wire_whose_requests_are_all_cut_is_lost_after_its_time(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)

        server.script = cut
        await wire.send([b"one"])
        sentence, at = await lost(wire)
        assert sentence == LOST
        assert at == pytest.approx(1 + LOST_S, abs=RETRY_S + 0.01)
        with pytest.raises(ConnectionLostError, match=LOST):
            await wire.send([b"two"])


async def test_a_wire_whose_server_is_gone_is_lost_with_the_reason(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)

        server.script = cut
        server.error = OSError("nothing is there")
        await wire.send([b"one"])
        sentence, _ = await lost(wire)
        assert sentence == "nothing is there"


async def test_a_request_without_any_response_is_given_up_after_its_wait(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):

        async def script(_row: Row) -> Response:
            await trio.sleep_forever()
            raise AssertionError

        await trio.sleep(1)
        server.script = script
        await wire.send([b"one"])
        _, at = await lost(wire)
        longest = WAIT_S + LOST_S
        assert 1 + longest <= at <= 2 + 2 * longest + LOST_S


# --- refusals and ends ----------------------------------------------------------------------------


async def test_an_ending_is_told_behind_the_messages_before_it(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)

        async def script(row: Row) -> Response:
            await trio.lowlevel.checkpoint()
            return ok(row.number, 1, b"a", ending="too slow\x1b")

        server.script = script
        await wire.send([b"one"])
        assert await wire.receive() == b"a"
        sentence, at = await lost(wire)
        assert sentence.startswith("the server closed the connection: too slow")
        assert sentence.isprintable()
        assert at < 1.5


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ((410, [], b""), "refused (HTTP 410)"),
        ((503, [("content-type", "text/plain")], b"full"), ": full"),
        ((200, [], b"hello"), "answers, but not as a gameserver"),
        ((200, [], b"\xc1"), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 2])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb(7)), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb(["x", 1, [], None])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([None, 1, [], None])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 1.5, [], None])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 1, [5], None])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 1, "ab", None])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 1, [], 5])), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, 1, [], None]) + b"x"), "answers, but not as a gameserver"),
        ((200, [], msgpack.packb([1, -1, [b"a"], None])), "answers, but not as a gameserver"),
        (ok(1, MOST_NUMBER, b"a"), "answers, but not as a gameserver"),
        (ok(1, 2**64 - 1, b"a", b"b"), "answers, but not as a gameserver"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
async def test_a_wrong_response_ends_the_wire_with_a_sentence(
    autojump_clock: MockClock, response: Response, words: str, first: bool
) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def script(_row: Row) -> Response:
        await trio.lowlevel.checkpoint()
        return response

    async with trio.open_nursery() as nursery:
        server = Poll(nursery)
        server.script = script if first else server.usual
        sentence = ""
        try:
            async with dial_polling(ADDRESS, 5.0, server.opens) as wire:
                server.script = script
                await wire.send([b"one"])
                sentence, _ = await lost(wire)
        except ConnectionLostError as error:
            assert first
            sentence = str(error)
        nursery.cancel_scope.cancel()
    assert words in sentence
    assert "play.example:7777" in sentence


async def opened(server: Poll, timeout_s: float = 5.0) -> None:
    async with dial_polling(ADDRESS, timeout_s, server.opens):
        pass


async def test_a_server_that_cannot_be_reached_is_told_by_how_it_failed(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def silent(_row: Row) -> Response:
        await trio.sleep_forever()
        raise AssertionError

    async def cut(_row: Row) -> Response:
        await trio.lowlevel.checkpoint()
        raise CutError

    async with trio.open_nursery() as nursery:
        server = Poll(nursery)
        server.error = OSError("nobody is there")
        with pytest.raises(NoWayError, match=r"cannot reach .*: nobody is there"):
            await opened(server)
        server.error, server.script = None, silent
        began = trio.current_time()
        with pytest.raises(SilentError, match=r"did not answer within 1\.5 s"):
            await opened(server, 1.5)
        assert trio.current_time() - began == pytest.approx(1.5)
        server.script = cut
        with pytest.raises(ConnectionLostError, match="does not answer a request by HTTP"):
            await opened(server)
        assert len(server.clients) == 2
        assert await server.all_closed()
        nursery.cancel_scope.cancel()


async def test_a_response_that_is_too_long_is_a_cut(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def script(_row: Row) -> Response:
        await trio.lowlevel.checkpoint()
        return 200, [], bytes(MAX_RESPONSE_BYTES + 1)

    async with trio.open_nursery() as nursery:
        server = Poll(nursery)
        server.script = script
        with pytest.raises(ConnectionLostError, match="does not answer a request by HTTP"):
            await opened(server)
        nursery.cancel_scope.cancel()


# --- leaving --------------------------------------------------------------------------------------


async def test_closing_sends_what_is_queued_and_then_leaves(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        whole = [b"%d" % number for number in range(MOST_MESSAGES + 1)]
        before = len(server.rows)
        wire._up += whole
        await wire.close()
        rows = server.rows[before:]
        assert [len(row.messages) for row in rows] == [MOST_MESSAGES, 1, 0]
        assert [row.wait_ms for row in rows] == [0, 0, -1]
        assert server.taken == whole
        assert trio.current_time() == pytest.approx(1)
        with pytest.raises(ConnectionLostError, match="this side closed the connection"):
            await wire.send([b"late"])
        await wire.close()
        assert len(server.rows) == before + 3
    assert await server.all_closed()


async def test_closing_takes_a_bounded_time(autojump_clock: MockClock) -> None:
    async with polling(autojump_clock) as (server, wire):

        async def script(_row: Row) -> Response:
            await trio.sleep_forever()
            raise AssertionError

        await trio.sleep(1)
        server.script = script
        await wire.close()
        assert trio.current_time() == pytest.approx(1 + LEAVE_S)


async def test_an_aborted_wire_is_lost_at_once_and_frees_its_connections(
    autojump_clock: MockClock,
) -> None:
    async with polling(autojump_clock) as (server, wire):
        await trio.sleep(1)
        wire.abort()
        sentence, at = await lost(wire)
        assert (sentence, at) == (LOST, 1)
    assert await server.all_closed()
    assert len(server.rows) == 2
