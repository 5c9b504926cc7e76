"""Compressed messages of a WebSocket (permessage-deflate), each for itself.

Law: a peer's compressed message becomes a plain frame before anything else reads it, and no more is
inflated than a message may have, whatever its bytes promise (threat 10). All other frames pass
unchanged, wrong ones too: the frame walker behind refuses them.

::

    compressed    first frame with bit RSV1; the payloads of all frames together, with 00 00 FF FF
                  behind them, are one deflate stream

Source: RFC 7692, sections 6 and 7.2.
"""

import struct
import zlib
from typing import Final

from gameserver.accel.frameform import BINARY, LENGTH_16, LENGTH_64, MASKED
from gameserver.transports.websocket.frames import CloseCode, FrameFaultError

COMPRESSED: Final = 0x40
"""RSV1: this frame begins a compressed message."""

LEVEL: Final = 1
"""Level 6 saves a tenth more for two to three times the time (docs/performance.md)."""

_TAIL: Final = b"\x00\x00\xff\xff"
_FINAL: Final = 0x80
_OPCODE: Final = 0x0F
_LENGTH: Final = 0x7F
_CONTROL: Final = 0x08
_NO_MASK: Final = bytes(4)


def deflated_frame(payload: bytes, bits: int) -> bytes | None:
    """Return a binary message as one compressed frame; None if it would not be shorter."""
    squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, -bits)
    data = squeezer.compress(payload) + squeezer.flush(zlib.Z_SYNC_FLUSH)
    data = data.removesuffix(_TAIL)
    if len(data) >= len(payload):
        return None
    return _header(BINARY | COMPRESSED, 0, len(data)) + data


class Inflater:
    """Turns a client's stream of frames into one without compressed messages."""

    def __init__(self, max_message_bytes: int, max_fragments: int) -> None:
        """Start at a frame boundary.

        Args:
            max_message_bytes: Most bytes of a message, as they come and inflated.
            max_fragments: Most frames of a compressed message.
        """
        self._most = max_message_bytes
        self._max_fragments = max_fragments
        self._rest = b""
        self._passing = 0
        """Bytes of a payload that are passed on unchanged."""
        self._opcode = 0
        """Of the compressed message that is not complete; 0 without one."""
        self._parts: list[bytes] = []
        self._in_plain = False
        """Whether a fragmented message without compression is not complete."""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the stream; return those that come in their place.

        Raises:
            FrameFaultError: A compressed message breaks a rule; the inflater must not be used any
                more.
        """
        data, self._rest = self._rest + data, b""
        out = bytearray()
        at = 0
        while at < len(data):
            if self._passing:
                step = min(self._passing, len(data) - at)
                self._passing -= step
                out += data[at : at + step]
                at += step
                continue
            head = _Head.read(data, at)
            if head is None:
                break
            if not self._is_compressed(head):
                self._passing = head.length
                out += data[at : at + head.size]
                at += head.size
                continue
            self._check(head)
            end = at + head.size + head.length
            if end > len(data):
                break
            out += self._take(head, data[at + head.size : end])
            at = end
        self._rest = data[at:]
        return bytes(out)

    def _is_compressed(self, head: "_Head") -> bool:
        """Tell whether a frame belongs to a compressed message."""
        if head.first & _CONTROL or not head.masked:
            return False
        if self._opcode:
            return True
        if head.first & COMPRESSED and head.first & _OPCODE and not self._in_plain:
            return True
        self._in_plain = not head.first & _FINAL
        return False

    def _check(self, head: "_Head") -> None:
        """Check a frame before its payload has come."""
        if self._opcode and head.first & ~_FINAL:
            raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a frame is out of its message")
        if head.size != 4 + len(_header(0, 0, head.length)):
            raise FrameFaultError(CloseCode.PROTOCOL_ERROR, "a length is longer than it need be")
        if len(self._parts) >= self._max_fragments:
            sentence = f"a message may have {self._max_fragments} fragments"
            raise FrameFaultError(CloseCode.POLICY, sentence)
        if sum(map(len, self._parts)) + head.length > self._most:
            raise self._too_big()

    def _take(self, head: "_Head", masked: bytes) -> bytes:
        self._opcode = self._opcode or head.first & (_OPCODE | 0x30)
        self._parts.append(_unmasked(masked, head.mask))
        if not head.first & _FINAL:
            return b""
        whole, opcode = b"".join(self._parts), self._opcode
        self._parts, self._opcode = [], 0
        inflated = self._inflate(whole)
        return _header(_FINAL | opcode, MASKED, len(inflated)) + _NO_MASK + inflated

    def _inflate(self, data: bytes) -> bytes:
        try:
            inflated = zlib.decompressobj(-15).decompress(data + _TAIL, self._most + 1)
        except zlib.error:
            sentence = "a compressed message cannot be inflated"
            raise FrameFaultError(CloseCode.PROTOCOL_ERROR, sentence) from None
        if len(inflated) > self._most:
            raise self._too_big()
        return inflated

    def _too_big(self) -> FrameFaultError:
        return FrameFaultError(CloseCode.TOO_BIG, f"a message may have {self._most} bytes")


class _Head:
    """The header of a frame at some place in a stream."""

    __slots__ = ("first", "length", "mask", "masked", "size")

    def __init__(self, first: int, masked: bool, length: int, size: int, mask: bytes) -> None:
        self.first = first
        self.masked = masked
        self.length = length
        self.size = size
        self.mask = mask

    @classmethod
    def read(cls, data: bytes, at: int) -> "_Head | None":
        """Return the header at this index; None if it is not complete."""
        if len(data) < at + 2:
            return None
        length, masked = data[at + 1] & _LENGTH, bool(data[at + 1] & MASKED)
        end = at + 2 + (2 if length == LENGTH_16 else 8 if length == LENGTH_64 else 0)
        size = end - at + 4 * masked
        if len(data) < at + size:
            return None
        if end > at + 2:
            length = int.from_bytes(data[at + 2 : end], "big")
        return cls(data[at], masked, length, size, data[end : at + size])


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    number = int.from_bytes(data, "little") ^ int.from_bytes(key, "little")
    return number.to_bytes(size, "little")


def _header(first: int, masked: int, length: int) -> bytes:
    if length < LENGTH_16:
        return bytes((first, masked | length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, masked | LENGTH_16, length)
    return struct.pack("!BBQ", first, masked | LENGTH_64, length)
