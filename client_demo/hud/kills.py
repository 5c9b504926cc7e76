"""The kill feed: a row with killer, weapon and victim for each of the last kills."""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import signs
from client_demo.hud.layout import KILLS
from client_demo.shapes import box
from client_demo.theme import SMALL, THIN_GLASS
from client_demo.views.matchview import KillLine
from client_demo.widgets.basic import SMALLEST, label
from client_demo.widgets.ui import Ui

ROW: Final = 30
SHOWN: Final = KILLS.height // ROW
SPOT: Final = 16
"""Pixels of the mark before a name, with the space after it."""
SHARE: Final = 2 / 3
"""Largest part of a line that the shorter of two names may take."""


def draw_kills(ui: Ui, kills: tuple[KillLine, ...], covered: pygame.Rect) -> None:
    """Draw the newest kills at the top left, the newest last.

    A line that would reach into ``covered``, where something is drawn over it, is left out.
    """
    for index, line in enumerate(kills[-SHOWN:]):
        _line(ui, KILLS.x, KILLS.y + index * ROW, line, covered)


def names_that_fit(names: list[str], room: int) -> tuple[int, list[str]]:
    """Return a font size and the names; they are cut only if even the smallest size is too wide."""
    for size in range(SMALL + 1, SMALLEST - 1, -1):
        if sum(fonts.width(name, size, bold=True) for name in names) <= room:
            return size, names
    rooms = [room // len(names)] * len(names)
    needs = [fonts.width(name, SMALLEST, bold=True) for name in names]
    shorter = needs.index(min(needs))
    if len(names) > 1 and rooms[0] < needs[shorter] <= room * SHARE:
        rooms[shorter] = needs[shorter]
    if len(names) > 1:
        rooms[1 - shorter] = room - min(needs[shorter], rooms[shorter])
    return SMALLEST, [
        fonts.fit(name, SMALLEST, share, bold=True)
        for name, share in zip(names, rooms, strict=True)
    ]


def _line(ui: Ui, x: int, y: int, line: KillLine, covered: pygame.Rect) -> None:
    sign = signs.weapon(line.weapon)
    people = [(line.victim, line.victim_colour)]
    if not line.by_self:
        people.insert(0, (line.killer, line.killer_colour))
    fixed = 24 + len(people) * SPOT + sign.get_width() + 8 * len(people)
    size, names = names_that_fit([name for name, _ in people], KILLS.width - fixed)
    widths = [SPOT + fonts.width(name, size, bold=True) for name in names]
    wide = 24 + sum(widths) + sign.get_width() + 8 * len(people)
    rect = pygame.Rect(x, y, wide, ROW - 4)
    if rect.colliderect(covered):
        return
    box(
        ui.surface,
        rect,
        THIN_GLASS,
        edge=ui.theme.accent if line.own else ui.theme.raised,
        radius=8,
    )
    left = rect.x + 12
    for index, (name, (_, colour), part) in enumerate(zip(names, people, widths, strict=True)):
        if index == len(people) - 1:  # the weapon is drawn before the victim
            ui.surface.blit(sign, (left, rect.centery - sign.get_height() // 2))
            left += sign.get_width() + 8
        shade = ui.theme.fighter(*colour)
        ui.surface.blit(signs.mark(colour[0], shade, 5), (left, rect.centery - 5))
        label(ui, (left + SPOT, rect.centery), name, size=size, bold=True, colour=shade)
        left += part + 8
