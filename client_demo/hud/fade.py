"""Text over the field that becomes faint while the player's own fighter is below it."""

from collections.abc import Callable
from typing import Final

import pygame

from client_demo.hud.layout import FIGHTER_PX
from client_demo.widgets.ui import Ui

FADED: Final = 170
"""Opacity, of 255, with which the field is drawn over the text then."""


def over_field(
    ui: Ui, area: pygame.Rect, own: tuple[float, float] | None, draw: Callable[[], None]
) -> None:
    """Call ``draw``, which draws within an area; faint if the own fighter is near the area.

    ``own`` is the fighter's place on the canvas.
    """
    near = area.inflate(FIGHTER_PX, FIGHTER_PX)
    if own is None or not near.collidepoint(own):
        draw()
        return
    shown = area.clip(ui.surface.get_rect())
    below = ui.surface.subsurface(shown).copy()
    draw()
    below.set_alpha(FADED)
    ui.surface.blit(below, shown)
