"""Tooltips: a sentence about the widget below the pointer, or with the keyboard focus."""

import pygame

from client_demo import fonts
from client_demo.shapes import box
from client_demo.theme import BASE, SMALL
from client_demo.widgets.basic import broken, paragraph
from client_demo.widgets.ui import Ui

WIDE = 320


def explain(ui: Ui, rect: pygame.Rect, text: str, key: str = "") -> None:
    """Show a sentence near a rect while the pointer is on it or widget ``key`` has the focus."""
    if text and (ui.over(rect) or (key and ui.focus_shown and ui.focused(key))):
        ui.tip = (rect, text)


def draw_tip(ui: Ui) -> None:
    """Draw the tooltip of this frame over the screen, if there is one; call it last."""
    if ui.tip is None:
        return
    anchor, text = ui.tip
    _, lines = broken(text, SMALL, (WIDE, 200))
    rect = pygame.Rect(0, 0, WIDE + 24, len(lines) * 16 + 16)
    if len(lines) == 1:
        rect.width = min(rect.width, fonts.width(text, SMALL) + 26)
    rect.midbottom = (anchor.centerx, anchor.top - 6)
    if rect.top < 4:
        rect.top = anchor.bottom + 6
    rect.clamp_ip(pygame.Rect((0, 0), BASE).inflate(-8, -8))
    ui.layer += 1
    box(ui.surface, rect, ui.theme.hover, edge=ui.theme.line, radius=8)
    paragraph(ui, rect.inflate(-24, -12), text, size=SMALL)
