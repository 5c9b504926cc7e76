"""The fast lane: takes short messages of wanted kinds out of a peer's stream of frames.

Law: only a whole, final, masked, short binary frame that stands between messages is looked into,
and only a payload that begins as wanted is taken; every other byte goes up unchanged and in order,
with its frames walked and judged like any others.

A payload's first two bytes decide, or its first four. This floor knows them as given bytes, not
what they mean.

::

    0x82  0x80 | length(7)   mask (4)   payload (2 to 125, XOR mask)
"""

from collections.abc import Callable, Collection
from typing import Final

from gameserver.transports.websocket.frames import FrameHead, FrameWalker

Take = Callable[[bytes], object]
"""Gets one payload; called within a tick, so it must not block."""

HEAD_BYTES: Final = 2
"""How much of a payload usually tells whether it is wanted."""

LONG_HEAD_BYTES: Final = 4
"""How much does so where the first bytes say only that more follow."""

_BINARY: Final = 0x82
"""First byte of a final binary frame without extensions."""
_HEADER: Final = 6
"""A short masked frame's header."""
_SHORTEST: Final = _HEADER + HEAD_BYTES
_LENGTHS: Final = range(0x80 + HEAD_BYTES, 0x80 + 126)
"""Second bytes of the frames that are looked into: masked, not empty, with a length of 7 bits."""
LANE_BYTES: Final = 125
"""Longest payload that is taken; longer ones have a longer header."""
_LONGEST: Final = LANE_BYTES + 1
_REPEATED: Final = [sum(1 << 32 * i for i in range((n + 3) // 4)) for n in range(_LONGEST)]
"""Times a mask this is the mask over and over, for each length of payload."""
_ALL_ONES: Final = [(1 << 8 * n) - 1 for n in range(_LONGEST)]


class Lane:
    """Sorts one peer's stream."""

    def __init__(self, walker: FrameWalker, heads: Collection[bytes], take: Take) -> None:
        """Join in at a point where the walker stands.

        Args:
            walker: Has walked all bytes so far, and walks those that go up.
            heads: First `HEAD_BYTES` or `LONG_HEAD_BYTES` bytes of the payloads that are wanted.
            take: Gets them.
        """
        self._walker = walker
        self._heads = frozenset(heads)
        self._take = take
        self._kept = b""
        self._between = walker.at_boundary

    def take_one(self, data: bytes) -> bool:
        """Take ``data`` if it is exactly one wanted frame, as nearly every read is.

        Returns:
            Whether it was taken; if not, it must be fed.
        """
        size = len(data)
        if (
            not self._between
            or self._kept
            or not _SHORTEST <= size < _HEADER + _LONGEST
            or data[0] != _BINARY
            or data[1] != 0x80 + size - _HEADER
        ):
            return False
        payload = _unmasked(data[2:], size - _HEADER)
        if payload[:HEAD_BYTES] not in self._heads and not self._has_long_head(payload):
            return False
        self._take(payload)
        return True

    def feed(self, data: bytes) -> tuple[bytes, list[FrameHead]]:
        """Sort the next piece of the stream.

        An incomplete frame that may be wanted is kept until its rest comes: at most 130 bytes.

        Returns:
            What goes up, and the headers of the frames that end their header in it.

        Raises:
            FrameFaultError: The stream is bad from here on.
        """
        if self._kept:
            data = self._kept + data
            self._kept = b""
        size = len(data)
        at = 0
        up = b""
        heads: list[FrameHead] = []
        while at < size:
            if self._between and data[at] == _BINARY:
                if size - at < 2:
                    self._kept = data[at:]
                    break
                length = data[at + 1]
                if length in _LENGTHS:
                    begin = at + _HEADER
                    end = begin + length - 0x80
                    if end > size:
                        self._kept = data[at:]
                        break
                    payload = _unmasked(data[at + 2 : end], end - begin)
                    if payload[:HEAD_BYTES] in self._heads or self._has_long_head(payload):
                        self._take(payload)
                        at = end
                        continue
            begin = at
            at = self._walker.walk_frame(data, at, heads)
            up += data[begin:at]
            self._between = self._walker.at_boundary
        return up, heads

    def _has_long_head(self, payload: bytes) -> bool:
        return payload[:LONG_HEAD_BYTES] in self._heads

    def close(self) -> tuple[bytes, list[FrameHead]]:
        """Stop taking; return what was kept as `feed` returns what goes up."""
        kept, self._kept = self._kept, b""
        return kept, self._walker.feed(kept)


def _unmasked(masked: bytes, length: int) -> bytes:
    """Return a payload in clear (RFC 6455, 5.3), from mask and payload behind each other.

    As long numbers, which is quick in Python.
    """
    number = int.from_bytes(masked, "little")
    key = (number & 0xFFFFFFFF) * _REPEATED[length] & _ALL_ONES[length]
    return ((number >> 32) ^ key).to_bytes(length, "little")
