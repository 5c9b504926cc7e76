"""Health, ammunition, dash, the clock and the score: what one looks at without looking."""

import pygame

from client_demo import fonts
from client_demo.art.figures import pickup
from client_demo.matchview import MatchView, OwnView
from client_demo.shapes import box
from client_demo.theme import BASE, SMALL, mix
from client_demo.widgets.basic import Align, bar, label
from client_demo.widgets.ui import Ui

GLASS = (16, 21, 29, 205)
MODE_NAMES = {"dm": "Deathmatch", "tdm": "Team deathmatch", "ctf": "Capture the flag"}


def draw_meters(ui: Ui, own: OwnView) -> None:
    """Draw one's own meters at the bottom."""
    rect = pygame.Rect(BASE[0] // 2 - 250, BASE[1] - 70, 500, 54)
    box(ui.surface, rect, GLASS, radius=14)
    share = own.hp / own.max_hp
    colour = ui.theme.bad if own.hp <= 30 else ui.theme.good
    label(ui, (rect.x + 18, rect.centery), str(own.hp), size=28, bold=True, colour=colour)
    bar(ui, pygame.Rect(rect.x + 82, rect.centery - 6, 150, 12), share, colour)
    _count(ui, rect.x + 256, rect.centery, "ammo", own.ammo)
    _count(ui, rect.x + 340, rect.centery, "rockets", own.rockets)
    right = rect.right - 78
    label(ui, (right, rect.centery - 9), "DASH", size=11, bold=True, colour=ui.theme.muted)
    ready = ui.theme.accent if own.dash >= 1 else mix(ui.theme.accent, ui.theme.panel, 0.5)
    bar(ui, pygame.Rect(right, rect.centery + 4, 60, 8), own.dash, ready)


def _count(ui: Ui, x: int, y: int, kind: str, count: int) -> None:
    sign = pygame.transform.smoothscale(pickup(kind), (26, 26))
    ui.surface.blit(sign, (x, y - 13))
    colour = ui.theme.text if count else ui.theme.bad
    label(ui, (x + 32, y), str(count), size=20, bold=True, colour=colour)


def draw_clock(ui: Ui, view: MatchView) -> None:
    """Draw clock, mode and the teams' scores at the top."""
    middle = BASE[0] // 2
    rect = pygame.Rect(middle - 70, 12, 140, 52)
    box(ui.surface, rect, GLASS, radius=12)
    seconds = max(0, int(view.clock_s))
    clock = f"{seconds // 60}:{seconds % 60:02}"
    hurry = view.clock_s <= 10 and view.starts_in_s is None
    colour = ui.theme.warn if hurry else ui.theme.text
    label(ui, (middle, rect.y + 20), clock, size=26, bold=True, colour=colour, align=Align.MIDDLE)
    mode = MODE_NAMES.get(view.mode, view.mode)
    goal = f" to {view.score_limit}" if view.score_limit else ""
    text = f"{mode}{goal}"
    label(ui, (middle, rect.y + 41), text, size=11, colour=ui.theme.muted, align=Align.MIDDLE)
    for index, score in enumerate(view.team_scores[:2]):
        side = -1 if index == 0 else 1
        place = pygame.Rect(0, 0, 64, 44)
        place.center = (middle + side * 112, rect.centery)
        colour = ui.theme.team(index + 1)
        box(ui.surface, place, (*mix(ui.theme.panel, colour, 0.35), 230), edge=colour, radius=12)
        label(ui, place.center, str(score), size=24, bold=True, align=Align.MIDDLE)


def draw_announcement(ui: Ui, view: MatchView) -> None:
    """Say what everybody must know now: get ready, or when one is back."""
    middle = (BASE[0] // 2, 210)
    if view.starts_in_s is not None:
        number = str(max(1, int(view.starts_in_s + 0.999)))
        _big(ui, middle, "Get ready", number)
    elif view.own is not None and view.own.respawn_s is not None:
        _big(ui, middle, "You were destroyed", f"Back in {max(0.0, view.own.respawn_s):.1f} s")


def _big(ui: Ui, middle: tuple[int, int], above: str, text: str) -> None:
    wide = max(fonts.width(text, 44, bold=True), fonts.width(above, 16)) + 72
    rect = pygame.Rect(0, 0, wide, 112)
    rect.center = middle
    box(ui.surface, rect, GLASS, radius=18)
    label(
        ui, (rect.centerx, rect.y + 28), above, size=16, colour=ui.theme.muted, align=Align.MIDDLE
    )
    label(ui, (rect.centerx, rect.y + 70), text, size=44, bold=True, align=Align.MIDDLE)


def draw_crosshair(ui: Ui, marker: float, reload: float) -> None:
    """Draw the crosshair at the pointer, and the hit marker over it."""
    x, y = ui.mouse
    if x < 0:
        return
    colour = ui.theme.text if reload >= 1 else ui.theme.muted
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        start, end = (x + 6 * dx, y + 6 * dy), (x + 13 * dx, y + 13 * dy)
        pygame.draw.line(ui.surface, (8, 10, 14), start, end, 4)
        pygame.draw.line(ui.surface, colour, start, end, 2)
    if marker > 0:
        shade = mix(ui.theme.text, ui.theme.bad, 0.7)
        for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            reach = 8 + 8 * marker
            start = (x + 6 * dx, y + 6 * dy)
            pygame.draw.line(ui.surface, shade, start, (x + reach * dx, y + reach * dy), 3)


def draw_edge_flash(ui: Ui, strength: float) -> None:
    """Colour the screen's edge when one was hurt."""
    if strength <= 0.02:
        return
    veil = pygame.Surface((BASE[0], 26), pygame.SRCALPHA)
    veil.fill((*ui.theme.bad, int(120 * min(1.0, strength))))
    ui.surface.blit(veil, (0, 0))
    ui.surface.blit(veil, (0, BASE[1] - 26))
    side = pygame.transform.rotate(veil, 90)
    ui.surface.blit(side, (0, 0), (0, 0, 26, BASE[1]))
    ui.surface.blit(side, (BASE[0] - 26, 0), (0, 0, 26, BASE[1]))


def hint(ui: Ui, text: str) -> None:
    """Show a quiet line of help at the bottom left."""
    label(ui, (20, BASE[1] - 20), text, size=SMALL - 1, colour=ui.theme.faint)
