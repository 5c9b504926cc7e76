"""Announcements: the start, the player's defeat, the result, flags, connection trouble."""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import signs
from client_demo.hud.layout import BANNER, FIGHTER_PX
from client_demo.shapes import box
from client_demo.text.runs import isolated
from client_demo.theme import BASE, BODY, THICK_GLASS, Colour, Theme, mix
from client_demo.views import cues
from client_demo.views.matchview import Defeat, Ending, LineView, MatchView
from client_demo.widgets.basic import LINE, Align, broken, fitting, label
from client_demo.widgets.ui import Ui

HIGH_Y: Final = 250
LOW_Y: Final = 520
PANEL: Final = 112
"""Centres and height of a large panel: above the own fighter, or below it if it is high up."""


def draw_announcement(ui: Ui, view: MatchView, own_y: float | None) -> None:
    """Draw the large panel, if there is something to announce.

    ``own_y`` is the height of the own fighter on the canvas; None if it is not seen.
    """
    middle = (BASE[0] // 2, panel_y(own_y))
    if view.ending is not None:
        _ending(ui, view.ending)
    elif view.starts_in_s is not None:
        number = str(max(1, int(view.starts_in_s + 0.999)))
        _big(ui, middle, "Get ready", number)
    elif view.own is not None and view.own.respawn_s is not None:
        _destroyed(ui, view.destroyed_by, view.own.respawn_s)


def panel_y(own_y: float | None) -> int:
    """Return the height of the centre of a large panel that does not cover the own fighter."""
    above = own_y is None or own_y > HIGH_Y + PANEL // 2 + FIGHTER_PX // 2
    return HIGH_Y if above else LOW_Y


def back_words(respawn_s: float) -> str:
    """Return the text for the time until the player's fighter is back."""
    return f"Back in {respawn_s:.1f} s" if respawn_s >= 0.05 else "Coming back…"


def _big(ui: Ui, middle: tuple[int, int], above: str, text: str) -> None:
    wide = max(fonts.width(text, 44, bold=True), fonts.width(above, 18)) + 72
    rect = pygame.Rect(0, 0, wide, PANEL)
    rect.center = middle
    box(ui.surface, rect, THICK_GLASS, edge=ui.theme.line, radius=18)
    place = (rect.centerx, rect.y + 28)
    label(ui, place, above, size=18, colour=ui.theme.muted, align=Align.MIDDLE)
    label(ui, (rect.centerx, rect.y + 70), text, size=44, bold=True, align=Align.MIDDLE)


def _destroyed(ui: Ui, defeat: Defeat | None, respawn_s: float) -> None:
    rect = pygame.Rect(0, 0, 560, 118)
    rect.center = (BASE[0] // 2, HIGH_Y)
    box(ui.surface, rect, THICK_GLASS, edge=mix(ui.theme.panel, ui.theme.bad, 0.6), radius=18)
    _destroyed_by(ui, rect, defeat)
    words = back_words(respawn_s)
    label(ui, (rect.centerx, rect.y + 80), words, size=34, bold=True, align=Align.MIDDLE)


def _destroyed_by(ui: Ui, rect: pygame.Rect, defeat: Defeat | None) -> None:
    y = rect.y + 34
    if defeat is None:
        label(ui, (rect.centerx, y), "You were destroyed", size=20, align=Align.MIDDLE)
        return
    sign = signs.weapon(defeat.weapon)
    before = "You destroyed yourself with the" if defeat.by_self else "Destroyed by"
    name = "" if defeat.by_self else defeat.killer
    after = defeat.weapon
    room = rect.width - 100 - fonts.width(before, 18) - fonts.width(after, 18) - sign.get_width()
    size = fitting(name, 18, room, bold=True)
    name = fonts.fit(name, size, room, bold=True)
    spot = 24 if name else 0
    widths = (
        fonts.width(before, 18) + 10,
        spot + fonts.width(name, size, bold=True) + 10 * bool(name),
        sign.get_width() + 8,
        fonts.width(after, 18),
    )
    x = rect.centerx - sum(widths) // 2
    label(ui, (x, y), before, size=18, colour=ui.theme.muted)
    x += widths[0]
    if name:
        colour = ui.theme.fighter(*defeat.killer_colour)
        ui.surface.blit(signs.mark(defeat.killer_colour[0], colour, 8), (x, y - 8))
        label(ui, (x + spot, y), name, size=size, bold=True, colour=colour)
    x += widths[1]
    ui.surface.blit(sign, (x, y - sign.get_height() // 2))
    label(ui, (x + widths[2], y), after, size=18, colour=ui.theme.muted)


def ending_words(ending: Ending, theme: Theme) -> tuple[str, str]:
    """Return the title of the result for the player, and a line with winner and score."""
    score = " : ".join(str(number) for number in ending.scores)
    if ending.team:
        winner = f"{theme.team_name(ending.team)} wins"
        first, second = (*ending.scores, 0, 0)[:2]
        score = f"{max(first, second)} : {min(first, second)}"
    elif ending.winner:
        winner = f"{isolated(ending.winner)} wins"
    else:
        return "Draw", f"Nobody wins, {score}" if score else "Nobody wins"
    titles = {True: "Victory", False: "Defeat", None: "Match over"}
    return titles[ending.won], f"{winner}  {score}" if score else winner


def _ending(ui: Ui, ending: Ending) -> None:
    title, below = ending_words(ending, ui.theme)
    colour: Colour = ui.theme.text
    if ending.team or ending.winner:
        colour = ui.theme.fighter(ending.team, ending.seat)
    # As on the screen of the results; in the winner's colour a defeat may look like a success.
    ink = {True: ui.theme.good, False: ui.theme.bad, None: ui.theme.text}[ending.won]
    veil = pygame.Rect(0, HIGH_Y - 74, BASE[0], 148)
    ground = pygame.Surface(veil.size, pygame.SRCALPHA)
    ground.fill((*mix(ui.theme.background, colour, 0.12), 226))
    ui.surface.blit(ground, veil)
    for y in (veil.y, veil.bottom - 3):
        pygame.draw.rect(ui.surface, colour, (0, y, BASE[0], 3))
    place = (BASE[0] // 2, veil.y + 52)
    label(ui, place, title, size=60, bold=True, colour=ink, align=Align.MIDDLE)
    size = fitting(below, 24, BASE[0] - 200, bold=True)
    wide = fonts.width(below, size, bold=True)
    y = veil.y + 112
    if ending.team or ending.winner:
        ui.surface.blit(signs.mark(ending.team, colour, 9), (BASE[0] // 2 - wide // 2 - 28, y - 9))
    label(ui, (BASE[0] // 2, y), below, size=size, bold=True, align=Align.MIDDLE)


def line_words(line: LineView) -> str:
    """Return what is wrong with the connection; empty if nothing is, or not for long."""
    if line.stalls_long:
        return f"No answer for {line.silent_s:.0f} s. The picture waits for the server."
    return line.trouble if not line.stalls else ""


def draw_banner(ui: Ui, view: MatchView, flag: cues.Banner | None) -> None:
    """Draw one sentence: about a silent connection, or else a flag, or else a slow connection."""
    words = line_words(view.line)
    if view.line.stalls:
        words = words or f"No answer for {view.line.silent_s:.1f} s"
        _sentence(ui, words, ui.theme.warn, signs.silent(ui.theme.warn))
    elif flag is not None:
        name = ui.theme.team_name(flag.flag) if flag.flag else ""
        colour = ui.theme.team(flag.team) if flag.team else ui.theme.text
        sign = signs.mark(flag.team, colour, 8) if flag.team else None
        _sentence(ui, f"{flag.text}{name}{flag.after}", colour, sign)
    elif words:
        _sentence(ui, words, ui.theme.warn, signs.silent(ui.theme.warn))


def _sentence(ui: Ui, words: str, colour: Colour, sign: pygame.Surface | None) -> None:
    spot = sign.get_width() + 10 if sign is not None else 0
    room = (BANNER.width - 40 - spot, BANNER.height - 6)
    size = fitting(words, BODY + 2, room[0], bold=True)
    lines: tuple[str, ...] = (words,)
    if size < BODY - 1:  # two lines are easier to read than small letters
        size, lines = broken(words, BODY, room, bold=True)
    wide = max(fonts.width(line, size, bold=True) for line in lines)
    rect = pygame.Rect(0, 0, wide + spot + 40, BANNER.height)
    rect.center = BANNER.center
    box(ui.surface, rect, THICK_GLASS, edge=colour, radius=14)
    if sign is not None:
        ui.surface.blit(sign, (rect.x + 20, rect.centery - sign.get_height() // 2))
    step = round(size * LINE)
    for index, line in enumerate(lines):
        y = rect.centery + round((index - (len(lines) - 1) / 2) * step)
        label(ui, (rect.x + 20 + spot, y), line, size=size, bold=True, colour=colour, room=room[0])
