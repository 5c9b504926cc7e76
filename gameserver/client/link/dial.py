"""Open the WebSocket connection to a server; send and receive whole messages.

Law: every failure of a connection is raised as `ConnectionLostError`, with a sentence for people. A
cancelled send may leave a part of a frame in the stream, so `WebSocketWire.send` then aborts the
connection.
"""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

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

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.farewell import LOST
from gameserver.client.link.refusals import cause_of, hung_up, other_websocket, refused
from gameserver.client.link.streams import OpenStream
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConnectionLostError
from gameserver.messages.wire import SUBPROTOCOL
from gameserver.text import shown

MAX_MESSAGE_BYTES: Final = 1 << 20
"""Largest message accepted from a server: a map has tens of KiB, a keyframe a few."""

QUEUED_MESSAGES: Final = 64
"""Messages read ahead of the client. When full: reading stops, so that TCP slows the server."""

RECEIVE_BYTES: Final = 1 << 16
"""Most bytes read from the stream at once."""

ABNORMAL: Final = 1006
"""WebSocket's code for an end without a close frame (RFC 6455, 7.1.5)."""

FIRST_BYTES: Final = 16
"""Bytes of a server's first answer that are kept, to recognise its protocol."""

OPENING_BYTES: Final = 1 << 18
"""Most bytes accepted during the handshake: enough for messages that a server sends right behind
its response, and a bound for an endless response (threat 46)."""

_ABORT: Final = struct.pack("ii", 1, 0)
"""``SO_LINGER`` on with a time of 0: closing the socket sends a TCP reset."""


class Tap(trio.abc.Stream):
    """The byte stream below a WebSocket: counts bytes and records its end.

    Attributes:
        ended: Set when no more bytes come, or the handshake exceeded `OPENING_BYTES`.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        """Wrap a connected TCP or TLS stream."""
        self._stream = stream
        self._turn = trio.StrictFIFOLock()
        self.ended: trio.Event = trio.Event()
        self.bytes_in: int = 0
        self.bytes_out: int = 0
        self.opening = True
        """Whether the handshake is not finished: then `OPENING_BYTES` applies."""
        self.first: bytes = b""
        """The first bytes received: they show the server's protocol."""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send and count bytes; a lock keeps the frames of several tasks apart."""
        try:
            # Not `acquire`, whose checkpoint costs a pass of the loop; `send_all` has its own.
            self._turn.acquire_nowait()
        except trio.WouldBlock:
            await self._turn.acquire()
        try:
            self.bytes_out += len(data)
            await self._stream.send_all(data)
        finally:
            self._turn.release()

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the stream below may take bytes."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive and count bytes; empty at the end of the stream."""
        data: bytes | bytearray = b""
        try:
            data = await self._stream.receive_some(max_bytes)
        finally:
            if not data:
                self.ended.set()
        self.bytes_in += len(data)
        if self.opening and self.bytes_in > OPENING_BYTES:
            self.ended.set()
            return b""
        if len(self.first) < FIRST_BYTES:
            self.first += data[:FIRST_BYTES]
        return data

    async def aclose(self) -> None:
        """Close the stream below."""
        self.ended.set()
        await self._stream.aclose()

    def abort(self) -> None:
        """Abort the TCP connection without a close frame; the peer sees a reset."""
        stream = self._stream
        below = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
        if not isinstance(below, trio.SocketStream):
            trio.lowlevel.spawn_system_task(trio.aclose_forcefully, stream)
        elif below.socket.fileno() != -1:
            below.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            below.socket.close()


class WebSocketWire:
    """One WebSocket connection, a `Wire`: whole binary messages in both directions."""

    def __init__(self, websocket: WebSocketConnection, tap: Tap) -> None:
        """Use an open WebSocket; ``tap`` is the stream below it."""
        self.road = "websocket"
        self._websocket = websocket
        self._framing = FrameProtocol(client=True, extensions=[])
        self._tap = tap

    @property
    def bytes_in(self) -> int:
        """Bytes of the TCP stream received so far, frames and handshake included."""
        return self._tap.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes of the TCP stream sent so far, frames and handshake included."""
        return self._tap.bytes_out

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send all messages in one write; a cancelled send aborts the connection.

        Frames are built here because trio-websocket needs several passes of the event loop per
        message, which limits the message rate of a process with many clients.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        if self._websocket.closed is not None:
            raise ConnectionLostError(_sentence(self._websocket.closed))
        frames = b"".join([self._framing.send_data(message) for message in messages])
        try:
            await self._tap.send_all(frames)
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
        """Close the connection with WebSocket's closing handshake."""
        await self._websocket.aclose()

    def abort(self) -> None:
        """Abort the TCP connection now."""
        self._tap.abort()


