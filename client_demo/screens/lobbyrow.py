"""One line of the list of lobbies."""

from collections.abc import Mapping
from typing import Final

import pygame

from client_demo.shapes import box
from client_demo.theme import SMALL, Colour, mix
from client_demo.widgets.basic import Align, chip, focus_ring, label
from client_demo.widgets.ui import Ui
from gameserver.messages.lobby import LobbySummary, Phase

ROW: Final = 54
COLUMNS: Final = (
    ("Lobby", 0, False),
    ("Mode", 318, False),
    ("Map", 460, False),
    ("Players", 650, True),
    ("State", 760, True),
)
PHASE_WORDS: Final = {
    Phase.OPEN: "open",
    Phase.COUNTDOWN: "starting",
    Phase.IN_MATCH: "playing",
    Phase.RESULTS: "results",
}


def lobby_row(
    ui: Ui, rect: pygame.Rect, found: LobbySummary, *, chosen: bool, names: Mapping[str, str]
) -> bool:
    """Draw a lobby; return whether it is pressed."""
    theme = ui.theme
    if chosen:
        fill = mix(theme.panel, theme.accent, 0.18)
        box(ui.surface, rect, fill, edge=mix(theme.panel, theme.accent, 0.7))
    elif ui.over(rect):
        box(ui.surface, rect, theme.raised)
    x, y = rect.x + 8, rect.centery
    ink = theme.text if found.joinable else theme.muted
    lock = 22 if found.password or found.locked else 0
    if lock:
        _padlock(ui, (x + 6, y - 9), theme.warn)
    label(ui, (x + lock, y - 10), found.title, colour=ink, bold=True, room=296 - lock)
    label(ui, (x, y + 12), f"host {found.host_name}", size=SMALL, colour=theme.faint, room=296)
    mode = names.get(found.mode, found.mode)
    label(ui, (x + 318, y), mode, size=SMALL + 1, colour=theme.muted, room=132)
    label(
        ui,
        (x + 460, y),
        names.get(found.map, found.map),
        size=SMALL + 1,
        colour=theme.muted,
        room=120,
    )
    crowd = f"{found.players}/{found.size}"
    label(ui, (x + 650, y), crowd, colour=ink, bold=True, align=Align.RIGHT)
    chip(ui, (x + 760, y), PHASE_WORDS[found.phase], _phase_colour(ui, found), right=True)
    key = f"browser.row.{found.lobby_id}"
    ui.reachable(key, rect)
    focus_ring(ui, key, rect.inflate(-8, -8))
    return ui.clicked(key, rect)


def _phase_colour(ui: Ui, found: LobbySummary) -> Colour:
    if not found.joinable:
        return ui.theme.faint
    return ui.theme.good if found.phase is Phase.OPEN else ui.theme.warn


def _padlock(ui: Ui, middle: tuple[int, int], colour: Colour) -> None:
    x, y = middle
    pygame.draw.rect(ui.surface, colour, (x - 6, y - 1, 12, 8), border_radius=2)
    pygame.draw.arc(ui.surface, colour, (x - 4, y - 8, 8, 12), 0, 3.15, 2)
