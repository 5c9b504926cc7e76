"""The player's own meters: health, ammunition, reloading, dash, and temporary effects."""

from collections.abc import Sequence
from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import signs
from client_demo.art.figures import direction, small_pickup
from client_demo.hud.layout import BADGES, METERS
from client_demo.shapes import box
from client_demo.theme import BASE, GLASS, SMALL, Colour, Theme, mix
from client_demo.views.matchview import OwnView
from client_demo.widgets.basic import Align, bar, label
from client_demo.widgets.ui import Ui

SIGN: Final = 30
"""Side of the icons before the numbers, in pixels."""
LOW_HP: Final = 30
"""Hit points up to which the meter is red."""
LOW_AMMO: Final = 15
"""Rounds up to which ammunition counts as low."""
HURT_FROM_PX: Final = 44
"""Distance from the own fighter to the arrows that point to attackers."""
STEPS: Final = 8
"""Densities of the red border; the picture of each is made once."""


def draw_meters(ui: Ui, own: OwnView) -> None:
    """Draw the player's meters at the bottom."""
    rect, theme = METERS, ui.theme
    box(ui.surface, rect, GLASS, edge=theme.raised, radius=14)
    colour = theme.bad if own.hp <= LOW_HP else theme.good
    ui.surface.blit(small_pickup("health", SIGN), (rect.x + 14, rect.centery - 15))
    label(ui, (rect.x + 54, rect.centery - 8), str(own.hp), size=24, bold=True, colour=colour)
    health = pygame.Rect(rect.x + 54, rect.bottom - 19, 120, 9)
    bar(ui, health, own.hp / own.max_hp, colour)
    low = own.ammo <= LOW_AMMO and not own.endless
    rounds = "∞" if own.endless else str(own.ammo)
    shade = (theme.warn if own.ammo else theme.bad) if low else theme.text
    _supply(ui, rect.x + 200, "ammo", rounds, shade, own.reload)
    shade = theme.text if own.rockets else theme.bad
    _supply(ui, rect.x + 316, "rockets", str(own.rockets), shade, own.rocket)
    x = rect.x + 434
    words, shade = ("Dash ready", theme.text) if own.dash >= 1 else ("Dash", theme.muted)
    label(ui, (x, rect.centery - 9), words, size=SMALL + 1, bold=True, colour=shade)
    ready = theme.accent if own.dash >= 1 else mix(theme.accent, theme.panel, 0.5)
    bar(ui, pygame.Rect(x, rect.bottom - 19, 100, 9), own.dash, ready)


def _supply(ui: Ui, x: int, kind: str, count: str, colour: Colour, ready: float) -> None:
    ui.surface.blit(small_pickup(kind, SIGN), (x, METERS.centery - 15))
    label(ui, (x + 38, METERS.centery - 8), count, size=24, bold=True, colour=colour)
    shade = ui.theme.muted if ready >= 1 else mix(ui.theme.muted, ui.theme.panel, 0.5)
    ready = 0.0 if count == "0" else ready  # nothing is ready to be fired
    bar(ui, pygame.Rect(x + 38, METERS.bottom - 19, 56, 9), ready, shade)


def badges(own: OwnView, theme: Theme) -> list[tuple[str, Colour]]:
    """Return the temporary effects on the player's fighter, as words with a colour."""
    if own.respawn_s is not None:
        return []
    made: list[tuple[str, Colour]] = []
    if own.carrying:
        words = f"You carry the {theme.team_name(own.carrying)} flag: bring it home"
        made.append((words, theme.team(own.carrying)))
    if own.shield_s > 0:
        made.append((f"Protected {own.shield_s:.1f} s", theme.text))
    if own.haste_s > 0:
        made.append((f"Fast {own.haste_s:.0f} s", (112, 176, 250)))
    if not own.endless and own.ammo <= LOW_AMMO:
        words = "Low ammunition" if own.ammo else "Rifle empty: find ammunition"
        made.append((words, theme.warn if own.ammo else theme.bad))
    return made


def draw_badges(ui: Ui, own: OwnView) -> None:
    """Draw the temporary effects above the meters."""
    made = badges(own, ui.theme)
    widths = [fonts.width(words, SMALL, bold=True) + 24 for words, _ in made]
    x = BADGES.centerx - (sum(widths) + 8 * (len(widths) - 1)) // 2
    for (words, colour), wide in zip(made, widths, strict=True):
        rect = pygame.Rect(x, BADGES.y, wide, BADGES.height)
        box(ui.surface, rect, GLASS, edge=mix(ui.theme.panel, colour, 0.7), radius=12)
        label(ui, rect.center, words, size=SMALL, bold=True, colour=colour, align=Align.MIDDLE)
        x += wide + 8


def draw_crosshair(ui: Ui, marker: float, reload: float) -> None:
    """Draw the crosshair at the pointer, and the hit marker over it.

    Args:
        ui: The canvas and the pointer.
        marker: Strength of the hit marker, from 0 (none) to 1.
        reload: Progress of reloading, from 0 to 1; below 1 the crosshair is grey.
    """
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


def draw_directions(
    ui: Ui, place: tuple[float, float], directions: Sequence[tuple[float, float]]
) -> None:
    """Draw arrows around the own fighter that point to attackers.

    Args:
        ui: The canvas.
        place: The own fighter on the canvas.
        directions: For each attack its direction and the seconds left to show it.
    """
    for turn, left in directions:
        dx, dy = direction(turn)
        reach = HURT_FROM_PX + 6 * min(1.0, left)
        tip = (place[0] + dx * (reach + 16), place[1] + dy * (reach + 16))
        back = (place[0] + dx * reach, place[1] + dy * reach)
        wide = 9 * min(1.0, 2 * left)
        left_foot = (back[0] - dy * wide, back[1] + dx * wide)
        right_foot = (back[0] + dy * wide, back[1] - dx * wide)
        points = (tip, left_foot, right_foot)
        pygame.draw.polygon(ui.surface, (8, 10, 14), points, 5)
        pygame.draw.polygon(ui.surface, ui.theme.bad, points)


def draw_hurt(ui: Ui, flash: float, own: OwnView | None) -> None:
    """Tint the border red: strongly after a hit, weakly while health is low."""
    weak = own is not None and own.hp <= LOW_HP and own.respawn_s is None
    step = round(STEPS * min(1.0, max(flash, 0.3 * weak)))
    if step:
        veil = signs.vignette(BASE, ui.theme.bad, step * 190 // STEPS)
        ui.surface.blit(veil, (0, 0))
