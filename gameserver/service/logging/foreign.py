"""Write the log lines, warnings and uncaught exceptions of libraries in the server's own format.

Law: each source writes at most one line a second, with the number of lines held back, so that a
library cannot fill the log. For example, trio logs ten times a second that it cannot accept a
connection for lack of descriptors (threat 44).
"""

import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from gameserver.service.logging.pace import Pace


class ForeignLines(logging.Handler):
    """Receives log records of the ``logging`` module, warnings, and exceptions that end nowhere.

    These are exceptions in destructors, callbacks and threads, which no code can catch.
    """

    def __init__(self, log: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """Write all lines to the logger ``log``."""
        super().__init__(logging.WARNING)
        self._log = log
        self._pace = Pace(clock)

    @contextmanager
    def taken_over(self) -> Iterator[None]:
        """Replace the root logger's handlers and Python's hooks during the block."""
        root = logging.root
        before = root.handlers[:], root.level, warnings.showwarning
        hooks = sys.unraisablehook, threading.excepthook
        # trio-websocket warns of every failed handshake; the server logs these itself.
        websocket = logging.getLogger("trio-websocket")
        websocket_level = websocket.level
        try:
            root.handlers[:] = [self]
            root.setLevel(logging.WARNING)
            websocket.setLevel(logging.ERROR)
            warnings.showwarning = self._warned
            sys.unraisablehook = self._unraisable
            threading.excepthook = self._thread_ended
            yield
        finally:
            root.handlers[:], level, warnings.showwarning = before
            root.setLevel(level)
            websocket.setLevel(websocket_level)
            sys.unraisablehook, threading.excepthook = hooks

    def emit(self, record: logging.LogRecord) -> None:
        """Write a library's record; its exception becomes the field ``cause``."""
        try:
            said = record.getMessage()
        except Exception as mistake:  # a wrong format string of the library
            said = f"{record.msg!r:.200} ({mistake!r:.200})"
        error = record.exc_info[1] if record.exc_info else None
        self._write(record.name, said, error, severe=record.levelno >= logging.ERROR)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Do nothing: by default `logging` would print a traceback to standard error."""

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG002  Python's signature
        line: str | None = None,  # noqa: ARG002
    ) -> None:
        self._write("python", f"{category.__name__}: {message}", at=f"{filename}:{lineno}")

    def _unraisable(self, unraisable: "sys.UnraisableHookArgs") -> None:
        said = unraisable.err_msg or "Exception ignored"
        where = getattr(unraisable.object, "__qualname__", type(unraisable.object).__qualname__)
        self._write("python", said, unraisable.exc_value, severe=True, at=where)

    def _thread_ended(self, ended: threading.ExceptHookArgs) -> None:
        at = ended.thread.name if ended.thread else ""
        self._write("python", "Exception in a thread", ended.exc_value, severe=True, at=at)

    def _write(
        self,
        source: str,
        said: str,
        error: BaseException | None = None,
        *,
        severe: bool = False,
        at: str = "",
    ) -> None:
        held = self._pace.admit(source)
        if held is None:
            return
        fields: dict[str, object] = {"source": source, "said": said}
        if at:
            fields["at"] = at
        if held:
            fields["held_back"] = held
        if error is not None:
            fields["cause"] = repr(error)
            if not isinstance(error, OSError):  # an error of the system needs no traceback
                fields["exc_info"] = error
        tell = self._log.error if severe else self._log.warning
        tell("library error" if severe else "library warning", **fields)
