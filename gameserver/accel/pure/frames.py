"""Short WebSocket frames: the payload of a peer's frame, and the frame of a payload of ours.

Source: RFC 6455, section 5.2 (frames) and 5.3 (masks).
"""

import struct
from typing import Final

from gameserver.accel.frameform import (
    BINARY,
    HEADER_BYTES,
    LEAST_BYTES,
    LENGTH_16,
    LENGTH_64,
    LONGEST_BYTES,
    MASKED,
)

_REPEATED: Final = [sum(1 << 32 * i for i in range((n + 3) // 4)) for n in range(LONGEST_BYTES + 1)]
"""For each length of payload the factor that repeats a mask of four bytes over that length."""
_ALL_ONES: Final = [(1 << 8 * n) - 1 for n in range(LONGEST_BYTES + 1)]


def unmasked(masked: bytes, length: int) -> bytes:
    """Return the payload of a mask followed by ``length`` masked bytes, at most 125.

    It computes with whole payloads as long integers, since a loop over bytes is slow in Python.
    """
    number = int.from_bytes(masked, "little")
    key = (number & 0xFFFFFFFF) * _REPEATED[length] & _ALL_ONES[length]
    return ((number >> 32) ^ key).to_bytes(length, "little")


def short_payload(frame: bytes) -> bytes | None:
    """Return the payload of exactly one short, whole, masked, binary frame; else None."""
    size = len(frame)
    if (
        not HEADER_BYTES + LEAST_BYTES <= size <= HEADER_BYTES + LONGEST_BYTES
        or frame[0] != BINARY
        or frame[1] != MASKED + size - HEADER_BYTES
    ):
        return None
    # As `unmasked`, without a second call: nearly every input passes here.
    length = size - HEADER_BYTES
    number = int.from_bytes(frame[2:], "little")
    key = (number & 0xFFFFFFFF) * _REPEATED[length] & _ALL_ONES[length]
    return ((number >> 32) ^ key).to_bytes(length, "little")


def binary_frame(payload: bytes) -> bytes:
    """Return a whole binary message as the one frame that a server sends: final, not masked."""
    length = len(payload)
    if length < LENGTH_16:
        head = bytes((BINARY, length))
    elif length < 1 << 16:
        head = struct.pack("!BBH", BINARY, LENGTH_16, length)
    else:
        head = struct.pack("!BBQ", BINARY, LENGTH_64, length)
    return head + payload
