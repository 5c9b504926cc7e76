"""Short WebSocket frames: the payload of a peer's frame, and the frame of a payload of ours.

Source: RFC 6455, section 5.2 (frames) and 5.3 (masks).

::

    0x82  0x80 | length(7)   mask (4)   payload (2 to 125, XOR mask)
"""

import struct
from typing import Final

_BINARY: Final = 0x82
"""First byte of a final binary frame without extensions."""
_HEADER: Final = 6
"""Bytes of the header of a short masked frame."""
_LEAST: Final = 2
"""Bytes of payload that decide what a message is; shorter ones are not looked into."""
_LONGEST: Final = 125
"""Longest payload whose length stands in the second byte."""
_LENGTH_16: Final = 126
_LENGTH_64: Final = 127

_REPEATED: Final = [sum(1 << 32 * i for i in range((n + 3) // 4)) for n in range(_LONGEST + 1)]
"""For each length of payload the factor that repeats a mask of four bytes over that length."""
_ALL_ONES: Final = [(1 << 8 * n) - 1 for n in range(_LONGEST + 1)]


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
        not _HEADER + _LEAST <= size <= _HEADER + _LONGEST
        or frame[0] != _BINARY
        or frame[1] != 0x80 + size - _HEADER
    ):
        return None
    return unmasked(frame[2:], size - _HEADER)


def binary_frame(payload: bytes) -> bytes:
    """Return a whole binary message as the one frame that a server sends: final, not masked."""
    length = len(payload)
    if length < _LENGTH_16:
        head = bytes((_BINARY, length))
    elif length < 1 << 16:
        head = struct.pack("!BBH", _BINARY, _LENGTH_16, length)
    else:
        head = struct.pack("!BBQ", _BINARY, _LENGTH_64, length)
    return head + payload
