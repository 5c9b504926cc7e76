"""A proxy on the way to a server that may be told to let no WebSocket or event stream pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import attrs
import trio

STREAM = b"accept: text/event-stream"
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
        refused: Number of connections that were refused.
    """

    def __init__(self, port: int) -> None:
        self.blocks = True
        self.silent = False
        self.keeps = False
        self.kept = 0
        self.refused = 0
        self._port = port

    async def serve(self, near: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, OSError):
            async with near:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = await near.receive_some()
                    if not data:
                        return
                    head += data
                if self.blocks and b"upgrade: websocket" in head.lower():
                    self.refused += 1
                    if self.silent:
                        await trio.sleep_forever()
                    await near.send_all(REFUSAL)
                    return
                far = await trio.open_tcp_stream("127.0.0.1", self._port)
                async with far, trio.open_nursery() as nursery:
                    way = Way(near, far, nursery.cancel_scope)
                    await self._up(way, head)
                    nursery.start_soon(self._carry_up, way)
                    nursery.start_soon(self._carry_down, way)

    async def _carry_up(self, way: "Way") -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for data in way.near:
                await self._up(way, data)
        way.both.cancel()

    async def _up(self, way: "Way", data: bytes) -> None:
        if self.keeps and STREAM in data.lower():
            way.keeps = True
            self.kept += 1
        await way.far.send_all(data)

    async def _carry_down(self, way: "Way") -> None:
        kept = b""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for data in way.far:
                if way.keeps:
                    kept += data
                else:
                    await way.near.send_all(data)
            await way.near.send_all(kept)
        way.both.cancel()


@attrs.define
class Way:
    """One connection through the proxy; ``keeps`` once an event stream was asked for on it."""

    near: trio.SocketStream
    far: trio.SocketStream
    both: trio.CancelScope
    keeps: bool = False


@asynccontextmanager
async def blocking(
    url: str, *, keeps: bool = False, silent: bool = False
) -> AsyncIterator[tuple[BlockingProxy, str]]:
    """Run a proxy in front of a server; give it and its URL."""
    proxy = BlockingProxy(int(url.rpartition(":")[2]))
    proxy.keeps, proxy.silent = keeps, silent
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, proxy.serve, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        yield proxy, f"ws://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()
