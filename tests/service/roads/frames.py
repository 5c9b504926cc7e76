"""A client's end of a WebSocket, made of raw frames."""

import struct

import trio

from tests.transports.peers import masked, request_head

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class FrameStream:
    """Whole messages over one stream.

    Attributes:
        close_code: Of the server's close frame; 0 before it.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.close_code = 0
        self._stream = stream
        self._rest = bytearray()
        self._sending = trio.StrictFIFOLock()

    @classmethod
    async def open(
        cls, stream: trio.abc.Stream, target: str, protocol: str | None = None
    ) -> "FrameStream":
        """Upgrade a stream.

        Raises:
            EOFError: It ended, or the server refused.
        """
        found = cls(stream)
        changed = {"Sec-WebSocket-Protocol": protocol}
        await stream.send_all(request_head(target=target, **changed))
        head = await found._until(b"\r\n\r\n")
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise EOFError(head)
        return found

    async def send(self, message: bytes | str) -> None:
        """Send one message."""
        text = isinstance(message, str)
        payload = message.encode() if isinstance(message, str) else message
        await self._send(masked(payload, opcode=TEXT if text else BINARY))

    async def receive(self) -> bytes | str:
        """Return the next message.

        Raises:
            EOFError: The server closed.
        """
        whole, kind = b"", 0
        while True:
            first, length = await self._take(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self._take(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self._take(8))
            payload = await self._take(length)
            opcode = first & 15
            if opcode == PING:
                await self._send(masked(payload, opcode=PONG))
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big")
                await self._send(masked(payload[:2], opcode=CLOSE))
                raise EOFError(payload)
            elif opcode != PONG:
                whole, kind = whole + payload, kind or opcode
                if first & 128:
                    return whole.decode() if kind == TEXT else whole

    async def _send(self, frame: bytes) -> None:
        async with self._sending:
            await self._stream.send_all(frame)

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            await self._more()
        return await self._take(self._rest.index(mark) + len(mark))

    async def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            await self._more()
        found = bytes(self._rest[:count])
        del self._rest[:count]
        return found

    async def _more(self) -> None:
        data = await self._stream.receive_some()
        if not data:
            raise EOFError
        self._rest += data
