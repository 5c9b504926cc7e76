"""Interrupt code of a game's author that does not return, and say where it was.

Law: it uses the system's alarm signal, so it works only on POSIX and in the main thread; elsewhere
it does nothing. Each `Watchdog.again` restarts the time.
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
"""Longest time between two calls of `Watchdog.again`; a tick takes some milliseconds."""


@attrs.define
class Watchdog:
    """Raises `GameFaultError` in the watched code if `again` is not called in time."""

    what: str
    patience_s: float
    works: bool

    def again(self) -> None:
        """Restart the time."""
        if self.works:
            signal.setitimer(signal.ITIMER_REAL, self.patience_s, self.patience_s)


@contextmanager
def watched(what: str, patience_s: float = PATIENCE_S) -> Iterator[Watchdog]:
    """Watch the block.

    Inside it, `os._exit` and `os.abort` raise instead of ending the process, so that the fault can
    be reported.

    Raises:
        GameFaultError: The block took too long; the sentence names the file and line it was at.
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
