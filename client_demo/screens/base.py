"""Parts shared by the screens: backdrop, heading, box for an error."""

from collections.abc import Callable
from functools import lru_cache

import pygame

from client_demo.intents import Intent
from client_demo.shapes import box
from client_demo.theme import BASE, BODY, SMALL, TITLE, Theme, mix
from client_demo.widgets.basic import LINE, broken, label, paragraph
from client_demo.widgets.ui import Ui

Emit = Callable[[Intent], None]


@lru_cache(maxsize=2)
def _backdrop(theme: Theme) -> pygame.Surface:
    made = pygame.Surface(BASE)
    for y in range(BASE[1]):
        shade = mix(mix(theme.background, theme.raised, 0.35), theme.background, y / BASE[1])
        pygame.draw.line(made, shade, (0, y), (BASE[0], y))
    dot = mix(theme.background, theme.line, 0.45)
    for x in range(16, BASE[0], 32):
        for y in range(16, BASE[1], 32):
            made.set_at((x, y), dot)
    return made.convert()


def backdrop(ui: Ui) -> None:
    """Fill the canvas with the background of menus."""
    ui.surface.blit(_backdrop(ui.theme), (0, 0))


def heading(ui: Ui, title: str, below: str = "", *, room: int = 760) -> None:
    """Draw the title at the top left, with a text ``below``, in ``room`` pixels of width."""
    label(ui, (40, 46), title, size=TITLE, bold=True, room=room)
    if below:
        place = pygame.Rect(40, 62, room, 32)
        paragraph(ui, place, below, size=BODY, colour=ui.theme.muted)


def error_box(ui: Ui, rect: pygame.Rect, text: str) -> None:
    """Draw a box with an error at the bottom of the rect; nothing for an empty text."""
    if not text:
        return
    size, lines = broken(text, SMALL + 1, (rect.width - 32, rect.height - 12))
    tall = max(36, len(lines) * round(size * LINE) + 16)
    place = pygame.Rect(rect.x, rect.bottom - tall, rect.width, tall)
    box(ui.surface, place, mix(ui.theme.panel, ui.theme.bad, 0.18), radius=8)
    pygame.draw.rect(ui.surface, ui.theme.bad, (place.x, place.y + 6, 3, place.height - 12))
    paragraph(ui, place.inflate(-32, -8).move(2, 0), text, size=SMALL + 1)
