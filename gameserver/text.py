"""Text from somewhere else, made fit to be shown on a terminal or a screen.

Law: what comes out is one bounded line that a terminal takes for text and nothing else; text that
is fit already comes out as it was.
"""

import unicodedata
from typing import Final

LONGEST_SHOWN: Final = 1000
"""Characters of one text; longer than any chat line (threat 46)."""

MARKS_PER_LETTER: Final = 4
"""Accents on one letter (threats 29, 46)."""

JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, but some languages spell with them and families of emoji are made of them."""

_BLACK_FLAG: Final = "\U0001f3f4"
_TAGS: Final = range(0xE0020, 0xE0080)
"""Letters behind a black flag that name a country's part; invisible anywhere else."""


def shown(text: str, most: int = LONGEST_SHOWN) -> str:
    """Return foreign text as one line without controls, direction marks and piled-up accents.

    What is longer than ``most`` characters ends in an ellipsis.
    """
    if len(text) <= most and text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for char in text[: most + 1 + MARKS_PER_LETTER * most]:
        category = unicodedata.category(char)
        if category[0] == "Z" or char in "\t\n\v\f\r\x85":
            char = " "  # noqa: PLW2901  it stands for what breaks or spaces a line
        elif category[0] == "C" and not _is_part(char, kept):
            continue
        marks = marks + 1 if category[0] == "M" else 0
        if marks <= MARKS_PER_LETTER and not (marks and not kept):
            kept.append(char)
        if len(kept) > most:
            break
    return "".join(kept) if len(kept) <= most else "".join(kept[: most - 1]) + "…"


def quoted(text: str, most: int = 60) -> str:
    """Return what somebody typed, in quotes, escaped and cut, for a sentence about it."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def fits_utf8(text: str) -> bool:
    """Tell whether a text can be encoded: half an emoji, or a byte that was no text, cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _is_part(char: str, before: list[str]) -> bool:
    """Tell whether an invisible character is a part of the sign before it."""
    last = before[-1] if before else " "
    if char in JOINERS:
        return last != " " and last not in JOINERS
    return ord(char) in _TAGS and (last == _BLACK_FLAG or ord(last) in _TAGS)
