"""A proxy on the way to a server, which can be told to let no WebSocket pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import trio

REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 7\r\n"
    b"Connection: close\r\n\r\nblocked"
)


class BlockingProxy:
    """Carries connections; refuses those that ask for an upgrade while ``blocks``.

    Attributes:
        blocks: Whether no WebSocket passes.
        refused: Number of connections that were refused.
    """

    def __init__(self, port: int) -> None:
        self.blocks = True
        self.silent = False
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
                    await far.send_all(head)
                    nursery.start_soon(self._carry, near, far, nursery.cancel_scope)
                    nursery.start_soon(self._carry, far, near, nursery.cancel_scope)

    async def _carry(
        self, source: trio.SocketStream, target: trio.SocketStream, both: trio.CancelScope
    ) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for data in source:
                await target.send_all(data)
        both.cancel()


@asynccontextmanager
async def blocking(url: str) -> AsyncIterator[tuple[BlockingProxy, str]]:
    """Run a proxy in front of a server; give it and its URL."""
    proxy = BlockingProxy(int(url.rpartition(":")[2]))
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, proxy.serve, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        yield proxy, f"ws://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()
