import contextlib
import random
from typing import Any

import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked
from trio_websocket import ConnectionClosed

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from gameserver.transports.websocket.guarded import GuardedStream
from gameserver.transports.websocket.link import WebSocketLink
from tests.transports.harness import Bytes, dial, serving, shake_hands
from tests.transports.peers import masked


async def test_messages_are_sent_and_received_whole_and_in_order() -> None:
    async with serving() as port, dial(port) as websocket:
        sent = [bytes([i]) * (i * 200 % 4097) for i in range(1, 60)]
        for message in sent:
            await websocket.send_message(message)
        assert [await websocket.get_message() for _ in sent] == sent


async def test_a_connection_knows_its_peer_and_counts_its_bytes() -> None:
    facts: dict[str, Any] = {}

    async def look(link: Link) -> None:
        await link.receive()
        facts.update(peer=link.peer, into=link.bytes_in, out=link.bytes_out)

    async with serving(look) as port, dial(port) as websocket:
        await websocket.send_message(bytes(100))
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
    assert facts["peer"] == "127.0.0.1"
    assert facts["into"] == 100 + 6
    assert facts["out"] > 100  # the answer to the handshake


async def test_queued_messages_arrive_before_the_farewell() -> None:
    async def say_and_leave(link: Link) -> None:
        for number in range(200):
            assert link.post(bytes([number]))
        link.close_soon("that was all")
        assert not link.post(b"too late")
        with pytest.raises(ConnectionLostError):
            await link.receive()

    async with serving(say_and_leave) as port, dial(port) as websocket:
        for number in range(200):
            assert await websocket.get_message() == bytes([number])
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        closed = websocket.closed
        assert closed is not None
        assert (closed.code, closed.reason) == (1000, "that was all")


async def test_a_pending_receive_ends_when_this_side_closes() -> None:
    ended = trio.Event()
    held: list[Link] = []

    async def wait_for_ever(link: Link) -> None:
        held.append(link)
        link.post(b"ready")
        try:
            await link.receive()
        except ConnectionLostError:
            ended.set()

    async with serving(wait_for_ever) as port, dial(port) as websocket:
        await websocket.get_message()
        held[0].close_soon("enough")
        await ended.wait()


async def test_a_handler_that_waits_for_something_else_ends_behind_the_farewell() -> None:
    held: list[Link] = []
    ended = trio.Event()

    async def wait_elsewhere(link: Link) -> None:
        held.append(link)
        link.post(b"ready")
        try:
            await trio.sleep_forever()
        finally:
            ended.set()

    async with serving(wait_elsewhere) as port, dial(port) as websocket:
        await websocket.get_message()
        held[0].close_soon("enough")
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.get_message()
        assert closed.value.reason is not None
        assert closed.value.reason.reason == "enough"
        await ended.wait()


async def test_messages_sent_just_before_the_peer_leaves_are_received() -> None:
    received: list[bytes] = []
    ended = trio.Event()

    async def collect(link: Link) -> None:
        try:
            while True:
                received.append(await link.receive())
        finally:
            ended.set()

    async with serving(collect) as port:
        async with dial(port) as websocket:
            for number in range(10):
                await websocket.send_message(bytes([number]))
        await ended.wait()
    assert received == [bytes([number]) for number in range(10)]


async def test_abort_ends_handler_and_connection_at_once() -> None:
    cancelled = trio.Event()

    async def doomed(link: Link) -> None:
        link.post(b"ready")
        try:
            await link.receive()
            link.abort()
            assert not link.post(b"never")
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with serving(doomed) as port, dial(port) as websocket:
        assert await websocket.get_message() == b"ready"
        await websocket.send_message(b"now")
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        await cancelled.wait()
        await trio.testing.wait_all_tasks_blocked()


async def test_a_batch_of_any_length_is_sent_whole_and_the_limit_applies_after_it() -> None:
    settings = ListenSettings(reliable_bytes=10_000)
    batch = [bytes([number]) * 2_000 for number in range(250)]
    alive: list[bool] = []

    async def replay(link: Link) -> None:
        link.post_all(batch)
        alive.append(link.post(b"live"))
        for _ in range(6):
            link.post(bytes(2_000))
        alive.append(link.post(b"too much"))
        await trio.sleep_forever()

    async with serving(replay, settings) as port, dial(port) as websocket:
        with contextlib.suppress(ConnectionClosed):
            await websocket.get_message()
    assert alive == [True, False]

    async def only_replay(link: Link) -> None:
        link.post_all(batch)
        link.post(b"live")
        await trio.sleep_forever()

    async with serving(only_replay, settings) as port, dial(port) as websocket:
        assert [await websocket.get_message() for _ in range(251)] == [*batch, b"live"]


# --- by hand, without a connection's task ---------------------------------------------------------


SMALL = ListenSettings(unreliable_bytes=10, reliable_bytes=100, newest=2, deflate_bytes=64)


