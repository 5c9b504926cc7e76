"""Text from outside, made fit for a terminal, a log or any console.

Law: what a terminal would act on instead of showing it is shown as an escape (threats 30, 46), and
what a console's encoding cannot hold is written another way instead of ending the program. Text of
every script stays as it is.
"""

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Mapping
from typing import Final, TextIO

ON_ERRORS: Final = "gameserver.plain"
"""Name of the error handler for encoders that `make_safe` sets."""

_ACTED_ON: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, format characters, lone surrogates and line separators."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Format characters that languages and emoji are written with; a terminal shows them as nothing."""

_STAND_INS: Final = {
    "✓": "ok",
    "✗": "x",
    "…": "...",
    "\u2013": "-",
    "\u2014": "-",
    "→": "->",
    "µ": "u",
    "\u00d7": "x",
    "━": "-",
    "╸": "-",
    "╺": "-",
    "─": "-",
    "│": "|",
}
"""What the program itself prints, for consoles that have no such characters."""


def printable(text: str) -> str:
    r"""Return a text in one line with nothing in it that a terminal acts on.

    Such characters become escapes as in Python's own notation: ``\x1b``, ``\u202e``, ``\n``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if unicodedata.category(character) in _ACTED_ON and character not in _JOINERS:
        return _escape(character)
    return character


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def make_safe(*streams: TextIO | None) -> None:
    """Let no character end the program: streams write what their encoding lacks another way."""
    for stream in streams or (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ON_ERRORS)


def colours_wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the terminal of this environment shows colours, and its owner wants them.

    Source: no-color.org; a terminal called ``dumb`` shows escapes as they are.
    """
    return not environ.get("NO_COLOR") and environ.get("TERM") not in ("dumb", "unknown")


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_STAND_INS.get(each) or _escape(each) for each in missing), error.end


codecs.register_error(ON_ERRORS, _stand_in)
