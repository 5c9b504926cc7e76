"""What is written, and how text from outside is kept from doing harm there."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gameserver.service.config.settings import LogFormat, LogLevel
from gameserver.service.logging.logs import configure_logs, get_logger

FORGED = "Ann\x1b[2J\n12:00:00 [error] all is lost"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers = list(logging.root.handlers)
    level = logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize("form", list(LogFormat))
def test_control_characters_of_clients_are_escaped(form: LogFormat) -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, form, stream)
    get_logger().info("signed in", name=FORGED)
    written = stream.getvalue()
    assert "\x1b" not in written
    assert written.count("\n") == 1
    assert "x1b[2J" in written


def test_json_is_one_object_a_line_tracebacks_included() -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, LogFormat.JSON, stream)
    log = get_logger()
    log.info("match started", seats=4)
    try:
        missing: dict[str, int] = {}
        missing["gone"] += 1
    except KeyError:
        log.exception("request failed", name="lobby.join")
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (first["event"], first["seats"], first["level"]) == ("match started", 4, "info")
    assert "KeyError" in second["exception"]


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.WARNING, LogFormat.JSON, stream)
    get_logger().info("quiet")
    get_logger().warning("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_traceback_shows_no_values(form: LogFormat) -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, form, stream)
    private = "my private" + " words"
    try:
        int(private[:2])
    except ValueError:
        get_logger().exception("request failed")
    written = stream.getvalue()
    assert "ValueError" in written
    assert private not in written


class Unshowable:
    def __repr__(self) -> str:
        raise ZeroDivisionError("cannot be shown")


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_unprintable_value_removes_the_values_of_its_line_and_raises_nothing(
    form: LogFormat,
) -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, form, stream)
    get_logger().info("match fault", fault=Unshowable())
    written = stream.getvalue()
    assert "match fault" in written
    assert "ZeroDivisionError" in written
    assert written.count("\n") == 1


def test_a_traceback_in_the_pretty_format_is_readable_and_cannot_forge_lines() -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, LogFormat.PRETTY, stream)
    get_logger().error("request failed", exc_info=ValueError(FORGED))
    first, *rest = stream.getvalue().splitlines()
    assert "request failed" in first
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in stream.getvalue()


def test_a_missing_standard_error_stream_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    configure_logs(LogLevel.INFO, LogFormat.PRETTY)
    get_logger().info("into nothing")


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_repeated_exception_is_formatted_once_a_second(
    form: LogFormat,
) -> None:
    stream = io.StringIO()
    configure_logs(LogLevel.INFO, form, stream)
    log = get_logger()
    for _ in range(20):
        try:
            int("many")
        except ValueError:
            log.exception("connection failed")
        log.error("match fault", exc_info=ValueError("a game's"))
    log.error("connection failed", exc_info=KeyError("another kind"))
    log.error("connection failed", exc_info=None)
    written = stream.getvalue()
    assert written.count("connection failed") == 22
    assert written.count("invalid literal") < 20
    assert written.count("a game's") < 20
    assert "another kind" in written
    assert "cause" in written
