"""Render and measure text in all scripts: runs of one font and direction on one baseline.

Law: the same text in the same colour and size is rendered once; the caches are bounded. ASCII text
is rendered directly by one font.
"""

from collections import OrderedDict
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import attrs
import pygame

from client_demo.text import fontfiles
from client_demo.text.clusters import clusters, stops
from client_demo.text.runs import TextRun, closed, levels_of, runs
from client_demo.theme import Colour

LEAST_BOLD: Final = 15
"""Smallest size of letters that are made bold by drawing them twice."""
KEPT_TEXTS: Final = 2048
"""Most rendered texts in the cache; a busy match shows about 150 at once."""

_cache: OrderedDict[tuple[str, int, Colour, bool], pygame.Surface] = OrderedDict()


@attrs.frozen
class _Placed:
    """A run, and its left and right end in pixels from the left end of the line."""

    run: TextRun
    left: int
    right: int


@cache
def _font(file: Path | None, size: int, *, rtl: bool = False, script: str = "") -> pygame.Font:
    font = pygame.font.Font(file, size)
    with suppress(pygame.error):  # an SDL_ttf without HarfBuzz
        if rtl:
            font.set_direction(pygame.DIRECTION_RTL)
        if script:
            font.set_script(script)
    return font


def _plain(size: int, *, bold: bool) -> pygame.Font:
    return _font(fontfiles.file_for("a", _weight(bold=bold)), size)


def _weight(*, bold: bool) -> str:
    return "Bold" if bold else "Regular"


def _of_run(run: TextRun, size: int) -> pygame.Font:
    return _font(run.file, size, rtl=run.rtl, script=run.script)


def _strokes(run: TextRun, size: int, *, bold: bool) -> int:
    """Return how often a run is drawn, each time a pixel further right, to look bold.

    SDL_ttf's own bold makes every glyph wider, marks above and below letters too, which leaves
    gaps in Thai and Indic words.
    """
    if not bold or run.file is None or not fontfiles.lacks_bold(run.file):
        return 1
    if size < LEAST_BOLD:
        return 1  # a pixel more would fill the holes of the letters
    return 1 + max(1, round(size / 18))


@lru_cache(maxsize=KEPT_TEXTS)
def _laid_out(text: str, size: int, *, bold: bool) -> tuple[_Placed, ...]:
    """Place the runs of a text from left to right."""
    weight, left, placed = _weight(bold=bold), 0, []
    if not text.isascii():
        fontfiles.look_up(clusters(text), weight)
    for run in runs(text, lambda cluster: fontfiles.file_for(cluster, weight)):
        right = left + _of_run(run, size).size(run.text)[0]
        placed.append(_Placed(run, left, right))
        left = right
    return tuple(placed)


def forget() -> None:
    """Clear all caches; must be called before pygame's font module is initialized again."""
    _font.cache_clear()
    _laid_out.cache_clear()
    _plain_width.cache_clear()
    wrap.cache_clear()
    _cache.clear()
    fontfiles.forget()


