"""Lines leave by a thread: whatever becomes of their reader, who logs neither waits nor fails.

These tests use real pipes and a real thread; nothing in them waits for a length of time.
"""

import errno
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest

from gameserver.service.logging.writer import LONGEST_LINE, QUEUED_LINES, LineWriter, Printed

PATIENCE_S = 60
"""Ends a test that hangs; nothing is measured by it."""


@contextmanager
def pipe() -> Iterator[tuple[int, TextIO]]:
    """A pipe: the descriptor to read from, the stream to write to."""
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w", encoding="utf-8")
    try:
        yield reader, stream
    finally:
        for close in (partial(os.close, reader), stream.close):
            with suppress(OSError):
                close()


class Moody(io.StringIO):
    """A stream that refuses lines as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = True
        self.refused = threading.Semaphore(0)
        self.took = threading.Event()

    def write(self, text: str) -> int:
        if self.refuses:
            self.refused.release()
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(text)
        self.took.set()
        return written


def test_lines_are_written_whole_and_in_order() -> None:
    with pipe() as (reader, stream):
        writer = LineWriter(stream)
        for number in range(100):
            writer.write(f"line {number}\n")
        writer.close(PATIENCE_S)
        stream.close()
        written = os.read(reader, 65536).decode()
    assert written == "".join(f"line {number}\n" for number in range(100))


def test_a_closed_pipe_loses_lines_and_has_no_other_effect() -> None:
    with pipe() as (reader, stream):
        os.close(reader)
        writer = LineWriter(stream)
        for _ in range(10):
            writer.write("nobody reads this\n")
        writer.close(PATIENCE_S)
        assert writer.lost == 10


@pytest.mark.parametrize("lines", [1, 10])
def test_a_full_disk_loses_lines_and_has_no_other_effect(lines: int) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stream:
        writer = LineWriter(stream)
        for _ in range(lines):
            writer.write("there is no room for this\n")
        writer.close(PATIENCE_S)
        assert writer.lost == lines


def test_a_closed_stream_accepts_lines_and_keeps_none() -> None:
    writer = LineWriter(None)
    writer.write("into nothing\n")
    assert not writer.isatty()
    writer.close()


def test_logging_does_not_wait_for_a_stalled_reader_and_dropped_lines_are_reported() -> None:
    with pipe() as (reader, stream):
        writer = LineWriter(stream, "lost {}\n".format, capacity=10)
        filler = "x" * 4000 + "\n"
        for _ in range(200):  # 800 KB: more than any pipe takes, so the thread stands still
            writer.write(filler)
        assert writer.lost > 0
        lost = writer.lost
        written = b""
        while not written.endswith(f"lost {lost}\n".encode()):
            written += os.read(reader, 65536)
        writer.close(PATIENCE_S)
    lines = written.decode().splitlines(keepends=True)
    assert lines[:-1] == [filler] * (200 - lost)


def test_after_a_failure_the_number_of_lost_lines_is_written() -> None:
    stream = Moody()
    writer = LineWriter(stream, "lost {}\n".format)
    for number in range(3):
        writer.write(f"missed {number}\n")
    for _ in range(3):
        assert stream.refused.acquire(timeout=PATIENCE_S)
    stream.refuses = False
    writer.write("heard\n")
    writer.close(PATIENCE_S)
    written = stream.getvalue().splitlines()
    assert written[-1] == "heard"
    assert sum(int(line.removeprefix("lost ")) for line in written[:-1]) == 3


def test_lost_lines_are_reported_without_waiting_for_another_line() -> None:
    stream = Moody()
    writer = LineWriter(stream, "lost {}\n".format)
    writer.write("missed\n")
    assert stream.refused.acquire(timeout=PATIENCE_S)
    stream.refuses = False
    assert stream.took.wait(PATIENCE_S)
    assert stream.getvalue() == "lost 1\n"
    writer.close(PATIENCE_S)


def test_a_non_blocking_terminal_gets_every_line() -> None:
    with pipe() as (reader, stream):
        os.set_blocking(stream.fileno(), False)
        writer = LineWriter(stream)
        filler = "x" * 4000 + "\n"
        for _ in range(100):
            writer.write(filler)
        written = b""
        while len(written) < 100 * len(filler):
            written += os.read(reader, 65536)
        writer.close(PATIENCE_S)
        assert (written.decode(), writer.lost) == (filler * 100, 0)


def test_waiting_lines_are_bounded_in_number_and_length() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    writer.write("y" * (LONGEST_LINE + 5) + "\n")
    writer.close(PATIENCE_S)
    written = stream.getvalue()
    assert written.startswith("y" * (LONGEST_LINE // 2) + " … 6 characters … y")
    assert written.count("\n") == 1
    assert QUEUED_LINES * LONGEST_LINE <= 16 * 2**20


def test_an_unencodable_character_is_written_as_an_escape() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    writer = LineWriter(stream)
    writer.write("Zoë \udcff\n")
    writer.close(PATIENCE_S)
    stream.flush()
    assert raw.getvalue() == b"Zo\\xeb \\udcff\n"


def test_printed_text_is_written_in_whole_lines() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    printed = Printed(writer)
    print("where", 1, 2, file=printed)
    printed.write("half a ")
    writer.write("a line of the log\n")
    printed.write("line\nbegun")
    writer.close(PATIENCE_S)
    assert stream.getvalue() == "where 1 2\na line of the log\nhalf a line\n"
    assert not printed.isatty()
