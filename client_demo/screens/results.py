"""How a match ended, who did what, and whether there is another."""

import attrs
import pygame

from client_demo.screens.base import Emit, backdrop
from client_demo.shapes import box, disc
from client_demo.theme import BASE, DISPLAY, SMALL, mix
from client_demo.views import ResultsView
from client_demo.widgets.basic import Align, Kind, button, label, panel
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import LeaveLobby, MatchResult, Rematch, ResultLine

ROW = 40
REASONS = {
    "fault": "The game broke; the match was stopped.",
    "abandoned": "Everybody left.",
    "stopped": "The match was stopped.",
}


@attrs.define(eq=False)
class ResultsScreen:
    """Keeps what is typed."""

    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel((Channel.LOBBY, Channel.WHISPER)))

    def draw(self, ui: Ui, view: ResultsView, emit: Emit) -> None:
        """Draw the table and what can be done now."""
        backdrop(ui)
        result = view.lobby.result
        assert result is not None
        own = next((line for line in result.lines if line.player_id == view.chat.me), None)
        _verdict(ui, result, own)
        inner = panel(ui, pygame.Rect(40, 196, 820, 412), "Result", right=_length(result))
        _table(ui, inner, result, view.chat.me)
        inner = panel(ui, pygame.Rect(880, 196, 360, 496), "Chat")
        self.chat.draw(ui, inner, view.chat, emit)
        self._foot(ui, view, emit)

    def _foot(self, ui: Ui, view: ResultsView, emit: Emit) -> None:
        me = next((m for m in view.lobby.members if m.player_id == view.chat.me), None)
        asked = me is not None and me.ready
        place = pygame.Rect(40, 628, 280, 56)
        text = "Waiting for the others…" if asked else "Rematch"
        if button(ui, "results.rematch", place, text, Kind.PRIMARY, off=asked, size=18):
            emit(Rematch())
        if button(ui, "results.leave", pygame.Rect(332, 628, 160, 56), "Leave", Kind.PLAIN):
            emit(LeaveLobby())
        people = [m for m in view.lobby.members if m.player_id and m.seat >= 0]
        words = f"{sum(m.ready for m in people)} of {len(people)} want a rematch"
        if view.countdown_s is not None:
            words += f"  ·  back to the lobby in {max(0, round(view.countdown_s))} s"
        label(ui, (510, 656), words, size=SMALL + 1, colour=ui.theme.muted, room=350)


def _verdict(ui: Ui, result: MatchResult, own: ResultLine | None) -> None:
    theme = ui.theme
    if result.reason != "finished":
        words, colour = "No result", theme.warn
    elif own is None:
        words, colour = f"{result.winner or 'Nobody'} wins", theme.text
    else:
        words, colour = ("Victory", theme.good) if own.won else ("Defeat", theme.bad)
        if not any(line.won for line in result.lines):
            words, colour = "Draw", theme.warn
    label(ui, (40, 78), words, size=DISPLAY, bold=True, colour=colour)
    below = result.message or REASONS.get(result.reason, "")
    if not below and result.winner:
        below = f"{result.winner} won the match"
    label(ui, (42, 138), below, size=18, colour=theme.muted, room=760)
    _team_scores(ui, result)


def _team_scores(ui: Ui, result: MatchResult) -> None:
    x = BASE[0] - 40
    for team in range(len(result.team_scores), 0, -1):
        rect = pygame.Rect(x - 170, 56, 170, 100)
        colour = ui.theme.team(team)
        box(
            ui.surface,
            rect,
            mix(ui.theme.panel, colour, 0.14),
            edge=mix(ui.theme.panel, colour, 0.6),
        )
        label(ui, (rect.centerx, rect.y + 22), ui.theme.team_name(team).upper(), size=SMALL,
              colour=colour, bold=True, align=Align.MIDDLE)  # fmt: skip
        number = str(result.team_scores[team - 1])
        label(ui, (rect.centerx, rect.y + 62), number, size=44, bold=True, align=Align.MIDDLE)
        x -= 186


def stat_names(result: MatchResult) -> list[str]:
    """Return the columns that any line has, in the order they first come."""
    return list(dict.fromkeys(name for line in result.lines for name in line.stats))[:4]


def _length(result: MatchResult) -> str:
    return f"{len(result.lines)} players"


def _table(ui: Ui, inner: pygame.Rect, result: MatchResult, me: str) -> None:
    theme = ui.theme
    stats = stat_names(result)
    right = inner.right - 12
    for index, name in enumerate([*reversed(stats), "score"]):
        place = (right - index * 92, inner.y + 8)
        label(ui, place, name, size=SMALL, colour=theme.faint, align=Align.RIGHT)
    area = pygame.Rect(inner.x - 8, inner.y + 24, inner.width + 16, inner.height - 24)
    with scrolled(ui, "results.table", area, len(result.lines) * ROW) as top:
        for index, line in enumerate(result.lines):
            row = pygame.Rect(area.x, top + index * ROW, area.width, ROW - 4)
            if line.player_id and line.player_id == me:
                box(ui.surface, row, mix(theme.panel, theme.accent, 0.18), radius=8)
            elif index % 2 == 0:
                box(ui.surface, row, mix(theme.panel, theme.raised, 0.5), radius=8)
            _line(ui, row, index + 1, line, stats, right)


def _line(
    ui: Ui, row: pygame.Rect, rank: int, line: ResultLine, stats: list[str], right: int
) -> None:
    theme = ui.theme
    place = (row.x + 34, row.centery)
    label(ui, place, str(rank), colour=theme.faint, align=Align.RIGHT)
    colour = theme.fighter(line.team, line.seat)
    ui.surface.blit(disc(7, colour), (row.x + 50, row.centery - 7))
    label(ui, (row.x + 76, row.centery), line.name, bold=True, room=270)
    values = [*(line.stats.get(name, 0) for name in reversed(stats)), line.score]
    for index, value in enumerate(values):
        last = index == len(values) - 1
        place = (right - index * 92, row.centery)
        label(
            ui, place, str(value), bold=last, align=Align.RIGHT,
            colour=theme.text if last else theme.muted,
        )  # fmt: skip