def render(text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
    """Return a rendered text; the surface is shared, so nothing may be drawn on it."""
    text = text.replace("\0", "")  # SDL_ttf takes it for the end of the text
    key = (text, size, colour, bold)
    found = _cache.get(key)
    if found is None:
        plain = text.isascii()
        found = _plain(size, bold=bold).render(text, True, colour) if plain else _composed(*key)
        if pygame.display.get_surface() is not None:
            found = found.convert_alpha()
        _cache[key] = found
        while len(_cache) > KEPT_TEXTS:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(key)
    return found


def _composed(text: str, size: int, colour: Colour, bold: bool) -> pygame.Surface:
    """Draw the runs of a text on one baseline.

    The surface has the height of a line of the plain font. If a glyph is higher, the surface grows
    above and below by the same amount, so that a baseline is at the same height in every row.
    """
    main = _plain(size, bold=bold)
    drawn: list[tuple[pygame.Surface, int, int]] = []
    over = 0
    for placed in _laid_out(text, size, bold=bold):
        if placed.left == placed.right:
            continue  # only joiners, which SDL_ttf refuses to draw
        font = _of_run(placed.run, size)
        picture = font.render(placed.run.text, True, colour)
        top = main.get_ascent() - font.get_ascent()
        ink = picture.get_bounding_rect()
        if ink.height:
            over = max(over, -(top + ink.top), top + ink.bottom - main.get_height())
        strokes = _strokes(placed.run, size, bold=bold)
        drawn += [(picture, placed.left + more, top) for more in range(strokes)]
    wide = max(1, width(text, size, bold=bold))
    made = pygame.Surface((wide, main.get_height() + 2 * over), pygame.SRCALPHA)
    for picture, left, top in drawn:
        made.blit(picture, (left, top + over))
    return made


def width(text: str, size: int, *, bold: bool = False) -> int:
    """Return the width of a text in pixels."""
    if text.isascii():
        return _plain_width(text, size, bold=bold)
    placed = _laid_out(text, size, bold=bold)
    return placed[-1].right if placed else 0


@lru_cache(maxsize=KEPT_TEXTS)
def _plain_width(text: str, size: int, *, bold: bool) -> int:
    return _plain(size, bold=bold).size(text)[0]


def caret(text: str, at: int, size: int, *, bold: bool = False) -> int:
    """Return the place of a caret before the ``at``-th character, in pixels from the left.

    Between two runs of opposite directions it is after the character before it in logical order.
    """
    for placed in _laid_out(text, size, bold=bold):
        run = placed.run
        if run.start < at <= run.start + len(run.text) or at == run.start == 0:
            done = _of_run(run, size).size(run.text[: at - run.start])[0]
            return placed.right - done if run.rtl else placed.left + done
    return 0


def index_at(text: str, x: int, size: int, *, bold: bool = False) -> int:
    """Return the index of the caret stop that is nearest to ``x`` pixels from the left."""
    return min(stops(text), key=lambda stop: abs(caret(text, stop, size, bold=bold) - x))


def marked(text: str, first: int, last: int, size: int) -> list[tuple[int, int]]:
    """Return the left and right ends of the parts with the characters ``first`` to ``last - 1``."""
    parts = []
    for placed in _laid_out(text, size, bold=False):
        run = placed.run
        begin, end = max(first - run.start, 0), min(last - run.start, len(run.text))
        if begin >= end:
            continue
        font = _of_run(run, size)
        near, far = (font.size(run.text[:index])[0] for index in (begin, end))
        if run.rtl:
            near, far = placed.right - placed.left - far, placed.right - placed.left - near
        parts.append((placed.left + near, placed.left + far))
    return parts


def is_rtl(text: str) -> bool:
    """Tell whether all of a line is written from right to left."""
    return not text.isascii() and bool(levels_of(text)) and min(levels_of(text)) % 2 == 1


def fit(text: str, size: int, room: int, *, bold: bool = False) -> str:
    """Return the text, or as much of its start as fits ``room`` pixels with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    letters = clusters(text)
    low, high = 0, len(letters)
    while low < high:
        middle = (low + high + 1) // 2
        if width("".join(letters[:middle]).rstrip() + "…", size, bold=bold) <= room:
            low = middle
        else:
            high = middle - 1
    return "".join(letters[:low]).rstrip() + "…"


def _most(text: str, size: int, room: int, *, bold: bool) -> str:
    """Return the longest start of a text that fits ``room`` pixels, of one cluster at least."""
    ends = stops(text)[1:]

    def fits(count: int) -> bool:
        return width(text[: ends[count - 1]], size, bold=bold) <= room

    low, high = 1, 2
    while high < len(ends) and fits(high):  # doubling: a line is short, the text may be long
        low, high = high, 2 * high
    high = min(high, len(ends) + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return text[: ends[low - 1]]


@lru_cache(maxsize=KEPT_TEXTS)
def wrap(
    text: str, size: int, room: int, *, bold: bool = False, first: int | None = None
) -> tuple[str, ...]:
    """Break a text into lines that fit ``room`` pixels, at spaces if possible.

    ``first`` is the room of the first line, if it differs; the first line may be empty then.
    """
    lines: list[str] = []
    line = ""

    def has() -> int:
        return room if lines or first is None else first

    def too_wide(part: str) -> bool:
        return width(part, size, bold=bold) > has()

    for word in text.split():
        longer = f"{line} {word}".strip()
        if not too_wide(longer):
            line = longer
            continue
        begins = bool(line) or (first is not None and not lines)
        if begins and width(word, size, bold=bold) <= room:
            lines.append(line)
            line = word
        else:
            line = longer  # a word longer than a line begins on the present line
        while too_wide(line) and len(clusters(line)) > 1:
            fitting = _most(line, size, has(), bold=bold)
            lines.append(fitting)
            line = line[len(fitting) :]
    lines.append(line)
    return tuple(closed(lines))
