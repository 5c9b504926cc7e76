import contextlib

import pytest
import trio
from trio.testing import MockClock, lockstep_stream_pair

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from gameserver.transports.listener import Guard
from gameserver.transports.websocket.link import WebSocketLink
from tests.transports.harness import (
    PATIENCE_S,
    Bytes,
    dial,
    echo,
    listen,
    serving,
    stall,
)
from tests.transports.peers import request_head


def waiting_bytes(link: Link) -> int:
    assert isinstance(link, WebSocketLink)
    return link._outbox.waiting_bytes


async def test_a_stalled_reader_costs_little_and_delays_nobody() -> None:
    settings = ListenSettings()
    held: list[Link] = []

    async def flood(link: Link) -> None:
        if await link.receive() == b"go":
            refused = 0
            while refused < 10:
                refused += not link.offer(bytes(1000))
                await trio.lowlevel.checkpoint()
            held.append(link)
            await trio.sleep_forever()
        await echo(link)

    async with serving(flood, settings) as port, await stall(port):
        while not held:
            async with dial(port) as websocket:
                await websocket.send_message(b"skip")
                await websocket.send_message(b"prompt")
                assert await websocket.get_message() == b"prompt"
        assert waiting_bytes(held[0]) <= settings.unreliable_bytes + 1004
        held[0].close_soon()


async def test_a_reliable_message_above_the_limit_ends_a_stalled_connection() -> None:
    settings = ListenSettings()
    ended = trio.Event()
    most = 0

    async def insist(link: Link) -> None:
        nonlocal most
        try:
            await link.receive()
            while link.post(bytes(10_000)):
                most = max(most, waiting_bytes(link))
                await trio.lowlevel.checkpoint()
            await trio.sleep_forever()
        finally:
            ended.set()

    async with serving(insist, settings) as port, await stall(port):
        await ended.wait()
    assert most <= settings.reliable_bytes + 10_004


async def test_a_large_reliable_message_passes_an_empty_outbox() -> None:
    large = bytes(500_000)

    async def give(link: Link) -> None:
        assert link.post(large)
        await link.receive()

    async with serving(give) as port, dial(port) as websocket:
        assert await websocket.get_message() == large


async def test_closing_a_stalled_connection_ends_in_time(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()

    async def say_and_leave(link: Link) -> None:
        link.post(bytes(100))
        await trio.sleep(1)
        link.close_soon("bye")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), say_and_leave, Bytes()).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert trio.current_time() == pytest.approx(1 + ListenSettings().close_s)


async def test_a_pending_receive_ends_at_once_even_if_the_farewell_cannot_be_sent(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    ended_at = 0.0

    async def wait_for_ever(link: Link) -> None:
        nonlocal ended_at
        link.post(bytes(100))
        nursery.start_soon(close_later, link)
        with contextlib.suppress(ConnectionLostError):
            await link.receive()
        ended_at = trio.current_time()

    async def close_later(link: Link) -> None:
        await trio.sleep(1)
        link.close_soon()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), wait_for_ever, Bytes()).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert ended_at == pytest.approx(1)


async def test_stalled_connections_do_not_delay_a_stop() -> None:
    async def flood(link: Link) -> None:
        await link.receive()
        while link.offer(bytes(10_000)):
            pass
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        with trio.fail_after(PATIENCE_S):
            port = await nursery.start(listen, ListenSettings(), flood)
            streams = [await stall(port) for _ in range(5)]
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
    for stream in streams:
        await trio.aclose_forcefully(stream)
