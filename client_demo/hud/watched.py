"""A spectator's panel, in the place of the meters: the followed player, and how to change it."""

import pygame

from client_demo import fonts
from client_demo.art import signs
from client_demo.hud.layout import METERS
from client_demo.shapes import box
from client_demo.theme import BODY, GLASS, SMALL
from client_demo.views.matchview import MatchView
from client_demo.widgets.basic import Align, fitting, label
from client_demo.widgets.ui import Ui


def draw_watched(ui: Ui, view: MatchView) -> None:
    """Draw the panel at the bottom."""
    box(ui.surface, METERS, GLASS, edge=ui.theme.raised, radius=14)
    line = next((line for line in view.scores if line.seat == view.watched), None)
    middle = METERS.centerx
    name = line.name if line is not None else "the field"
    size = fitting(name, BODY + 2, 360, bold=True)
    before = "Watching"
    wide = fonts.width(before, BODY) + 34 + fonts.width(name, size, bold=True)
    x, y = middle - wide // 2, METERS.y + 21
    x += label(ui, (x, y), before, size=BODY, colour=ui.theme.muted) + 10
    if line is not None:
        colour = ui.theme.fighter(line.team, line.seat)
        ui.surface.blit(signs.mark(line.team, colour, 7), (x, y - 7))
        label(ui, (x + 24, y), name, size=size, bold=True, colour=colour)
    else:
        label(ui, (x, y), name, size=size, bold=True)
    hint = "Click or arrows: another player   Esc: menu, take a seat"
    place = (middle, METERS.y + 43)
    label(ui, place, hint, size=SMALL, colour=ui.theme.muted, align=Align.MIDDLE)


def choice(ui: Ui) -> int:
    """Return 1 if the spectator asks for the next player, -1 for the previous one, else 0."""
    forward = ui.typed(pygame.K_RIGHT) or (ui.enabled and ui.went_down)
    return int(forward) - int(ui.typed(pygame.K_LEFT))