@asynccontextmanager
async def dial(
    address: Address, timeout_s: float, opens: OpenStream | None = None
) -> AsyncIterator[WebSocketWire]:
    """Open a connection; it is aborted at the end of the block if it is still open.

    Raises:
        ConnectionLostError: No connection was made within ``timeout_s``, or the server refused the
            handshake.
    """
    async with background() as nursery:
        wire = await _connect(nursery, address, timeout_s, opens)
        try:
            yield wire
        finally:
            wire.abort()


async def _connect(
    nursery: trio.Nursery, address: Address, timeout_s: float, opens: OpenStream | None
) -> WebSocketWire:
    there = address.host_header
    try:
        with trio.fail_after(timeout_s):
            tap = Tap(await (opens or streams.open_stream)(address))
            try:
                return WebSocketWire(await _shake_hands(nursery, tap, address), tap)
            except BaseException:
                tap.abort()
                raise
    except trio.TooSlowError:
        raise SilentError(f"{there} did not answer within {timeout_s:g} s") from None
    except (OSError, UnicodeError) as error:
        raise NoWayError(f"cannot reach {there}: {cause_of(error, address)}") from None
    except trio.BrokenResourceError as error:
        raise ConnectionLostError(f"cannot reach {there}: {cause_of(error, address)}") from None


@attrs.define(eq=False)
class _Reader:
    """Stands in for the nursery in which trio-websocket starts its reading task.

    An exception of that task, such as a refused handshake or a library's error on unexpected bytes,
    ends this connection only.
    """

    nursery: trio.Nursery
    tap: Tap
    failure: Exception | None = None

    def start_soon(self, read: Callable[[], Awaitable[None]]) -> None:
        """Start the reading task; trio-websocket calls this once."""
        self.nursery.start_soon(self._read, read)

    async def _read(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except Exception as error:
            self.failure = error
            self.tap.abort()
        finally:
            self.tap.ended.set()


async def _shake_hands(nursery: trio.Nursery, tap: Tap, address: Address) -> WebSocketConnection:
    """Do the opening handshake.

    It is cancelled when the stream ends: trio-websocket alone would wait for ever.

    Raises:
        ConnectionLostError: The handshake failed or was refused.
    """
    made: WebSocketConnection | None = None
    reader = _Reader(nursery, tap)

    async def give_up_at_the_end() -> None:
        await tap.ended.wait()
        scope.cancel()

    with trio.CancelScope() as scope:
        nursery.start_soon(give_up_at_the_end)
        made = await wrap_client_stream(
            reader,  # type: ignore[arg-type]  # only `start_soon` is used
            tap,  # type: ignore[arg-type]  # the library's documentation allows any trio.abc.Stream
            address.host_header,
            address.resource,
            subprotocols=[SUBPROTOCOL],
            message_queue_size=QUEUED_MESSAGES,
            max_message_size=MAX_MESSAGE_BYTES,
            receive_buffer_size=RECEIVE_BYTES,
        )
    if isinstance(reader.failure, ConnectionRejected):
        said = reader.failure
        raise ConnectionLostError(
            refused(address.host_header, said.status_code, said.headers, said.body)
        )
    if made is None:
        raise ConnectionLostError(hung_up(address, tap.first))
    if made.closed is not None:
        there = address.host_header
        raise ConnectionLostError(f"{there} closed the connection right after the handshake")
    if made.subprotocol != SUBPROTOCOL:
        raise ConnectionLostError(other_websocket(address.host_header))
    tap.opening = False
    return made


def _sentence(reason: CloseReason | None) -> str:
    if reason is None or reason.code == ABNORMAL:
        return LOST
    return f"the server closed the connection: {shown(reason.reason or reason.name.lower(), 200)}"
