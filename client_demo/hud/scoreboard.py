"""The score table of a running match: all players by team, with the player's own row marked."""

from collections.abc import Sequence
from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import signs
from client_demo.hud.announce import back_words
from client_demo.hud.clock import clock_words, goal_words
from client_demo.shapes import box
from client_demo.theme import BASE, BODY, SMALL, mix
from client_demo.views.matchview import MatchView, ScoreLine
from client_demo.widgets.basic import Align, fitting, label
from client_demo.widgets.ui import Ui

WIDTH: Final = 680
ROOM: Final = BASE[1] - 40
COLUMNS: Final = (("score", 448), ("kills", 536), ("deaths", 632))


def grouped(
    scores: Sequence[ScoreLine], team_scores: Sequence[int]
) -> list[tuple[int, list[ScoreLine]]]:
    """Return the lines by team, the leading team first; without teams all as one group."""
    if not team_scores:
        return [(0, list(scores))]
    teams = sorted(range(1, len(team_scores) + 1), key=lambda team: -team_scores[team - 1])
    return [(team, [line for line in scores if line.team == team]) for team in teams]


def table_rect(view: MatchView) -> pygame.Rect:
    """Return the place of the table, which grows with the number of players."""
    lines, heads = max(1, len(view.scores)), len(view.team_scores)
    rect = pygame.Rect(0, 0, WIDTH, 92 + _row_height(view) * lines + 30 * heads)
    rect.center = (BASE[0] // 2, BASE[1] // 2)
    return rect


def _row_height(view: MatchView) -> int:
    heads = len(view.team_scores)
    return min(34, (ROOM - 96 - 30 * heads) // max(1, len(view.scores)))


def draw_scores(ui: Ui, view: MatchView) -> None:
    """Draw the table over the field."""
    groups = grouped(view.scores, view.team_scores)
    row_height, rect = _row_height(view), table_rect(view)
    box(ui.surface, rect, (16, 21, 29, 242), edge=ui.theme.line, radius=16)
    label(ui, (rect.x + 24, rect.y + 28), view.map.title, size=20, bold=True, room=380)
    if view.own is not None and view.own.respawn_s is not None and view.ending is None:
        place = (rect.right - 24, rect.y + 28)
        words = back_words(view.own.respawn_s)
        label(ui, place, words, bold=True, colour=ui.theme.warn, align=Align.RIGHT)
    # A tall table hides the clock.
    words = f"{clock_words(view)}  ·  {goal_words(view)}"
    label(ui, (rect.x + 24, rect.y + 58), words, size=SMALL, colour=ui.theme.muted, room=350)
    for name, x in COLUMNS:
        place = (rect.x + x, rect.y + 60)
        label(ui, place, name, size=SMALL, colour=ui.theme.faint, align=Align.RIGHT)
    y = rect.y + 76
    for team, members in groups:
        if team:
            _head(ui, rect, y, team, view.team_scores[team - 1])
            y += 30
        for line in members:
            _row(ui, pygame.Rect(rect.x + 12, y, rect.width - 24, row_height - 3), line)
            y += row_height


def _head(ui: Ui, rect: pygame.Rect, y: int, team: int, score: int) -> None:
    colour = ui.theme.team(team)
    ui.surface.blit(signs.mark(team, colour, 7), (rect.x + 24, y + 7))
    label(ui, (rect.x + 46, y + 14), ui.theme.team_name(team), bold=True, colour=colour)
    place = (rect.x + COLUMNS[0][1], y + 14)
    label(ui, place, str(score), size=20, bold=True, colour=colour, align=Align.RIGHT)
    below = pygame.Rect(rect.x + 20, y + 27, rect.width - 40, 1)
    ui.surface.fill(mix(ui.theme.panel, colour, 0.5), below)


def note_of(line: ScoreLine) -> str:
    """Return the note beside a player's name; empty for a connected human player."""
    if line.bot:
        return "bot"
    if not line.connected:
        return "connection lost"
    return "not answering" if line.silent else ""


def _row(ui: Ui, row: pygame.Rect, line: ScoreLine) -> None:
    theme = ui.theme
    if line.own:
        fill = mix(theme.panel, theme.accent, 0.25)
        box(ui.surface, row, fill, edge=theme.accent, radius=8)
    colour = theme.fighter(line.team, line.seat)
    ui.surface.blit(signs.mark(line.team, colour, 6), (row.x + 12, row.centery - 6))
    note = f"{note_of(line)}{'  you' if line.own else ''}".strip()
    room = 326 - fonts.width(note, SMALL) - (30 if line.silent or not line.connected else 0)
    size = fitting(line.name, BODY, room, bold=True)
    wide = label(ui, (row.x + 34, row.centery), line.name, size=size, bold=True, room=room)
    shade = theme.accent if line.own else theme.faint
    if line.silent or not line.connected:
        shade = theme.warn
        ui.surface.blit(signs.silent(shade), (row.x + 38 + wide, row.centery - 12))
        wide += 30
    label(ui, (row.x + 44 + wide, row.centery), note, size=SMALL, colour=shade)
    for value, (name, x) in zip((line.score, line.kills, line.deaths), COLUMNS, strict=True):
        place = (row.x - 12 + x, row.centery)
        label(ui, place, str(value), bold=name == "score", align=Align.RIGHT)
