"""One row of the list of lobbies."""

from collections.abc import Mapping
from typing import Final

import pygame

from client_demo.shapes import box
from client_demo.text.runs import isolated, lobby_title
from client_demo.theme import SMALL, Colour, mix
from client_demo.widgets.basic import Align, Words, chip, focus_ring, label, paragraph, stack
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.messages.lobby import LobbySummary, Phase

ROW: Final = 68
COLUMNS: Final = (
    ("Lobby", 0, False),
    ("Mode", 370, False),
    ("Map", 482, False),
    ("Players", 660, True),
    ("State", 760, True),
)
PHASE_WORDS: Final = {
    Phase.OPEN: "open",
    Phase.COUNTDOWN: "starting",
    Phase.IN_MATCH: "playing",
    Phase.RESULTS: "results",
}


def why_not(found: LobbySummary) -> str:
    """Return why nobody can take a seat in a lobby; empty if there is a seat to take."""
    if found.locked:
        return "The host has locked this lobby: nobody new comes in."
    if found.players >= found.size:
        return "All seats are taken; you can watch."
    if not found.joinable:
        return "Nobody can join the running match; you can watch it, or wait for its end."
    return ""


def lobby_row(
    ui: Ui, rect: pygame.Rect, found: LobbySummary, *, chosen: bool, names: Mapping[str, str]
) -> bool:
    """Draw a lobby; return whether it is pressed. ``names`` are display names by name."""
    theme = ui.theme
    if chosen:
        fill = mix(theme.panel, theme.accent, 0.18)
        box(ui.surface, rect, fill, edge=mix(theme.panel, theme.accent, 0.7))
    elif ui.over(rect):
        box(ui.surface, rect, theme.raised)
    x, y = rect.x + 8, rect.centery
    ink = theme.text if found.joinable else theme.muted
    lock = 24 if found.password or found.locked else 0
    if lock:
        _padlock(ui, (x + 7, y), theme.bad if found.locked else theme.warn)
    words = pygame.Rect(x + lock, rect.y + 2, 356 - lock, rect.height - 4)
    host = f"host {isolated(found.host_name)}"
    stack(
        ui,
        words,
        Words(lobby_title(found.title), colour=ink, bold=True),
        Words(host, SMALL, theme.muted if chosen else theme.faint),
    )
    for text, left in ((found.mode, 370), (found.map, 482)):
        place = pygame.Rect(x + left, rect.y + 2, 104, rect.height - 4)
        paragraph(ui, place, names.get(text, text), size=SMALL + 1, colour=theme.muted)
    _crowd(ui, (x + 660, y), found, ink, theme.muted if chosen else theme.faint)
    word, colour = _state(ui, found)
    chip(ui, (x + 760, y), word, colour, right=True)
    key = f"browser.row.{found.lobby_id}"
    ui.reachable(key, rect)
    focus_ring(ui, key, rect.inflate(-8, -8))
    secret = "" if not found.password else "Asks for a password. "
    explain(ui, rect, (secret + why_not(found)).strip(), key)
    return ui.clicked(key, rect)


def _crowd(ui: Ui, end: tuple[int, int], found: LobbySummary, ink: Colour, quiet: Colour) -> None:
    x, y = end
    watching = f"+{found.spectators} watching" if found.spectators else ""
    if watching:
        y -= 9
        place = (x, y + 19)
        label(ui, place, watching, size=12, colour=quiet, align=Align.RIGHT, room=84)
    crowd = f"{found.players}/{found.size}"
    label(ui, (x, y), crowd, colour=ink, bold=True, align=Align.RIGHT)


def _state(ui: Ui, found: LobbySummary) -> tuple[str, Colour]:
    if found.locked:
        return "locked", ui.theme.bad
    if found.players >= found.size:
        return "full", ui.theme.faint
    if not found.joinable:
        return PHASE_WORDS[found.phase], ui.theme.faint
    return PHASE_WORDS[found.phase], ui.theme.good if found.phase is Phase.OPEN else ui.theme.warn


def _padlock(ui: Ui, middle: tuple[int, int], colour: Colour) -> None:
    x, y = middle
    pygame.draw.rect(ui.surface, colour, (x - 4, y - 9, 9, 14), 2, border_radius=4)
    pygame.draw.rect(ui.surface, colour, (x - 6, y - 2, 13, 10), border_radius=2)
