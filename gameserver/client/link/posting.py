"""Requests to ``/poll`` on one connection of HTTP/1.1, one after the other.

Law: whatever the server sends ends in bytes of a bounded length, or in an error named here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import h11
import trio

from gameserver.client.link.address import Address
from gameserver.client.link.refusals import Headers
from gameserver.client.link.streams import OpenStream

PATH: Final = "/poll"
MSGPACK: Final = b"application/msgpack"

MAX_RESPONSE_BYTES: Final = 4 << 20
"""Longest body of a response, and longest event of a stream: a response of 128 KiB, or one message
that is larger, with much to spare (threat 46)."""

READ_BYTES: Final = 1 << 16
"""Most bytes read from the stream at once."""

CUTS: Final = (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError)
"""What is raised where a response does not come whole."""


class CutError(Exception):
    """A request got no whole response."""


class PollCaller:
    """One connection, opened when it is needed.

    Attributes:
        bytes_in, bytes_out: Bytes so far, those of HTTP included.
    """

    def __init__(self, address: Address, opens: OpenStream) -> None:
        """Prepare; nothing is opened yet."""
        self._address = address
        self._opens = opens
        self._stream: trio.abc.Stream | None = None
        self._http: h11.Connection
        self.bytes_in: int = 0
        self.bytes_out: int = 0

    async def post(self, body: bytes) -> tuple[int, Headers, bytes]:
        """Send a request; return status, headers and body of the response.

        Raises:
            CutError: The connection broke, or the response is no HTTP, or too long.
            OSError: The server cannot be reached.
        """
        status, headers = await self.ask(body)
        return status, headers, await self.rest()

    async def ask(self, body: bytes, accept: bytes = b"") -> tuple[int, Headers]:
        """Send a request; return status and headers of the response, whose body follows.

        Raises:
            CutError, OSError: As `post`.
        """
        head = h11.Request(
            method="POST",
            target=PATH,
            headers=[
                (b"host", self._address.host_header.encode("ascii")),
                *([(b"accept", accept)] if accept else []),
                (b"content-type", MSGPACK),
                (b"content-length", b"%d" % len(body)),
            ],
        )
        async with self._closing_at_failures():
            if self._stream is None:
                self._http = h11.Connection(h11.CLIENT)
                self._stream = await self._opens(self._address)
            http = self._http
            data = http.send(head) + http.send(h11.Data(data=body)) + http.send(h11.EndOfMessage())
            self.bytes_out += len(data)
            await self._stream.send_all(data)
            while not isinstance(event := await self._event(self._stream), h11.Response):
                pass  # an informational one
        return event.status_code, list(event.headers.raw_items())

    async def piece(self) -> bytes:
        """Return the next piece of the response's body; empty at its end.

        Raises:
            CutError: As `post`.
        """
        if self._stream is None:
            raise CutError
        async with self._closing_at_failures():
            event = await self._event(self._stream)
        if isinstance(event, h11.Data):
            return bytes(event.data)
        if self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            await self.close()
        return b""

    async def rest(self) -> bytes:
        """Return the rest of the response's body.

        Raises:
            CutError: As `post`.
        """
        found = bytearray()
        while data := await self.piece():
            found += data
            if len(found) > MAX_RESPONSE_BYTES:
                await self.close()  # so there is no next piece
        return bytes(found)

    @asynccontextmanager
    async def _closing_at_failures(self) -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            await self.close()
            if isinstance(error, CUTS):
                raise CutError from error
            raise

    async def _event(self, stream: trio.abc.Stream) -> h11.Event:
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                received = await stream.receive_some(READ_BYTES)
                self.bytes_in += len(received)
                self._http.receive_data(bytes(received))
            elif isinstance(event, h11.Event) and not isinstance(event, h11.ConnectionClosed):
                return event
            else:
                raise h11.RemoteProtocolError("the response was cut")

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await trio.aclose_forcefully(stream)
