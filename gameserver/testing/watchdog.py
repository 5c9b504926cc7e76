"""Stop code of a game's author that does not come back, and say where it was.

Law: it works by the system's alarm, so only on POSIX and only in the main thread; elsewhere it does
nothing. Each `again` gives the code that follows its time anew.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import attrs

from gameserver.errors import GameFaultError

PATIENCE_S: Final = 20.0
"""Longest that one call may take; a tick has some milliseconds."""


@attrs.define
class Watchdog:
    """Bites when it is not told `again` in time."""

    what: str
    patience_s: float
    works: bool

    def again(self) -> None:
        """Begin to count anew."""
        if self.works:
            signal.setitimer(signal.ITIMER_REAL, self.patience_s, self.patience_s)


@contextmanager
def watched(what: str, patience_s: float = PATIENCE_S) -> Iterator[Watchdog]:
    """Watch over the block.

    Code that ends the process meanwhile by `os._exit` or `os.abort`, of which nothing could be told
    afterwards, raises instead.

    Raises:
        GameFaultError: It took too long; names file and line where it was.
    """
    with _kept_running():
        yield from _watched(what, patience_s)


@contextmanager
def _kept_running() -> Iterator[None]:
    def refuse(*_status: object) -> None:
        raise RuntimeError("this ends the process (os._exit), and every match with it")

    before = os._exit, os.abort
    process: Any = os
    process._exit = process.abort = refuse  # noqa: SLF001  the public name of ending at once
    try:
        yield
    finally:
        process._exit, process.abort = before  # noqa: SLF001


def _watched(what: str, patience_s: float) -> Iterator[Watchdog]:
    in_main = threading.current_thread() is threading.main_thread()
    dog = Watchdog(what, patience_s, hasattr(signal, "SIGALRM") and in_main)
    if not dog.works:
        yield dog
        return

    def bite(_number: int, frame: FrameType | None) -> None:
        at = f", at {Path(frame.f_code.co_filename).name} line {frame.f_lineno}" if frame else ""
        raise GameFaultError(f"{what} has not come back for {patience_s:g} s{at}")

    before = signal.signal(signal.SIGALRM, bite)
    dog.again()
    try:
        yield dog
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
