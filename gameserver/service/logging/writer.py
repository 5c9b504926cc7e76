"""Write lines to a stream from a thread, so that no reader of the stream can block the server.

Law: `LineWriter.write` never blocks and never raises. If the reader stalls or has gone, or the disk
is full, lines are lost, never a player's connection (threat 43). Lost lines are counted, and their
number is written as soon as lines can be written again.
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
"""Most lines that wait for the stream; with `LONGEST_LINE` 16 MiB of ASCII text (threat 43)."""

LONGEST_LINE: Final = 8192
"""Longest line in characters, traceback included. Of a longer one the middle is removed, since a
traceback ends with the exception's message (threat 43)."""

RETRY_S: Final = 0.5
"""Time between two attempts to report lost lines while no new line comes."""

CLOSE_S: Final = 1.0
"""Longest wait for unwritten lines at the end of the process."""


class Sink(Protocol):
    """Destination of lines: a text stream, or a `LineWriter` in front of one."""

    def write(self, text: str, /) -> object:
        """Write one or more whole lines."""
        ...

    def flush(self) -> object:
        """Write buffered lines."""
        ...

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        ...


@attrs.define
class _Closing:
    """Ends the thread after the lines that were queued before it."""


class LineWriter:
    """Writes lines to a stream from a thread, through a bounded queue.

    Attributes:
        lost: Number of lines that were never written.
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
            stream: The stream to write to; None, as for a closed descriptor, drops every line.
            notice: Returns the line that reports the number of lost lines.
            capacity: Most lines that may wait.
        """
        self.notice = notice
        self._stream = stream
        self._descriptor = _descriptor_of(stream)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._capacity = capacity
        # A signal handler or the garbage collector may interrupt `put` and call it again in the
        # same thread. `SimpleQueue` allows that; a queue with a Python lock would deadlock.
        self._queue: SimpleQueue[str | _Closing] = SimpleQueue()
        # Two counters, since two threads count: the callers of `write`, and the writing thread.
        self._dropped = 0
        self._refused = 0
        self._told = 0
        self._cut = False
        self._closed = stream is None
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()  # earlier output in the stream's buffer must come first
            self._thread.start()

    @property
    def lost(self) -> int:
        """Return the number of lines that were never written."""
        return self._dropped + self._refused

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        try:
            return self._stream is not None and self._stream.isatty()
        except (OSError, ValueError):
            return False

    def write(self, text: str) -> None:
        """Queue one or more whole lines.

        When full: the text is dropped and counted as one lost line.
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
        """Do nothing: the thread writes queued lines at once."""

    def close(self, patience_s: float = CLOSE_S) -> None:
        """Drop further lines, and wait at most ``patience_s`` until the queued ones are written."""
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
                self._refused += 1  # the stream still refuses lines
            elif not self._write(item):
                self._refused += 1
            elif self._queue.empty():
                self._tell_lost()  # at its place in time: dropped lines came after all queued ones

    def _tell_lost(self) -> bool:
        """Report the lines lost since the last report; return False if the stream refused it."""
        untold = self.lost - self._told
        if not untold:
            return True
        if not self._write(self.notice(untold)):
            return False
        self._told += untold
        return True

    def _write(self, text: str) -> bool:
        """Write one line; return False if the stream refused it.

        After a line that was written in part, a line break comes first.
        """
        data = text.encode(self._encoding, "backslashreplace")
        if self._cut:
            data = b"\n" + data
        began = len(data)
        try:
            while data:
                data = data[self._write_some(data) :]
        except (OSError, ValueError):  # ValueError: the stream object was closed
            self._cut = self._cut or len(data) < began
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
        except BlockingIOError:  # another process has set the shared terminal or pipe non-blocking
            _wait_writable(self._descriptor)
            return 0


class Printed(io.TextIOBase):
    """Replaces ``sys.stdout`` or ``sys.stderr``, so that a print of the game never blocks.

    Whole lines go to a `LineWriter`; an incomplete line waits for its rest.
    """

    def __init__(self, writer: LineWriter) -> None:
        """Write all printed lines to ``writer``."""
        super().__init__()
        self._writer = writer
        self._begun = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """UTF-8, so that every character may be printed; the writer replaces others."""
        return "utf-8"

    def writable(self) -> bool:
        """Return True: the stream is for writing only."""
        return True

    def isatty(self) -> bool:
        """Return whether the writer's stream is a terminal."""
        return self._writer.isatty()

    def write(self, text: str) -> int:
        """Write the complete lines, keep the rest, and return the number of characters.

        A rest longer than `LONGEST_LINE` is written as a line.
        """
        lines, line_break, begun = (self._begun + text).rpartition("\n")
        if line_break:
            self._writer.write(lines + line_break)
        if len(begun) > LONGEST_LINE:
            self._writer.write(begun + "\n")
            begun = ""
        self._begun = begun
        return len(text)


def _descriptor_of(stream: TextIO | None) -> int | None:
    """Return the file descriptor of a stream; None for a stream in memory."""
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
