"""Letters over the field that grow faint while the player's own fighter is below them."""

from collections.abc import Callable
from typing import Final

import pygame

from client_demo.hud.layout import FIGHTER_PX
from client_demo.widgets.ui import Ui

FADED: Final = 170
"""How much of what is below shows through then, of 255."""


def over_field(
    ui: Ui, area: pygame.Rect, own: tuple[float, float] | None, draw: Callable[[], None]
) -> None:
    """Draw something within an area; faint if one's own fighter, on the canvas, is near it."""
    near = area.inflate(FIGHTER_PX, FIGHTER_PX)
    if own is None or not near.collidepoint(own):
        draw()
        return
    shown = area.clip(ui.surface.get_rect())
    below = ui.surface.subsurface(shown).copy()
    draw()
    below.set_alpha(FADED)
    ui.surface.blit(below, shown)
