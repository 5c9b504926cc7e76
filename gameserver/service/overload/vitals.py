"""Figures of the process: memory, processor time, pauses of the collector, lag of the loop."""

from collections.abc import Iterator
from contextlib import contextmanager

from gameserver.service.overload.meters import Histogram
from gameserver.service.runtime import Runtime


class Vitals:
    """Figures of this process.

    Attributes:
        loop_lag: Delays between a task's due time and its turn.
        gc_pauses: Durations of the garbage collector's pauses.
        cpu_share: Share of one processor in the last slice of time: 1.0 is all of it.
        loop_share: The same for the loop's thread alone.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Start measuring; the collector's pauses are counted while `watching`."""
        self.loop_lag: Histogram = Histogram()
        self.gc_pauses: Histogram = Histogram()
        self.cpu_share: float = 0.0
        self.loop_share: float = 0.0
        self._runtime = runtime
        self._cpu_s, self._thread_s = runtime.process_s(), runtime.thread_s()
        self._began = 0.0

    def memory_bytes(self) -> int:
        """Return the memory that the process holds."""
        return self._runtime.memory_bytes()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count the collector's pauses until the block ends."""
        with self._runtime.collector.watching(self._collected):
            yield

    def sliced(self, seconds: float, lag_s: float) -> None:
        """End a slice of time of this length, which the loop noticed ``lag_s`` late."""
        cpu_s, thread_s = self._runtime.process_s(), self._runtime.thread_s()
        self.cpu_share = (cpu_s - self._cpu_s) / seconds
        self.loop_share = (thread_s - self._thread_s) / seconds
        self._cpu_s, self._thread_s = cpu_s, thread_s
        self.loop_lag.record(lag_s)

    def turn(self) -> None:
        """Begin a new half of the histograms' window."""
        self.loop_lag.turn()
        self.gc_pauses.turn()

    def _collected(self, phase: str) -> None:
        if phase == "start":
            self._began = self._runtime.stopwatch()
        else:
            self.gc_pauses.record(self._runtime.stopwatch() - self._began)
