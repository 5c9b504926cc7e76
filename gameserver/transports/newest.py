"""Messages of which only the newest counts, while there is no room for them.

Law: for each key the newest message waits and no other. A key keeps its place in the line when its
message is replaced, so that a key that changes often does not hold back the others, nor itself. The
number and the bytes are bounded: a link that takes nothing costs this much and no more (threat 9).
"""

from collections.abc import Hashable
from typing import TypeAlias

from gameserver.transports.settings import ListenSettings

Key: TypeAlias = Hashable
"""What a message is about, such as the namespace and name of an event."""


class Newest:
    """The messages that wait, by key, in the order in which their keys came."""

    def __init__(self, settings: ListenSettings) -> None:
        """Keep as many as the settings allow."""
        self._settings = settings
        self._waiting: dict[Key, bytes] = {}
        self._bytes = 0

    def __bool__(self) -> bool:
        """Tell whether a message waits."""
        return bool(self._waiting)

    def put(self, key: Key, data: bytes) -> bool:
        """Keep a message instead of the one with this key.

        Returns:
            Whether it was taken: not if it is longer than all of them may be.

        When full: those that have waited longest are dropped.
        """
        if len(data) > self._settings.newest_bytes:
            return False
        self._bytes += len(data) - len(self._waiting.get(key, b""))
        self._waiting[key] = data
        most, most_bytes = self._settings.newest, self._settings.newest_bytes
        while self._bytes > most_bytes or len(self._waiting) > most:
            oldest = next(each for each in self._waiting if each != key)
            self._bytes -= len(self._waiting.pop(oldest))
        return True

    def pop(self) -> bytes:
        """Return and forget the message whose key has waited longest.

        Raises:
            StopIteration: None waits.
        """
        data = self._waiting.pop(next(iter(self._waiting)))
        self._bytes -= len(data)
        return data
