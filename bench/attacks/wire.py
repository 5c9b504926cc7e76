"""A client that can break all rules: raw WebSocket frames from a chosen address.

Law: a peer sends only what it is told to send. Received bytes are always counted, but decoded only
if an attack needs the messages.
"""

import ssl
import struct
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import attrs
import msgpack
import trio

from bench.rows import rows
from gameserver.messages.base import Request
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import LobbyConfig
from gameserver.messages.wire import PROTOCOL_VERSION, SUBPROTOCOL, Hello, Kind, RequestEnvelope
from gameserver.protocol.codec import encode
from gameserver.protocol.deltas import SnapshotSequence

HEAD: Final = (
    "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n{more}\r\n"
)

OPEN_S: Final = 10.0
"""Longest wait for a connection and its handshake."""


class PeerRefusedError(Exception):
    """The server refused this connection; the text is the first line of its answer."""


@attrs.frozen
class Target:
    """The server that is attacked."""

    host: str
    port: int

    @property
    def name(self) -> str:
        """Return host and port, as in the Host header of clients."""
        return f"{self.host}:{self.port}"


def trusting_anybody() -> ssl.SSLContext:
    """Return settings of TLS for a server whose certificate nobody vouches for."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def connect(target: Target, source: str = "") -> trio.SocketStream:
    """Connect from an address of this machine; from any address if ``source`` is empty."""
    socket = trio.socket.socket()
    try:
        if source:
            await socket.bind((source, 0))
        await socket.connect((target.host, target.port))
    except BaseException:
        socket.close()
        raise
    return trio.SocketStream(socket)


def frame(message: bytes, opcode: int = 2) -> bytes:
    """Return one masked frame; the mask is zero, which leaves the message as it is."""
    size = len(message)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    return head + b"\0\0\0\0" + message


class Peer:
    """A connection to the server under attack.

    Attributes:
        sent: Bytes sent after the handshake.
        received: Bytes received after it.
        open: Whether the connection is open.
        goodbye: The code of the server's goodbye, if there was one.
    """

    def __init__(self, stream: trio.SocketStream, source: str) -> None:
        """Take a stream whose handshake is done."""
        self.source = source
        self.sent = self.received = 0
        self.open = True
        self.goodbye = ""
        self.token = b""
        self.player_id = ""
        self.heard: Callable[[list[Any]], object] | None = None
        """Called with every received message, if set."""
        self._stream = stream
        self._ids = count(1)
        self._rest = b""
        self._snapshots = SnapshotSequence()
        self._answers: dict[int, list[Any]] = {}
        self._event = 0
        self._sending = trio.Lock()
        self._changed = trio.Event()

    @classmethod
    async def dial(cls, target: Target, source: str = "", more: str = "", host: str = "") -> "Peer":
        """Connect, and do the WebSocket handshake.

        Raises:
            PeerRefusedError: The server refuses, or does not answer.
        """
        try:
            with trio.fail_after(OPEN_S):
                stream = await connect(target, source)
                head = HEAD.format(host=host or target.name, more=more)
                await stream.send_all(head.encode())
                said = b""
                while b"\r\n\r\n" not in said:
                    data = await stream.receive_some(4096)
                    if not data:
                        break
                    said += data
        except (OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
            raise PeerRefusedError(str(error) or "no answer") from None
        first, _, rest = said.partition(b"\r\n")
        if b" 101 " not in first:
            await trio.aclose_forcefully(stream)
            raise PeerRefusedError(first.decode("latin-1"))
        peer = cls(stream, source)
        peer._rest = rest.partition(b"\r\n\r\n")[2]
        return peer

    # --- out ------------------------------------------------------------------------------------

    async def send(self, *messages: bytes) -> bool:
        """Send each as its own WebSocket message; return whether the connection is still open."""
        data = b"".join(map(frame, messages))
        if not self.open:
            return False
        try:
            with trio.move_on_after(OPEN_S) as scope:
                async with self._sending:
                    await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            scope.cancel()
        if scope.cancel_called:
            self.close()
            return False
        self.sent += len(data)
        return True

    async def request(self, request: Request) -> int:
        """Send a request without waiting for the answer; return its id."""
        number = next(self._ids)
        await self.send(encode(RequestEnvelope(number, request)))  # type: ignore[arg-type]
        return number

    async def ask(self, request: Request, within_s: float = OPEN_S) -> list[Any]:
        """Send a request and return the answer's row; empty if none came in time."""
        return await self.answer_to(await self.request(request), within_s)

    async def answer_to(self, number: int, within_s: float = OPEN_S) -> list[Any]:
        """Wait for the answer to a request; needs `listen` to run."""
        with trio.move_on_after(within_s):
            while number not in self._answers and self.open:
                await self._changed.wait()
        return self._answers.pop(number, [])

    async def hello(self, name: str, *, token: bytes = b"", within_s: float = OPEN_S) -> bool:
        """Sign in or resume; return whether the server sent a welcome."""
        await self.send(encode(Hello(PROTOCOL_VERSION, "attack", player_name=name, token=token)))
        with trio.move_on_after(within_s):
            while not self.player_id and not self.goodbye and self.open:
                if not await self._receive():
                    break
        return bool(self.player_id)

    async def lobby(self, size: int, bots: int = 0, title: str = "Den") -> LobbyConfig:
        """Return a lobby's configuration with the server's widest map, or as wide as it goes."""
        form = await self.ask(GetLobbyForm())
        if not form or form[0] != Kind.RESULT:
            return LobbyConfig(title, "", size, bots=bots)
        default, maps = form[2]["default"], form[2]["maps"]
        mode = default.get("options", {}).get(form[2].get("mode", ""))
        fitting = [each for each in maps if mode is None or mode in each.get("modes", ())]
        widest = max(fitting, key=lambda each: int(each["max_players"]))
        size = min(size, widest["max_players"], form[2]["max_size"])
        return LobbyConfig(title, widest["name"], size, bots=min(bots, size - 1))

    async def ack(self) -> None:
        """Acknowledge all events and answers received so far."""
        await self.send(msgpack.packb([Kind.ACK, self._event, 0]))

    def go_on_from(self, request_id: int) -> None:
        """Number the next requests from here on: those of a resumed session have lower ids."""
        self._ids = count(request_id)

    def close(self) -> None:
        """Close the connection without a goodbye."""
        self.open = False
        self._stream.socket.close()
        self._changed.set()

    # --- in -------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Receive and decode until the connection ends."""
        while await self._receive():
            pass

    async def drain(self) -> None:
        """Receive until the connection ends, and only count the bytes."""
        self._rest = b""
        while self.open:
            try:
                data = await self._stream.receive_some(65536)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                break
            if not data:
                break
            self.received += len(data)
        self.open = False

    async def _receive(self) -> bool:
        try:
            data = bytes(await self._stream.receive_some(65536))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""
        self.received += len(data)
        for row in self._rows(data):
            self._take(row)
        self._changed.set()
        self._changed = trio.Event()
        if not data:
            self.open = False
        return self.open

    def _rows(self, data: bytes) -> Iterator[list[Any]]:
        self._rest += data
        while len(self._rest) >= 2:
            size, at = self._rest[1] & 0x7F, 2
            if size == 126:
                size, at = int.from_bytes(self._rest[2:4], "big"), 4
            elif size == 127:
                size, at = int.from_bytes(self._rest[2:10], "big"), 10
            if len(self._rest) < at + size:
                return
            opcode, payload = self._rest[0] & 0x0F, self._rest[at : at + size]
            self._rest = self._rest[at + size :]
            if opcode == 2:
                yield from rows(payload, self._snapshots)

    def _take(self, row: list[Any]) -> None:
        match row[0]:
            case Kind.WELCOME:
                self.player_id, self.token = row[1]["player_id"], row[1]["token"]
            case Kind.RESULT | Kind.REFUSAL:
                self._answers[row[1]] = row
            case Kind.EVENT:
                self._event = row[1]
            case Kind.GOODBYE:
                self.goodbye = row[1].get("code", "")
        if self.heard is not None:
            self.heard(row)
