"""A box above everything else, which alone can be used."""

import pygame

from client_demo.theme import BASE, LEAD, SMALL
from client_demo.widgets.basic import label, panel
from client_demo.widgets.ui import Ui


def dim(ui: Ui, alpha: int = 170) -> None:
    """Darken what has been drawn so far."""
    veil = ui.memory.get("veil")
    if not isinstance(veil, pygame.Surface):
        veil = pygame.Surface(BASE)
        veil.fill(ui.theme.background)
        ui.memory["veil"] = veil
    veil.set_alpha(alpha)
    ui.surface.blit(veil, (0, 0))


def modal(ui: Ui, size: tuple[int, int], title: str, below: str = "") -> pygame.Rect:
    """Darken the screen and draw a titled box in its middle; return the room inside."""
    dim(ui)
    rect = pygame.Rect((0, 0), size)
    rect.center = (BASE[0] // 2, BASE[1] // 2)
    inner = panel(ui, rect)
    label(ui, (inner.x, inner.y + 12), title, size=LEAD, bold=True, room=inner.width)
    top = 40
    if below:
        place = (inner.x, inner.y + 38)
        label(ui, place, below, size=SMALL + 1, colour=ui.theme.muted, room=inner.width)
        top = 60
    return pygame.Rect(inner.x, inner.y + top, inner.width, inner.height - top)
