"""A cache of the encoded bytes of objects that are sent to many clients, by object identity.

Law: the number of entries is bounded. Each entry keeps its object alive, so that no other object
can get the same ``id()``.
"""

from typing import Final

import msgpack

_FIXMAP: Final = 0x80
"""msgpack header of a map of 0 to 15 entries; the number of entries is added to it."""
_FIXMAP_MOST: Final = 15


class Remembered:
    """The encoded bytes of the last ``most`` objects.

    When full: the oldest entry is dropped.
    """

    def __init__(self, most: int) -> None:
        """Start with no entry; ``most`` is the greatest number of entries."""
        self._most = most
        self._bytes: dict[int, tuple[object, bytes]] = {}

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._bytes)

    def get(self, made: object) -> bytes | None:
        """Return the bytes of this object, not of an equal one; None if there is no entry."""
        known = self._bytes.get(id(made))
        return None if known is None else known[1]

    def put(self, made: object, packed: bytes) -> None:
        """Add the bytes of an object that `get` did not find."""
        if len(self._bytes) >= self._most:
            del self._bytes[next(iter(self._bytes))]
        self._bytes[id(made)] = (made, packed)


def with_entry(packed: bytes, key: str, value: int) -> bytes:
    """Return an encoded map with one more entry, without encoding the other entries again."""
    entries = packed[0] - _FIXMAP
    if not 0 <= entries < _FIXMAP_MOST:  # only the server's statistics have so many entries
        whole: bytes = msgpack.packb({**msgpack.unpackb(packed), key: value})
        return whole
    more: bytes = msgpack.packb(key) + msgpack.packb(value)
    return bytes((_FIXMAP + entries + 1,)) + packed[1:] + more
