"""Logging: structured lines, readable in a terminal, JSON by setting.

Law: text from outside is written escaped, so that no name or message can move a cursor or forge
a line (threat 30); tokens, passwords and chat are never written.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from gameserver.service.settings import LogFormat, LogLevel

_LEVELS = {level: getattr(logging, level.name) for level in LogLevel}


def configure_logs(level: LogLevel, form: LogFormat, stream: TextIO = sys.stderr) -> None:
    """Set up logging for the process, of this project and of the libraries alike."""
    structlog.reset_defaults()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(
            fmt="iso" if form is LogFormat.JSON else "%H:%M:%S", utc=form is LogFormat.JSON
        ),
        _escape_controls,
    ]
    if form is LogFormat.JSON:
        shared += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        shared.append(
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(),
                pad_event_to=0,
                # The library's own choice prints local variables, and with them what people said.
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # trio-websocket and wsproto speak through the standard library; only their warnings matter.
    logging.basicConfig(stream=stream, level=logging.WARNING, force=True)
    logging.getLogger("trio-websocket").setLevel(logging.ERROR)


def get_logger() -> Any:
    """Return a logger whose methods take an event name and keyword values."""
    return structlog.get_logger()


def _escape_controls(
    _logger: object, _method: str, values: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in values.items():
        if isinstance(value, str) and not value.isprintable():
            values[key] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return values