class Sink:
    """The outbox below a link: what was put, and what is counted as waiting."""

    def __init__(self) -> None:
        ours, self.theirs = memory_stream_pair()
        self.stream = GuardedStream(ours, SMALL)
        self.outbox = self.stream.outbox

    def link(self, deflate_bits: int = 0) -> WebSocketLink:
        websocket: Any = None  # nothing is received or closed
        return WebSocketLink(
            websocket, self.stream, SMALL, Bytes(), "192.0.2.1", deflate_bits=deflate_bits
        )

    async def sent(self) -> bytes:
        """Return all bytes that wait, as they leave."""
        said: list[bytes] = []
        async with trio.open_nursery() as nursery:

            async def hear() -> None:
                while True:
                    said.append(bytes(await self.theirs.receive_some()))

            nursery.start_soon(hear)
            await self.outbox.flush()
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        return b"".join(said)


async def test_a_fresh_link_is_open_and_has_sent_and_received_nothing() -> None:
    link = Sink().link()
    assert (link.transport, link.peer, link.direct) == ("websocket", "192.0.2.1", True)
    assert (link.bytes_in, link.bytes_out, link.controls, link.waiting_bytes) == (0, 0, 0, 0)
    assert (link.is_open, link.held, link.round_trip_s) == (True, False, None)


async def test_of_newest_messages_those_behind_a_full_queue_wait_their_turn() -> None:
    sink = Sink()
    link = sink.link()
    assert link.queue_newest("a", b"a1")
    assert link.queue_newest("a", b"a2"), "there was room: both are sent"
    assert link.waiting_bytes == 2 * 4
    assert link.queue(b"xyz", reliable=False)
    assert not link.queue(b"no room", reliable=False)
    assert link.queue_newest("a", b"a3")
    assert link.queue_newest("b", b"b1")
    assert link.queue_newest("a", b"a4")
    assert link.waiting_bytes == 2 * 4 + 5, "these wait elsewhere"
    assert await sink.sent() == b"\x82\x02a1\x82\x02a2\x82\x03xyz"
    assert link.queue_newest("c", b"c1"), "it must not overtake those that wait"
    assert link.waiting_bytes == 0
    link.abort()
    assert not link.queue_newest("d", b"d1")


async def test_unreliable_messages_are_refused_above_their_bound_and_reliable_ones_end_it() -> None:
    link = Sink().link()
    assert link.queue(bytes(8), reliable=False)
    assert link.waiting_bytes == SMALL.unreliable_bytes
    assert link.queue(b"x", reliable=False), "the bound itself is allowed"
    assert not link.queue(b"x", reliable=False)
    assert link.queue(bytes(85), reliable=True)
    assert link.waiting_bytes == SMALL.reliable_bytes
    assert link.queue(b"x", reliable=True)
    assert link.is_open
    assert not link.queue(b"x", reliable=True)
    assert not link.is_open


async def test_a_batch_may_be_larger_than_the_bound_and_what_follows_as_much_again() -> None:
    link = Sink().link()
    assert link.post_all([bytes(200), bytes(100)]) == 300
    batch = link.waiting_bytes
    assert batch == 300 + 4 + 2
    assert link.post(bytes(98))
    assert link.waiting_bytes == batch + SMALL.reliable_bytes
    assert link.post(b"x")
    assert not link.post(b"x")
    assert link.post_all([b"late"]) == 0


async def test_public_messages_are_compressed_from_a_length_on_if_that_was_agreed() -> None:
    text = b"ready steady go " * 8
    for bits, data, first in (
        (0, text, 0x82),
        (15, text, 0xC2),
        (15, text[: SMALL.deflate_bytes], 0xC2),
        (15, text[: SMALL.deflate_bytes - 1], 0x82),
    ):
        sink = Sink()
        link = sink.link(bits)
        assert link.queue_public(data)
        sent = await sink.sent()
        assert sent[0] == first
        assert (len(sent) < len(data)) == (first == 0xC2)
    sink = Sink()
    link = sink.link(15)
    assert link.queue_public(random.Random(1).randbytes(90))
    assert (await sink.sent())[0] == 0x82, "it would not get shorter"


async def test_a_public_message_above_the_bound_ends_the_link_as_any_reliable_one() -> None:
    link = Sink().link(15)
    assert link.queue(bytes(101), reliable=True)
    assert not link.queue_public(b"again and " * 10)
    assert not link.is_open


async def test_the_rest_of_a_frame_is_sent_before_what_follows() -> None:
    sink = Sink()
    link = sink.link()
    frame = b"\x82\x05hello"
    link.sent_in_part(frame, 3)
    assert link.queue(b"next", reliable=True)
    assert await sink.sent() == frame[3:] + b"\x82\x04next"


async def test_a_link_that_broke_is_not_open_though_its_handler_goes_on() -> None:
    held: list[Link] = []
    refused = trio.Event()

    async def insist(link: Link) -> None:
        held.append(link)
        await link.receive()
        for _ in range(10_000):
            if not link.post(bytes(1000)):
                refused.set()
                await trio.sleep_forever()
            await trio.sleep(0.001)

    async with serving(insist, ListenSettings(reliable_bytes=1 << 30)) as port:
        stream = await shake_hands(port)
        await stream.send_all(masked(b"go"))
        await stream.receive_some()
        await trio.aclose_forcefully(stream)
        await refused.wait()
        assert not held[0].is_open
