"""Open the WebSocket connection to a server, and cut it.

Law: every way in which a connection can fail leaves here as `ConnectionLostError`, with a sentence
for people. A send that was cancelled half way leaves a torn frame behind, so whoever sends must
cut the connection when that happens.
"""

import socket
import ssl
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import attrs
import trio
from trio_websocket import (
    CloseReason,
    ConnectionClosed,
    ConnectionRejected,
    WebSocketConnection,
    wrap_client_stream,
)
from wsproto.frame_protocol import FrameProtocol

from gameserver.client.background import background
from gameserver.client.farewell import LOST
from gameserver.errors import ConfigError, ConnectionLostError
from gameserver.messages.wire import SUBPROTOCOL

MAX_MESSAGE_BYTES: Final = 1 << 20
"""Largest message taken from a server: a map is tens of KiB, a keyframe a few."""

QUEUED_MESSAGES: Final = 64
"""Messages read ahead of the client; then TCP holds the server back."""

RECEIVE_BYTES: Final = 1 << 16

ABNORMAL: Final = 1006
"""WebSocket's code for an end without a farewell (RFC 6455, 7.1.5)."""

_ABORT: Final = struct.pack("ii", 1, 0)
"""``SO_LINGER`` on, for no time: closing sends a reset."""


@attrs.frozen
class Address:
    """Where a server is."""

    host: str
    port: int
    resource: str
    tls: bool

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Take a ``ws://`` or ``wss://`` URL apart.

        Raises:
            ConfigError: It is no such URL.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ConfigError(f"{url!r} is no address: {error}") from None
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ConfigError(f"{url!r} is no address of a server; write ws://HOST:PORT")
        tls = parts.scheme == "wss"
        resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, port or (443 if tls else 80), resource, tls)

    @property
    def host_header(self) -> str:
        """The host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (80, 443) else f"{host}:{self.port}"


class Tap(trio.abc.Stream):
    """The byte stream below a WebSocket: counts what passes and knows when it has ended."""

    def __init__(self, stream: "trio.SocketStream | trio.SSLStream[trio.SocketStream]") -> None:
        """Wrap a connected stream."""
        self._stream = stream
        self._turn = trio.StrictFIFOLock()
        self.ended = trio.Event()
        self.bytes_in = 0
        self.bytes_out = 0

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, and count; callers take turns, so that frames never interleave."""
        async with self._turn:
            self.bytes_out += len(data)
            await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait as the stream below does."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive, and count."""
        data: bytes | bytearray = b""
        try:
            data = await self._stream.receive_some(max_bytes)
        finally:
            if not data:
                self.ended.set()
        self.bytes_in += len(data)
        return data

    async def aclose(self) -> None:
        """Close the stream below."""
        self.ended.set()
        await self._stream.aclose()

    def abort(self) -> None:
        """Cut the TCP connection now, without a farewell (the peer sees a reset)."""
        stream = self._stream
        below = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
        if below.socket.fileno() >= 0:
            below.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            below.socket.close()


class Wire:
    """One WebSocket connection: whole binary messages in both directions."""

    def __init__(self, websocket: WebSocketConnection, tap: Tap) -> None:
        """Join a WebSocket with the stream below it."""
        self._websocket = websocket
        self._framing = FrameProtocol(client=True, extensions=[])
        self.tap = tap

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send messages, all in one write; a cancelled send cuts the connection.

        trio-websocket would take several rounds of the event loop for each of them: in a process
        with many clients that is what limits how many messages each can send.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        if self._websocket.closed is not None:
            raise ConnectionLostError(_sentence(self._websocket.closed))
        frames = b"".join([self._framing.send_data(message) for message in messages])
        try:
            await self.tap.send_all(frames)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ConnectionLostError(LOST) from None
        except trio.Cancelled:
            self.abort()
            raise

    async def receive(self) -> bytes:
        """Wait for the next message.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        try:
            message = await self._websocket.get_message()
        except ConnectionClosed as error:
            raise ConnectionLostError(_sentence(error.reason)) from None
        if isinstance(message, str):
            self.abort()
            raise ConnectionLostError("the server sent text where binary messages belong")
        return message

    async def close(self) -> None:
        """Close with WebSocket's own farewell."""
        await self._websocket.aclose()

    def abort(self) -> None:
        """Cut the connection now."""
        self.tap.abort()


@asynccontextmanager
async def dial(address: Address, timeout_s: float) -> AsyncIterator[Wire]:
    """Connect; the connection is cut, if it still stands, when the block ends.

    Raises:
        ConnectionLostError: No connection came about within ``timeout_s``, or the server's HTTP
            side refused it.
    """
    try:
        async with background() as nursery:
            wire = await _connect(nursery, address, timeout_s)
            try:
                yield wire
            finally:
                wire.abort()
    except ConnectionRejected as error:
        sentence = f"{address.host_header} refused with HTTP status {error.status_code}"
        raise ConnectionLostError(sentence) from None


async def _connect(nursery: trio.Nursery, address: Address, timeout_s: float) -> Wire:
    try:
        with trio.fail_after(timeout_s):
            tap = Tap(await _open_stream(address))
            return Wire(await _shake_hands(nursery, tap, address), tap)
    except trio.TooSlowError:
        sentence = f"{address.host_header} did not answer within {timeout_s:g} s"
    except (OSError, trio.BrokenResourceError) as error:
        sentence = f"cannot reach {address.host_header}: {_plain(error)}"
    raise ConnectionLostError(sentence)


async def _shake_hands(nursery: trio.Nursery, tap: Tap, address: Address) -> WebSocketConnection:
    """Do the opening handshake; trio-websocket itself would wait for ever on a broken stream."""
    made: WebSocketConnection | None = None

    async def give_up_at_the_end() -> None:
        await tap.ended.wait()
        scope.cancel()

    with trio.CancelScope() as scope:
        nursery.start_soon(give_up_at_the_end)
        made = await wrap_client_stream(
            nursery,
            tap,  # type: ignore[arg-type]  # its own documentation allows any trio.abc.Stream
            address.host_header,
            address.resource,
            subprotocols=[SUBPROTOCOL],
            message_queue_size=QUEUED_MESSAGES,
            max_message_size=MAX_MESSAGE_BYTES,
            receive_buffer_size=RECEIVE_BYTES,
        )
    if made is None:
        raise ConnectionLostError(f"{address.host_header} hung up during the handshake")
    return made


async def _open_stream(
    address: Address,
) -> "trio.SocketStream | trio.SSLStream[trio.SocketStream]":
    if address.tls:
        stream = await trio.open_ssl_over_tcp_stream(
            address.host, address.port, https_compatible=True
        )
        try:
            await stream.do_handshake()
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        return stream
    return await trio.open_tcp_stream(address.host, address.port)


def _plain(error: BaseException) -> str:
    """Return the first cause's words: trio gathers those of all addresses tried."""
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        reason = error.__cause__.verify_message
        return f"its certificate is not trusted ({reason}); SSL_CERT_FILE may name one that is"
    if isinstance(error.__cause__, ssl.SSLError):
        return "it does not speak TLS there"
    causes = error.__cause__.exceptions if isinstance(error.__cause__, BaseExceptionGroup) else ()
    first = causes[0] if causes else error
    words = first.strerror if isinstance(first, OSError) and first.strerror else str(first)
    return words.lower() or type(first).__name__


def _sentence(reason: CloseReason | None) -> str:
    if reason is None or reason.code == ABNORMAL:
        return LOST
    return f"the server closed the connection: {reason.reason or reason.name.lower()}"
