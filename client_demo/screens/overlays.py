"""What lies over any screen: the pause menu, the lost connection, passing notices."""

from enum import Enum, auto

import pygame

from client_demo import fonts
from client_demo.shapes import box, ring
from client_demo.theme import BASE, BODY, LEAD
from client_demo.views import LinkView
from client_demo.widgets.basic import Align, Kind, button, label
from client_demo.widgets.modal import modal
from client_demo.widgets.ui import Ui


class Paused(Enum):
    """What the pause menu was left for."""

    STAY = auto()
    RESUME = auto()
    SETTINGS = auto()
    LEAVE = auto()


def pause_menu(ui: Ui) -> Paused:
    """Draw the pause menu; the match goes on behind it."""
    inner = modal(ui, (360, 300), "Paused for you only", "The match goes on without waiting")
    chosen = Paused.STAY
    for index, (what, text, kind) in enumerate(
        (
            (Paused.RESUME, "Back to the match", Kind.PRIMARY),
            (Paused.SETTINGS, "Settings", Kind.PLAIN),
            (Paused.LEAVE, "Leave the match", Kind.DANGER),
        )
    ):
        place = pygame.Rect(inner.x, inner.y + 16 + index * 58, inner.width, 48)
        if button(ui, f"pause.{what.name.lower()}", place, text, kind):
            chosen = what
    if ui.typed(pygame.K_ESCAPE):
        chosen = Paused.RESUME
    return chosen


def link_sentence(link: LinkView) -> str:
    """Say how it stands with a lost connection."""
    left = max(0, round(link.retry_in_s + 0.49))
    return f"Reconnecting in {left} s…" if left else "Reconnecting…"


def link_lost(ui: Ui, link: LinkView) -> None:
    """Say that the connection is lost; nothing can be done but wait."""
    inner = modal(ui, (440, 190), "Connection lost", link.reason or "The server does not answer")
    x, y = inner.x + 22, inner.y + 46
    ui.surface.blit(ring(18, 4, ui.theme.line), (x - 18, y - 18))
    spot = pygame.Vector2(16, 0).rotate(ui.time * 300)
    pygame.draw.aacircle(ui.surface, ui.theme.accent, (x + spot.x, y + spot.y), 5)
    label(ui, (x + 40, y - 10), link_sentence(link), size=LEAD, bold=True)
    below = f"Attempt {link.attempt}. Your seat is kept for you."
    label(ui, (x + 40, y + 16), below, colour=ui.theme.muted)


def notice(ui: Ui, text: str) -> None:
    """Show a passing sentence at the foot of the screen."""
    wide = min(900, fonts.width(text, BODY) + 48)
    rect = pygame.Rect((BASE[0] - wide) // 2, BASE[1] - 132, wide, 44)
    box(ui.surface, rect, ui.theme.raised, edge=ui.theme.warn, radius=22)
    label(ui, rect.center, text, align=Align.MIDDLE, room=wide - 32)
