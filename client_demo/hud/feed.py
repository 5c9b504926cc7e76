"""The kill feed, banners, the match's chat, the scoreboard and the net graph."""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.matchview import KillLine, MatchView, NetView
from client_demo.shapes import box
from client_demo.theme import BASE, BODY, SMALL, mix
from client_demo.widgets.basic import Align, label
from client_demo.widgets.chat import typing_sentence
from client_demo.widgets.ui import Ui
from gameserver.messages.chat import Channel

GLASS: Final = (16, 21, 29, 205)
KILLS_SHOWN: Final = 5
CHAT_SHOWN: Final = 6
CHAT_FADES_S: Final = 9.0


def draw_kills(ui: Ui, kills: tuple[KillLine, ...]) -> None:
    """Draw the newest kills below the minimap."""
    y = 184
    for line in kills[-KILLS_SHOWN:]:
        killer = fonts.fit(line.killer, SMALL, 120, bold=True)
        victim = fonts.fit(line.victim, SMALL, 120, bold=True)
        sign = "  >>  " if line.weapon != "rocket" else "  *  "
        widths = [fonts.width(text, SMALL, bold=True) for text in (killer, sign, victim)]
        rect = pygame.Rect(BASE[0] - 18 - sum(widths) - 24, y, sum(widths) + 24, 26)
        edge = ui.theme.accent if line.own else None
        box(ui.surface, rect, GLASS, edge=edge, radius=8)
        x = rect.x + 12
        colours = (
            ui.theme.fighter(*line.killer_colour),
            ui.theme.muted,
            ui.theme.fighter(*line.victim_colour),
        )
        for text, colour, wide in zip((killer, sign, victim), colours, widths, strict=True):
            label(ui, (x, rect.centery), text, size=SMALL, bold=True, colour=colour)
            x += wide
        y += 32


