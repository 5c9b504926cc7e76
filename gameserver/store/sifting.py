"""All whole frames of a journal's file, also those behind damages, while it is read in pieces.

Law: what is held is a payload and a piece of the file, however long it is; what is found passes its
checksum, and the search costs no more than `MOST_CHECKED` (35).
"""

import zlib
from collections.abc import Iterator
from typing import Final

from gameserver.store.frames import HEAD, LONGEST_PAYLOAD, ReadsBytes
from gameserver.store.salvage import BEGIN, MOST_CHECKED

_PIECE: Final = 1 << 18
"""Most bytes that are read at once."""

_LOOK: Final = 10
"""Bytes by which a frame is recognised."""


def sifted(file: ReadsBytes, most: int) -> Iterator[bytes]:
    """Yield the payloads of all whole frames of a file, from where it stands.

    A file whose first frame is not whole has none: it is the header.

    Args:
        file: Its payloads are held one at a time.
        most: Bytes that are read.
    """
    sieve = _Sieve(file, most)
    payload = sieve.frame()
    while payload is not None:
        yield payload
        payload = sieve.frame()
        if payload is None:
            payload = sieve.behind_damage()


class _Sieve:
    """The part of the file that is looked at."""

    def __init__(self, file: ReadsBytes, most: int) -> None:
        self._file = file
        self._left = most
        self._data = bytearray()
        self._at = 0
        self._budget = MOST_CHECKED
        self._checked_bytes: int
        """Bytes whose checksum `frame` computed when it was called last."""

    def frame(self) -> bytes | None:
        """Return the payload of the frame that begins here and go behind it; None if none does."""
        self._checked_bytes = 0
        if not self._has(HEAD.size):
            return None
        length, checksum = HEAD.unpack_from(self._data, self._at)
        if length > LONGEST_PAYLOAD or not self._has(HEAD.size + length):
            return None
        self._checked_bytes = length
        begin = self._at + HEAD.size
        payload = bytes(self._data[begin : begin + length])
        if zlib.crc32(payload) != checksum:
            return None
        self._at = begin + length
        return payload

    def behind_damage(self) -> bytes | None:
        """Return the payload of the next whole frame behind here; None if there is none."""
        self._at += 1
        while self._budget > 0 and self._has(_LOOK):
            found = BEGIN.search(self._data, self._at)
            if found is None:
                self._at = len(self._data) - _LOOK + 1
                continue
            self._at = found.start()
            payload = self.frame()
            self._budget -= self._checked_bytes
            if payload is not None:
                return payload
            self._at += 1
        return None

    def _has(self, size: int) -> bool:
        """Read on until so many bytes are there from here on; return whether they are."""
        if len(self._data) - self._at < size:
            del self._data[: self._at]
            self._at = 0
        while len(self._data) - self._at < size:
            piece = self._file.read(min(_PIECE, self._left))
            if not piece:
                return False
            self._left -= len(piece)
            self._data += piece
        return True
