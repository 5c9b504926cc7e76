"""WebSocket frames: parse the headers of a client's stream, and build the server's frames.

Law: the walker reads headers and never payloads. It works for any division of the stream into
pieces, and checks a frame before its payload has arrived.

::

    byte 0        byte 1                                               masked only
    F R R R opcode | M length(7) | 2 bytes if 126, 8 if 127 | mask (4) | payload

Accepted are only frames that this protocol uses: masked, binary or control, without extensions.

Source: RFC 6455, sections 5 and 7.4.
"""

import struct
from enum import IntEnum
from typing import Final

import attrs

from gameserver.accel.frameform import LENGTH_16, LENGTH_64, LONGEST_BYTES, MASKED

_FINAL: Final = 0x80
_RESERVED: Final = 0x70
_OPCODE: Final = 0x0F
_LENGTH: Final = 0x7F
_CONTROL: Final = 0x08

_LONGEST_CONTROL: Final = LONGEST_BYTES
"""Bytes of the longest control frame: its length stands in the second byte."""
_REASON_BYTES: Final = _LONGEST_CONTROL - 2


class Opcode(IntEnum):
    """Type of a frame."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """Reason for closing a connection (RFC 6455, 7.4.1)."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    UNSUPPORTED = 1003
    POLICY = 1008
    TOO_BIG = 1009


class FrameFaultError(Exception):
    """A peer's stream has an invalid or forbidden frame; the connection must be closed."""

    def __init__(self, code: CloseCode, sentence: str) -> None:
        """Store the code and the sentence for the close frame."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@attrs.frozen
class FrameHead:
    """The header of one frame."""

    opcode: Opcode
    final: bool
    length: int
    """Bytes of payload."""

    @property
    def is_control(self) -> bool:
        """Whether it is a close, ping or pong."""
        return bool(self.opcode & _CONTROL)


class FrameWalker:
    """Finds the frame headers in a stream that arrives in pieces.

    Attributes:
        messages: Messages so far, of which the header of the last frame has come.
    """

    def __init__(self, max_message_bytes: int, max_fragments: int, *, text: bool = False) -> None:
        """Start at a frame boundary.

        Args:
            max_message_bytes: Most bytes of a message, over all its frames.
            max_fragments: Most frames of a message.
            text: Whether text messages are taken.
        """
        self.messages: int = 0
        self._text = text
        self._max_message_bytes = max_message_bytes
        self._max_fragments = max_fragments
        self._head = bytearray()
        self._payload_left = 0
        self._fragments = 0
        self._message_bytes = 0

    @property
    def at_boundary(self) -> bool:
        """Whether the next byte begins a message: no frame or fragmented message is incomplete."""
        return not self._head and not self._payload_left and not self._fragments

    def feed(self, data: bytes) -> list[FrameHead]:
        """Process the next piece of the stream; return the headers that are complete with it.

        Raises:
            FrameFaultError: A frame is invalid; the walker must not be used any more.
        """
        heads: list[FrameHead] = []
        at = 0
        while at < len(data):
            at = self.walk_frame(data, at, heads)
        return heads

    def walk_frame(self, data: bytes, at: int, heads: list[FrameHead]) -> int:
        """Process data from index ``at`` to the end of the frame or data; return that index.

        If the frame's header is complete with this data, it is appended to ``heads``.

        Raises:
            FrameFaultError: A frame is invalid; the walker must not be used any more.
        """
        if not self._payload_left:
            while (missing := _head_size(self._head) - len(self._head)) and at < len(data):
                self._head += data[at : at + missing]
                at += missing
            if missing:
                return len(data)
            heads.append(self._judge())
        step = min(self._payload_left, len(data) - at)
        self._payload_left -= step
        return at + step

    def _judge(self) -> FrameHead:
        head = _parse(self._head)
        self._head.clear()
        if not head.is_control:
            self._count(head)
        self._payload_left = head.length
        return head

    def _count(self, head: FrameHead) -> None:
        """Check that a data frame continues its message, and count its fragments and bytes."""
        if head.opcode is Opcode.TEXT and not self._text:
            raise FrameFaultError(CloseCode.UNSUPPORTED, "only binary messages are taken here")
        if (head.opcode is Opcode.CONTINUATION) != (self._fragments > 0):
            raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a frame is out of its message")
        self._fragments += 1
        self._message_bytes += head.length
        if self._message_bytes > self._max_message_bytes:
            sentence = f"a message may have {self._max_message_bytes} bytes"
            raise FrameFaultError(CloseCode.TOO_BIG, sentence)
        if self._fragments > self._max_fragments:
            sentence = f"a message may have {self._max_fragments} fragments"
            raise FrameFaultError(CloseCode.POLICY, sentence)
        if head.final:
            self._fragments = self._message_bytes = 0
            self.messages += 1


def _head_size(head: bytearray) -> int:
    """Return the length of a header in bytes, as far as its first two bytes are known."""
    if len(head) < 2:
        return 2
    length = head[1] & _LENGTH
    extended = 2 if length == LENGTH_16 else 8 if length == LENGTH_64 else 0
    masked = 4 if head[1] & MASKED else 0
    return 2 + extended + masked


def _parse(head: bytearray) -> FrameHead:
    if head[0] & _RESERVED:
        raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "reserved bits are set")
    if not head[1] & MASKED:
        raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a client must mask its frames")
    number = head[0] & _OPCODE
    if number not in _OPCODES:
        raise FrameFaultError(CloseCode.PROTOCOL_ERROR, f"opcode {number} is unknown")
    parsed = FrameHead(Opcode(number), bool(head[0] & _FINAL), _payload_length(head))
    if parsed.is_control and (not parsed.final or parsed.length > _LONGEST_CONTROL):
        raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a control frame is long or in parts")
    return parsed


def _payload_length(head: bytearray) -> int:
    length = head[1] & _LENGTH
    least = 0
    if length == LENGTH_16:
        (length,) = struct.unpack_from("!H", head, 2)
        least = LENGTH_16
    elif length == LENGTH_64:
        (length,) = struct.unpack_from("!Q", head, 2)
        least = 1 << 16
    if length < least:
        raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a length is longer than it need be")
    return length


_OPCODES: Final = frozenset(int(opcode) for opcode in Opcode)


# --- our own frames: final, not masked -----------------------------------------------------------


def close_frame(code: CloseCode, sentence: str) -> bytes:
    """Return a close frame; a sentence that is too long is cut."""
    payload = struct.pack("!H", code) + cut_reason(sentence).encode()
    return bytes((_FINAL | Opcode.CLOSE, len(payload))) + payload


def cut_reason(sentence: str) -> str:
    """Return the longest start of a sentence that a close frame can hold (123 bytes)."""
    return sentence.encode()[:_REASON_BYTES].decode(errors="ignore")
