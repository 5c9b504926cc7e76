"""Write lines to a stream from a thread of its own, so that no reader can hold or end the server.

Law: `LineWriter.write` never blocks and never raises. A reader that stalls, is gone, or a disk that
is full costs lines, never a player's connection (threat 43). Lost lines are counted, and the count
is written as soon as lines can be written again.
"""

import io
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Protocol, TextIO

import attrs

QUEUED_LINES: Final = 2048
"""Lines that wait for the stream; with `LONGEST_LINE` at most 16 MiB (threat 43)."""

LONGEST_LINE: Final = 8192
"""Characters of one line, a traceback included; the middle is left out, since an exception's own
words stand last (threat 43)."""

RETRY_S: Final = 0.5
"""How often a stream that refused a line is tried again, where no new line comes."""

CLOSE_S: Final = 1.0
"""Longest wait at the end of the process for lines that are not written yet."""


class Sink(Protocol):
    """Where lines go: a text stream, or a `LineWriter` before one."""

    def write(self, text: str, /) -> object:
        """Take one or more whole lines."""
        ...

    def flush(self) -> object:
        """Write what is kept back."""
        ...

    def isatty(self) -> bool:
        """Tell whether a person reads it in a terminal."""
        ...


@attrs.define
class _Closing:
    """Ends the thread behind what was queued before it."""


class LineWriter:
    """A stream behind a bounded queue.

    Attributes:
        lost: Lines that were never written, so far.
    """

    def __init__(
        self,
        stream: TextIO | None,
        notice: Callable[[int], str] = "{} lines lost\n".format,
        *,
        capacity: int = QUEUED_LINES,
    ) -> None:
        """Start the thread.

        Args:
            stream: Where to write; None, as for a closed descriptor, drops every line.
            notice: Returns the line that tells how many lines were lost.
            capacity: Lines that may wait.
        """
        self.notice = notice
        self._stream = stream
        self._descriptor = _descriptor_of(stream)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._capacity = capacity
        # Its `put` may be interrupted by a signal or the collector in the same thread and called
        # again from there: a queue with a Python lock could wait for itself.
        self._queue: SimpleQueue[str | _Closing] = SimpleQueue()
        self._dropped = 0  # counted by who writes
        self._refused = 0  # counted by the thread
        self._told = 0
        self._cut = False
        self._closed = stream is None
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()  # what was printed before comes first
            self._thread.start()

    @property
    def lost(self) -> int:
        """Count the lines that were never written."""
        return self._dropped + self._refused

    def isatty(self) -> bool:
        """Tell whether a person reads it in a terminal."""
        try:
            return self._stream is not None and self._stream.isatty()
        except (OSError, ValueError):
            return False

    def write(self, text: str) -> None:
        """Queue whole lines.

        When full: they are dropped and counted.
        """
        if self._closed:
            return
        if self._queue.qsize() >= self._capacity:
            self._dropped += 1
            return
        if len(text) > LONGEST_LINE:
            half, left_out = LONGEST_LINE // 2, len(text) - LONGEST_LINE
            text = f"{text[:half]} … {left_out} characters … {text[-half:]}"
        self._queue.put(text)

    def flush(self) -> None:
        """Do nothing: lines leave by themselves."""

    def close(self, patience_s: float = CLOSE_S) -> None:
        """Wait for queued lines to leave, but no longer than this; take no more."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(_Closing())
        self._thread.join(patience_s)

    # --- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=RETRY_S if self.lost > self._told else None)
            except Empty:
                self._tell_lost()
                continue
            if isinstance(item, _Closing):
                self._tell_lost()
                return
            if self._refused and not self._tell_lost():
                self._refused += 1  # the stream refuses lines still
            elif not self._write(item):
                self._refused += 1
            elif self._queue.empty():
                self._tell_lost()  # dropped lines are newer than all that was queued

    def _tell_lost(self) -> bool:
        """Write how many lines were lost since that was last told, if any; False if it failed."""
        untold = self.lost - self._told
        if not untold:
            return True
        if not self._write(self.notice(untold)):
            return False
        self._told += untold
        return True

    def _write(self, text: str) -> bool:
        """Write one line; False where the stream refused it."""
        data = text.encode(self._encoding, "backslashreplace")
        if self._cut:
            data = b"\n" + data
        began = len(data)
        try:
            while data:
                data = data[self._write_some(data) :]
        except (OSError, ValueError):  # ValueError: the stream object was closed
            self._cut = self._cut or 0 < len(data) < began
            return False
        self._cut = False
        return True

    def _write_some(self, data: bytes) -> int:
        if self._descriptor is None:
            assert self._stream is not None
            self._stream.write(data.decode(self._encoding))
            self._stream.flush()
            return len(data)
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # another process has made the shared terminal or pipe so
            _wait_writable(self._descriptor)
            return 0


class Printed(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr``: what a game prints must hold nobody either.

    Lines go to a `LineWriter` whole; what ends in no line break waits for the rest.
    """

    def __init__(self, writer: LineWriter) -> None:
        """Print to ``writer``."""
        super().__init__()
        self._writer = writer
        self._begun = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What is printed may hold every character."""
        return "utf-8"

    def writable(self) -> bool:
        """Tell that one may write."""
        return True

    def isatty(self) -> bool:
        """Tell whether a person reads it in a terminal."""
        return self._writer.isatty()

    def write(self, text: str) -> int:
        """Take text."""
        lines, line_break, begun = (self._begun + text).rpartition("\n")
        if line_break:
            self._writer.write(lines + line_break)
        if len(begun) > LONGEST_LINE:
            self._writer.write(begun + "\n")
            begun = ""
        self._begun = begun
        return len(text)


def _descriptor_of(stream: TextIO | None) -> int | None:
    """Return the descriptor below a stream; None for one in memory."""
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError):
        return None


def _wait_writable(descriptor: int) -> None:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        poll.poll()
    else:
        time.sleep(0.05)
