"""The disk of a simulated machine: real files in a folder, written late, refused, or lost.

Law: what a server was told to be on disk stays there; all else may be lost with a crash. Works wait
for a moment, as they do for a thread, and come in the order in which they were put. Times follow
from the seed, like those of the network.
"""

import errno
import os
import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import trio

from gameserver.store.disk import Files
from gameserver.store.people.database import PeopleFile
from gameserver.store.worker import Job
from gameserver.testing.memorynet import MemoryNet

COMMIT_S: Final = (0.001, 0.02)
"""How long works wait on a sound disk."""

CAUGHT_UP_S: Final = 1.5
"""How long a disk needs after it was slow until nothing is behind."""

RECOVERED_S: Final = 6.0
"""How long servers need after a fault until all is written again: they try every five seconds."""

FULL: Final = "database or disk is full"


class SimulatedDisk:
    """One machine's disk, over several runs of its server.

    Attributes:
        folder: Where the files are.
        slow: Whether nothing is written at present; it waits.
        full: Whether writing is refused.
        files: The calls that write journals.
    """

    def __init__(self, folder: Path, net: MemoryNet, random: Random) -> None:
        """Begin sound and empty; ``net`` tells when works are done."""
        self.folder = folder
        self.slow: bool = False
        self.full: bool = False
        self.files: LossyFiles = LossyFiles(self)
        self.random = random
        self._net = net
        self._jobs: deque[Job] = deque()
        self._stores: list[PeopleFile] = []
        self._workers: list[DiskWorker] = []
        self._due = False
        self._sound_at = 0.0
        self._recovered_at = 0.0

    def worker(self, _name: str, _idle: Job) -> "DiskWorker":
        """Return what does works on this disk; for `gameserver.service.runtime.Runtime.inline`."""
        self._workers.append(worker := DiskWorker(self))
        return worker

    def put(self, job: Job) -> None:
        """Take a work; it is done a little later, with all that are put meanwhile."""
        self._jobs.append(job)
        self._plan()

    def set_slow(self, *, slow: bool) -> None:
        """Let works wait, or do them again."""
        self.slow = slow
        now = trio.current_time()
        # What a full disk had refused may be written only now, and is not synced yet.
        behind_s = RECOVERED_S if now < self._recovered_at else CAUGHT_UP_S
        self._sound_at = max(self._sound_at, now + behind_s)
        self._plan()

    def set_full(self, *, full: bool) -> None:
        """Refuse what is written, or take it again."""
        self.full = full
        self._recovered_at = trio.current_time() + RECOVERED_S
        self._sound_at = max(self._sound_at, self._recovered_at)

    @property
    def is_sound(self) -> bool:
        """Whether all has been written for so long that nothing is behind."""
        return not (self.slow or self.full) and trio.current_time() >= self._sound_at

    def do_all(self) -> None:
        """Do all works that wait."""
        while self._jobs:
            self._jobs.popleft()()

    def arrive(self) -> None:
        """Do what waits, unless the disk has become slow; the network calls this when it is due."""
        self._due = False
        if not self.slow:
            self.do_all()

    def _plan(self) -> None:
        if self._jobs and not self._due and not self.slow:
            self._due = True
            self._net.carry(self, trio.current_time() + self.random.uniform(*COMMIT_S))

    def crash(self, *, power: bool) -> None:
        """Lose what waits; with ``power`` also what was written to journals and not synced."""
        self._jobs.clear()
        for worker in self._workers:
            worker.dead = True
        for store in self._stores:
            store.close()
        self._workers, self._stores = [], []
        self.slow = self.full = False
        self.files.crash(power=power)

    def watch(self, file: PeopleFile) -> None:
        """Let a store's file be refused while the disk is full."""
        self._stores.append(file)
        for name in ("append", "put_dump", "start_over", "note"):
            setattr(file, name, self._refusing(getattr(file, name)))

    def _refusing(self, write: Callable[..., None]) -> Callable[..., None]:
        def written(*given: Any, **named: Any) -> None:
            if self.full:
                raise sqlite3.OperationalError(FULL)
            write(*given, **named)

        return written


class DiskWorker:
    """Does works on a simulated disk; a `gameserver.store.worker.Worker`."""

    def __init__(self, disk: SimulatedDisk) -> None:
        """Work on this disk."""
        self._disk = disk
        self.dead: bool = False
        """Whether its process has ended, so that nothing is done any more."""

    def put(self, job: Job) -> None:
        """Take a work."""
        if not self.dead:
            self._disk.put(job)

    def now(self) -> float:
        """Return the virtual time."""
        return trio.current_time()

    def rest(self, seconds: float) -> None:
        """Do nothing: the disk itself takes its time."""
        del seconds

    def close(self, longest_s: float) -> bool:
        """Do all that waits."""
        del longest_s
        if not self.dead:
            self._disk.do_all()
        return True


class LossyFiles(Files):
    """Writes to real files, and knows how much of each is synced."""

    def __init__(self, disk: SimulatedDisk) -> None:
        """Start without open files."""
        self._disk = disk
        self._paths: dict[int, Path] = {}
        self._synced: dict[int, int] = {}
        self.torn: int = 0
        """Journals that a crash has cut off."""

    def __len__(self) -> int:
        """Return the number of open files."""
        return len(self._paths)

    def open(self, path: Path) -> int:
        """Open a file."""
        descriptor = super().open(path)
        self._paths[descriptor] = path
        self._synced[descriptor] = os.fstat(descriptor).st_size
        return descriptor

    def write(self, descriptor: int, data: bytes, at: int) -> int:
        """Write, or take a part and then nothing while the disk is full."""
        if not self._disk.full:
            return super().write(descriptor, data, at)
        if len(data) > 1 and self._disk.random.random() < 0.5:
            return super().write(descriptor, data[: len(data) // 2], at)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def sync(self, descriptor: int) -> None:
        """Note that all that was written stays."""
        self._synced[descriptor] = os.fstat(descriptor).st_size

    def close(self, descriptor: int) -> None:
        """Close a file."""
        del self._paths[descriptor], self._synced[descriptor]
        super().close(descriptor)

    def crash(self, *, power: bool) -> None:
        """Close all files; with ``power`` cut off some of what was not synced."""
        for descriptor in list(self._paths):
            size, synced = os.fstat(descriptor).st_size, self._synced[descriptor]
            if power and size > synced:
                os.truncate(self._paths[descriptor], self._disk.random.randint(synced, size))
                self.torn += 1
            self.close(descriptor)
