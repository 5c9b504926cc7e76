"""The server's access to its process as one value: clocks, entropy, memory, collector, sockets.

Law: no other module of the service draws random bytes, measures the process, or reads a clock but
trio's; only the log measures the distance of its lines by the system's. So a simulation replaces
this value (`gameserver.testing.whole`) and runs the real server.
"""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs
import trio

from gameserver.service.descriptors import in_use, limit, resource
from gameserver.store.disk import Files
from gameserver.store.worker import InlineWorker, Job, MakeWorker, ThreadWorker, Worker
from gameserver.transports import Drain

scheduler: Any = import_module("trio._core._run")
"""trio's loop; see `Runtime.ordered`."""

YOUNGEST: Final = (2_000, 15_000)
"""Smallest and largest threshold of the youngest generation: objects created minus objects freed
before it is collected. The largest covers a tick of a thousand players; its collection takes 5 ms.
"""

PER_VIEWER: Final = 12
"""Objects per viewer that exist at the same time in a tick: its message, its command, its frame."""

OLDER: Final = (1, 500)
"""Thresholds of the older generations, in collections of the next younger one. When hundreds of
players connect together, nearly all new objects survive, and the middle generation grows: with 1
its collection takes 4 ms on a server with few players, with 20 a quarter of a second (threat 38).
"""


_STATM: Final = Path("/proc/self/statm")


def memory_bytes() -> int:
    """Return the resident memory of the process in bytes; without ``/proc`` its largest value.

    0 if the system reports neither, as on Windows.
    """
    try:
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        if resource is None:
            return 0
        most: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def wall_ms() -> int:
    """Return the system's Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


class Collector:
    """Python's garbage collector, tuned for a process that creates many objects in each tick.

    Nearly all objects of a tick are freed by their reference counts. With Python's default
    thresholds the youngest generation is collected hundreds of times a second. Objects that are
    alive at that moment move to older generations, and a collection of the oldest one stops the
    loop until all objects of all connections have been visited.
    """

    def settle(self) -> None:
        """Tune the collector at the start; objects that exist by now are excluded for ever."""
        gc.collect()
        gc.freeze()
        self.tune(0)

    def tune(self, viewers: int) -> None:
        """Set the thresholds for this number of viewers.

        A server with few viewers collects more often: the pauses stay short when many connect.
        """
        least, most = YOUNGEST
        gc.set_threshold(min(most, least + PER_VIEWER * viewers), *OLDER)

    @contextmanager
    def watching(self, told: Callable[[str], None]) -> Iterator[None]:
        """Call ``told`` with ``start`` and ``stop`` of each collection during the block."""

        def collected(phase: str, _info: dict[str, Any]) -> None:
            told(phase)

        gc.callbacks.append(collected)
        try:
            yield
        finally:
            gc.callbacks.remove(collected)


@attrs.frozen(kw_only=True)
class Runtime:
    """The server's access to its process; the defaults use the real one.

    Attributes:
        now: Monotonic seconds, for due times: trio's clock, so that its test clocks apply.
        wall_ms: Unix time in milliseconds, for times that are shown or stored.
        stopwatch: Seconds, to measure how long work holds the loop.
        thread_s: Processor seconds of the loop's thread, to charge peers.
        process_s: Processor seconds of the process.
        memory_bytes: Resident memory of the process.
        entropy: Returns a number of random bytes.
        collector: The garbage collector.
        drain: Creates a set of sockets that are read together.
        descriptors: Returns the limit on open descriptors and their present number.
        threads: Whether files may be written by threads; in virtual time they would come too late.
        inline: Makes what writes files in place of a thread, if there are none.
        files: The calls that write journals.
        order: Seed of the order in which ready tasks run; None leaves the order to trio, where it
            differs from run to run.
    """

    now: Callable[[], float] = trio.current_time
    wall_ms: Callable[[], int] = wall_ms
    stopwatch: Callable[[], float] = time.perf_counter
    thread_s: Callable[[], float] = time.thread_time
    process_s: Callable[[], float] = time.process_time
    memory_bytes: Callable[[], int] = memory_bytes
    entropy: Callable[[int], bytes] = os.urandom
    collector: Collector = attrs.field(factory=Collector)
    drain: Callable[[], Drain] = Drain
    descriptors: Callable[[], tuple[int, int]] = lambda: (limit(), in_use())
    threads: bool = True
    inline: MakeWorker = InlineWorker
    files: Files = attrs.field(factory=Files)
    order: int | None = None

    def worker(self, name: str, idle: Job) -> Worker:
        """Make what writes files."""
        return ThreadWorker(name, idle) if self.threads else self.inline(name, idle)

    @contextmanager
    def ordered(self) -> Iterator[None]:
        """Apply `order` to each `trio.run` of the block.

        trio has no public interface for this. Its pytest plugin sets the same two private names for
        hypothesis; comments in trio's module describe them.
        """
        if self.order is None:
            yield
            return
        before = scheduler._ALLOW_DETERMINISTIC_SCHEDULING, scheduler._r.getstate()  # noqa: SLF001
        scheduler._ALLOW_DETERMINISTIC_SCHEDULING = True  # noqa: SLF001
        scheduler._r.seed(self.order)  # noqa: SLF001
        try:
            yield
        finally:
            scheduler._ALLOW_DETERMINISTIC_SCHEDULING = before[0]  # noqa: SLF001
            scheduler._r.setstate(before[1])  # noqa: SLF001
