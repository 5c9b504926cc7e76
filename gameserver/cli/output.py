"""Output of the commands: consoles for people, plain JSON for machines.

Law: text from outside is printed literally: markup and emoji names in it have no effect, and no
character in it moves the cursor. No console's encoding makes a command fail, and a closed pipe ends
it without a traceback.
"""

import errno
import json
import os
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.markup import escape

from gameserver.plain import printable

LEAST_WIDTH: Final = 60
"""Least number of columns, whatever ``COLUMNS`` says: tables cannot be shown in fewer."""

UNCUT: Final = 100_000
"""Columns of what no person watches: programs and files want each row in one line."""


class _Console(Console):
    """A console with at least `LEAST_WIDTH` columns that raises `BrokenPipeError`.

    Attributes:
        least: Number of columns at least.
    """

    least: int = LEAST_WIDTH

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return self.size.width

    @width.setter
    def width(self, width: int) -> None:
        self._width = width

    @property
    def size(self) -> ConsoleDimensions:
        """Return the numbers of columns and lines."""
        told = super().size
        return ConsoleDimensions(max(told.width, self.least), told.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self.width, self.height = new_size

    def on_broken_pipe(self) -> None:
        """Raise `BrokenPipeError`; rich would exit here, even in the middle of tasks.

        So `gameserver.cli.main` decides the exit code.
        """
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


out: Final = _Console(emoji=False)
err: Final = _Console(stderr=True, emoji=False)

UNWRITABLE: Final = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of writing: no reader, no space, over a quota or size limit, a closed terminal."""

CANNOT_WRITE: Final = 1
"""Exit code of a command whose output could not be written."""


def fail(sentence: str) -> None:
    """Print an error in one line on standard error."""
    line = escape(printable(" ".join(sentence.split())))
    try:
        err.print(f"[bold red]error:[/] {line}", highlight=False, soft_wrap=True)
    except OSError:
        forget(sys.stderr)  # the exit code alone tells of the error


def show(table: RenderableType) -> None:
    """Print a table: within a terminal's columns, and with all of its cells in one line elsewhere.

    It must be no wider than its cells, as tables are that do not expand.
    """
    out.least = LEAST_WIDTH if out.is_terminal else UNCUT
    try:
        out.print(table)
    finally:
        out.least = LEAST_WIDTH


def say(text: str) -> None:
    """Print a line literally on standard output."""
    if sys.stdout is not None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def moves(console: Console) -> bool:
    """Return whether printed text can be replaced: not in a file, not on a dumb terminal."""
    return console.is_terminal and not console.is_dumb_terminal


def outside(text: str) -> str:
    """Return text from outside, escaped for the consoles, which interpret markup."""
    return escape(printable(text))


def when(unix_ms: int) -> str:
    """Return a Unix time from outside as date and time in UTC; "?" if there is no such time."""
    try:
        return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return "?"


def to_json(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2)


def unwritten(error: OSError) -> int:
    """Stop writing: print why, unless the pipe was closed; return the exit code."""
    forget(sys.stdout)
    if error.errno != errno.EPIPE:
        fail(f"the output cannot be written: {error.strerror or error}")
    return CANNOT_WRITE


def flushed() -> int:
    """Flush standard output; return the exit code of a command that has done its work."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return unwritten(error)
    return 0


def forget(stream: TextIO | None) -> None:
    """Redirect a broken stream to the null device, so that Python's flush at exit cannot fail."""
    try:
        if stream is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    except (OSError, ValueError):
        pass  # the stream has no file descriptor
