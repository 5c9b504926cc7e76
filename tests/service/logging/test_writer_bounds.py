"""Bounds of the writing thread: the queue, long lines, partial lines, its end, and terminals."""

import errno
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog

from gameserver.service.config.settings import LogFormat, LogLevel
from gameserver.service.logging import writer as writing
from gameserver.service.logging.logs import Renderer, configure_logs, get_logger, logging_to
from gameserver.service.logging.writer import LONGEST_LINE, LineWriter, Printed

PATIENCE_S = 60


class Gate(io.StringIO):
    """A stream that takes no line before a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()

    def write(self, text: str) -> int:
        self.entered.release()
        assert self.open.wait(PATIENCE_S)
        return super().write(text)


def test_as_many_lines_wait_as_the_capacity_says() -> None:
    stream = Gate()
    writer = LineWriter(stream, "lost {}\n".format, capacity=3)
    writer.write("written\n")
    assert stream.entered.acquire(timeout=PATIENCE_S)
    for number in range(5):
        writer.write(f"line {number}\n")
    assert writer.lost == 2
    stream.open.set()
    writer.close(PATIENCE_S)
    assert stream.getvalue() == "written\nline 0\nline 1\nline 2\nlost 2\n"
    assert writer.lost == 2


def test_after_closing_further_lines_are_dropped_and_not_counted() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    writer.write("one\n")
    writer.close(PATIENCE_S)
    writer.write("two\n")
    writer.close(PATIENCE_S)
    assert (stream.getvalue(), writer.lost) == ("one\n", 0)
    assert writer._queue.qsize() == 0
    assert not writer._thread.is_alive()


def test_closing_waits_no_longer_than_its_patience() -> None:
    stream = Gate()
    writer = LineWriter(stream)
    writer.write("stuck\n")
    assert stream.entered.acquire(timeout=PATIENCE_S)
    writer.close(0.01)
    assert writer._thread.is_alive()
    assert writer._thread.daemon, "it must not hold the end of the process"
    stream.open.set()
    writer._thread.join(PATIENCE_S)
    assert stream.getvalue() == "stuck\n"


def test_a_line_of_the_longest_length_is_written_whole() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    whole = "y" * (LONGEST_LINE - 1) + "\n"
    writer.write(whole)
    writer.write("a" * (LONGEST_LINE // 2) + "-" + "z" * (LONGEST_LINE // 2))
    writer.close(PATIENCE_S)
    cut = "a" * (LONGEST_LINE // 2) + " … 1 characters … " + "z" * (LONGEST_LINE // 2)
    assert stream.getvalue() == whole + cut


class Partial:
    """Stands in for `os.write`: writes a part, then fails once."""

    def __init__(self, *steps: int | OSError) -> None:
        self.steps = list(steps)
        self.written = b""

    def __call__(self, _descriptor: int, data: bytes) -> int:
        step = self.steps.pop(0) if self.steps else len(data)
        if isinstance(step, OSError):
            raise step
        self.written += data[:step]
        return step


def written_by(monkeypatch: pytest.MonkeyPatch, steps: Partial, *lines: str) -> LineWriter:
    """Write lines in the calling thread, so that no time and no thread is in play."""
    monkeypatch.setattr(os, "write", steps)
    writer = LineWriter(None)
    writer._descriptor = 99
    for line in lines:
        writer._write(line)
    return writer


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("part", [1, 3, 5])
def test_after_a_line_in_part_a_line_break_comes_first(
    monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    steps = Partial(part, FULL, FULL)
    written_by(monkeypatch, steps, "first\n", "second\n", "third\n", "fourth\n")
    assert steps.written == b"first\n"[:part] + b"\nthird\nfourth\n"


def test_after_a_line_that_failed_whole_no_line_break_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Partial(FULL)
    written_by(monkeypatch, steps, "first\n", "second\n")
    assert steps.written == b"second\n"


def test_a_full_terminal_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    monkeypatch.setattr(writing, "_wait_writable", waited.append)
    steps = Partial(2, BlockingIOError(errno.EAGAIN, "full"), 3)
    written_by(monkeypatch, steps, "first\n")
    assert (steps.written, waited) == (b"first\n", [99])


def test_waiting_for_a_pipe_ends_when_it_is_read() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 65536)
    began = threading.Event()
    ended = threading.Event()

    def wait() -> None:
        began.set()
        writing._wait_writable(writer)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert began.wait(PATIENCE_S)
    for _ in range(1000):
        time.sleep(0)
    assert not ended.is_set()
    os.read(reader, 1 << 20)
    assert ended.wait(PATIENCE_S)
    thread.join()
    os.close(reader)
    os.close(writer)


def test_a_system_that_cannot_wait_for_a_descriptor_tries_again_a_little_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.delattr("select.poll")
    monkeypatch.setattr(time, "sleep", slept.append)
    writing._wait_writable(99)
    assert slept == [0.05]


class Terminal(io.StringIO):
    """A stream that says it is a terminal, or cannot say."""

    answer: bool | Exception = True

    def isatty(self) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "shown"), [(True, True), (False, False), (OSError(), False), (ValueError(), False)]
)
def test_a_writer_is_a_terminal_if_its_stream_is(answer: bool | Exception, shown: bool) -> None:
    stream = Terminal()
    stream.answer = answer
    writer = LineWriter(stream)
    assert writer.isatty() == shown
    assert Printed(writer).isatty() == shown
    writer.close(PATIENCE_S)


def test_earlier_output_of_the_stream_comes_first(tmp_path: Any) -> None:
    path = tmp_path / "out"
    with path.open("w", encoding="utf-8", buffering=4096) as stream:
        stream.write("earlier\n")
        writer = LineWriter(stream)
        writer.write("later\n")
        writer.close(PATIENCE_S)
        assert path.read_text("utf-8") == "earlier\nlater\n"


def test_printed_text_is_counted_written_by_lines_and_bounded() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    printed = Printed(writer)
    assert printed.writable()
    assert printed.encoding == "utf-8"
    assert [printed.write(text) for text in ("ab", "c\nd\ne", "")] == [2, 5, 0]
    assert printed.write("x" * (LONGEST_LINE - 1)) == LONGEST_LINE - 1
    assert printed._begun == "e" + "x" * (LONGEST_LINE - 1)
    printed.write("y")
    assert printed._begun == ""
    printed.write("f\n")
    writer.close(PATIENCE_S)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["abc", "d"]
    assert lines[2].startswith("ex")
    assert lines[2].endswith("xy")
    assert lines[3:] == ["f"]


# --- the log --------------------------------------------------------------------------------------


@pytest.fixture
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("level", list(LogLevel))
def test_lines_from_the_level_on_are_written(level: LogLevel) -> None:
    stream = io.StringIO()
    configure_logs(level, LogFormat.JSON, stream)
    names = [str(each) for each in LogLevel]
    for name in names:
        getattr(get_logger(), name)(name)
    written = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert written == names[names.index(level) :]


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize(("terminal", "form", "coloured"), [
    (True, LogFormat.PRETTY, True), (False, LogFormat.PRETTY, False), (True, LogFormat.JSON, False),
])  # fmt: skip
def test_a_log_is_coloured_for_people_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, form: LogFormat, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    stream.answer = terminal
    configure_logs(LogLevel.INFO, form, stream)
    get_logger().info("signed in", name="Ann")
    assert ("\x1b[" in stream.getvalue()) == coloured


def test_times_are_local_for_people_and_utc_for_machines() -> None:
    people = Renderer.of(LogFormat.PRETTY, colours=False)(None, "info", {"event": "begun"})
    machine = Renderer.of(LogFormat.JSON, colours=False)(None, "info", {"event": "begun"})
    assert people[2] == people[5] == ":"
    assert people.split() == [people[:8], "[info", "]", "begun"]
    assert json.loads(machine)["timestamp"].endswith("Z")


@pytest.mark.usefixtures("_restored")
def test_lost_lines_are_reported_in_the_format_of_the_log() -> None:
    stream = Gate()
    with logging_to(LogLevel.INFO, LogFormat.JSON, stream) as writer:
        writer._capacity = 1
        for number in range(2):
            get_logger().info("begun", number=number)
            assert number or stream.entered.acquire(timeout=PATIENCE_S)
        get_logger().info("begun", number=2)
        stream.open.set()
        writer._thread.join(0.01)
    writer._thread.join(PATIENCE_S)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("number") for line in lines] == [0, 1, None]
    lost = lines[-1]
    assert (lost["event"], lost["count"], lost["level"]) == ("log lines lost", 1, "warning")


def test_a_value_with_lines_is_one_line_and_a_traceback_keeps_its_own() -> None:
    render = Renderer.of(LogFormat.JSON, colours=False)
    line = render(None, "error", {"event": "a", "said": "one\ntwo", "exc_info": ValueError("b")})
    values = json.loads(line)
    assert values["said"] == "one\\ntwo"
    assert values["exception"].count("\n") == 0
    try:
        int("many")
    except ValueError as error:
        values = json.loads(render(None, "error", {"event": "c", "exc_info": error}))
    assert values["exception"].splitlines()[0].startswith("Traceback")


class Flushed(io.StringIO):
    """Notes at which lengths it was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[int] = []

    def flush(self) -> None:
        self.at.append(len(self.getvalue()))


