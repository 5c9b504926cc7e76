"""Bounded queues of updates, from the client to each of its readers.

Law: a reader that falls behind loses the oldest updates and is told their number; a slow reader
never delays the connection.
"""

from collections import deque
from typing import Final
from weakref import WeakSet

import trio

from gameserver.client.status import Update, UpdatesMissed

QUEUED_UPDATES: Final = 1024
"""Updates that wait for one reader."""


class Updates:
    """All updates since this reader was made. Read with ``async for``, or `drain` each frame.

    When full: the oldest update is dropped and counted; the next one read is `UpdatesMissed`.
    """

    def __init__(self, size: int = QUEUED_UPDATES) -> None:
        """Create a reader with room for ``size`` updates; `Client.updates` is the public way."""
        self._queue: deque[Update] = deque()
        self._size = size
        self._missed = 0
        self._wake = trio.Event()
        self._ended = False

    def put_nowait(self, update: Update) -> None:
        """Queue an update and wake the reader."""
        if len(self._queue) >= self._size:
            self._queue.popleft()
            self._missed += 1
        self._queue.append(update)
        self._wake.set()

    def end(self) -> None:
        """End the iteration after the updates that are queued now."""
        self._ended = True
        self._wake.set()

    def drain(self) -> list[Update]:
        """Return all queued updates without waiting: for a frame loop."""
        found: list[Update] = [UpdatesMissed(self._missed)] if self._missed else []
        found += self._queue
        self._missed = 0
        self._queue.clear()
        return found

    def __aiter__(self) -> "Updates":
        """Return the reader itself; the iteration ends when the client has closed."""
        return self

    async def __anext__(self) -> Update:
        """Wait for the next update."""
        if self._queue:  # else waiting is the checkpoint
            await trio.lowlevel.checkpoint()
        while not self._queue:
            if self._ended:
                raise StopAsyncIteration
            self._wake = trio.Event()
            await self._wake.wait()
        if self._missed:
            missed, self._missed = self._missed, 0
            return UpdatesMissed(missed)
        return self._queue.popleft()


class Readers:
    """All readers of one client; one to which nobody refers is dropped."""

    def __init__(self) -> None:
        """Start without readers."""
        self._readers: WeakSet[Updates] = WeakSet()
        self._ended = False

    def new(self) -> Updates:
        """Return a new reader."""
        reader = Updates()
        self._readers.add(reader)
        if self._ended:
            reader.end()
        return reader

    def tell(self, update: Update) -> None:
        """Queue an update for every reader."""
        for reader in list(self._readers):
            reader.put_nowait(update)

    def end(self) -> None:
        """End all readers, also later ones."""
        self._ended = True
        for reader in list(self._readers):
            reader.end()
