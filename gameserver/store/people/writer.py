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

QUEUED_BYTES: Final = 16 << 20
"""Most bytes of calls that wait for the disk."""

CLOSE_S: Final = 10.0
"""Longest wait for unwritten calls at the end of the process."""

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
        fault: Why calls are not written; empty while they are. `renew` ends it.
    """

    def __init__(self, file: PeopleFile, committed: Committed, *, threaded: bool = True) -> None:
        """Start the thread.

        Args:
            file: Belongs to the thread from now on.
            committed: Called in the thread with the number of the last call that is on disk.
            threaded: Without a thread each batch is committed by the caller, for simulations.
        """
        self._file = file
        self._committed = committed
        self.fault: str = ""
        self._items: list[Item] = []
        self._classes: list[ClassRow] = []
        self._bytes = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Batch | Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._run, name="people writer", daemon=True)
            self._thread.start()

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
        elif self._thread is None:
            self._write([batch])
        else:
            self._queue.put(batch)

    def renew(self, number: int, state: bytes, at_ms: int) -> None:
        """Write again after a fault, beginning with a dump of the hall behind call ``number``."""
        self._items, self._classes, self._bytes = [], [], 0
        self.fault = ""
        self._do(lambda: self._file.start_over(number, state, at_ms), number)

    def put_dump(self, number: int, state: bytes, at_ms: int) -> None:
        """Write a dump of the hall behind call ``number``, and drop the calls up to it."""
        self._do(lambda: self._file.put_dump(number, state, at_ms), number)

    def _do(self, work: Callable[[], None], number: int) -> None:
        def done() -> None:
            work()
            self._committed(number)

        if self._thread is None:
            self._guarded(done)
        else:
            self._queue.put(done)

    def close(self) -> None:
        """Commit what was taken, end the thread, within `CLOSE_S`, and close the file."""
        self.flush()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                return  # the disk hangs: the file belongs to the thread
        self._file.close()

    def abandon(self) -> None:
        """Commit what was flushed, and end the thread and the file without waiting for it."""
        if self._thread is None:
            self._file.close()
        else:
            self._queue.put(self._file.close)
            self._queue.put(None)

    # --- in the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        ended = False
        while not ended:
            found = [self._queue.get()]
            with suppress(Empty):
                while True:
                    found.append(self._queue.get_nowait())
            batches: list[_Batch] = []
            for each in found:
                if isinstance(each, _Batch):
                    batches.append(each)
                    continue
                self._write(batches)
                batches = []
                if each is None:
                    ended = True
                else:
                    self._guarded(each)
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
            self._file.append(items, [row for batch in batches for row in batch.classes])
            self._committed(items[-1][0])

        self._guarded(write)

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