def test_each_line_is_flushed() -> None:
    stream = Flushed()
    writer = LineWriter(stream)
    writer.write("one\n")
    writer.write("two\n")
    writer.close(PATIENCE_S)
    assert stream.at == [0, 4, 8]


@pytest.mark.usefixtures("_restored")
def test_a_log_without_a_writer_is_flushed_too() -> None:
    stream = Flushed()
    configure_logs(LogLevel.INFO, LogFormat.JSON, stream)
    get_logger().info("begun", name="Zoë")
    assert stream.at[-1] == len(stream.getvalue()) > 0
    assert "Zoë" in stream.getvalue()


@pytest.mark.parametrize("given", ["error", "triple", "true"])
def test_an_exception_may_be_given_in_each_form_and_is_spared_the_second_time(given: str) -> None:
    render = Renderer.of(LogFormat.JSON, colours=False)
    lines = []
    try:
        int("many")
    except ValueError as error:
        forms: dict[str, Any] = {
            "error": error,
            "triple": (ValueError, error, error.__traceback__),
            "true": True,
        }
        for _ in range(2):
            values = {"event": "failed", "exc_info": forms[given]}
            lines.append(json.loads(render(None, "error", values)))
    first, second = lines
    assert "invalid literal" in first["exception"]
    assert "cause" not in first
    assert second["cause"] == "ValueError"
    assert "exception" not in second
