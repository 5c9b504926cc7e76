"""Labels, paragraphs, panels, buttons, switches, segments, chips and bars."""

from enum import Enum
from functools import lru_cache

import attrs
import pygame

from client_demo import fonts
from client_demo.shapes import box, disc, rounded
from client_demo.theme import BODY, RADIUS, SMALL, Colour, mix
from client_demo.widgets.ui import Ui

SMALLEST = 12
"""Smallest font size; smaller letters are unreadable in a small window."""
LINE = 1.25
"""Height of a line of a paragraph, as a multiple of the font size."""


class ButtonKind(Enum):
    """How much a button stands out."""

    PRIMARY = "primary"
    PLAIN = "plain"
    QUIET = "quiet"
    DANGER = "danger"


class Align(Enum):
    """The point of a label that its place names."""

    LEFT = 0
    MIDDLE = 1
    RIGHT = 2


def label(
    ui: Ui,
    place: tuple[int, int],
    text: str,
    *,
    size: int = BODY,
    colour: Colour | None = None,
    bold: bool = False,
    align: Align = Align.LEFT,
    room: int | None = None,
) -> int:
    """Draw one line of text, vertically centred on a place; return its width in pixels.

    Args:
        ui: The canvas and the theme.
        place: Left end, middle or right end of the line, by ``align``.
        text: The text; may be cut.
        size: Font size.
        colour: None for the theme's text colour.
        bold: Whether the font is bold.
        align: The point of the line that ``place`` names.
        room: Largest width. A wider text gets a smaller font, then an ellipsis.
    """
    if room is not None:
        size = fitting(text, size, room, bold=bold)
    shown = fonts.fit(text, size, room, bold=bold) if room is not None else text
    made = fonts.render(shown, size, colour or ui.theme.text, bold=bold)
    left = place[0] - made.get_width() * align.value // 2
    rect = made.get_rect(topleft=(left, place[1] - made.get_height() // 2))
    ui.surface.blit(made, rect)
    ui.note_text(rect, shown, text)
    return made.get_width()


@lru_cache(maxsize=4096)
def fitting(text: str, size: int, room: int, *, bold: bool = False) -> int:
    """Return the largest font size up to ``size`` at which a text fits ``room`` pixels.

    `SMALLEST` is returned even if the text does not fit at that size.
    """
    while size > SMALLEST and fonts.width(text, size, bold=bold) > room:
        size -= 1
    return size


def paragraph(
    ui: Ui,
    rect: pygame.Rect,
    text: str,
    *,
    size: int = BODY,
    colour: Colour | None = None,
    bold: bool = False,
    align: Align = Align.LEFT,
    top: bool = False,
) -> int:
    """Draw a text on as many lines as fit the rect; return their height in pixels.

    If the text does not fit, the font gets smaller. The lines are centred vertically, or start at
    the ``top`` of the rect.
    """
    size, lines = broken(text, size, rect.size, bold=bold)
    step = round(size * LINE)
    y = rect.y if top else rect.centery - len(lines) * step // 2
    x = rect.x + rect.width * align.value // 2
    for index, line in enumerate(lines):
        place = (x, y + index * step + step // 2)
        label(ui, place, line, size=size, colour=colour, bold=bold, align=align, room=rect.width)
    return len(lines) * step


def broken(
    text: str, size: int, room: tuple[int, int], *, bold: bool = False
) -> tuple[int, tuple[str, ...]]:
    """Return the font size and the lines with which a text fits ``room``, a size in pixels.

    The font gets smaller before a word is broken. If the text does not fit with the smallest font,
    the last line holds all the rest; drawing cuts it with an ellipsis.
    """
    return _broken(text, size, room, bold=bold)[:2]


def fits(text: str, size: int, room: tuple[int, int], *, bold: bool = False) -> bool:
    """Tell whether a text fits ``room``, a size in pixels, without breaking a word."""
    return _broken(text, size, room, bold=bold)[2]


@lru_cache(maxsize=1024)
def _broken(
    text: str, size: int, room: tuple[int, int], *, bold: bool
) -> tuple[int, tuple[str, ...], bool]:
    """Return font size and lines, and whether the text fits without breaking a word."""
    while True:
        lines = fonts.wrap(text, size, room[0], bold=bold)
        most = max(1, room[1] // round(size * LINE))
        whole = not _breaks_words(text, size, room[0], bold=bold)
        if len(lines) <= most and (size == SMALLEST or whole):
            return size, lines, whole
        if size == SMALLEST:
            return size, (*lines[: most - 1], " ".join(lines[most - 1 :])), False
        size -= 1


@attrs.frozen
class Words:
    """One paragraph of a `stack`."""

    text: str
    size: int = BODY
    colour: Colour | None = None
    bold: bool = False
    lines: int = 2
    """Its height at most: that of so many lines in the smallest font."""


def stack(ui: Ui, rect: pygame.Rect, *parts: Words) -> None:
    """Draw paragraphs below each other, vertically centred in the rect."""
    shown = [part for part in parts if part.text]
    rooms = [(rect.width, round(SMALLEST * LINE) * part.lines) for part in shown]
    rooms = [(w, max(h, round(p.size * LINE))) for (w, h), p in zip(rooms, shown, strict=True)]
    talls = []
    for part, room in zip(shown, rooms, strict=True):
        size, lines = broken(part.text, part.size, room, bold=part.bold)
        talls.append(len(lines) * round(size * LINE))
    y = rect.centery - sum(talls) // 2
    for part, room in zip(shown, rooms, strict=True):
        place = pygame.Rect((rect.x, y), room)
        y += paragraph(
            ui, place, part.text, size=part.size, colour=part.colour, bold=part.bold, top=True
        )


def _breaks_words(text: str, size: int, room: int, *, bold: bool) -> bool:
    return any(fonts.width(word, size, bold=bold) > room for word in text.split())


def panel(ui: Ui, rect: pygame.Rect, title: str = "", *, right: str = "") -> pygame.Rect:
    """Draw a panel; return the rect inside it, below its title."""
    box(ui.surface, rect, ui.theme.panel, edge=mix(ui.theme.panel, ui.theme.line, 0.7), radius=14)
    inner = rect.inflate(-40, -36)
    if title:
        label(
            ui, (inner.x, inner.y + 6), title.upper(), size=SMALL, colour=ui.theme.muted, bold=True
        )
        if right:
            place = (inner.right, inner.y + 6)
            label(ui, place, right, size=SMALL, colour=ui.theme.faint, align=Align.RIGHT)
        inner = pygame.Rect(inner.x, inner.y + 28, inner.width, inner.height - 28)
    return inner


def focus_ring(ui: Ui, key: str, rect: pygame.Rect, radius: int = RADIUS) -> None:
    """Draw a ring around a widget that has the keyboard focus."""
    if ui.focused(key) and ui.focus_shown:
        around = rect.inflate(8, 8)
        shape = rounded(around.width, around.height, radius + 4, (0, 0, 0, 0), ui.theme.accent)
        ui.surface.blit(shape, around)


def button(
    ui: Ui,
    key: str,
    rect: pygame.Rect,
    text: str,
    kind: ButtonKind = ButtonKind.PLAIN,
    *,
    off: bool = False,
    selected: bool = False,
    size: int = BODY,
) -> bool:
    """Draw a button; return whether it is pressed. A button that is ``off`` gets no focus."""
    theme = ui.theme
    hot = not off and ui.over(rect)
    fill, ink, edge = _button_colours(ui, kind, hot=hot)
    if selected:
        fill, ink, edge = mix(theme.panel, theme.accent, 0.22), theme.text, theme.accent
    if off:
        fill, ink, edge = mix(theme.panel, theme.raised, 0.5), theme.faint, None
    if ui.active == key and hot:
        fill = mix(fill, theme.background, 0.25)
    if kind is not ButtonKind.QUIET or hot or selected:
        box(ui.surface, rect, fill, edge=edge, radius=RADIUS)
    bold = kind in {ButtonKind.PRIMARY, ButtonKind.DANGER}
    room = rect.inflate(-12, -4)
    paragraph(ui, room, text, size=size, colour=ink, bold=bold, align=Align.MIDDLE)
    if off:
        return False
    ui.reachable(key, rect)
    focus_ring(ui, key, rect)
    return ui.clicked(key, rect)


def _button_colours(ui: Ui, kind: ButtonKind, *, hot: bool) -> tuple[Colour, Colour, Colour | None]:
    theme = ui.theme
    match kind:
        case ButtonKind.PRIMARY:
            return mix(theme.accent, theme.text, 0.18 * hot), theme.on_accent, None
        case ButtonKind.DANGER:
            fill = mix(theme.panel, theme.bad, 0.34 if hot else 0.2)
            return fill, theme.text, mix(theme.panel, theme.bad, 0.6)
        case ButtonKind.QUIET:
            return theme.raised, theme.text if hot else theme.muted, None
        case ButtonKind.PLAIN:
            return theme.hover if hot else theme.raised, theme.text, theme.line


def switch(ui: Ui, key: str, rect: pygame.Rect, *, on: bool) -> bool:
    """Draw an on/off switch at the left of the rect; return its new state."""
    theme = ui.theme
    body = pygame.Rect(rect.x, rect.centery - 12, 44, 24)
    fill = theme.accent if on else theme.hover
    box(ui.surface, body, fill, radius=12)
    knob = disc(9, theme.on_accent if on else theme.muted)
    ui.surface.blit(knob, (body.right - 21 if on else body.x + 3, body.y + 3))
    ui.reachable(key, body)
    focus_ring(ui, key, body, 12)
    return on != ui.clicked(key, body)


def segments(
    ui: Ui, key: str, rect: pygame.Rect, texts: tuple[str, ...], chosen: int, *, size: int = BODY
) -> int:
    """Draw a few choices side by side; return the index of the chosen one."""
    box(ui.surface, rect, ui.theme.background, edge=ui.theme.line, radius=RADIUS)
    width = (rect.width - 6) / max(1, len(texts))
    for index, text in enumerate(texts):
        left = rect.x + 3 + round(index * width)
        part = pygame.Rect(left, rect.y + 3, round(width), rect.height - 6)
        if index == chosen:
            box(ui.surface, part, mix(ui.theme.panel, ui.theme.accent, 0.28), radius=8)
        colour = ui.theme.text if index == chosen or ui.over(part) else ui.theme.muted
        bold = index == chosen
        room = part.inflate(-8, 0)
        paragraph(ui, room, text, size=size, colour=colour, bold=bold, align=Align.MIDDLE)
        ui.reachable(f"{key}.{index}", part)
        focus_ring(ui, f"{key}.{index}", part, 8)
        if ui.clicked(f"{key}.{index}", part):
            chosen = index
    return chosen


def chip(ui: Ui, place: tuple[int, int], text: str, colour: Colour, *, right: bool = False) -> int:
    """Draw a small tag, vertically centred on a place; return its width.

    The place is the left end, or with ``right`` the right end.
    """
    wide = fonts.width(text, SMALL, bold=True) + 18
    left = place[0] - wide if right else place[0]
    rect = pygame.Rect(left, place[1] - 11, wide, 22)
    box(ui.surface, rect, mix(ui.theme.panel, colour, 0.2), radius=11)
    shade = mix(colour, ui.theme.text, 0.25)
    label(ui, rect.center, text, size=SMALL, colour=shade, bold=True, align=Align.MIDDLE)
    return wide


def bar(ui: Ui, rect: pygame.Rect, share: float, colour: Colour) -> None:
    """Draw a meter that is filled by ``share``, from 0 to 1."""
    box(ui.surface, rect, mix(ui.theme.background, ui.theme.line, 0.6), radius=rect.height // 2)
    full = pygame.Rect(rect.x, rect.y, round(rect.width * max(0.0, min(1.0, share))), rect.height)
    if full.width >= rect.height:
        box(ui.surface, full, colour, radius=rect.height // 2)
