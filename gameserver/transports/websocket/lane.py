"""The fast lane: extracts short messages of certain kinds from a peer's stream of frames.

Law: the lane decodes a frame only if it is whole, final, masked, short, binary and not part of a
fragmented message, and extracts it only if its payload begins with one of the wanted heads. All
other bytes go to the library unchanged and in order, and their frames are checked as usual.

A head has two or four bytes. The heads are an argument; this layer does not know their meaning.
`gameserver.accel.frameform` draws the frame.
"""

from collections.abc import Collection
from typing import Final

from gameserver.accel import FrameTap, Take, hot
from gameserver.accel.frameform import BINARY, HEADER_BYTES, LEAST_BYTES, LONGEST_BYTES, MASKED
from gameserver.transports.websocket.frames import FrameHead, FrameWalker

HEAD_BYTES: Final = LEAST_BYTES
"""Length of a usual head."""

LONG_HEAD_BYTES: Final = 4
"""Length of a head for messages that begin with a long msgpack array header."""

_LENGTHS: Final = range(MASKED + LEAST_BYTES, MASKED + LONGEST_BYTES + 1)
"""Second bytes of the frames that are decoded: masked, not empty, with a length of 7 bits."""
LANE_BYTES: Final = LONGEST_BYTES
"""Longest payload that is extracted; longer ones have a longer header."""


class Lane:
    """Separates the wanted messages of one peer's stream from all other bytes.

    Attributes:
        tap: Takes the wanted frames at the front of what was read, which is all of it for most
            reads; `feed` must be given the rest.
    """

    def __init__(self, walker: FrameWalker, heads: Collection[bytes], take: Take) -> None:
        """Begin at the byte that the walker has reached.

        Args:
            walker: Has checked all bytes so far, and checks those for the library.
            heads: First `HEAD_BYTES` or `LONG_HEAD_BYTES` bytes of the wanted payloads.
            take: Called with each wanted payload; if it returns False, the message goes to the
                library. It may be called twice with the same payload.
        """
        self._walker = walker
        self._heads = frozenset(heads)
        self._take = take
        self._kept = b""
        self._between = walker.at_boundary
        self.tap: FrameTap = hot.tap(self._heads, take)
        self.tap.ready = self._between

    def feed(self, data: bytes) -> tuple[bytes, list[FrameHead]]:
        """Extract the wanted messages from the next bytes of the stream.

        An incomplete frame that may be wanted is kept until its rest comes: at most 130 bytes.

        Returns:
            The bytes for the library, and the headers that are complete with them.

        Raises:
            FrameFaultError: A frame is invalid; the lane must not be used any more.
        """
        self.tap.ready = False
        if self._kept:
            data = self._kept + data
            self._kept = b""
        size = len(data)
        at = 0
        up = b""
        heads: list[FrameHead] = []
        while at < size:
            if self._between and data[at] == BINARY:
                if size - at < 2:
                    self._kept = data[at:]
                    break
                length = data[at + 1]
                if length in _LENGTHS:
                    begin = at + HEADER_BYTES
                    end = begin + length - MASKED
                    if end > size:
                        self._kept = data[at:]
                        break
                    payload = hot.unmasked(data[at + 2 : end], end - begin)
                    wanted = payload[:HEAD_BYTES] in self._heads or self._has_long_head(payload)
                    if wanted and self._take(payload) is not False:
                        at = end
                        continue
            begin = at
            at = self._walker.walk_frame(data, at, heads)
            up += data[begin:at]
            self._between = self._walker.at_boundary
        self.tap.ready = self._between and not self._kept
        return up, heads

    def _has_long_head(self, payload: bytes) -> bool:
        return payload[:LONG_HEAD_BYTES] in self._heads

    def close(self) -> tuple[bytes, list[FrameHead]]:
        """Stop extracting messages; return the kept bytes for the library, as `feed` does."""
        self.tap.ready = False
        kept, self._kept = self._kept, b""
        return kept, self._walker.feed(kept)
