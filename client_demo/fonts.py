"""Text as cached surfaces, in Noto Sans where pygame_gui brings it and pygame's own font elsewhere.

Law: the same text in the same colour is rendered once; the cache is bounded.
"""

from collections import OrderedDict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pygame

from client_demo.theme import Colour

KEPT_TEXTS: Final = 2048
"""Rendered texts kept; a busy match shows about 150."""

_SCRIPTS: Final = (
    ("\u0590", "\u05ff", "NotoSansHebrew-{}.ttf"),
    ("\u0600", "\u06ff", "NotoSansArabic-{}.ttf"),
    ("\u10a0", "\u10ff", "NotoSansGeorgian-{}.ttf"),
    ("\u3040", "\u30ff", "NotoSansJP-{}.otf"),
    ("\uac00", "\ud7af", "NotoSansKR-{}.ttf"),
    ("\u2e80", "\u9fff", "NotoSansSC-{}.otf"),
)
_cache: OrderedDict[tuple[str, int, Colour, bool], pygame.Surface] = OrderedDict()


@cache
def _folder() -> Path | None:
    spec = find_spec("pygame_gui")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "data"
    return folder if folder.is_dir() else None


def _file_for(text: str, weight: str) -> Path | None:
    folder = _folder()
    if folder is None:
        return None
    for first, last, pattern in _SCRIPTS:
        if any(first <= letter <= last for letter in text):
            found = folder / pattern.format(weight)
            if found.is_file():
                return found
    found = folder / f"NotoSans-{weight}.ttf"
    return found if found.is_file() else None


@cache
def _font(file: Path | None, size: int) -> pygame.font.Font:
    return pygame.font.Font(file, size)


def _font_for(text: str, size: int, *, bold: bool) -> pygame.font.Font:
    plain = text.isascii()
    return _font(_file_for("" if plain else text, "Bold" if bold else "Regular"), size)


def forget() -> None:
    """Drop all fonts and texts; needed when pygame's font module is started again."""
    _font.cache_clear()
    _cache.clear()


def render(text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
    """Return a text as a surface that must not be drawn on."""
    key = (text, size, colour, bold)
    found = _cache.get(key)
    if found is None:
        found = _font_for(text, size, bold=bold).render(text, True, colour)
        if pygame.display.get_surface() is not None:
            found = found.convert_alpha()
        _cache[key] = found
        while len(_cache) > KEPT_TEXTS:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(key)
    return found


def width(text: str, size: int, *, bold: bool = False) -> int:
    """Return how many pixels a text takes."""
    return _font_for(text, size, bold=bold).size(text)[0]


def fit(text: str, size: int, room: int, *, bold: bool = False) -> str:
    """Return the text, or as much of its start as fits the room with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, bold=bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrap(text: str, size: int, room: int, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit the room, at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        if line and width(word, size, bold=bold) <= room:
            lines.append(line)
            line = word
        else:
            line = longer  # a word that needs lines of its own begins on this one
        while width(line, size, bold=bold) > room and len(line) > 1:
            cut = len(fit(line, size, room, bold=bold)) - 1
            lines.append(line[: max(1, cut)])
            line = line[max(1, cut) :]
    lines.append(line)
    return lines
