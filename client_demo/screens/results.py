"""The screen of a match's results: verdict, table, chat, rematch."""

import math
from collections.abc import Callable
from typing import Final

import attrs
import pygame

from client_demo.art import signs
from client_demo.fetching import ReplayFetch
from client_demo.intents import FetchReplay
from client_demo.screens.base import Emit, backdrop
from client_demo.shapes import box
from client_demo.text.runs import isolated
from client_demo.theme import BASE, BODY, DISPLAY, SMALL, mix
from client_demo.views.screens import ResultsView
from client_demo.widgets.basic import Align, ButtonKind, button, fitting, label, panel
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import LeaveLobby, MatchResult, Rematch, ResultLine

ROWS: Final = (40, 29)
"""Height of a row in pixels: the first if all rows fit then, else the second."""
HEAD: Final = 30
NAME_ROOM: Final = 300
REASONS = {
    "fault": "The game broke; the match was stopped.",
    "abandoned": "Everybody left.",
    "stopped": "The match was stopped.",
}


@attrs.define(eq=False)
class ResultsScreen:
    """Keeps the chat panel."""

    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel((Channel.LOBBY, Channel.WHISPER)))

    def draw(self, ui: Ui, view: ResultsView, emit: Emit) -> None:
        """Draw the results, the chat and the actions."""
        backdrop(ui)
        result = view.lobby.result
        assert result is not None
        own = next((line for line in result.lines if line.player_id == view.chat.me), None)
        _verdict(ui, result, own)
        inner = panel(ui, pygame.Rect(40, 176, 820, 436), "Result", right=players_words(result))
        _table(ui, inner, result, view.chat.me)
        inner = panel(ui, pygame.Rect(880, 176, 360, 516), "Chat")
        self.chat.draw(ui, inner, view.chat, emit)
        self._foot(ui, view, emit)

    def _foot(self, ui: Ui, view: ResultsView, emit: Emit) -> None:
        me = next((m for m in view.lobby.members if m.player_id == view.chat.me), None)
        asked = me is not None and me.ready
        place = pygame.Rect(40, 626, 264, 50)
        text = "Waiting for the others…" if asked else "Rematch"
        if button(ui, "results.rematch", place, text, ButtonKind.PRIMARY, off=asked, size=18):
            emit(Rematch())
        place = pygame.Rect(316, 626, 172, 50)
        if button(ui, "results.leave", place, "Leave the lobby", ButtonKind.PLAIN):
            emit(LeaveLobby())
        if view.replays:
            _replay(ui, view, emit)
        people = [m for m in view.lobby.members if m.player_id and m.seat >= 0]
        words = rematch_words(sum(m.ready for m in people), len(people))
        if view.countdown_s is not None:
            words += f"  ·  back to the lobby in {max(0, round(view.countdown_s))} s"
        if view.stops_in_s is not None:
            words = f"The server restarts in {math.ceil(view.stops_in_s)} s at the latest"
        label(ui, (42, 698), words, size=SMALL + 1, colour=ui.theme.muted, room=818)


