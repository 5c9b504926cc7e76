"""Turn a peer's bytes into messages: parse them, check limits, and give them to lane or queue.

Law: the protocol parses every byte, except those that `Intake.take_one` takes; nothing else here
reads a frame's header. Limits are checked after parsing. A batch of bytes may hold hundreds of
frames; `ListenSettings.receive_bytes` bounds a batch.
"""

import logging
from collections import deque
from collections.abc import Collection
from typing import Final

import trio
from websockets.frames import CTRL_OPCODES, Close, CloseCode, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from gameserver.transports.link import Take
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.frames import FrameWalker, cut_reason
from gameserver.transports.websocket.lane import (
    HEAD_BYTES,
    LANE_BYTES,
    LONG_HEAD_BYTES,
    Lane,
)

_LANE_LENGTHS: Final = range(HEAD_BYTES, LANE_BYTES + 1)

QUIET: Final = logging.getLogger("bench.spikes.websockets_sansio")
"""The protocol asks it once for each connection whether to log each frame."""
QUIET.setLevel(logging.WARNING)


class Intake:
    """Turns one peer's bytes into messages.

    Attributes:
        messages: Whole messages for `receive`, the oldest first.
        ended: Whether no more messages will come: the peer left, closed or broke a rule.
        fault: The rule that the peer broke; empty while it has broken none.
        bytes_in: Bytes received so far.
        protocol: Parses received bytes, and makes control frames.
        controls: Pings, pongs and close frames received so far.
    """

    def __init__(self, protocol: ServerProtocol, settings: ListenSettings) -> None:
        """Use a protocol whose handshake is done."""
        self.messages: deque[bytes] = deque()
        self.ended = False
        self.fault = ""
        self.bytes_in = 0
        self.controls = 0
        self.protocol = protocol
        self._settings = settings
        self._heads: frozenset[bytes] = frozenset()
        self._take: Take | None = None
        self._parts: list[bytes] = []
        self._unparsed = 0
        self._control_left = float(settings.control_burst)
        self._control_at = trio.current_time()

    def sort_by(self, heads: Collection[bytes], take: Take | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take``; None gives it none."""
        self._heads, self._take = frozenset(heads), take
        if take is not None:
            self._short = Lane(FrameWalker(0, 0), heads, take)

    def feed(self, data: bytes) -> bytes:
        """Parse the next bytes, empty at the end of the stream; return the bytes to be sent."""
        protocol = self.protocol
        self.bytes_in += len(data)
        self._unparsed += len(data)
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
        for frame in protocol.events_received():
            assert isinstance(frame, Frame)
            self._unparsed -= _frame_bytes(len(frame.data))
            if frame.opcode is Opcode.BINARY and frame.fin:
                self._sort(bytes(frame.data))
            elif fault := self._judge(frame):
                self._fail(*fault)
                break
        if protocol.parser_exc is not None and not self.fault:
            self.fault = str(protocol.parser_exc)
        self.ended = self.ended or protocol.eof_sent or not data
        return b"".join(protocol.data_to_send())

    def take_one(self, data: bytes) -> bool:
        """Take ``data`` if it is exactly one frame for the lane, without the protocol.

        Returns:
            Whether it was taken; if not, the caller must `feed` it.
        """
        if self._unparsed or self._parts or self._take is None or not self._short.take_one(data):
            return False
        self.bytes_in += len(data)
        return True

    def close(self, code: int, reason: str) -> bytes:
        """Return the close frame; empty if one was sent already."""
        if self.protocol.state is OPEN:
            self.protocol.send_close(code, cut_reason(reason))
        return b"".join(self.protocol.data_to_send())

    @property
    def closed_with(self) -> Close | None:
        """The code and the reason of the peer's close frame."""
        return self.protocol.close_rcvd

    def _sort(self, message: bytes) -> None:
        if self._take is not None and len(message) in _LANE_LENGTHS:
            heads = self._heads
            wanted = message[:HEAD_BYTES] in heads or message[:LONG_HEAD_BYTES] in heads
            if wanted and self._take(message) is not False:
                return
        self.messages.append(message)

    def _judge(self, frame: Frame) -> tuple[CloseCode, str] | None:
        """Check the limits that the protocol lacks; return code and reason if one is exceeded."""
        if frame.opcode in CTRL_OPCODES:
            return self._count_control()
        if frame.opcode is Opcode.TEXT:
            return CloseCode.UNSUPPORTED_DATA, "only binary messages are taken here"
        self._parts.append(bytes(frame.data))
        if len(self._parts) > self._settings.fragments:
            sentence = f"a message may have {self._settings.fragments} fragments"
            return CloseCode.POLICY_VIOLATION, sentence
        if frame.fin:
            # Not for the lane, whose messages are single frames.
            self.messages.append(b"".join(self._parts))
            self._parts.clear()
        return None

    def _count_control(self) -> tuple[CloseCode, str] | None:
        self.controls += 1
        now = trio.current_time()
        refilled = self._control_left + (now - self._control_at) * self._settings.control_per_s
        self._control_left = min(refilled, self._settings.control_burst) - 1
        self._control_at = now
        if self._control_left < 0:
            return CloseCode.POLICY_VIOLATION, "too many pings"
        return None

    def _fail(self, code: CloseCode, sentence: str) -> None:
        """Close with a code, and drop the pongs for the same batch."""
        self.fault = sentence
        self._take = None
        self.protocol.data_to_send()
        if not self.protocol.eof_sent:
            self.protocol.fail(code, cut_reason(sentence))


def _frame_bytes(payload: int) -> int:
    """Return the size of a masked frame whose length has the shortest form.

    If a peer uses a longer form, the count of unparsed bytes never returns to 0. The shortcut is
    not used then, and the protocol parses all its messages.
    """
    return payload + (6 if payload < 126 else 8 if payload < 1 << 16 else 14)
