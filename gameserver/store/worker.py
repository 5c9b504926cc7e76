"""Where work on files is done: in a thread, or at once in virtual time.

Law: works are done one after the other, in the order in which they were put.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Protocol

import trio

Job = Callable[[], None]

IDLE_S: Final = 1.0
"""Time without work after which a worker calls its ``idle``."""


class Worker(Protocol):
    """Does works in order; none of them may raise."""

    def put(self, work: Job) -> None:
        """Take a work; it never waits."""
        ...

    def now(self) -> float:
        """Return seconds of a clock that a work may read."""
        ...

    def rest(self, seconds: float) -> None:
        """Do nothing for this long, or until `close`; a work may call it at its end."""
        ...

    def close(self, longest_s: float) -> bool:
        """Do what was put, then end; return whether that took no longer than this time."""
        ...


MakeWorker = Callable[[str, Job], Worker]
"""Makes a worker of a name, with what it calls when it has been without work for `IDLE_S`."""


class ThreadWorker:
    """Does works in a thread of its own, so that no disk can delay the loop."""

    def __init__(self, name: str, idle: Job) -> None:
        """Start the thread."""
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._idle = idle
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, work: Job) -> None:
        """Take a work."""
        self._queue.put(work)

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def rest(self, seconds: float) -> None:
        """Let the thread sleep, but not while it is to end."""
        self._closing.wait(seconds)

    def close(self, longest_s: float) -> bool:
        """Do what was put, then end the thread; it goes on beyond this time if it must."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(longest_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=IDLE_S)
            except Empty:
                work = self._idle
            if work is None:
                return
            work()


class InlineWorker:
    """Does each work as it is put: a thread would come too late in virtual time."""

    def __init__(self, name: str, idle: Job) -> None:
        """Do nothing; what is put keeps the files in order."""

    def put(self, work: Job) -> None:
        """Do a work."""
        work()

    def now(self) -> float:
        """Return the virtual time."""
        return trio.current_time()

    def rest(self, seconds: float) -> None:
        """Do nothing: the caller waits for the work."""
        del seconds

    def close(self, longest_s: float) -> bool:
        """Do nothing: no work waits."""
        del longest_s
        return True
