"""Server-sent events at the client: what is cut goes on, and what is kept back is no road."""

from itertools import pairwise
from typing import Any

import msgpack
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Address
from gameserver.client.link.exchange import GAP_S, LEAVE_S, LOST_S, RETRY_S
from gameserver.client.link.farewell import LOST
from gameserver.client.link.posting import MAX_RESPONSE_BYTES
from gameserver.client.link.sse import (
    CONFIRM_BYTES,
    CONFIRM_S,
    QUEUED_MESSAGES,
    SILENT_S,
    EventData,
    SseWire,
    dial_sse,
)
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConnectionLostError
from tests.client.link.eventserver import EVENT_STREAM, Streams, event, following
from tests.client.link.pollserver import ADDRESS
from tests.memory import memory_below


async def received(wire: SseWire, count: int) -> list[bytes]:
    with trio.fail_after(5):
        return [await wire.receive() for _ in range(count)]


async def lost(wire: SseWire) -> tuple[str, float]:
    try:
        while True:
            await wire.receive()
    except ConnectionLostError as error:
        return str(error), trio.current_time()


async def test_messages_come_over_one_stream_and_go_in_requests_that_do_not_wait(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        assert wire.road == "sse"
        assert [row.number for row in server.asked] == [1]
        await wire.send([b"a", b"b"])
        await server.say(b"x")
        await trio.sleep(0.01)
        assert server.heard == [b"a", b"b"]
        await wire.send([b"c"])
        await server.say(b"y")
        assert await received(wire, 2) == [b"x", b"y"]
        await trio.sleep(2 * GAP_S)
        assert server.heard == [b"a", b"b", b"c"]
        assert [(row.number, row.wait_ms) for row in server.rows] == [(1, 0), (2, 0), (3, 0)]
        assert server.rows[-1].confirmed == 2
        assert len(server.asked) == 1
        assert len({row.link for row in server.rows}) == 1
        assert len(server.clients) <= 3
        assert wire.bytes_in > 0
        assert wire.bytes_out > 0


async def test_what_came_is_confirmed_within_a_second_also_if_nothing_is_said(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(3)
        assert len(server.rows) == 1, "nothing to confirm, nothing to say"
        came = trio.current_time()
        await server.say(b"x")
        await server.say(b"y")
        await trio.sleep(5)
        (confirming,) = server.rows[1:]
        assert (confirming.confirmed, confirming.messages) == (2, [])
        assert confirming.at == pytest.approx(came + CONFIRM_S)
        came = trio.current_time()
        await server.say(b"z" * CONFIRM_BYTES)
        await server.say(b"z")
        await trio.sleep(5)
        assert [row.confirmed for row in server.rows[2:]] == [3, 4]
        assert server.rows[2].at == pytest.approx(came)
        assert len(await received(wire, 4)) == 4


async def test_a_stream_that_is_cut_goes_on_behind_the_last_message_that_came(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        await server.say(b"x")
        await trio.sleep(2)
        whole = event(1, 2, [b"nobody says this"], None)
        for number, piece in enumerate((b"", b"da", whole[:-6], b": be")):
            await server.cut(piece)
            await server.say(b"%d" % number)
            await trio.sleep(1.5)
        assert await received(wire, 5) == [b"x", b"0", b"1", b"2", b"3"]
        assert [row.confirmed for row in server.asked] == [0, 1, 2, 3, 4]
        numbers = [row.number for row in server.asked]
        assert numbers == sorted(set(numbers)), "each with a number of its own"


@pytest.mark.parametrize("fault", ["lost", "cut"])
async def test_whichever_request_is_lost_nothing_is_lost_or_doubled(
    autojump_clock: MockClock, fault: str
) -> None:
    async with following(autojump_clock) as (server, wire):
        server.faults += [fault, fault]
        await wire.send([b"a"])
        await server.say(b"x")
        await trio.sleep(1)
        server.faults.append(fault)
        await server.cut()
        await wire.send([b"b"])
        await server.say(b"y")
        await trio.sleep(2)
        assert server.heard == [b"a", b"b"]
        assert await received(wire, 2) == [b"x", b"y"]
        assert not wire._lost


async def test_a_stream_whose_request_was_not_taken_is_asked_for_again_with_its_number(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(2)
        server.applied -= 5  # nothing is taken
        await server.cut()
        await trio.sleep(0.1)
        server.applied += 5
        await trio.sleep(2)
        assert [row.number for row in server.asked] == [1, 2, 2]
        await server.say(b"x")
        assert await received(wire, 1) == [b"x"]


async def test_beats_keep_a_silent_stream_and_without_them_it_is_asked_for_again(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        for _ in range(5):
            await trio.sleep(5)
            await server.bring(b": beat\n\n")
        assert len(server.asked) == 1
        began = trio.current_time()
        await trio.sleep(SILENT_S + 1)
        assert [row.at for row in server.asked] == [0, pytest.approx(began + SILENT_S)]
        assert not wire._lost


async def test_streams_that_end_at_once_are_asked_for_again_after_a_pause(
    autojump_clock: MockClock,
) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(2)
        for _ in range(3):
            await server.cut()
            await trio.sleep(RETRY_S + 0.01)
        times = [row.at for row in server.asked]
        assert times[:2] == [0, 2], "at once behind one that lasted"
        assert [later - at for at, later in pairwise(times[1:])] == pytest.approx(
            [2 * RETRY_S + 0.01, RETRY_S + 0.01]
        )
        assert not wire._lost


@pytest.mark.parametrize("error", [None, OSError("nothing is there")])
async def test_a_wire_whose_stream_does_not_come_back_is_lost_after_its_time(
    autojump_clock: MockClock, error: OSError | None
) -> None:
    async with following(autojump_clock) as (server, wire):
        server.faults += ["lost"] * 1000
        server.error = error
        await trio.sleep(2)
        await server.cut()
        sentence, at = await lost(wire)
        assert sentence == (str(error) if error else LOST)
        assert at == pytest.approx(2 + LOST_S, abs=RETRY_S + 0.01)


async def test_a_client_that_does_not_read_lets_the_server_wait(autojump_clock: MockClock) -> None:
    async with following(autojump_clock) as (server, wire):
        for number in range(3 * QUEUED_MESSAGES):
            await server.say(b"%d" % number)
            await trio.sleep(0.001)
        await trio.sleep(3 * SILENT_S)
        assert QUEUED_MESSAGES <= len(wire._down) <= QUEUED_MESSAGES + 1
        assert len(server.asked) == 1, "it is not the server that is silent"
        whole = await received(wire, 3 * QUEUED_MESSAGES)
        assert whole == [b"%d" % number for number in range(3 * QUEUED_MESSAGES)]


# --- no road --------------------------------------------------------------------------------------

ROW = msgpack.packb([1, 1, [], None])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, [], ROW), "has no event streams"),
        ((200, [], msgpack.packb([0, 1, [], "full\x1b"])), "closed the connection: full"),
        ((403, [("content-type", "text/plain")], b"no"), "refused (HTTP 403)"),
        ((200, EVENT_STREAM, b"data: %%\n\n"), "no base64"),
        ((200, EVENT_STREAM, b"data: AAAA\n\n"), "not as a gameserver"),
        ((200, EVENT_STREAM, event(1, 2**64 - 1, [b"a", b"b"], None)), "not as a gameserver"),
        ((200, EVENT_STREAM, b"data: " + b"A" * (MAX_RESPONSE_BYTES + 1)), "too long"),
        ((200, EVENT_STREAM, b": beat\n\n"), "no event came"),
        ((200, EVENT_STREAM, b""), "no event came"),
        ((200, EVENT_STREAM, b"data: AAAA"), "no event came"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
async def test_what_brings_no_events_is_no_road(
    autojump_clock: MockClock, answer: Any, words: str, first: bool
) -> None:
    assert isinstance(autojump_clock, MockClock)
    sentence = ""
    async with trio.open_nursery() as nursery:
        server = Streams(nursery)
        server.answer = answer if first else None
        try:
            async with dial_sse(ADDRESS, 5.0, server.opens) as wire:
                server.answer = answer
                await server.cut()
                sentence, _ = await lost(wire)
        except ConnectionLostError as error:
            assert first
            sentence = str(error)
        assert await server.all_closed()
        nursery.cancel_scope.cancel()
    assert sentence.isprintable()
    if not first and words == "no event came":
        assert sentence == LOST
    else:
        assert words in sentence


async def opened(server: Streams, timeout_s: float = 5.0) -> None:
    async with dial_sse(ADDRESS, timeout_s, server.opens):
        pass


async def test_a_stream_that_is_kept_back_is_given_up_in_time_and_leaves_nothing_open(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with trio.open_nursery() as nursery:
        server = Streams(nursery)
        server.kept = True
        with pytest.raises(SilentError, match=r"did not answer within 0\.9 s"):
            await opened(server, 0.9)
        assert trio.current_time() == pytest.approx(0.9)
        with trio.move_on_after(0.3) as given_up:
            await opened(server)
        assert given_up.cancelled_caught
        server.error = OSError("nobody is there")
        with pytest.raises(NoWayError, match="nobody is there"):
            await opened(server)
        assert await server.all_closed()
        nursery.cancel_scope.cancel()


def test_events_are_found_wherever_the_stream_is_cut() -> None:
    whole = b"".join([event(1, 1, [], None), b": beat\n\n", event(1, 1, [b"a" * 50], None)])
    expected = EventData().feed(whole)
    assert len(expected) == 2
    for size in range(1, len(whole)):
        events = EventData()
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [data for piece in pieces for data in events.feed(piece)] == expected


def test_an_event_that_comes_byte_by_byte_costs_no_more_than_its_length() -> None:
    events = EventData()
    with memory_below(2 * MAX_RESPONSE_BYTES):
        for _ in range(MAX_RESPONSE_BYTES // 16):
            events.feed(b"A" * 16)
    with pytest.raises(ConnectionLostError, match="too long"):
        events.feed(b"A")


# --- leaving --------------------------------------------------------------------------------------


async def test_an_ending_is_told_behind_the_messages_before_it(autojump_clock: MockClock) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(1)
        server.ending = "too slow\x1b"
        await server.say(b"a")
        assert await wire.receive() == b"a"
        sentence, at = await lost(wire)
        assert sentence.startswith("the server closed the connection: too slow")
        assert sentence.isprintable()
        assert at < 1.5
    assert await server.all_closed()


async def test_closing_sends_what_is_queued_and_then_leaves(autojump_clock: MockClock) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(1)
        wire._up += [b"a", b"b"]
        await wire.close()
        assert server.heard == [b"a", b"b"]
        assert [row.wait_ms for row in server.rows] == [0, 0, -1]
        assert trio.current_time() == pytest.approx(1)
    assert await server.all_closed()


async def test_closing_takes_a_bounded_time(autojump_clock: MockClock) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(1)

        async def hangs(_address: Address) -> trio.abc.Stream:
            await trio.sleep_forever()
            raise AssertionError

        wire._opens = hangs
        await wire.close()
        assert trio.current_time() == pytest.approx(1 + LEAVE_S)
        assert len(server.rows) == 1


@pytest.mark.parametrize("busy", [False, True])
async def test_an_aborted_wire_is_lost_at_once_and_frees_its_connections(
    autojump_clock: MockClock, busy: bool
) -> None:
    async with following(autojump_clock) as (server, wire):
        await trio.sleep(1)
        if busy:
            server.faults.append("lost")
            await wire.send([b"a"])
            await server.cut(b"data: AA")
        wire.abort()
        sentence, at = await lost(wire)
        assert (sentence, at) == (LOST, 1)
        with pytest.raises(ConnectionLostError):
            await wire.send([b"b"])
    assert await server.all_closed()


class Behind(Streams):
    """A server that sends its stream before it has applied anything."""

    async def tell(self, *, begins: bool = False) -> None:
        if begins:
            await self.bring(event(0, 1, [], None))


async def test_a_stream_that_begins_before_anything_was_applied_is_open(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with trio.open_nursery() as nursery:
        server = Behind(nursery)
        async with dial_sse(ADDRESS, 5.0, server.opens) as wire:
            assert wire.road == "sse"
            assert trio.current_time() < 0.1
        nursery.cancel_scope.cancel()
