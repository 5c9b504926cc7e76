"""A client of long polling by hand: every byte of a request is the test's."""

from typing import Any

import msgpack
import trio

LINK = bytes(range(16))


def body(
    number: int, *messages: bytes, confirmed: int = 0, wait_ms: int = 0, link: bytes = LINK
) -> bytes:
    packed: bytes = msgpack.packb([link, number, confirmed, wait_ms, list(messages)])
    return packed


def post(content: bytes, *headers: bytes, path: bytes = b"/poll", method: bytes = b"POST") -> bytes:
    lines = [
        method + b" " + path + b" HTTP/1.1",
        b"Host: localhost",
        b"Content-Length: %d" % len(content),
        *headers,
    ]
    return b"\r\n".join([*lines, b"", content])


class Caller:
    """One connection to a server."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._rest = b""

    @classmethod
    async def dial(cls, port: int) -> "Caller":
        return cls(await trio.open_tcp_stream("127.0.0.1", port))

    async def call(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request; return status, headers and body of its response."""
        await self.stream.send_all(request)
        return await self.response()

    async def response(self) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._rest:
            await self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (each.partition(": ") for each in lines)
        }
        size = int(headers.get("content-length", "0"))
        while len(self._rest) < size:
            await self._more()
        content, self._rest = self._rest[:size], self._rest[size:]
        return int(first.split()[1]), headers, content

    async def _more(self) -> None:
        data = await self.stream.receive_some()
        if not data:
            raise EOFError
        self._rest += bytes(data)

    async def exchange(self, content: bytes) -> list[Any]:
        """Send a body; return the row that comes back."""
        status, _, found = await self.call(post(content))
        assert status == 200, found
        row: list[Any] = msgpack.unpackb(found)
        return row

    async def aclose(self) -> None:
        await self.stream.aclose()
