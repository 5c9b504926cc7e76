"""The two roads of the load: a WebSocket, or requests one after the other on one connection.

Law: nothing waits; a wire sends what its player has when it is told to, and reads when it can.
"""

import os
import re
import socket
import struct
from typing import Final, Protocol

import msgpack

from bench.pollers.player import Player

OPENING: Final = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: gameserver.v1\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HEAD: Final = (
    b"POST /poll HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/msgpack\r\n"
    b"Content-Length: %d\r\n\r\n"
)
LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
JOIN_WAIT_MS: Final = 200
READ_BYTES: Final = 1 << 16


class Wire(Protocol):
    """A player's connection."""

    player: Player
    sock: socket.socket
    requests: int

    def flush(self, *, wait_ms: int = 0) -> None:
        """Send what the player has said; a poll is sent in any case, unless one is on its way."""
        ...

    def readable(self) -> None:
        """Read, and give the player what came."""
        ...


def dial(port: int) -> socket.socket:
    """Connect."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Polls:
    """Long polling: one request at a time."""

    def __init__(self, player: Player, port: int) -> None:
        """Connect, and say hello."""
        self.player, self.sock = player, dial(port)
        self.requests = 0
        self._link, self._confirmed = os.urandom(16), 0
        self._asked, self._in = False, b""
        player.hello()
        self.flush(wait_ms=JOIN_WAIT_MS)

    def flush(self, *, wait_ms: int = 0) -> None:
        """Poll, unless the last poll is not answered."""
        if self._asked or self.player.fault:
            return
        self._asked = True
        self.requests += 1
        said, self.player.out = self.player.out[:64], self.player.out[64:]
        body = msgpack.packb([self._link, self.requests, self._confirmed, wait_ms, said])
        self.sock.sendall(HEAD % len(body) + body)

    def readable(self) -> None:
        """Take a response; while the match has not begun, poll again at once."""
        data = self.sock.recv(READ_BYTES)
        if not data:
            self.player.fault = self.player.fault or "the connection ended"
        self._in += data
        head, end, rest = self._in.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or length is None or len(rest) < int(length[1]):
            return
        self._in, self._asked = b"", False
        if b" 200 " not in head[:13]:
            self.player.fault = rest.decode("utf-8", "replace")
            return
        _, first, messages, ending = msgpack.unpackb(rest)
        for number, message in enumerate(messages, first):
            if number > self._confirmed:
                self.player.take(message)
        self._confirmed = max(self._confirmed, first + len(messages) - 1)
        if ending is not None:
            self.player.fault = self.player.fault or ending or "the link ended"
        if not self.player.playing:
            self.flush(wait_ms=JOIN_WAIT_MS)


class Frames:
    """A WebSocket."""

    def __init__(self, player: Player, port: int) -> None:
        """Connect, and say hello."""
        self.player, self.sock = player, dial(port)
        self.requests = 0
        self._open, self._in = False, b""
        self.sock.sendall(OPENING)

    def flush(self, *, wait_ms: int = 0) -> None:
        """Send each message as a frame."""
        del wait_ms
        if not self._open or self.player.fault:
            return
        said, self.player.out = self.player.out, []
        for message in said:
            self.requests += 1
            size = len(message)
            head = b"\x82" + (
                bytes((0x80 | size,)) if size < 126 else b"\xfe" + struct.pack("!H", size)
            )
            self.sock.sendall(head + b"\0\0\0\0" + message)

    def readable(self) -> None:
        """Take frames; answer at once."""
        data = self.sock.recv(READ_BYTES)
        if not data:
            self.player.fault = self.player.fault or "the connection ended"
        self._in += data
        if not self._open:
            _, end, rest = self._in.partition(b"\r\n\r\n")
            if not end:
                return
            self._open, self._in = True, rest
            self.player.hello()
        while (found := _frame(self._in)) is not None:
            opcode, message, self._in = found
            if opcode == 2:
                self.player.take(message)
        if self.player.out and not self.player.playing:
            self.flush()


def _frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Return opcode and payload of the first frame, and what is behind it."""
    if len(data) < 4:
        return None
    size, at = data[1], 2
    if size == 126:
        size, at = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, at = int.from_bytes(data[2:10], "big"), 10
    end = at + size
    return None if len(data) < end else (data[0] & 15, data[at:end], data[end:])
