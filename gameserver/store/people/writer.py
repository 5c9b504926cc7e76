"""Commit calls from a thread, many at a time, so that no disk can delay the loop.

Law: nothing here raises into the hall. When the disk refuses or falls behind, nothing is written
until `renew` brings a dump of the present state, since a log with a hole in it is worth nothing.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import attrs

from gameserver.store.people.database import ClassRow, Item, PeopleFile
from gameserver.store.worker import Job, MakeWorker, ThreadWorker

QUEUED_BYTES: Final = 16 << 20
"""Most bytes of calls that wait for the disk."""

CLOSE_S: Final = 10.0
"""Longest wait for unwritten calls at the end of the process."""

GATHER_S: Final = 0.01
"""Rest behind a commit, in which further calls gather for the next one: each commit wakes the loop.
A call behind the rest is committed at once."""

TOO_SLOW: Final = "the disk is too slow"


@attrs.frozen
class _Batch:
    """Calls that are written together."""

    items: list[Item] = attrs.field(factory=list)
    classes: list[ClassRow] = attrs.field(factory=list)


Committed = Callable[[int], None]


class PeopleWriter:
    """Writes calls in the order in which they were given.

    Attributes:
        file: Belongs to the thread.
        fault: Why calls are not written; empty while they are. `renew` ends it.
    """

    def __init__(
        self, file: PeopleFile, committed: Committed, make_worker: MakeWorker = ThreadWorker
    ) -> None:
        """Start the thread.

        Args:
            file: Belongs to the thread from now on.
            committed: Called in the thread with the number of the last call that is on disk.
            make_worker: Makes what writes: a thread, or its stand-in in simulations.
        """
        self.file: PeopleFile = file
        self._committed = committed
        self.fault: str = ""
        self._items: list[Item] = []
        self._classes: list[ClassRow] = []
        self._bytes = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Batch | Job] = SimpleQueue()
        self._worker = make_worker("people writer", lambda: None)

    def put(self, number: int, record: bytes, classes: list[ClassRow]) -> None:
        """Take a call; `flush` has it committed."""
        if self.fault:
            return
        self._items.append((number, record))
        self._classes += classes
        self._bytes += len(record)

    def flush(self) -> None:
        """Have all calls committed that were taken since the last flush, together.

        When full: all of them are dropped, and `fault` is set.
        """
        if not self._items:
            return
        batch, size = _Batch(self._items, self._classes), self._bytes
        self._items, self._classes, self._bytes = [], [], 0
        with self._lock:
            full = self._waiting + size > QUEUED_BYTES
            if not full:
                self._waiting += size
        if full:
            self.fault = TOO_SLOW
        else:
            self._give(batch)

    def renew(self, number: int, state: bytes, at_ms: int) -> None:
        """Write again after a fault, beginning with a dump of the hall behind call ``number``."""
        self._items, self._classes, self._bytes = [], [], 0
        self.fault = ""
        self._do(lambda: self.file.start_over(number, state, at_ms), number)

    def put_dump(self, number: int, state: bytes, at_ms: int) -> None:
        """Write a dump of the hall behind call ``number``, and drop the calls up to it."""
        self._do(lambda: self.file.put_dump(number, state, at_ms), number)

    def _do(self, work: Callable[[], None], number: int) -> None:
        def done() -> None:
            work()
            self._committed(number)

        self._give(done)

    def _give(self, item: "_Batch | Job") -> None:
        self._queue.put(item)
        self._worker.put(self._step)

    def close(self) -> None:
        """Commit what was taken, end the thread, within `CLOSE_S`, and close the file."""
        self.flush()
        if self._worker.close(CLOSE_S):  # else the disk hangs: the file belongs to the thread
            self.file.close()

    def abandon(self) -> None:
        """Commit what was flushed, and end the thread and the file without waiting for it."""
        self._give(self.file.close)
        self._worker.close(0.0)

    # --- in the thread ----------------------------------------------------------------------

    def _step(self) -> None:
        """Do all that waits, in order, and batches that stand together in one transaction."""
        batches: list[_Batch] = []
        with suppress(Empty):
            while True:
                item = self._queue.get_nowait()
                if isinstance(item, _Batch):
                    batches.append(item)
                    continue
                self._write(batches)
                batches = []
                self._guarded(item)
        self._write(batches)

    def _write(self, batches: list[_Batch]) -> None:
        """Commit batches in one transaction."""
        items = [item for batch in batches for item in batch.items]
        if not items:
            return
        with self._lock:
            self._waiting -= sum(len(record) for _, record in items)
        if self.fault:
            return  # of an earlier batch: the log has a hole

        def write() -> None:
            self.file.append(items, [row for batch in batches for row in batch.classes])
            self._committed(items[-1][0])

        self._guarded(write)
        self._worker.rest(GATHER_S)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except sqlite3.Error as error:
            self.fault = str(error)
        except OSError as error:
            self.fault = error.strerror or str(error)


def aside_name(kind: str, at_ms: int) -> str:
    """Return the name for a file that is kept at this Unix time, such as ``unreadable``."""
    return f"people-{datetime.fromtimestamp(at_ms / 1000, UTC):%Y%m%dT%H%M%S}.{kind}.db"


def set_aside(path: Path, name: str) -> Path:
    """Rename a file that cannot be used, with what SQLite keeps beside it; return its new path.

    Raises:
        OSError: The folder cannot be written.
    """
    aside = path.with_name(name)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return path.rename(aside)