def draw_chat(ui: Ui, view: MatchView, draft: str | None, *, team: bool) -> None:
    """Draw the last lines at the left, and what is being written."""
    y = BASE[1] - 150
    open_now = draft is not None
    if open_now or view.chat_age_s < CHAT_FADES_S:
        lines = [line for line in view.chat if line.text][-CHAT_SHOWN:]
        top = y - 12 - 24 * len(lines)
        for index, line in enumerate(lines):
            place = (30, top + index * 24 + 12)
            who = f"{line.sender_name}: " if line.sender else ""
            scope = "[team] " if line.channel is Channel.TEAM else ""
            text = fonts.fit(f"{scope}{who}{line.text}", SMALL + 1, 420)
            shade = fonts.render(text, SMALL + 1, (8, 10, 14))
            ui.surface.blit(shade, (place[0] + 1, place[1] - shade.get_height() // 2 + 1))
            colour = ui.theme.accent if scope else ui.theme.text
            label(ui, place, text, size=SMALL + 1, colour=colour if who else ui.theme.muted)
    if view.typing:
        words = typing_sentence(view.typing)
        label(ui, (30, y - 2), words, size=SMALL - 1, colour=ui.theme.muted)
    if draft is None:
        return
    rect = pygame.Rect(22, y + 12, 440, 38)
    box(ui.surface, rect, (16, 21, 29, 235), edge=ui.theme.accent, radius=10)
    tag = "Team" if team else "All"
    label(ui, (rect.x + 14, rect.centery), tag, size=SMALL, bold=True, colour=ui.theme.accent)
    shown = draft
    while fonts.width(shown, BODY) > 340:
        shown = shown[1:]
    caret = "|" if int(ui.time * 2) % 2 == 0 else ""
    label(ui, (rect.x + 58, rect.centery), shown + caret)
    below = (rect.x + 2, rect.bottom + 12)
    tab = "Tab changes all / team, " if view.team_scores else ""
    label(ui, below, f"Enter sends, {tab}Esc closes", size=11, colour=ui.theme.muted)


def draw_scores(ui: Ui, view: MatchView) -> None:
    """Draw the scoreboard over the field."""
    rows = view.scores
    rect = pygame.Rect(0, 0, 640, 92 + 34 * max(1, len(rows)))
    rect.center = (BASE[0] // 2, BASE[1] // 2)
    box(ui.surface, rect, (16, 21, 29, 235), edge=ui.theme.line, radius=16)
    label(ui, (rect.x + 24, rect.y + 28), view.map.title, size=20, bold=True)
    if view.own is not None and view.own.respawn_s is not None:
        back = f"Back in {max(0.0, view.own.respawn_s):.1f} s"
        place = (rect.right - 24, rect.y + 28)
        label(ui, place, back, bold=True, colour=ui.theme.warn, align=Align.RIGHT)
    for name, x in (("score", 400), ("kills", 490), ("deaths", 590)):
        place = (rect.x + x, rect.y + 60)
        label(ui, place, name, size=SMALL, colour=ui.theme.faint, align=Align.RIGHT)
    for index, line in enumerate(rows):
        row = pygame.Rect(rect.x + 12, rect.y + 74 + index * 34, rect.width - 24, 30)
        if line.own:
            box(ui.surface, row, mix(ui.theme.panel, ui.theme.accent, 0.2), radius=8)
        colour = ui.theme.fighter(line.team, line.seat)
        pygame.draw.circle(ui.surface, colour, (row.x + 18, row.centery), 6)
        note = "" if line.connected else "  (away)"
        note = "  bot" if line.bot else note
        end = label_width(ui, (row.x + 36, row.centery), line.name)
        label(ui, (end + 6, row.centery), note, size=SMALL, colour=ui.theme.faint)
        for value, x in ((line.score, 388), (line.kills, 478), (line.deaths, 578)):
            label(ui, (row.x + x, row.centery), str(value), bold=x == 388, align=Align.RIGHT)


def label_width(ui: Ui, place: tuple[int, int], text: str) -> int:
    """Draw a bold text and return where it ends."""
    shown = fonts.fit(text, BODY, 240, bold=True)
    label(ui, place, shown, bold=True)
    return place[0] + fonts.width(shown, BODY, bold=True)


def draw_net_graph(ui: Ui, net: NetView) -> None:
    """Draw figures and charts of the connection at the left."""
    rect = pygame.Rect(20, 84, 264, 212)
    box(ui.surface, rect, GLASS, radius=12)
    rows = (
        ("ping", f"{net.rtt_ms:.0f} ms"),
        ("jitter", f"{net.jitter_ms:.0f} ms"),
        ("tick", f"{net.tick}"),
        ("lead", f"{net.lead_ticks:.1f} ticks"),
        ("in / out", f"{net.bytes_in_s:.0f} / {net.bytes_out_s:.0f} B/s"),
        ("late / desyncs", f"{net.late_inputs} / {net.desyncs}"),
    )
    for index, (name, value) in enumerate(rows):
        y = rect.y + 18 + index * 18
        label(ui, (rect.x + 14, y), name, size=SMALL - 1, colour=ui.theme.muted)
        label(ui, (rect.right - 14, y), value, size=SMALL - 1, bold=True, align=Align.RIGHT)
    area = pygame.Rect(rect.x + 14, rect.y + 128, rect.width - 28, 30)
    _chart(ui, area, net.rtt_history_ms, 60.0, ui.theme.accent, "ping")
    area = area.move(0, 42)
    _chart(ui, area, net.correction_history_px, 4.0, ui.theme.warn, "corrections")


def _chart(
    ui: Ui,
    area: pygame.Rect,
    values: tuple[float, ...],
    least: float,
    colour: tuple[int, int, int],
    name: str,
) -> None:
    pygame.draw.rect(ui.surface, mix(ui.theme.background, ui.theme.panel, 0.5), area)
    most = max(least, *values) if values else least
    shown = values[-area.width // 2 :]
    for index, value in enumerate(shown):
        height = round(area.height * min(1.0, value / most))
        x = area.right - 2 * (len(shown) - index)
        if height:
            pygame.draw.line(ui.surface, colour, (x, area.bottom - 1), (x, area.bottom - height))
    label(ui, (area.x + 4, area.y + 7), f"{name} (max {most:.0f})", size=10, colour=ui.theme.muted)


def draw_banner(ui: Ui, text: str, team: int, strength: float) -> None:
    """Draw a sentence for everybody, for a while."""
    if strength <= 0:
        return
    wide = fonts.width(text, 22, bold=True) + 56
    rect = pygame.Rect(0, 0, wide, 48)
    rect.center = (BASE[0] // 2, 104)
    colour = ui.theme.team(team) if team else ui.theme.text
    box(ui.surface, rect, GLASS, edge=colour, radius=14)
    label(ui, rect.center, text, size=22, bold=True, colour=colour, align=Align.MIDDLE)
