"""The top of the display: the clock, both teams or two players, and the player's own standing."""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import figures, signs
from client_demo.hud.layout import CLOCK, SIDES, STANDING
from client_demo.shapes import box
from client_demo.text.runs import isolated
from client_demo.theme import GLASS, SMALL, Colour, mix
from client_demo.views.matchview import FlagView, MatchView, ScoreLine
from client_demo.views.standing import ordinal, place_of, points, rank_of
from client_demo.widgets.basic import Align, fitting, label
from client_demo.widgets.ui import Ui

MODE_NAMES: Final = {"dm": "Deathmatch", "tdm": "Team deathmatch", "ctf": "Capture the flag"}


def draw_clock(ui: Ui, view: MatchView) -> None:
    """Draw the clock, the sides and the standing."""
    _clock(ui, view)
    if view.team_scores:
        for number, side in enumerate(SIDES, start=1):
            _team(ui, view, number, side)
    else:
        _best_two(ui, view)
    _standing(ui, view)


def clock_words(view: MatchView) -> str:
    """Return the text of the clock: minutes and seconds left, or a word."""
    if view.ending is not None:
        return "Over"
    if view.clock_s is None:
        return "No limit"
    seconds = max(0, int(view.clock_s + 0.999))
    return f"{seconds // 60}:{seconds % 60:02}"


def goal_words(view: MatchView) -> str:
    """Return the mode and the score that ends the match, or that it is overtime."""
    if view.overtime and view.ending is None:
        return "Overtime"
    mode = MODE_NAMES.get(view.mode, view.mode)
    return f"{mode} to {view.score_limit}" if view.score_limit else mode


def _clock(ui: Ui, view: MatchView) -> None:
    box(ui.surface, CLOCK, GLASS, edge=ui.theme.raised, radius=12)
    words = clock_words(view)
    running = view.clock_s is not None and view.starts_in_s is None and view.ending is None
    hurry = running and (view.clock_s or 0.0) <= 10
    colour = ui.theme.warn if hurry or view.overtime else ui.theme.text
    size = 26 if view.clock_s is not None or view.ending is not None else 18
    place = (CLOCK.centerx, CLOCK.y + 21)
    label(ui, place, words, size=size, bold=True, colour=colour, align=Align.MIDDLE)
    text = goal_words(view)
    size = fitting(text, SMALL, CLOCK.width - 12)
    place = (CLOCK.centerx, CLOCK.y + 44)
    label(ui, place, text, size=size, colour=ui.theme.muted, align=Align.MIDDLE)


def _side(ui: Ui, rect: pygame.Rect, colour: Colour, *, strong: bool) -> None:
    fill = (*mix(ui.theme.panel, colour, 0.34 if strong else 0.14), 225)
    edge = colour if strong else mix(ui.theme.panel, colour, 0.6)
    box(ui.surface, rect, fill, edge=edge, radius=12)


def _team(ui: Ui, view: MatchView, team: int, rect: pygame.Rect) -> None:
    colour = ui.theme.team(team)
    own = any(line.own and line.team == team for line in view.scores)
    _side(ui, rect, colour, strong=own)
    number = str(view.team_scores[team - 1])
    left = team == 1
    # Both scores are drawn on the side of the clock.
    place = (rect.right - 14 if left else rect.x + 14, rect.centery)
    align = Align.RIGHT if left else Align.LEFT
    wide = label(ui, place, number, size=32, bold=True, align=align) + 22
    room = pygame.Rect(rect.x + 12 + (0 if left else wide), rect.y, rect.width - 24 - wide, 56)
    words = ui.theme.team_name(team)
    flag = next((flag for flag in view.flags if flag.team == team), None)
    below = ""
    if any(line.own for line in view.scores):
        below = "your team" if own else "opponents"
    y = rect.y + 19 if below or flag is not None else rect.centery
    ui.surface.blit(signs.mark(team, colour, 7), (room.x, y - 7))
    label(ui, (room.x + 20, y), words, bold=True, size=15, room=room.width - 20)
    if flag is not None:
        below = flag_words(view, flag)
        away = flag.carrier is not None or flag.dropped
        sign = figures.small_flag(colour, (16, 20))
        ui.surface.blit(sign, (room.x, rect.y + 29))
        shade = ui.theme.warn if away else ui.theme.muted
        size = fitting(below, SMALL, room.width - 20)
        label(ui, (room.x + 20, rect.y + 39), below, size=size, colour=shade, room=room.width - 20)
    elif below:
        label(ui, (room.x + 20, rect.y + 39), below, size=SMALL, colour=ui.theme.muted)


def flag_words(view: MatchView, flag: FlagView) -> str:
    """Return where a flag is, in words."""
    if flag.carrier is not None:
        carrier = next((line for line in view.scores if line.seat == flag.carrier), None)
        return "you have it" if carrier is not None and carrier.own else "taken"
    return "on the ground" if flag.dropped else "at home"


def _best_two(ui: Ui, view: MatchView) -> None:
    place = place_of(view.scores)
    if place is None:
        for line, side in zip(view.scores, SIDES, strict=False):
            _fighter(ui, side, line, ordinal(rank_of(line, view.scores)), strong=False)
        return
    title = f"You: {ordinal(place.rank)} of {place.players}"
    _fighter(ui, SIDES[0], place.own, title, strong=True)
    if place.rival is not None:
        title = "Next" if place.rank == 1 else "Leader"
        _fighter(ui, SIDES[1], place.rival, title, strong=False)


def _fighter(ui: Ui, rect: pygame.Rect, line: ScoreLine, title: str, *, strong: bool) -> None:
    colour = ui.theme.fighter(line.team, line.seat)
    _side(ui, rect, colour, strong=strong)
    left = rect is SIDES[0]
    place = (rect.right - 14 if left else rect.x + 14, rect.centery)
    align = Align.RIGHT if left else Align.LEFT
    wide = label(ui, place, str(line.score), size=32, bold=True, align=align) + 22
    x = rect.x + 12 + (0 if left else wide)
    room = rect.width - 24 - wide
    size = fitting(title, 15, room, bold=True)
    label(ui, (x, rect.y + 19), title, bold=True, size=size, room=room)
    ui.surface.blit(signs.mark(line.team, colour, 5), (x, rect.y + 34))
    size = fitting(line.name, SMALL, room - 16)
    label(ui, (x + 16, rect.y + 39), line.name, size=size, colour=ui.theme.muted, room=room - 16)


def standing_words(view: MatchView) -> str:
    """Return the player's standing in a team game, in one line; empty in other games."""
    if view.overtime and view.ending is None:
        return "Overtime: the next point wins"
    place = place_of(view.scores)
    if place is None or not view.team_scores:
        return ""
    own = f"You: {points(place.own.score)}, {ordinal(place.rank)} of {place.players}"
    if place.rival is None:
        return own
    rival = f"{isolated(place.rival.name)}, {points(place.rival.score)}"
    return f"{own}  ·  {'Next' if place.rank == 1 else 'Best'}: {rival}"


def _standing(ui: Ui, view: MatchView) -> None:
    words = standing_words(view)
    if not words:
        return
    room = STANDING.width - 24
    size = fitting(words, SMALL + 1, room, bold=True)
    words = fonts.fit(words, size, room, bold=True)
    rect = pygame.Rect(0, 0, fonts.width(words, size, bold=True) + 24, STANDING.height)
    rect.center = STANDING.center
    box(ui.surface, rect, GLASS, radius=10)
    colour = ui.theme.warn if view.overtime else ui.theme.text
    label(ui, rect.center, words, size=size, bold=True, colour=colour, align=Align.MIDDLE)
