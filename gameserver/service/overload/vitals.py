"""Figures of the process: memory, processor time, pauses of the collector, lag of the loop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trio
from trio.abc import Instrument

from gameserver.service.overload.meters import Histogram
from gameserver.service.runtime import Runtime


class PassTimer(Instrument):
    """Measures the passes of trio's loop: all tasks that are ready run before it waits again.

    The processor time of a pass is how long everything else had to wait for it, whatever other
    programs the machine runs. The clock stands still while the loop waits, so it is read only once
    a pass.
    """

    def __init__(self, thread_s: Callable[[], float], times: Histogram) -> None:
        """Record each pass in ``times``, by this clock of the thread's processor seconds."""
        self._thread_s = thread_s
        self._times = times
        self._ended = thread_s()

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's signature
        """End a pass."""
        now = self._thread_s()
        self._times.record(now - self._ended)
        self._ended = now


class Vitals:
    """Figures of this process.

    Attributes:
        loop_lag: Delays between a task's due time and its turn.
        loop_passes: Processor time of each pass of the loop.
        gc_pauses: Durations of the garbage collector's pauses.
        cpu_share: Share of one processor in the last slice of time: 1.0 is all of it.
        loop_share: The same for the loop's thread alone.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Start measuring; passes and pauses are counted while `watching`."""
        self.loop_lag: Histogram = Histogram()
        self.loop_passes: Histogram = Histogram()
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
        """Count the loop's passes and the collector's pauses until the block ends."""
        timer = PassTimer(self._runtime.thread_s, self.loop_passes)
        trio.lowlevel.add_instrument(timer)
        try:
            with self._runtime.collector.watching(self._collected):
                yield
        finally:
            trio.lowlevel.remove_instrument(timer)

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
        self.loop_passes.turn()
        self.gc_pauses.turn()

    def _collected(self, phase: str) -> None:
        if phase == "start":
            self._began = self._runtime.stopwatch()
        else:
            self.gc_pauses.record(self._runtime.stopwatch() - self._began)
