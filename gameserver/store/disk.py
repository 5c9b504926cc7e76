"""Write journals from a thread, so that no disk can delay a match.

Law: nothing here raises into the match. A disk that is full, slow or gone costs ticks in journals,
and those are counted as holes; matches go on. Written bytes are synced every `SYNC_S`.
"""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import attrs
import zstandard

from gameserver.files import begins_with
from gameserver.ids import Tick
from gameserver.store.frames import MAGIC
from gameserver.store.worker import Job, MakeWorker, ThreadWorker

QUEUED_BYTES: Final = 16 << 20
"""Most bytes that wait for the disk, of all journals together."""

SYNC_S: Final = 1.0
"""Time between two syncs: what a loss of power may cost."""

CLOSE_S: Final = 10.0
"""Longest wait for unwritten journals at the end of the process."""

OPEN: Final = ".journal"
"""Ending of a journal that is being written, or that the end of the process cut off."""

CLOSED: Final = ".journal.zst"
"""Ending of a finished journal."""

PART: Final = f"{CLOSED}.part"
"""Ending of a compressed journal that is not whole yet."""

_LEVEL: Final = 6
"""Level of compression: some 12 ms for ten minutes of eight players. Level 9 takes twice that for
a file that is 7 % smaller."""


class Files:
    """The calls to the system that write journals; a simulation replaces them."""

    def open(self, path: Path) -> int:
        """Open a file, or create it, for its owner alone; return its descriptor."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner alone: a journal holds names and the match's secret seed.
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: bytes, at: int) -> int:
        """Write at a place; return how many bytes were taken."""
        return os.pwrite(descriptor, data, at)

    def cut(self, descriptor: int, size: int) -> None:
        """Cut a file off behind this many bytes."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Wait until the disk has what was written."""
        os.fdatasync(descriptor)

    def close(self, descriptor: int) -> None:
        """Close a file."""
        os.close(descriptor)


