"""A modal dialog: a box over the darkened screen."""

from typing import Final

import pygame

from client_demo.theme import BASE, LEAD, SMALL
from client_demo.widgets.basic import LINE, broken, panel, paragraph
from client_demo.widgets.ui import Ui


def dim(ui: Ui, alpha: int = 170) -> None:
    """Darken the canvas as drawn so far; ``alpha`` is the opacity, of 255."""
    veil = ui.memory.get("veil")
    if not isinstance(veil, pygame.Surface):
        veil = pygame.Surface(BASE)
        veil.fill(ui.theme.background)
        ui.memory["veil"] = veil
    veil.set_alpha(alpha)
    ui.surface.blit(veil, (0, 0))


EDGES: Final = (40, 36)
"""Pixels between the border of a box and its content: left and right together, top and bottom."""
TITLE_HEIGHT: Final = 52
"""Largest height of a title in pixels; a longer one gets smaller letters."""


def height_for(width: int, title: str, below: str, content: int) -> int:
    """Return the height of a dialog for its texts and ``content`` pixels below them."""
    room = width - EDGES[0]
    size, lines = broken(title, LEAD, (room, TITLE_HEIGHT), bold=True)
    tall = len(lines) * round(size * LINE) + 12
    if below:
        size, lines = broken(below, SMALL + 1, (room, BASE[1]))
        tall += len(lines) * round(size * LINE)
    return tall + content + EDGES[1]


def modal(
    ui: Ui, size: tuple[int, int], title: str, below: str = "", *, first: str = ""
) -> pygame.Rect:
    """Darken the screen and draw a titled box in its middle; return the rect inside.

    The caller sets `Ui.enabled` to False while it draws the screen below, and to True before this.

    Args:
        ui: The canvas and the focus.
        size: Size of the box in pixels.
        title: Title; it also identifies the dialog from frame to frame.
        below: Text below the title.
        first: The widget that gets the keyboard focus when the dialog opens.
    """
    dim(ui)
    ui.layer += 1
    rect = pygame.Rect((0, 0), size)
    rect.center = (BASE[0] // 2, BASE[1] // 2)
    ui.open_dialog(title, first, rect)
    inner = panel(ui, rect)
    place = pygame.Rect(inner.x, inner.y - 2, inner.width, TITLE_HEIGHT)
    top = paragraph(ui, place, title, size=LEAD, bold=True, top=True) + 12
    if below:
        place = pygame.Rect(inner.x, inner.y + top - 10, inner.width, inner.height - top)
        muted = ui.theme.muted
        top += paragraph(ui, place, below, size=SMALL + 1, colour=muted, top=True)
    return pygame.Rect(inner.x, inner.y + top, inner.width, inner.height - top)
