"""One player's two sockets on one hot path: what comes in by a drain, and what goes out.

A connection of the server does the same with more around it: the tap gets the front of what was
read, all else is read slowly, and both end in one queue, in order.
"""

import contextlib
import socket
from typing import Final

import attrs

from gameserver.accel import FrameTap, HotPath, InputQueue, LinkMeasure, LinkRules, Sender
from gameserver.ids import NO_SEAT, Seat, Tick

LINK: Final = LinkRules(window=20, drawing=4, max_rtt=6, max_jitter=3, max_view=192, view_units=16)
QUEUED: Final = 300


@attrs.define(eq=False)
class Connection:
    """The reading end: a member of a drain.

    Attributes:
        tap: Takes wanted short frames.
        queue: What the tap took and what was read slowly, in order.
    """

    tap: FrameTap
    queue: InputQueue
    ended: bool = False
    _rest: bytes = b""

    def received_nowait(self, data: bytes) -> None:
        """Give the tap the front, and read the rest frame by frame."""
        if not data:
            self.ended, self.tap.ready = True, False
            return
        used = self.tap.take(data)
        self._rest += data[used:]
        while payload := self._frame():
            self.queue(payload[0])
        self.tap.ready = not self._rest

    def _frame(self) -> tuple[bytes] | None:
        """Take one whole masked frame from the rest; None if there is none."""
        rest = self._rest
        if len(rest) < 2:
            return None
        length, at = rest[1] & 0x7F, 2
        if length == 126:
            length, at = int.from_bytes(rest[2:4], "big"), 4
        elif length == 127:
            length, at = int.from_bytes(rest[2:10], "big") & 0xFFF, 10
        end = at + 4 + length
        if len(rest) < end:
            return None
        mask = rest[at : at + 4]
        self._rest = rest[end:]
        return (bytes(byte ^ mask[n % 4] for n, byte in enumerate(rest[at + 4 : end])),)


@attrs.define(eq=False)
class Way:
    """The sending end: an outlet past which frames may go.

    Attributes:
        sender: What the hot path knows of the socket.
        waiting: Bytes that the socket has not taken.
    """

    sender: Sender
    _ours: socket.socket
    waiting: bytearray = attrs.field(factory=bytearray)

    def sent_in_part(self, frame: bytes, sent: int) -> None:
        """Keep the rest of a frame."""
        self.waiting += frame[sent:]
        self.sender.clear = False

    def offer(self, message: bytes) -> bool:
        """Queue a message as a frame, and send what the socket takes."""
        head = (
            bytes((0x82, len(message)))
            if len(message) < 126
            else b"\x82\x7e" + len(message).to_bytes(2, "big")
        )
        self.waiting += head + message
        self.flush()
        return True

    def flush(self) -> None:
        """Send what the socket takes now."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self.waiting:
                del self.waiting[: self._ours.send(self.waiting)]
        self.sender.clear = not self.waiting


@attrs.define(eq=False)
class Peer:
    """A player on one hot path: a viewer with a seat or without, and the far end of the sockets."""

    connection: Connection
    outlet: Way
    link: LinkMeasure
    far: socket.socket
    near: socket.socket
    seat: Seat
    seen: Tick = attrs.field(default=Tick(0))
    last_sent: Tick = attrs.field(default=Tick(0))
    in_sync: bool = True
    patience: int = 60
    got: bytearray = attrs.field(factory=bytearray)

    @classmethod
    def on(cls, hot: HotPath, heads: frozenset[bytes], seat: Seat = NO_SEAT) -> "Peer":
        """Connect a player on a hot path."""
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        for end in (near, far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        queue = hot.input_queue(QUEUED)
        tap = hot.tap(heads, queue)
        tap.ready = True
        sender = hot.sender(near.fileno())
        sender.clear = True
        way = Way(sender, near)
        return cls(Connection(tap, queue), way, hot.link_measure(LINK), far, near, seat)

    @property
    def sender(self) -> Sender:
        """What the hot path knows of the sockets."""
        return self.outlet.sender

    def saw(self, now: Tick, seen: Tick) -> None:
        """Note an acknowledgement."""
        if self.seen < seen <= self.last_sent:
            self.seen = seen
        self.link.saw(now, self.seen)

    def say(self, data: bytes) -> int:
        """Send bytes to the server; return how many its socket took."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            return self.far.send(data)
        return 0

    def read(self, most: int) -> None:
        """Read what the server has sent, up to some bytes."""
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            self.got += self.far.recv(most)

    @property
    def sent(self) -> bytes:
        """All bytes that were sent to the player or wait for it, read to the last one."""
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while data := self.far.recv(1 << 16):
                self.got += data
        return bytes(self.got + self.outlet.waiting)

    def close(self) -> None:
        """Close both ends."""
        self.near.close()
        self.far.close()
