"""How the process itself fares: memory, processor, the collector's pauses, the loop's lag."""

import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gameserver.service.overload.meters import Histogram

_STATM: Final = Path("/proc/self/statm")


def memory_bytes() -> int:
    """Return the memory that the process holds now; where that is not told, the most it held."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


class Vitals:
    """Figures of this process.

    Attributes:
        loop_lag: How late tasks come to their turn.
        gc_pauses: How long the collector held the loop.
        cpu_share: Of one processor, in the last slice of time: 1.0 is all of it.
        loop_share: The part of it that the loop's own thread took.
    """

    def __init__(self) -> None:
        """Start measuring; the collector's pauses are counted while `watching`."""
        self.loop_lag = Histogram()
        self.gc_pauses = Histogram()
        self.cpu_share = self.loop_share = 0.0
        self._cpu_s, self._thread_s = time.process_time(), time.thread_time()
        self._began = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count the collector's pauses until the block ends."""
        gc.callbacks.append(self._collected)
        try:
            yield
        finally:
            gc.callbacks.remove(self._collected)

    def sliced(self, seconds: float, lag_s: float) -> None:
        """Learn that this long a slice of time is over, and how late the loop noticed."""
        cpu_s, thread_s = time.process_time(), time.thread_time()
        self.cpu_share = (cpu_s - self._cpu_s) / seconds
        self.loop_share = (thread_s - self._thread_s) / seconds
        self._cpu_s, self._thread_s = cpu_s, thread_s
        self.loop_lag.record(lag_s)

    def turn(self) -> None:
        """Begin a new half of the window."""
        self.loop_lag.turn()
        self.gc_pauses.turn()

    def _collected(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.gc_pauses.record(time.perf_counter() - self._began)
