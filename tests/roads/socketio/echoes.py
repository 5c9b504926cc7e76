"""The echoes of `gameserver echo`, served over streams in memory on a clock that jumps.

No machine is too busy for them: the seconds of pings and time-outs pass when nothing else happens.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.cli.echo import open_echoes
from gameserver.roads.socketio.echo import SUITE
from gameserver.transports import Guard, ListenSettings
from tests.transports.polling.poller import Caller

ENGINE = "/engine.io/"
SOCKET = "/socket.io/"
POLLING = "?EIO=4&transport=polling"
WEBSOCKET = "?EIO=4&transport=websocket"


class Echoes:
    """A server with both echoes, and clients of it."""

    def __init__(self, guard: Guard, nursery: trio.Nursery) -> None:
        self._guard = guard
        self._nursery = nursery

    def dial(self) -> trio.abc.Stream:
        ours, theirs = memory_stream_pair()
        self._nursery.start_soon(self._guard.serve, theirs)
        return ours

    async def http(
        self, method: str, target: str, body: str = "", length: int | None = None
    ) -> tuple[int, str]:
        """Ask; ``length`` is announced in place of the body's, which is not sent whole then."""
        content = body.encode()
        length = len(content) if length is None else length
        caller = Caller(self.dial())
        async with caller.stream:
            head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}"
            status, _, answer = await caller.call(f"{head}\r\n\r\n".encode() + content)
            return status, answer.decode()

    async def opened(self, path: str = ENGINE) -> str:
        """Open a session by polling; return the target of its requests."""
        status, body = await self.http("GET", path + POLLING)
        assert status == 200
        return f"{path}{POLLING}&sid={json.loads(body[1:])['sid']}"

    @asynccontextmanager
    async def websocket(self, target: str) -> AsyncIterator[WebSocketConnection]:
        # The stream is ours, because the library leaves it open.
        stream = self.dial()
        async with stream, trio.open_nursery() as nursery:
            yield await wrap_client_stream(nursery, stream, "localhost", target)
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def begun(self, path: str = ENGINE) -> AsyncIterator[WebSocketConnection]:
        """Open a session over a WebSocket; its handshake is read."""
        async with self.websocket(path + WEBSOCKET) as websocket:
            assert (await websocket.get_message())[0] == "0"
            yield websocket

    @asynccontextmanager
    async def joined(self, *packets: str) -> AsyncIterator[WebSocketConnection]:
        """Open a session of Socket.IO and join; the answers and the events behind are read."""
        async with self.begun(SOCKET) as websocket:
            for packet in packets:
                await websocket.send_message(packet)
                assert (await websocket.get_message()).startswith("40")
                assert '"auth"' in await websocket.get_message()
            yield websocket

    @asynccontextmanager
    async def polled(self, target: str) -> AsyncIterator[list[tuple[int, str]]]:
        """Do something while a poll waits; afterwards the list holds its response."""
        found: list[tuple[int, str]] = []

        async def poll() -> None:
            found.append(await self.http("GET", target))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(poll)
            await wait_all_tasks_blocked()
            yield found


@asynccontextmanager
async def serving(**changed: Any) -> AsyncIterator[Echoes]:
    """Serve echoes with the settings of the suites, some of them changed."""
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            suite = attrs.evolve(SUITE, **changed)
            yield Echoes(await open_echoes(ListenSettings(), suite, nursery), nursery)
            nursery.cancel_scope.cancel()


@pytest.fixture
async def echoes(autojump_clock: MockClock) -> AsyncIterator[Echoes]:
    assert trio.lowlevel.current_clock() is autojump_clock
    async with serving() as found:
        yield found


async def seconds_to_close(websocket: WebSocketConnection, *, answering: bool = False) -> float:
    """Return after how many seconds the server closes; with ``answering`` pings are answered."""
    began = trio.current_time()
    try:
        while True:
            if await websocket.get_message() == "2" and answering:
                await websocket.send_message("3")
    except ConnectionClosed:
        return trio.current_time() - began
