"""Frames of a file that only grows: each is whole and correct, or it is the file's torn end.

::

    length (4, little endian) | CRC-32 of the payload (4, little endian) | payload

Law: a process may end, and a disk may fill up, at any byte. What is read back is then every frame
before that byte, never a wrong one.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

MAGIC: Final = b"gsjrnl1\n"
"""First bytes of a journal's file."""

LONGEST_PAYLOAD: Final = 16 << 20
"""Most bytes of a payload: a checkpoint of the largest world is below it."""

_PIECE: Final = 1 << 18
"""Most bytes that are read at once: what a frame announces is held only as far as it comes."""

HEAD: Final = struct.Struct("<II")
"""Length and checksum."""


class ReadsBytes(Protocol):
    """A file, or what unpacks one while it is read."""

    def read(self, size: int, /) -> bytes:
        """Return at most this many bytes; nothing at the end."""
        ...


def frame_of(payload: bytes) -> bytes:
    """Return a payload as a frame."""
    return HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def payloads_of(data: bytes, begin: int = 0) -> Iterator[tuple[int, memoryview]]:
    """Yield each whole payload from index ``begin`` on, with the index behind its frame.

    It ends at the first frame that is cut off or has a wrong checksum. A payload is a view of the
    data: a long journal is in memory once.
    """
    at, whole = begin, memoryview(data)
    while at + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, at)
        end = at + HEAD.size + length
        if length > LONGEST_PAYLOAD or end > len(data):
            return
        payload = whole[at + HEAD.size : end]
        if zlib.crc32(payload) != checksum:
            return
        at = end
        yield at, payload


def read_exactly(file: ReadsBytes, size: int) -> bytes:
    """Return this many bytes; fewer at the end."""
    parts = []
    while size and (part := file.read(min(size, _PIECE))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def frame_at(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Return the index behind the whole frame at index ``at``, 0 if none is, and the bytes checked.

    Args:
        data: A file.
        at: Where a frame may begin.
        most: Bytes of a payload beyond which its checksum is not computed.
    """
    if at + HEAD.size > len(data):
        return 0, 0
    length, checksum = HEAD.unpack_from(data, at)
    begin = at + HEAD.size
    end = begin + length
    if length > min(LONGEST_PAYLOAD, most) or end > len(data):
        return 0, 0
    whole = zlib.crc32(memoryview(data)[begin:end]) == checksum
    return (end if whole else 0), length
