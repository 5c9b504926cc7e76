"""A box on the way that lets no WebSocket pass, as some proxies and firewalls."""

import trio

from gameserver.testing.memorynet import MemoryStream

UPGRADE = b"upgrade: websocket"

REFUSAL = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Middlebox(trio.abc.Stream):
    """A client's end of a connection, on which requests for WebSockets are refused."""

    def __init__(self, stream: MemoryStream) -> None:
        """Pass everything else to the ``stream``."""
        self._stream = stream
        self._refused = False
        self._answer = b""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless it asks for a WebSocket."""
        if UPGRADE in bytes(data).lower():
            self._refused, self._answer = True, REFUSAL
            self._stream.close()
        if self._refused:
            await trio.lowlevel.checkpoint()
            return
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Return bytes of the server, or the refusal and then the end."""
        if self._refused:
            await trio.lowlevel.checkpoint()
            answer, self._answer = self._answer, b""
            return answer
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()
