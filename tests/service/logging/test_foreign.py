"""What libraries and Python say comes in the server's form, one line a second for each source."""

import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import structlog

from gameserver.service.config.settings import LogFormat, LogLevel
from gameserver.service.logging.foreign import ForeignLines
from gameserver.service.logging.logs import configure_logs, get_logger
from gameserver.service.logging.pace import SOURCES, Pace

trio_says = logging.getLogger("trio.serve_listeners")


@attrs.define(eq=False)
class Log:
    """What was written, line by line, and the time that a source's next line waits for."""

    stream: io.StringIO = attrs.field(factory=io.StringIO)
    now: float = 0.0

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    configure_logs(LogLevel.INFO, LogFormat.JSON, log.stream)
    with ForeignLines(get_logger(), lambda: log.now).taken_over():
        yield log
    structlog.reset_defaults()


def fails() -> None:
    raise OSError(24, "Too many open files")


def told_with_a_traceback(fault: Callable[[], object]) -> None:
    try:
        fault()
    except Exception:
        trio_says.exception("accept failed, trying again")


def test_errors_of_a_library_are_logged_once_a_second_with_the_number_of_suppressed_ones(
    log: Log,
) -> None:
    for tenth in range(25):
        log.now = tenth / 10
        told_with_a_traceback(fails)
    assert [line.get("held_back") for line in log.lines] == [None, 9, 9]
    first = log.lines[0]
    assert (first["event"], first["level"]) == ("library error", "error")
    assert first["source"] == "trio.serve_listeners"
    assert first["said"] == "accept failed, trying again"
    assert first["cause"] == "OSError(24, 'Too many open files')"
    assert "exception" not in first


def test_an_operating_system_error_is_one_line_in_the_pretty_format() -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, LogFormat.PRETTY, stream)
    with ForeignLines(get_logger()).taken_over():
        told_with_a_traceback(fails)
    structlog.reset_defaults()
    assert stream.getvalue().count("\n") == 1


def test_a_bug_in_a_library_keeps_its_traceback(log: Log) -> None:
    told_with_a_traceback([].pop)
    assert "IndexError" in str(log.lines[0]["exception"])


def test_lines_of_one_source_do_not_suppress_those_of_another(log: Log) -> None:
    logging.getLogger("wsproto").warning("odd frame")
    logging.getLogger("h11").warning("odd head")
    assert [line["source"] for line in log.lines] == ["wsproto", "h11"]


def test_warnings_of_python_are_logged(log: Log) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will go away", DeprecationWarning, stacklevel=1)
    (line,) = log.lines
    assert (line["event"], line["source"]) == ("library warning", "python")
    assert line["said"] == "DeprecationWarning: this will go away"
    assert "test_foreign.py" in str(line["at"])


class Clumsy:
    def __del__(self) -> None:
        raise ZeroDivisionError("in a finalizer")


def test_an_unraisable_exception_is_logged(log: Log) -> None:
    clumsy = Clumsy()
    del clumsy
    gc.collect()
    (line,) = log.lines
    assert (line["event"], line["source"]) == ("library error", "python")
    assert line["cause"] == "ZeroDivisionError('in a finalizer')"
    assert line["said"] == "Exception ignored"
    assert "__del__" in str(line["at"])


def test_the_words_of_an_unraisable_exception_are_kept() -> None:
    lines: list[dict[str, object]] = []
    log = SimpleNamespace(error=lambda event, **fields: lines.append({"event": event, **fields}))
    unraisable: Any = SimpleNamespace(err_msg="Said by C", object=len, exc_value=KeyError("x"))
    ForeignLines(log, lambda: 0.0)._unraisable(unraisable)
    (line,) = lines
    assert (line["event"], line["said"], line["at"]) == ("library error", "Said by C", "len")


def test_a_thread_that_ends_with_an_exception_is_logged(log: Log) -> None:
    thread = threading.Thread(target=fails, name="helper")
    thread.start()
    thread.join()
    (line,) = log.lines
    assert (line["at"], line["cause"]) == ("helper", "OSError(24, 'Too many open files')")
    assert (line["event"], line["said"]) == ("library error", "Exception in a thread")


def test_a_wrong_log_call_of_a_library_is_logged_and_raises_nothing() -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, LogFormat.JSON, stream)
    with ForeignLines(get_logger()).taken_over():
        trio_says.warning("%d files", "many")
    structlog.reset_defaults()
    assert "%d files" in json.loads(stream.getvalue())["said"]


def test_handlers_and_hooks_are_restored_afterwards() -> None:
    before = list(logging.root.handlers), logging.root.level, warnings.showwarning
    with ForeignLines(get_logger()).taken_over():
        assert logging.root.handlers != before[0]
    assert (list(logging.root.handlers), logging.root.level, warnings.showwarning) == before


def test_the_number_of_remembered_sources_is_bounded() -> None:
    pace = Pace(lambda: 0.0)
    admitted = [pace.admit(f"library {number}") for number in range(10 * SOURCES)]
    assert sum(held == 0 for held in admitted) == SOURCES + 1


def test_all_replaced_levels_and_hooks_are_restored_at_any_level() -> None:
    root, websocket = logging.root, logging.getLogger("trio-websocket")

    def state() -> list[object]:
        return [
            root.handlers[:],
            root.level,
            websocket.level,
            warnings.showwarning,
            sys.unraisablehook,
            threading.excepthook,
        ]

    websocket.setLevel(logging.INFO)
    before = state()
    for level in (logging.DEBUG, logging.CRITICAL):
        root.setLevel(level)
        lines = ForeignLines(get_logger(), lambda: 0.0)
        with lines.taken_over():
            assert root.handlers == [lines]
            assert (root.level, websocket.level) == (logging.WARNING, logging.ERROR)
        assert root.level == level
        root.setLevel(before[1])
        assert state() == before
    websocket.setLevel(logging.NOTSET)
