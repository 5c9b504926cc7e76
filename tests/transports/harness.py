"""A listener on a real socket, and peers to try it with."""

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

from gameserver.transports import Guard, Link, ListenSettings, accept
from tests.transports.peers import masked, request_head

PATIENCE_S = 20
Handler = Callable[[Link], Awaitable[None]]


class Bytes:
    """The codec of tests whose messages are bytes."""

    def encode(self, message: bytes) -> bytes:
        return message

    def decode(self, data: bytes) -> tuple[bytes, ...]:
        return (data,)


async def listen(
    settings: ListenSettings,
    handler: Handler,
    *,
    task_status: "trio.TaskStatus[int]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve what is accepted; reports the port."""
    guard = Guard(settings, handler, Bytes())
    async with trio.open_nursery() as nursery:
        await nursery.start(guard.run)
        await accept(settings, guard.serve, task_status=task_status)


async def echo(link: Link) -> None:
    while True:
        link.post(await link.receive())


@asynccontextmanager
async def serving(
    handler: Handler = echo, settings: ListenSettings | None = None
) -> AsyncIterator[int]:
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            yield await nursery.start(listen, settings or ListenSettings(), handler)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def dial(port: int) -> AsyncIterator[WebSocketConnection]:
    """Connect as a client does; the stream is ours, because the library leaves it open."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream, trio.open_nursery() as nursery:
        offered = ["gameserver.v1"]
        yield (
            websocket := await wrap_client_stream(
                nursery, stream, "127.0.0.1", "/", subprotocols=offered
            )
        )
        await websocket.aclose()
        nursery.cancel_scope.cancel()


async def answer_to(port: int, opening: bytes) -> bytes:
    """Return everything that comes back for an opening that is no WebSocket's."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(opening)
        return await read_to_end(stream)


async def assert_serves(port: int) -> None:
    async with dial(port) as websocket:
        await websocket.send_message(b"are you there")
        assert await websocket.get_message() == b"are you there"


async def read_to_end(stream: trio.SocketStream) -> bytes:
    got = bytearray()
    try:
        async for data in stream:
            got += data
    except trio.BrokenResourceError:
        pass  # reset behind what was read
    return bytes(got)


async def shake_hands(port: int) -> trio.SocketStream:
    """Open a WebSocket by hand, for frames that no library makes."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(request_head())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await stream.receive_some()
    assert answer.startswith(b"HTTP/1.1 101")
    return stream


async def send_and_read(port: int, frames: bytes) -> bytes:
    stream = await shake_hands(port)
    async with stream:
        with contextlib.suppress(trio.BrokenResourceError):  # closed before it took everything
            await stream.send_all(frames)
        return await read_to_end(stream)


def close_code(frames: bytes) -> int:
    """Return the code of the close frame that the bytes end with."""
    at = frames.rindex(b"\x88")
    return int.from_bytes(frames[at + 2 : at + 4], "big")


async def stall(port: int) -> trio.SocketStream:
    stream = await shake_hands(port)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await stream.send_all(masked(b"go"))
    return stream
