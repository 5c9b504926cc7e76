"""The resident memory of a server while it is driven."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

PERIOD_S: Final = 0.25


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process in KiB; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("VmRSS:")), "x 0")
    return int(line.split()[1])


@attrs.define
class Watch:
    """The memory at the mark, and the most memory since."""

    pid: int
    before_kib: int = 0
    most_kib: int = 0

    def mark(self) -> None:
        """Set the mark from which growth is measured."""
        self.before_kib = self.most_kib = resident_kib(self.pid)

    def look(self) -> None:
        """Sample the memory of the process; the largest sample is kept."""
        self.most_kib = max(self.most_kib, resident_kib(self.pid))

    @property
    def growth_kib(self) -> int:
        """Return the largest growth of memory since the mark."""
        return self.most_kib - self.before_kib


@contextmanager
def watching(pid: int) -> Iterator[Watch]:
    """Sample the memory of a process until the context ends."""
    watch, over = Watch(pid), threading.Event()
    watch.mark()

    def look() -> None:
        while not over.wait(PERIOD_S):
            watch.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
