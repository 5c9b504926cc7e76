"""All that a server takes from its process, as one value: clocks, cost, chance, collector, sockets.

Law: nothing else in the service reads a clock, draws random bytes or asks the process how it fares.
So a simulation replaces one value (`gameserver.testing.whole`) and runs the server as it is played.
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
from gameserver.transports import Drain

scheduler: Any = import_module("trio._core._run")
"""trio's loop; see `Runtime.ordered`."""

YOUNGEST: Final = (2_000, 15_000)
"""Smallest and largest number of objects that are made and not dropped before the youngest
generation is collected. The largest holds what the tick of a thousand players makes, and is walked
over in 5 ms."""

PER_VIEWER: Final = 12
"""Objects that are alive at once in a tick for each viewer: its message, its command, its frame."""

OLDER: Final = (1, 500)
"""How many collections of one generation make one of the next. When hundreds connect within a
moment, all they make lives on, and the middle generation is walked over with three times the
youngest one: 4 ms where few play. With 20 it was a quarter of a second (threat 38)."""


_STATM: Final = Path("/proc/self/statm")


def memory_bytes() -> int:
    """Return the memory that the process holds now; where that is not told, the most it held.

    0 where the system tells neither, as on Windows.
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
    """Python's garbage collector, set for a process that makes and drops much in each tick.

    What a tick makes dies by its reference count, before a collection looks at it. With Python's
    own thresholds some of it is still alive when the youngest generation is collected, hundreds of
    times a second, and so moves on to the oldest one, whose collections stop the loop for as long
    as it takes to walk over every connection.
    """

    def settle(self) -> None:
        """Set the collector at the start; what is there by now is never looked at again."""
        gc.collect()
        gc.freeze()
        self.tune(0)

    def tune(self, viewers: int) -> None:
        """Set how often the collector runs, for this many viewers of matches.

        A server with few players collects more often, so that a crowd that connects holds no tick.
        """
        least, most = YOUNGEST
        gc.set_threshold(min(most, least + PER_VIEWER * viewers), *OLDER)

    @contextmanager
    def watching(self, told: Callable[[str], None]) -> Iterator[None]:
        """Tell of each collection's ``start`` and ``stop`` until the block ends."""

        def collected(phase: str, _info: dict[str, Any]) -> None:
            told(phase)

        gc.callbacks.append(collected)
        try:
            yield
        finally:
            gc.callbacks.remove(collected)


@attrs.frozen(kw_only=True)
class Runtime:
    """What a server takes from its process; the defaults are the real ones.

    Attributes:
        now: Monotonic seconds, for all that is due: trio's, so that its test clocks move them.
        wall_ms: Unix time in milliseconds, for all that is shown and kept.
        stopwatch: Seconds, for what a piece of work takes of the loop.
        thread_s: Processor seconds of the loop's thread, for what is charged to peers.
        process_s: Processor seconds of the process.
        memory_bytes: Memory that the process holds.
        entropy: Returns that many random bytes.
        collector: The garbage collector.
        drain: Makes a set of sockets that are read together.
        descriptors: Returns how many descriptors may be open, and how many are.
        order: Seed of the order in which tasks run that are ready in the same moment; None leaves
            it to trio, with which it differs from run to run.
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
    order: int | None = None

    @contextmanager
    def ordered(self) -> Iterator[None]:
        """Apply `order` to each `trio.run` of the block.

        trio has no public way to this. The two names are those that its own plugin for pytest sets
        for hypothesis; trio's module says what they do.
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
