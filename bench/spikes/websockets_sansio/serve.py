"""A server for `measure`: prints ``listening PORT``, and sends every client a frame each tick.

Usage: ``python -m bench.spikes.websockets_sansio.serve KIND HZ FRAME_BYTES``; HZ 0 sends nothing.
The load's messages start with 0x94, a msgpack array of four; the lanes take all of them.
"""

import sys
from collections.abc import Awaitable, Callable
from functools import partial

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket
from websockets.exceptions import ConnectionClosed as WebsocketsClosed
from websockets.trio.server import ServerConnection
from websockets.trio.server import serve as serve_websockets
from websockets.typing import Subprotocol

from bench.spikes.websockets_sansio.guard import SansIoGuard
from bench.spikes.websockets_sansio.link import SansIoLink
from gameserver.errors import ConnectionLostError
from gameserver.messages.wire import SUBPROTOCOL
from gameserver.transports import Drain, Guard, Link, ListenSettings, accept

HEADS = tuple(bytes((0x94, second)) for second in range(256))
WELCOME = b"\x01"
SETTINGS = ListenSettings(max_connections=20_000)

heard = 0
"""Number of received messages; makes reading them have an effect."""


class Bytes:
    """A codec of messages that are bytes."""

    def encode(self, message: bytes) -> bytes:
        """Return the message."""
        return message

    def decode(self, data: bytes) -> tuple[bytes, ...]:
        """Return the message."""
        return (data,)


def count(message: bytes) -> None:
    """Count one message of the load; an empty one is not counted."""
    global heard  # noqa: PLW0603  a benchmark's only state
    heard += len(message) > 0


async def ticking(hz: float, step: Callable[[], Awaitable[object]]) -> None:
    """Call ``step`` at a fixed rate; at rate 0 sleep forever."""
    due = trio.current_time()
    while hz:
        due += 1 / hz
        await trio.sleep_until(due)
        await step()
    await trio.sleep_forever()


async def serve_links(guard: type[Guard], hz: float, frame: bytes, *, lane: bool) -> None:
    """Serve this project's links; messages come through a lane and drain, or by `receive`."""
    links: dict[Link, None] = {}
    drain = Drain()

    async def handle(link: Link) -> None:
        if lane:
            link.open_lane(HEADS, count, drain)
        link.post(WELCOME)
        links[link] = None
        try:
            while True:
                count(await link.receive())
        except ConnectionLostError:
            del links[link]
            link.close_lane()

    async def step() -> None:
        drain.drain()
        for link in links:
            link.offer(frame)

    async def read() -> None:
        drain.drain()

    async with trio.open_nursery() as nursery:
        serve = guard(SETTINGS, handle, Bytes()).serve
        say(await nursery.start(partial(accept, SETTINGS, serve)))
        if hz:
            nursery.start_soon(ticking, hz, step)
        elif lane:
            nursery.start_soon(ticking, 20.0, read)


async def serve_trio_websocket(hz: float, frame: bytes) -> None:
    """Serve with trio-websocket alone, as its documentation shows."""
    connections: dict[WebSocketConnection, None] = {}

    async def handle(request: WebSocketRequest) -> None:
        connection = await request.accept(subprotocol=SUBPROTOCOL)
        await connection.send_message(WELCOME)
        connections[connection] = None
        try:
            while True:
                count(await connection.get_message())  # type: ignore[arg-type]
        except ConnectionClosed:
            del connections[connection]

    async def step() -> None:
        for connection in list(connections):
            await connection.send_message(frame)

    async with trio.open_nursery() as nursery:
        server = await nursery.start(partial(serve_websocket, handle, "127.0.0.1", 0, None))
        say(server.port)
        nursery.start_soon(ticking, hz, step)


async def serve_websockets_trio(hz: float, frame: bytes) -> None:
    """Serve with the trio server that comes with `websockets`, as its documentation shows."""
    connections: dict[ServerConnection, None] = {}

    async def handle(connection: ServerConnection) -> None:
        await connection.send(WELCOME)
        connections[connection] = None
        try:
            while True:
                count(await connection.recv(decode=False))
        except WebsocketsClosed:
            del connections[connection]

    async def step() -> None:
        for connection in list(connections):
            await connection.send(frame)

    async with trio.open_nursery() as nursery:
        serve = partial(
            serve_websockets, handle, 0, host="127.0.0.1", compression=None, ping_interval=None,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
        )  # fmt: skip
        server = await nursery.start(serve)
        say(server.listeners[0].socket.getsockname()[1])
        nursery.start_soon(ticking, hz, step)


class WithShortcut(SansIoLink):
    """The spike with the lane's shortcut for reads of exactly one frame."""

    def received_nowait(self, data: bytes) -> None:
        """Take bytes that the drain read."""
        if not self._intake.take_one(data):
            super().received_nowait(data)


class ShortcutGuard(SansIoGuard):
    """Its guard."""

    link = WithShortcut


class FramedByTheProtocol(SansIoLink):
    """The spike with the protocol's own frames instead of the server's `binary_frame`."""

    def _frame(self, data: bytes) -> bytes:
        protocol = self._intake.protocol
        protocol.send_binary(data)
        return b"".join(protocol.data_to_send())


class FramedGuard(SansIoGuard):
    """Its guard."""

    link = FramedByTheProtocol


KINDS: dict[str, Callable[[float, bytes], Awaitable[None]]] = {
    "lane": partial(serve_links, Guard, lane=True),
    "link": partial(serve_links, Guard, lane=False),
    "trio-websocket": serve_trio_websocket,
    "spike-lane": partial(serve_links, SansIoGuard, lane=True),
    "spike-shortcut": partial(serve_links, ShortcutGuard, lane=True),
    "spike-link": partial(serve_links, SansIoGuard, lane=False),
    "spike-framed": partial(serve_links, FramedGuard, lane=True),
    "websockets-trio": serve_websockets_trio,
}


def say(port: int) -> None:
    """Print the line by which `bench.processes.serving` learns the port."""
    sys.stdout.write(f"listening {port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    kind, rate, size = sys.argv[1:]
    trio.run(KINDS[kind], float(rate), bytes(int(size)))
