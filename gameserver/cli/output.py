"""What the commands print: one console for people, plain JSON for machines.

Law: text from outside is printed as it is: no markup or emoji name in it has a meaning, and no
character in it moves a cursor. No console's encoding ends a command, and a reader that is gone
ends it without a traceback.
"""

import errno
import json
import os
import sys
from typing import Final, TextIO

from rich.console import Console, ConsoleDimensions
from rich.markup import escape

from gameserver.plain import printable

LEAST_WIDTH: Final = 60
"""Columns that are used at least, whatever ``COLUMNS`` says: in fewer, tables show nothing."""


class _Console(Console):
    """A console that prints all it is given, or raises where nobody reads it."""

    @property
    def width(self) -> int:
        """Return the columns."""
        return self.size.width

    @width.setter
    def width(self, width: int) -> None:
        self._width = width

    @property
    def size(self) -> ConsoleDimensions:
        """Return columns and lines."""
        told = super().size
        return ConsoleDimensions(max(told.width, LEAST_WIDTH), told.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self.width, self.height = new_size

    def on_broken_pipe(self) -> None:
        """Raise what rich would end the program for, even in the middle of tasks.

        So `gameserver.cli.main` decides the exit code.
        """
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


out: Final = _Console(emoji=False)
err: Final = _Console(stderr=True, emoji=False)

UNWRITABLE: Final = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Ways in which writing fails: no reader, no space, over a quota or limit, a terminal is gone."""

CANNOT_WRITE: Final = 1
"""Exit code of a command whose output went nowhere."""


def fail(sentence: str) -> None:
    """Say in one line what is wrong."""
    line = escape(printable(" ".join(sentence.split())))
    try:
        err.print(f"[bold red]error:[/] {line}", highlight=False, soft_wrap=True)
    except OSError:
        forget(sys.stderr)  # nobody can be told; the exit code says it


def say(text: str) -> None:
    """Print a line as it is, for machines and people alike."""
    if sys.stdout is not None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def moves(console: Console) -> bool:
    """Tell whether what was printed can be painted over: a file and a dumb terminal only grow."""
    return console.is_terminal and not console.is_dumb_terminal


def outside(text: str) -> str:
    """Return text from outside, fit to stand in what the consoles print with markup."""
    return escape(printable(text))


def to_json(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2)


def unwritten(error: OSError) -> int:
    """Give up writing: say why, unless the reader simply left; return the exit code."""
    forget(sys.stdout)
    if error.errno != errno.EPIPE:
        fail(f"the output cannot be written: {error.strerror or error}")
    return CANNOT_WRITE


def flushed() -> int:
    """Write out what waits; return the exit code of a command that has done its work."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return unwritten(error)
    return 0


def forget(stream: TextIO | None) -> None:
    """Let what waits in a stream that cannot be written go nowhere, at the end of Python too."""
    try:
        if stream is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    except (OSError, ValueError):
        pass  # no file of the system stands behind it
