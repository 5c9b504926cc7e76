"""The resident memory of a server while it is driven."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

PERIOD_S: Final = 0.25


def resident_kib(pid: int) -> int:
    """Return what a process holds in memory; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("VmRSS:")), "x 0")
    return int(line.split()[1])


@attrs.define
class Watch:
    """What was seen: at the mark, and the most since."""

    pid: int
    before_kib: int = 0
    most_kib: int = 0

    def mark(self) -> None:
        """From now on growth counts."""
        self.before_kib = self.most_kib = resident_kib(self.pid)

    def look(self) -> None:
        """Take one sample."""
        self.most_kib = max(self.most_kib, resident_kib(self.pid))

    @property
    def growth_kib(self) -> int:
        """Return by how much memory grew since the mark, at most."""
        return self.most_kib - self.before_kib


@contextmanager
def watching(pid: int) -> Iterator[Watch]:
    """Look at a process's memory until the context ends."""
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
