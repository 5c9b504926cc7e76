import contextlib

import pytest
import trio
from trio.testing import MockClock, lockstep_stream_pair

from gameserver.errors import ConnectionLostError
from gameserver.transports import Connection, ListenSettings, listen
from gameserver.transports.listener import Guard
from tests.transports.harness import (
    PATIENCE_S,
    dial,
    echo,
    serving,
    stall,
)
from tests.transports.peers import request_head


async def test_a_stalled_reader_costs_little_and_delays_nobody() -> None:
    settings = ListenSettings()
    held: list[Connection] = []

    async def flood(connection: Connection) -> None:
        if await connection.receive() == b"go":
            while connection.lost_messages < 10:
                connection.send_nowait(bytes(1000), reliable=False)
                await trio.lowlevel.checkpoint()
            held.append(connection)
            await trio.sleep_forever()
        await echo(connection)

    async with serving(flood, settings) as port, await stall(port):
        while not held:
            async with dial(port) as websocket:
                await websocket.send_message(b"skip")
                await websocket.send_message(b"prompt")
                assert await websocket.get_message() == b"prompt"
        assert held[0].outbox_bytes <= settings.unreliable_bytes + 1004
        held[0].close_soon()


async def test_a_reliable_message_too_many_ends_a_stalled_connection() -> None:
    settings = ListenSettings()
    ended = trio.Event()
    most = 0

    async def insist(connection: Connection) -> None:
        nonlocal most
        try:
            await connection.receive()
            while connection.send_nowait(bytes(10_000), reliable=True):
                most = max(most, connection.outbox_bytes)
                await trio.lowlevel.checkpoint()
            await trio.sleep_forever()
        finally:
            ended.set()

    async with serving(insist, settings) as port, await stall(port):
        await ended.wait()
    assert most <= settings.reliable_bytes + 10_004


async def test_a_large_reliable_message_passes_an_empty_outbox() -> None:
    large = bytes(500_000)

    async def give(connection: Connection) -> None:
        assert connection.send_nowait(large, reliable=True)
        await connection.receive()

    async with serving(give) as port, dial(port) as websocket:
        assert await websocket.get_message() == large


async def test_closing_a_stalled_connection_is_over_in_time(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()

    async def say_and_leave(connection: Connection) -> None:
        connection.send_nowait(bytes(100), reliable=True)
        await trio.sleep(1)
        connection.close_soon("bye")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), say_and_leave).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert trio.current_time() == pytest.approx(1 + ListenSettings().close_s)


async def test_a_pending_receive_ends_at_once_though_the_farewell_cannot_leave(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    ended_at = 0.0

    async def wait_for_ever(connection: Connection) -> None:
        nonlocal ended_at
        connection.send_nowait(bytes(100), reliable=True)
        nursery.start_soon(close_later, connection)
        with contextlib.suppress(ConnectionLostError):
            await connection.receive()
        ended_at = trio.current_time()

    async def close_later(connection: Connection) -> None:
        await trio.sleep(1)
        connection.close_soon()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), wait_for_ever).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert ended_at == pytest.approx(1)


async def test_stalled_connections_do_not_hold_up_a_stop() -> None:
    async def flood(connection: Connection) -> None:
        await connection.receive()
        while connection.send_nowait(bytes(10_000), reliable=False):
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
