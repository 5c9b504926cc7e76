"""Bytes of objects that many are sent: made once, found by identity.

Law: what is remembered is bounded in number; the object is kept with its bytes, so that its
identity is nobody else's.
"""

from typing import Final

import msgpack

_FIXMAP: Final = 0x80
"""First byte of a map of 0 to 15 entries, whose number is added."""
_FIXMAP_MOST: Final = 15


class Remembered:
    """The bytes of the last so many objects.

    When full: the oldest is forgotten.
    """

    def __init__(self, most: int) -> None:
        """Remember nothing yet."""
        self._most = most
        self._bytes: dict[int, tuple[object, bytes]] = {}

    def __len__(self) -> int:
        """Count the objects."""
        return len(self._bytes)

    def get(self, made: object) -> bytes | None:
        """Return this very object's bytes, if they are remembered."""
        known = self._bytes.get(id(made))
        return None if known is None else known[1]

    def put(self, made: object, packed: bytes) -> None:
        """Remember an object's bytes."""
        if len(self._bytes) >= self._most:
            del self._bytes[next(iter(self._bytes))]
        self._bytes[id(made)] = (made, packed)


def with_entry(packed: bytes, key: str, value: int) -> bytes:
    """Return a packed map with one more entry, without packing the others again."""
    entries = packed[0] - _FIXMAP
    if not 0 <= entries < _FIXMAP_MOST:  # the server's figures: many fields, for one reader
        whole: bytes = msgpack.packb({**msgpack.unpackb(packed), key: value})
        return whole
    more: bytes = msgpack.packb(key) + msgpack.packb(value)
    return bytes((_FIXMAP + entries + 1,)) + packed[1:] + more
