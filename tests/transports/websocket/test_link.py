import contextlib
from typing import Any

import pytest
import trio
from trio_websocket import ConnectionClosed

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from tests.transports.harness import dial, serving


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
