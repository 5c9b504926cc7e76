"""Boxes over any screen: the pause menu, the lost connection, short notices (toasts)."""

from collections.abc import Callable
from enum import Enum, auto

import pygame

from client_demo import fonts
from client_demo.hud.layout import BANNER
from client_demo.intents import GiveUp, Intent, TryNow
from client_demo.shapes import box, ring
from client_demo.theme import BASE, BODY, LEAD
from client_demo.views.screens import LinkView
from client_demo.widgets.basic import LINE, Align, ButtonKind, broken, button, label, paragraph
from client_demo.widgets.modal import modal
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui

TOAST: tuple[int, int] = (640, 150)
"""Largest width and height of a toast in pixels."""


class Paused(Enum):
    """The choice in the pause menu; ``STAY`` while there is none."""

    STAY = auto()
    RESUME = auto()
    SIT = auto()
    SETTINGS = auto()
    LEAVE_MATCH = auto()
    LEAVE_LOBBY = auto()


def pause_menu(ui: Ui, *, seated: bool, free: bool = False) -> Paused:
    """Draw the pause menu; the match goes on meanwhile.

    Args:
        ui: The canvas and the focus.
        seated: Whether the player has a seat.
        free: Whether there is a seat for a spectator to take.
    """
    choices = [(Paused.RESUME, "Back to the match", ButtonKind.PRIMARY)]
    if not seated:
        choices.append((Paused.SIT, "Take a seat and play", ButtonKind.PLAIN))
    choices += [
        (Paused.SETTINGS, "Settings", ButtonKind.PLAIN),
        (Paused.LEAVE_MATCH, "Leave the match", ButtonKind.PLAIN),
        (Paused.LEAVE_LOBBY, "Leave the lobby", ButtonKind.DANGER),
    ]
    title = "Paused for you only" if seated else "You are watching"
    inner = modal(
        ui, (380, 92 + 56 * len(choices)), title, "The match goes on without waiting",
        first="pause.resume",
    )  # fmt: skip
    tips = {
        Paused.LEAVE_MATCH: "Back to the room; you stay in the lobby.",
        Paused.LEAVE_LOBBY: "Back to the list of lobbies.",
        Paused.SIT: "" if free else "All seats are taken, or the lobby lets nobody in now.",
    }
    chosen = Paused.STAY
    for index, (what, text, kind) in enumerate(choices):
        place = pygame.Rect(inner.x, inner.y + 8 + index * 56, inner.width, 48)
        off = what is Paused.SIT and not free
        key = f"pause.{what.name.lower()}"
        if button(ui, key, place, text, kind, off=off):
            chosen = what
        explain(ui, place, tips.get(what, ""), key)
    if ui.typed(pygame.K_ESCAPE):
        chosen = Paused.RESUME
    return chosen


def link_sentence(link: LinkView) -> str:
    """Return the sentence about the next attempt to connect."""
    left = max(0, round(link.retry_in_s + 0.49))
    return f"Trying again in {left} s" if left else "Trying to connect…"


def seat_sentence(link: LinkView) -> str:
    """Return the sentence about the player's seat; it promises only what the server has said."""
    if not link.has_seat:
        return ""
    if link.seat_for_s is None:
        return "Your seat may be gone when you are back."
    if link.seat_for_s <= 0:
        return "Your seat was kept as long as it could be."
    kept = f"our seat is kept for {max(1, round(link.seat_for_s))} s."
    return f"Y{kept}" if link.found else f"If the server still runs, y{kept}"


def link_lost(ui: Ui, link: LinkView, emit: Callable[[Intent], None]) -> None:
    """Draw the box for a lost connection; emit `TryNow` or `GiveUp`."""
    reason = link.reason or "The server does not answer."
    inner = modal(ui, (500, 244), "No connection", reason, first="link.now")
    x, y = inner.x + 22, inner.y + 34
    ui.surface.blit(ring(18, 4, ui.theme.line), (x - 18, y - 18))
    spot = pygame.Vector2(16, 0).rotate(ui.time * 300)
    pygame.draw.aacircle(ui.surface, ui.theme.accent, (x + spot.x, y + spot.y), 5)
    label(ui, (x + 40, y - 12), link_sentence(link), size=LEAD, bold=True, room=inner.width - 62)
    below = f"Attempt {link.attempt}. {seat_sentence(link)}".strip()
    label(ui, (x + 40, y + 14), below, colour=ui.theme.muted, room=inner.width - 62)
    half = (inner.width - 12) // 2
    place = pygame.Rect(inner.x, inner.bottom - 44, half, 44)
    if button(ui, "link.give_up", place, "Give up"):
        emit(GiveUp())
    place = place.move(half + 12, 0)
    if button(ui, "link.now", place, "Try now", ButtonKind.PRIMARY, off=link.retry_in_s <= 0):
        emit(TryNow())


def toast(ui: Ui, text: str, *, low: bool = False) -> None:
    """Draw a short notice at the top, or with ``low`` below the banner of a match."""
    size, lines = broken(text, BODY, (TOAST[0] - 48, TOAST[1] - 20))
    rect = pygame.Rect(0, 0, TOAST[0], len(lines) * round(size * LINE) + 24)
    if len(lines) == 1:
        rect.width = min(TOAST[0], fonts.width(text, size) + 64)
    rect.midtop = (BASE[0] // 2, 16)
    if low:
        rect.top = BANNER.bottom + 8
    ui.layer += 1
    box(ui.surface, rect, ui.theme.raised, edge=ui.theme.warn, radius=20)
    paragraph(ui, rect.inflate(-48, -20), text, align=Align.MIDDLE)
