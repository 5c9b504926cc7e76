"""Pack values one behind the other, without an array around them."""

from collections.abc import Sequence
from typing import Final

import msgpack

_pack = msgpack.Packer().pack

_ARRAY_HEADER: Final = 15
"""Up to this many elements msgpack's array header has one byte, beyond it three."""
_LONG_ARRAY: Final = 1 << 16
"""From this many elements on it has five."""


def pack_values(values: Sequence[object]) -> bytes:
    """Return values packed one behind the other, without an array around them."""
    packed: bytes = _pack(values)
    count = len(values)
    return packed[1 if count <= _ARRAY_HEADER else 3 if count < _LONG_ARRAY else 5 :]
