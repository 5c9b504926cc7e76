"""A proxy on the way to a server that may be told to let no WebSocket, stream or poll pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import attrs
import trio

STREAM = b"accept: text/event-stream"
POLL = b"POST /poll "
HURRY_S = 0.3
"""Time in which a response has to begin where the proxy hurries."""

LATE = (
    b"HTTP/1.1 504 Gateway Timeout\r\nContent-Type: text/html\r\nContent-Length: 4\r\n"
    b"Connection: close\r\n\r\nlate"
)
REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 7\r\n"
    b"Connection: close\r\n\r\nblocked"
)


class BlockingProxy:
    """Carries connections; refuses those that ask for an upgrade while ``blocks``.

    Attributes:
        blocks: Whether no WebSocket passes.
        silent: Whether those that do not pass get no answer at all.
        keeps: Whether event streams are kept back until they end, as by a proxy that buffers.
        kept: Number of streams that were kept back.
        hurries: Whether a request that waits at the server is answered by the proxy, with an error.
        hurried: Number of requests that were answered so.
        refused: Number of connections that were refused.
        closed: Whether no connection at all passes: the network is gone.
    """

    def __init__(self, port: int) -> None:
        self.blocks = True
        self.silent = False
        self.keeps = False
        self.kept = 0
        self.hurries = False
        self.hurried = 0
        self.refused = 0
        self.closed = False
        self._port = port
        self._ways: set[Way] = set()

    def cut(self) -> None:
        """Break every connection that passes now."""
        for way in list(self._ways):
            way.end()

    async def serve(self, near: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, OSError):
            async with near:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = await near.receive_some()
                    if not data:
                        return
                    head += data
                if self.closed:
                    return
                if self.blocks and b"upgrade: websocket" in head.lower():
                    self.refused += 1
                    if self.silent:
                        await trio.sleep_forever()
                    await near.send_all(REFUSAL)
                    return
                far = await trio.open_tcp_stream("127.0.0.1", self._port)
                async with far, trio.open_nursery() as nursery:
                    way = Way(near, far, nursery)
                    self._ways.add(way)
                    nursery.start_soon(self._carry, way, head)

    async def _carry(self, way: "Way", head: bytes) -> None:
        try:
            async with trio.open_nursery() as nursery:
                await self._up(way, head)
                nursery.start_soon(self._carry_up, way)
                nursery.start_soon(self._carry_down, way)
        finally:
            self._ways.discard(way)

    async def _carry_up(self, way: "Way") -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for data in way.near:
                await self._up(way, data)
        way.end()

    async def _up(self, way: "Way", data: bytes) -> None:
        if self.keeps and STREAM in data.lower():
            way.keeps = True
            self.kept += 1
        if self.hurries and POLL in data and STREAM not in data.lower():
            way.answered = trio.Event()
            way.both.start_soon(self._hurry, way, way.answered)
        await way.far.send_all(data)

    async def _hurry(self, way: "Way", answered: trio.Event) -> None:
        with trio.move_on_after(HURRY_S):
            await answered.wait()
            return
        self.hurried += 1
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await way.near.send_all(LATE)
        way.end()

    async def _carry_down(self, way: "Way") -> None:
        kept = b""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for data in way.far:
                way.answered.set()
                if way.keeps:
                    kept += data
                else:
                    await way.near.send_all(data)
            await way.near.send_all(kept)
        way.end()


@attrs.define(eq=False)
class Way:
    """One connection through the proxy; ``keeps`` once an event stream was asked for on it."""

    near: trio.SocketStream
    far: trio.SocketStream
    both: trio.Nursery
    keeps: bool = False
    answered: trio.Event = attrs.field(factory=trio.Event)
    """Set when the newest request has got its first bytes."""

    def end(self) -> None:
        """End the connection."""
        self.both.cancel_scope.cancel()


@asynccontextmanager
async def blocking(
    url: str, *, keeps: bool = False, silent: bool = False, hurries: bool = False
) -> AsyncIterator[tuple[BlockingProxy, str]]:
    """Run a proxy in front of a server; give it and its URL."""
    proxy = BlockingProxy(int(url.rpartition(":")[2]))
    proxy.keeps, proxy.silent, proxy.hurries = keeps, silent, hurries
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, proxy.serve, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        yield proxy, f"ws://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()
