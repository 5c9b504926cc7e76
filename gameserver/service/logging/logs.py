"""Configure logging: structured lines, for a terminal or, by a setting, as JSON.

Law: text from outside is escaped, so that no name or message can move the cursor or forge a line
(threat 30); tokens, passwords and chat are never written. Logging never raises and, with a
`LineWriter`, never waits (threat 43). ``docs/operating.md`` explains every line and field.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TextIO

import attrs
import structlog
from structlog.typing import FilteringBoundLogger

from gameserver.plain import colours_wanted, printable
from gameserver.service.config.settings import LogFormat, LogLevel
from gameserver.service.logging.foreign import ForeignLines
from gameserver.service.logging.pace import Pace
from gameserver.service.logging.writer import LineWriter, Sink

_LEVELS = {level: getattr(logging, level.name) for level in LogLevel}

_TRACEBACK: Final = "exception"
"""structlog's key of a formatted traceback, the only value with several lines."""


@contextmanager
def logging_to(level: LogLevel, form: LogFormat, stream: TextIO | None) -> Iterator[LineWriter]:
    """Write the log from a thread during the block, so that a blocked stream delays nothing.

    Log lines and warnings of libraries, and Python's messages about uncaught exceptions, get the
    same format.
    """
    writer = LineWriter(stream)
    writer.notice = configure_logs(level, form, writer).lost
    with ForeignLines(get_logger()).taken_over():
        try:
            yield writer
        finally:
            writer.close()


def configure_logs(level: LogLevel, form: LogFormat, stream: Sink | None = None) -> "Renderer":
    """Configure structlog and return the renderer; the default stream is standard error."""
    sink: Sink = stream if stream is not None else LineWriter(sys.stderr)
    renderer = Renderer.of(form, colours=sink.isatty() and colours_wanted())
    structlog.reset_defaults()
    structlog.configure(
        processors=[renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_names: _LineLogger(sink),
        cache_logger_on_first_use=False,
    )
    return renderer


def get_logger() -> FilteringBoundLogger:
    """Return a logger; its methods (``info``...) take an event name and keyword values."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


@attrs.frozen
class _LineLogger:
    """Passes whole lines to a sink; structlog calls the method named after the level."""

    _sink: Sink

    def msg(self, line: str) -> None:
        """Write one line."""
        self._sink.write(line + "\n")
        self._sink.flush()

    debug = info = warning = error = critical = msg


@attrs.frozen
class Renderer:
    """Renders an event as the text of its line.

    If a value cannot be rendered, such as an object whose ``repr`` raises, the line is written
    without its values: logging must not raise in the code that logs.
    """

    _steps: Sequence[structlog.typing.Processor]

    @classmethod
    def of(cls, form: LogFormat, *, colours: bool) -> "Renderer":
        """Return the renderer for a format; ``colours`` applies to `LogFormat.PRETTY`."""
        steps: list[structlog.typing.Processor] = [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(
                fmt="iso" if form is LogFormat.JSON else "%H:%M:%S", utc=form is LogFormat.JSON
            ),
            _SpareTracebacks(Pace()),
            # Without local variables, which may hold chat, passwords and tokens.
            structlog.processors.format_exc_info,
            _escape_controls,
        ]
        if form is LogFormat.JSON:
            steps.append(structlog.processors.JSONRenderer(ensure_ascii=False))
        else:
            steps += [
                _indent_traceback,
                structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0),
            ]
        return cls(steps)

    def __call__(self, logger: Any, method: str, values: MutableMapping[str, Any]) -> Any:
        """Return the line of an event; structlog calls this method."""
        event = values.get("event")
        try:
            return self._render(logger, method, values)
        except Exception as error:
            shown = {"event": str(event), "unreadable": type(error).__name__}
            return self._render(logger, method, shown)

    def _render(self, logger: Any, method: str, values: MutableMapping[str, Any]) -> Any:
        rendered: Any = values
        for step in self._steps:
            rendered = step(logger, method, rendered)
        return rendered

    def lost(self, count: int) -> str:
        """Return the line that reports ``count`` lost lines, with its line break."""
        line = self._render(None, "warning", {"event": "log lines lost", "count": count})
        return f"{line}\n"


@attrs.frozen
class _SpareTracebacks:
    """Lets one traceback a second pass for each event and type of exception.

    Formatting a traceback takes milliseconds of the event loop, and a peer that finds a bug can
    trigger it repeatedly.
    """

    _pace: Pace

    def __call__(
        self, _logger: object, _method: str, values: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Replace a traceback by the exception's type if one passed less than a second ago."""
        error = values.get("exc_info")
        if isinstance(error, tuple):
            error = error[1]
        elif error and not isinstance(error, BaseException):
            error = sys.exc_info()[1]
        if error and self._pace.admit(f"{values.get('event')} {type(error).__name__}") is None:
            del values["exc_info"]
            values["cause"] = type(error).__name__
        return values


def _escape_controls(
    _logger: object, _method: str, values: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in values.items():
        if isinstance(value, str):
            lines = value.split("\n") if key == _TRACEBACK else [value]
            values[key] = "\n".join(map(printable, lines))
    return values


def _indent_traceback(
    _logger: object, _method: str, values: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Indent a traceback, so that none of its lines can be mistaken for a line of the log."""
    if _TRACEBACK in values:
        values[_TRACEBACK] = "\n".join(f"    {line}" for line in values[_TRACEBACK].splitlines())
    return values
