"""The messages to a peer that fetches them, until it has confirmed them.

Law: they are numbered from 1 in their order, and their bytes are bounded as those of a WebSocket's
outbox (threat 9). What waits in `newest` has no number yet.
"""

from collections import deque
from collections.abc import Collection
from itertools import islice

import attrs

from gameserver.transports.newest import Newest
from gameserver.transports.settings import ListenSettings


@attrs.frozen
class Unconfirmed:
    """Messages to the peer that it has not confirmed."""

    first: int
    """Number of the first message."""
    messages: tuple[bytes, ...]
    ending: str | None
    """Why the link ends behind these messages; None while it does not."""


class Unfetched:
    """The unconfirmed messages of one link.

    Attributes:
        first: Number of the oldest message, or of the next one if there is none.
        newest: Messages that wait for room.
        waiting_bytes: Bytes of the messages with a number.
    """

    def __init__(self, settings: ListenSettings) -> None:
        """Begin without messages."""
        self.first: int = 1
        self.newest: Newest = Newest(settings)
        self._settings = settings
        self._messages: deque[bytes] = deque()
        self.waiting_bytes: int = 0
        self._allowed_bytes = 0

    def __len__(self) -> int:
        """Return the number of messages with a number."""
        return len(self._messages)

    @property
    def has_room(self) -> bool:
        """Whether one more message that a newer one replaces may be added."""
        return self.waiting_bytes <= self._settings.unreliable_bytes

    @property
    def is_full(self) -> bool:
        """Whether not even a reliable message may be added."""
        return self.waiting_bytes > self._settings.reliable_bytes + self._allowed_bytes

    def add(self, data: bytes) -> None:
        """Add a message."""
        self._messages.append(data)
        self.waiting_bytes += len(data)

    def add_all(self, encoded: Collection[bytes]) -> int:
        """Add messages that the bound does not count; return their bytes."""
        for data in encoded:
            self.add(data)
        self._allowed_bytes = self.waiting_bytes
        return sum(map(len, encoded))

    def let_newest_in(self) -> bool:
        """Add waiting messages as far as there is room; return whether there was one."""
        came = False
        while self.newest and self.has_room:
            self.add(self.newest.pop())
            came = True
        return came

    def confirm(self, number: int) -> bool:
        """Forget the messages up to this number; return False if none has this number yet."""
        if number >= self.first + len(self._messages):
            return False
        while self.first <= number:
            self.waiting_bytes -= len(self._messages.popleft())
            self.first += 1
        self._allowed_bytes = min(self._allowed_bytes, self.waiting_bytes)
        return True

    def oldest(self, most: int, after: int) -> tuple[bytes, ...]:
        """Return the oldest messages, of ``most`` bytes in all, but one if there is one.

        Those up to number ``after`` are passed over.
        """
        found: list[bytes] = []
        size = 0
        for message in islice(self._messages, max(0, after + 1 - self.first), None):
            size += len(message)
            if found and size > most:
                break
            found.append(message)
        return tuple(found)

    def drop(self) -> None:
        """Forget all messages; their numbers stay used, since the peer may have some."""
        self.first += len(self._messages)
        self._messages.clear()