def _replay(ui: Ui, view: ResultsView, emit: Emit) -> None:
    """Draw the buttons for the replay, which those have who played."""
    result, fetch = view.lobby.result, view.replay
    assert result is not None
    played = any(line.player_id == view.chat.me for line in result.lines)
    off = not played or (fetch is not None and fetch.running)
    place = pygame.Rect(500, 626, 186, 50)
    words = replay_words(fetch)
    if button(ui, "results.watch", place, words, ButtonKind.PLAIN, off=off):
        emit(FetchReplay(result.match_id, watch=True))
    if fetch is not None and fetch.running and fetch.size:
        done = pygame.Rect(place.x + 10, place.bottom - 9, place.width - 20, 4)
        box(ui.surface, done, ui.theme.line, radius=2)
        done.width = max(4, done.width * fetch.got // fetch.size)
        box(ui.surface, done, ui.theme.accent, radius=2)
    place = pygame.Rect(698, 626, 162, 50)
    saved = fetch is not None and fetch.path is not None
    words = "Replay saved" if saved else "Save replay"
    if button(ui, "results.save", place, words, ButtonKind.PLAIN, off=off):
        emit(FetchReplay(result.match_id))


def replay_words(fetch: ReplayFetch | None) -> str:
    """Return the text of the button that watches a replay: how much of it has come."""
    if fetch is None or not fetch.running:
        return "Watch replay"
    share = f" {fetch.got * 100 // fetch.size} %" if fetch.size else "…"
    return f"Fetching{share}"


def rematch_words(wanting: int, people: int) -> str:
    """Return how many of the people want a rematch: 1 of 3 wants, 2 of 3 want."""
    return f"{wanting} of {people} want{'s' * (wanting == 1)} a rematch"


def verdict(
    result: MatchResult, own: ResultLine | None, team_name: Callable[[int], str]
) -> tuple[str, str]:
    """Return the title of the results for the player, and the sentence below it.

    Args:
        result: Result of the match.
        own: The player's own line; None for a spectator.
        team_name: Returns a team's name in the theme in use.
    """
    winner = winner_of(result, team_name)
    if result.reason != "finished":
        words = "No result"
    elif not winner:
        words = "Draw"
    elif own is None:
        words = f"{isolated(winner)} wins"
    else:
        words = "Victory" if own.won else "Defeat"
    below = result.message or REASONS.get(result.reason, "")
    if not below and winner and own is not None:
        below = f"{isolated(winner)} won the match"
    return words, below


def winner_of(result: MatchResult, team_name: Callable[[int], str]) -> str:
    """Return the name of the winner; "" for a draw.

    Players who all win or lose together, as against the game, have the name that the game gives:
    several lines that have won are a draw only without one.
    """
    winners = [line for line in result.lines if line.won]
    if not winners:
        return result.winner
    teams = {line.team for line in winners}
    if result.team_scores and len(teams) == 1 and teams != {0}:
        return team_name(winners[0].team)
    return result.winner or (winners[0].name if len(winners) == 1 else "")


def _verdict(ui: Ui, result: MatchResult, own: ResultLine | None) -> None:
    theme = ui.theme
    words, below = verdict(result, own, theme.team_name)
    colours = {"Victory": theme.good, "Defeat": theme.bad, "Draw": theme.warn}
    colour = colours.get(words, theme.warn if result.reason != "finished" else theme.text)
    size = fitting(words, DISPLAY, 760, bold=True)
    label(ui, (40, 74), words, size=size, bold=True, colour=colour, room=760)
    label(ui, (42, 134), below, size=fitting(below, 18, 760), colour=theme.muted, room=760)
    _team_scores(ui, result)


def _team_scores(ui: Ui, result: MatchResult) -> None:
    x = BASE[0] - 40
    for team in range(len(result.team_scores), 0, -1):
        rect = pygame.Rect(x - 170, 46, 170, 100)
        colour = ui.theme.team(team)
        box(
            ui.surface,
            rect,
            mix(ui.theme.panel, colour, 0.14),
            edge=mix(ui.theme.panel, colour, 0.6),
        )
        words = ui.theme.team_name(team).upper()
        wide = label(ui, (rect.centerx + 10, rect.y + 22), words, size=SMALL,
                     colour=colour, bold=True, align=Align.MIDDLE)  # fmt: skip
        place = (rect.centerx - wide // 2 - 12, rect.y + 15)
        ui.surface.blit(signs.mark(team, colour, 7), place)
        number = str(result.team_scores[team - 1])
        label(ui, (rect.centerx, rect.y + 62), number, size=44, bold=True, align=Align.MIDDLE)
        x -= 186


def stat_names(result: MatchResult) -> list[str]:
    """Return the names of the first four statistics of the lines, in order of appearance."""
    return list(dict.fromkeys(name for line in result.lines for name in line.stats))[:4]


def players_words(result: MatchResult) -> str:
    """Return the number of players of a match with its unit: 1 player, 2 players."""
    count = len(result.lines)
    return f"{count} player" if count == 1 else f"{count} players"


@attrs.frozen
class TableRow:
    """One row of the table: a player, or the head of a team if ``line`` is None."""

    line: ResultLine | None
    team: int
    rank: int = 0


def table_rows(result: MatchResult) -> list[TableRow]:
    """Return the rows, best first; with teams, each team below its head, the best team first.

    Players with the same score have the same rank, such as 1, 1, 3.
    """
    ranks: dict[int, int] = {}
    for number, line in enumerate(result.lines, start=1):
        before = result.lines[number - 2] if number > 1 else line
        equal = before is not line and _level(before, line, teams=bool(result.team_scores))
        ranks[id(line)] = ranks[id(before)] if equal else number
    if not result.team_scores:
        return [TableRow(line, line.team, ranks[id(line)]) for line in result.lines]
    rows: list[TableRow] = []
    teams = range(1, len(result.team_scores) + 1)
    for team in sorted(teams, key=lambda team: -result.team_scores[team - 1]):
        members = [line for line in result.lines if line.team == team]
        rows += [TableRow(None, team), *(TableRow(line, team, ranks[id(line)]) for line in members)]
    return rows + [
        TableRow(line, 0, ranks[id(line)]) for line in result.lines if line.team not in teams
    ]


def _level(one: ResultLine, other: ResultLine, *, teams: bool) -> bool:
    """Return whether two lines share a rank; a game may have decided a tie by whom it lets win."""
    return one.score == other.score and (teams or one.won == other.won)


def pinned(own: tuple[int, int] | None, top: int, area: pygame.Rect) -> int | None:
    """Return the y at which the player's row is pinned; None if the row itself is visible.

    Args:
        own: The row's distance from the table's top, and its height; None without a row.
        top: The y at which the scrolled table starts.
        area: The visible part of the table.
    """
    if own is None:
        return None
    y = top + own[0]
    kept = max(area.top, min(y, area.bottom - own[1]))
    return kept if kept != y else None


def _table(ui: Ui, inner: pygame.Rect, result: MatchResult, me: str) -> None:
    stats = stat_names(result)
    right = inner.right - 12
    for index, name in enumerate([*reversed(stats), "score"]):
        place = (right - index * 92, inner.y + 8)
        label(ui, place, name, size=SMALL, colour=ui.theme.faint, align=Align.RIGHT)
    area = pygame.Rect(inner.x - 8, inner.y + 24, inner.width + 16, inner.height - 24)
    rows = table_rows(result)
    heads = sum(row.line is None for row in rows)
    height = ROWS[0] if heads * HEAD + (len(rows) - heads) * ROWS[0] <= area.height else ROWS[1]
    whole = heads * HEAD + (len(rows) - heads) * height
    own: tuple[int, int] | None = None
    own_row: TableRow | None = None
    with scrolled(ui, "results.table", area, whole) as top:
        y = top
        for index, row in enumerate(rows):
            rect = pygame.Rect(area.x, y, area.width, (height if row.line else HEAD) - 3)
            if row.line is None:
                _head(ui, rect, row.team, result, right - len(stats) * 92)
            else:
                mine = bool(row.line.player_id) and row.line.player_id == me
                if mine:
                    own, own_row = (y - top, height), row
                _line(ui, rect, row, stats, right, ground=(mine, index % 2 == 0))
            y += height if row.line else HEAD
        kept = pinned(own, top, area)
    if kept is not None and own_row is not None:
        rect = pygame.Rect(area.x, kept, area.width, height - 3)
        ui.surface.fill(ui.theme.panel, rect.inflate(0, 8).clip(area))
        _line(ui, rect, own_row, stats, right, ground=(True, False))


def _head(ui: Ui, row: pygame.Rect, team: int, result: MatchResult, score_x: int) -> None:
    colour = ui.theme.team(team)
    ui.surface.blit(signs.mark(team, colour, 7), (row.x + 12, row.centery - 7))
    label(ui, (row.x + 36, row.centery), ui.theme.team_name(team), bold=True, colour=colour)
    number = str(result.team_scores[team - 1])
    label(ui, (score_x, row.centery), number, bold=True, colour=colour, align=Align.RIGHT)


def _line(
    ui: Ui,
    rect: pygame.Rect,
    row: TableRow,
    stats: list[str],
    right: int,
    *,
    ground: tuple[bool, bool],
) -> None:
    theme, line = ui.theme, row.line
    assert line is not None
    mine, even = ground
    if mine:
        fill = mix(theme.panel, theme.accent, 0.22)
        box(ui.surface, rect, fill, edge=theme.accent, radius=8)
    elif even:
        box(ui.surface, rect, mix(theme.panel, theme.raised, 0.5), radius=8)
    place = (rect.x + 34, rect.centery)
    quiet = theme.text if mine else theme.faint
    label(ui, place, str(row.rank), colour=quiet, align=Align.RIGHT)
    colour = theme.fighter(line.team, line.seat)
    ui.surface.blit(signs.mark(line.team, colour, 7), (rect.x + 50, rect.centery - 7))
    room = min(NAME_ROOM, right - len(stats) * 92 - 60 - rect.x - 76)
    note = "you" if mine else ("bot" if line.bot else "")
    room -= 44 if note else 0
    size = fitting(line.name, BODY, room, bold=True)
    wide = label(ui, (rect.x + 76, rect.centery), line.name, size=size, bold=True, room=room)
    shade = theme.accent if mine else theme.faint
    label(ui, (rect.x + 86 + wide, rect.centery), note, size=SMALL, colour=shade)
    values = [*(line.stats.get(name, 0) for name in reversed(stats)), line.score]
    for index, value in enumerate(values):
        last = index == len(values) - 1
        place = (right - index * 92, rect.centery)
        label(
            ui, place, str(value), bold=last, align=Align.RIGHT,
            colour=theme.text if last else theme.muted,
        )  # fmt: skip
