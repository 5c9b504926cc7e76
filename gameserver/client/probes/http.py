"""Requests of plain HTTP for the probes, one after the other on one connection.

Law: whatever a server returns ends in bytes of a bounded length, or in one of the errors that
`Connection.guarded` translates.
"""

from collections.abc import Callable, Sequence
from typing import Final

import h11
import trio

from gameserver.client.link.address import Address
from gameserver.client.link.refusals import detail_of, names_no_path
from gameserver.client.link.streams import OpenStream
from gameserver.errors import ConnectionLostError
from gameserver.text import shown

READ_BYTES: Final = 1 << 16
MOST_BYTES: Final = 4 << 20
"""Longest body of a response."""


class HttpCaller:
    """One connection of HTTP/1.1 to a server, opened with the first request."""

    def __init__(self, address: Address, opens: OpenStream) -> None:
        """Prepare; nothing is opened yet."""
        self._address = address
        self._opens = opens
        self._stream: trio.abc.Stream | None = None
        self._http = h11.Connection(h11.CLIENT)
        self._turn = trio.StrictFIFOLock()

    async def call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        kind: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """Send a request and return the body of its response.

        Raises:
            ConnectionLostError: The status is no success; the sentence holds it.
            OSError, trio.BrokenResourceError, h11.ProtocolError: There is no whole response.
        """
        async with self._turn:
            found = bytearray()
            kinds = [("content-type", kind)] if body else []
            await self._send(method, target, [*kinds, *headers], body)
            await self._receive(found.extend, MOST_BYTES)
            http = self._http
            if http.their_state is not h11.DONE:
                raise h11.RemoteProtocolError("the server closes the connection")
            http.start_next_cycle()
            return bytes(found)

    async def follow(
        self, target: str, headers: list[tuple[str, str]], take: Callable[[bytes], object]
    ) -> None:
        """Send a GET and give the pieces of its response to ``take`` as they come, to their end.

        Raises:
            ConnectionLostError, OSError, trio.BrokenResourceError, h11.ProtocolError: As `call`.
        """
        await self._send("GET", target, headers, b"")
        await self._receive(take, None)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._stream is not None:
            await trio.aclose_forcefully(self._stream)

    async def _send(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        if self._stream is None:
            self._stream = await self._opens(self._address)
        http = self._http
        head = [("host", self._address.host_header), *headers]
        if method == "POST":
            head.append(("content-length", str(len(body))))
        data = http.send(h11.Request(method=method, target=target, headers=head))
        if body:
            data += http.send(h11.Data(data=body))
        await self._stream.send_all(data + http.send(h11.EndOfMessage()))

    async def _receive(self, take: Callable[[bytes], object], most: int | None) -> None:
        """Give the body of a response to ``take``, if its status is a success."""
        status, size, refusal = 0, 0, b""
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if most is not None and size > most:
                    raise h11.RemoteProtocolError("the response is too long")
                if 200 <= status < 300:
                    take(bytes(event.data))
                else:
                    refusal = (refusal + bytes(event.data))[:READ_BYTES]
        if not 200 <= status < 300:
            raise ConnectionLostError(_refused(self._address, status, refusal))

    async def _event(self) -> h11.Event:
        assert self._stream is not None
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(bytes(await self._stream.receive_some(READ_BYTES)))
        # Inside a response h11 neither pauses nor takes the end of the stream.
        assert isinstance(event, h11.Event)
        return event


def _refused(address: Address, status: int, said: bytes) -> str:
    there = address.host_header
    sentence = detail_of(said)
    if status == 404 and (not sentence or names_no_path(said)):
        return f"{there} does not serve it (HTTP 404)"
    words = sentence or shown(said.decode("utf-8", "replace").strip().partition("\n")[0], 120)
    return f"{there} refused (HTTP {status}): {words}"
