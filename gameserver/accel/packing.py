"""Pack values one after the other, without an array header."""

from collections.abc import Sequence
from typing import Final

import msgpack

_pack = msgpack.Packer().pack

_ARRAY_HEADER: Final = 15
"""Most elements with an array header of one byte in msgpack; more need three bytes."""
_LONG_ARRAY: Final = 1 << 16
"""From this number of elements on the array header has five bytes."""


def pack_values(values: Sequence[object]) -> bytes:
    """Return the values packed one after the other, without an array header."""
    packed: bytes = _pack(values)
    count = len(values)
    return packed[1 if count <= _ARRAY_HEADER else 3 if count < _LONG_ARRAY else 5 :]