@attrs.define(eq=False)
class DiskFile:
    """One journal's file; the thread alone touches the descriptor and the fields of its own.

    Attributes:
        path: The file while the match runs.
        on_disk: The newest tick whose records are written.
        begun: Whether anything of this process is written.
        fault: Why the file cannot be written; empty while it can.
        closed: Whether the file is closed behind all that was queued.
    """

    path: Path
    _head: bytes
    _disk: "Disk"
    on_disk: Tick = attrs.field(default=Tick(0))
    begun: bool = False
    fault: str = ""
    closed: bool = False
    _descriptor: int = -1
    _bytes: int = 0
    """Length of the whole frames in the file."""
    _broken: bool = False
    """Whether queued bytes are dropped until `retry` has passed the queue."""

    def append(self, data: bytes, tick: Tick) -> bool:
        """Queue whole frames that end with ``tick``; return False when too much is queued."""
        return self._disk.put(len(data), lambda: self._write(data, tick))

    def retry(self) -> None:
        """Write again after a fault, behind the last whole frame; what was queued is dropped."""
        self.fault = ""
        self._disk.put(0, self._mended)

    def finish(self) -> None:
        """Close the file behind all that is queued, and compress it.

        After a fault the file stays as it is: `retry`, what is missing and this may come again.
        """
        self._disk.put(0, self._finish)

    # --- in the thread ----------------------------------------------------------------------

    def _write(self, data: bytes, tick: Tick) -> None:
        if self._broken:
            return
        try:
            if self._descriptor < 0:
                self._descriptor = self._disk.files.open(self.path)
                # Of a file that was cut off: its torn end.
                self._disk.files.cut(self._descriptor, self._bytes)
            if not self._bytes:
                data = self._head + data
            at = 0
            while at < len(data):
                at += self._disk.files.write(self._descriptor, data[at:], self._bytes + at)
        except OSError as error:
            self._broken = True
            self.fault = error.strerror or str(error)
            self._cut()
        else:
            self._bytes += len(data)
            self.on_disk, self.begun = tick, True
            self._disk.dirty[self] = None

    def _cut(self) -> None:
        """Cut off half of a frame; a reader would ignore it, but not what comes behind it."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._disk.files.cut(self._descriptor, self._bytes)

    def _mended(self) -> None:
        self._broken = False

    def sync(self) -> None:
        """Wait until the disk has what was written."""
        try:
            self._disk.files.sync(self._descriptor)
        except OSError as error:
            self._broken = True
            self.fault = error.strerror or str(error)

    def _finish(self) -> None:
        if self._descriptor >= 0:
            self._disk.dirty.pop(self, None)
            with suppress(OSError):
                self._disk.files.sync(self._descriptor)
            self._disk.files.close(self._descriptor)
            self._descriptor = -1
        if self._broken:
            return
        self.closed = True
        if not self._bytes:
            return
        try:
            compress(self.path)
        except OSError as error:
            # The plain file stays, which every reader takes as well.
            self._disk.trouble(f"{self.path.name} cannot be compressed: {error.strerror}")
        self._disk.finished()


def compress(path: Path) -> Path:
    """Replace a plain journal by a compressed one; return its path.

    Raises:
        OSError: The disk refuses; the plain file is still there.
    """
    done = path.with_name(path.name.removesuffix(OPEN) + CLOSED)
    fresh = done.with_name(path.name.removesuffix(OPEN) + PART)
    try:
        with path.open("rb") as source, fresh.open("wb") as target:
            fresh.chmod(0o600)
            # With the size known, the compressor's tables are no larger than that.
            size = os.fstat(source.fileno()).st_size
            compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
            compressor.copy_stream(source, target, size=size)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(done)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    path.unlink()
    return done


def is_journal(path: Path) -> bool:
    """Tell whether a file begins as a plain journal does.

    Raises:
        OSError: It cannot be read.
    """
    return begins_with(path, MAGIC)


class Disk:
    """Runs the work of all journals' files in order, in a thread.

    Attributes:
        dirty: Files with bytes that are not synced; the thread's own.
    """

    def __init__(
        self,
        folder: Path,
        finished: Callable[[], None] | None = None,
        make_worker: MakeWorker = ThreadWorker,
        files: Files | None = None,
    ) -> None:
        """Start the thread.

        Args:
            folder: Where the journals are.
            finished: Called in the thread after each journal that was closed, such as to delete old
                ones.
            make_worker: Makes what writes: a thread, or its stand-in in simulations.
            files: The calls that write; None for those of the system.
        """
        self.folder = folder
        self.dirty: dict[DiskFile, None] = {}
        self.finished: Callable[[], None] = finished or (lambda: None)
        self._troubles: SimpleQueue[str] = SimpleQueue()
        self.files: Files = Files() if files is None else files
        self._lock = threading.Lock()
        self._waiting = 0
        self._worker = make_worker("journal writer", self._sync)
        self._synced = self._worker.now()

    def open(self, name: str, head: bytes) -> DiskFile:
        """Return the file of a new journal; it is created, with this head, by the first append."""
        return DiskFile(self.folder / f"{name}{OPEN}", head, self)

    def reopen(self, path: Path, length: int, tick: Tick) -> DiskFile:
        """Return the file of a journal that another process has begun.

        Args:
            path: The plain file.
            length: Its bytes up to its last whole frame; what lies behind is cut off.
            tick: Its last tick.
        """
        return DiskFile(path, b"", self, on_disk=tick, bytes=length)

    def tidy(self, paths: Iterable[Path]) -> None:
        """Compress plain journals that nobody writes any more; delete halves of compressed ones.

        A process that was killed has left them.
        """
        for path in paths:
            self.put(0, partial(self._tidy, path))
        self.put(0, self.finished)

    def _tidy(self, path: Path) -> None:
        try:
            if path.name.endswith(PART):
                path.unlink(missing_ok=True)
            elif is_journal(path):
                compress(path)
        except OSError as error:
            self.trouble(f"{path.name} cannot be tidied up: {error.strerror}")

    def put(self, size: int, work: Callable[[], None]) -> bool:
        """Queue work that holds this many bytes.

        When full: False, and the work is dropped; work that holds none is always taken.
        """
        with self._lock:
            if size and self._waiting + size > QUEUED_BYTES:
                return False
            self._waiting += size
        self._worker.put(lambda: self._do(size, work))
        return True

    def settle(self, done: Callable[[], None]) -> None:
        """Sync what was queued by now, then call ``done`` in the thread."""

        def work() -> None:
            self._sync()
            done()

        self.put(0, work)

    def trouble(self, sentence: str) -> None:
        """Note a sentence for the operator."""
        self._troubles.put(sentence)

    def troubles(self) -> list[str]:
        """Return the sentences for the operator since the last call."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self._troubles.get_nowait())
        return found

    def close(self) -> None:
        """Write what is queued and end the thread, within `CLOSE_S`."""
        self._worker.put(self._sync)
        self._worker.close(CLOSE_S)

    def _do(self, size: int, work: Job) -> None:
        """Do one work, in the thread."""
        try:
            work()
        except Exception as error:  # a bug of ours: the other journals go on
            self.trouble(f"a journal met a fault: {error!r}")
        with self._lock:
            self._waiting -= size
        if self._worker.now() - self._synced >= SYNC_S:
            self._sync()

    def _sync(self) -> None:
        for file in self.dirty:
            file.sync()
        self.dirty.clear()
        self._synced = self._worker.now()
