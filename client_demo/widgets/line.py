"""The editor of one line of text: text, caret and selection, as a value without I/O."""

from typing import Final

import attrs
import pygame

from client_demo import fonts
from client_demo.text.clusters import clusters, is_picture, shortened, stop_after, stop_before
from client_demo.widgets.ui import Typed

_KEPT = frozenset("\u200c\u200d")
"""Joiners: not printable, but needed for words of some languages and for some emoji."""

MOST_INSERTED: Final = 4096
"""Characters of a pasted text that are processed; no field takes as many."""


@attrs.frozen
class TextLine:
    """Text with a caret before its ``at``-th character; ``mark`` is the selection's other end."""

    text: str = ""
    at: int = 0
    mark: int | None = None

    @property
    def selected(self) -> tuple[int, int]:
        """Start and end index of the selection; equal if there is none."""
        mark = self.at if self.mark is None else min(self.mark, len(self.text))
        return min(mark, self.at), max(mark, self.at)

    def insert(self, text: str, limit: int) -> "TextLine":
        """Replace the selection by a text, cut so that the line has at most ``limit`` characters.

        Characters that are not printable are left out.
        """
        line = self._without_selected()
        # Cut before it is cleaned: the clipboard may hold many megabytes.
        text = text[:MOST_INSERTED]
        clean = "".join(c for c in text if c.isprintable() or c in _KEPT or _is_tag(c))
        clean = shortened(clean, limit - len(line.text))
        return TextLine(line.text[: line.at] + clean + line.text[line.at :], line.at + len(clean))

    def copied(self) -> str:
        """Return the selected text."""
        first, last = self.selected
        return self.text[first:last]

    def edited(self, typed: Typed) -> "TextLine | None":
        """Return the line after an editing key; None for any other key."""
        whole_word = bool(typed.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
        match typed.key:
            case pygame.K_BACKSPACE | pygame.K_DELETE if self.copied():
                return self._without_selected()
            case pygame.K_BACKSPACE:
                start = self._word_start() if whole_word else self._erased_to()
                return TextLine(self.text[:start] + self.text[self.at :], start)
            case pygame.K_DELETE:
                end = stop_after(self.text, self.at)
                return TextLine(self.text[: self.at] + self.text[end:], self.at)
            case pygame.K_a if whole_word:
                return TextLine(self.text, len(self.text), 0)
            case pygame.K_LEFT | pygame.K_RIGHT:
                return self._moved(typed, whole_word=whole_word)
            case pygame.K_HOME:
                return self._to(0, typed)
            case pygame.K_END:
                return self._to(len(self.text), typed)
            case _:
                return None

    def pointed(self, at: int, *, drags: bool) -> "TextLine":
        """Return the line with the caret at an index; ``drags`` extends the selection."""
        mark = (self.at if self.mark is None else self.mark) if drags else None
        return TextLine(self.text, at, mark)

    def _moved(self, typed: Typed, *, whole_word: bool) -> "TextLine":
        """Move the caret by an arrow key.

        Left is towards the start, except in a line that is written from right to left.
        """
        first, last = self.selected
        back = (typed.key == pygame.K_LEFT) != fonts.is_rtl(self.text)
        if first != last and not typed.mod & pygame.KMOD_SHIFT:
            return TextLine(self.text, first if back else last)
        if back:
            at = self._word_start() if whole_word else stop_before(self.text, self.at)
        else:
            at = self._word_end() if whole_word else stop_after(self.text, self.at)
        return self._to(at, typed)

    def _to(self, at: int, typed: Typed) -> "TextLine":
        if not typed.mod & pygame.KMOD_SHIFT:
            return TextLine(self.text, at)
        return TextLine(self.text, at, self.at if self.mark is None else self.mark)

    def _without_selected(self) -> "TextLine":
        first, last = self.selected
        return TextLine(self.text[:first] + self.text[last:], first)

    def _erased_to(self) -> int:
        """Return the index up to which a backspace erases: an emoji whole, else one code point."""
        before = self.text[: self.at]
        if before and is_picture(clusters(before)[-1]):
            return stop_before(before, self.at)
        return max(0, self.at - 1)

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return before.rfind(" ") + 1

    def _word_end(self) -> int:
        rest = self.text[self.at :]
        end = rest.find(" ", len(rest) - len(rest.lstrip()))
        return len(self.text) if end < 0 else self.at + end


def _is_tag(char: str) -> bool:
    """Tell whether a character is a tag, by which some emoji flags spell their region."""
    return "\U000e0020" <= char <= "\U000e007f"
