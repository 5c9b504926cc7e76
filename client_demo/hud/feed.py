"""The chat of a match, and the net graph."""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.hud.layout import CHAT, DRAFT, NET_GRAPH
from client_demo.shapes import box
from client_demo.text.runs import in_english, isolated
from client_demo.theme import BODY, SMALL, THIN_GLASS, mix
from client_demo.views.matchview import MatchView, NetView
from client_demo.widgets.basic import Align, label
from client_demo.widgets.chat import typing_sentence
from client_demo.widgets.line import TextLine
from client_demo.widgets.ui import Ui
from client_demo.written import hint_of
from gameserver.messages.chat import Channel, ChatLine

CHAT_ROW: Final = 22
CHAT_ROWS: Final = CHAT.height // CHAT_ROW
CHAT_FADES_S: Final = 9.0
"""Seconds after the last line until the chat is hidden."""


def chat_rows(view: MatchView, room: int = CHAT.width) -> list[tuple[str, bool, bool]]:
    """Return the last rows, ``room`` pixels wide: text, whether it is team chat, or a person's."""
    rows: list[tuple[str, bool, bool]] = []
    for line in view.chat:
        if line.text:
            team = line.channel is Channel.TEAM
            who = f"{_who(line)}: " if line.sender else ""
            said = line.text if line.sender else in_english(line.text)
            text = f"{'[team] ' if team else ''}{who}{said}"
            rows += [(row, team, bool(who)) for row in fonts.wrap(text, SMALL + 1, room)]
    return rows[-CHAT_ROWS:]


def _who(line: ChatLine) -> str:
    """Return whose words a line has, and of a whisper who else reads them."""
    sender = isolated(line.sender_name)
    if line.channel is not Channel.WHISPER:
        return sender
    return f"{sender} → {isolated(line.recipient_name)}"


def draw_chat(
    ui: Ui, view: MatchView, draft: TextLine | None, *, team: bool, covered: pygame.Rect
) -> None:
    """Draw the last lines at the left, and the line that the player is writing.

    The lines keep out of ``covered``, where something is drawn over them.
    """
    if draft is not None or view.chat_age_s < CHAT_FADES_S:
        most = CHAT.width
        if covered.colliderect(CHAT):
            most = min(most, covered.left - CHAT.x - 20)
        rows = chat_rows(view, most)
        for index, (text, of_team, of_person) in enumerate(rows):
            place = (CHAT.x + 4, CHAT.bottom - (len(rows) - index) * CHAT_ROW + CHAT_ROW // 2)
            ground = pygame.Rect(CHAT.x, place[1] - CHAT_ROW // 2, 0, CHAT_ROW)
            ground.width = fonts.width(text, SMALL + 1) + 10
            box(ui.surface, ground, (10, 13, 18, 150), radius=5)
            colour = ui.theme.accent if of_team else ui.theme.text
            label(ui, place, text, size=SMALL + 1, colour=colour if of_person else ui.theme.muted)
    if draft is None:
        if view.typing:
            words = typing_sentence(view.typing)
            place = (DRAFT.x + 4, DRAFT.y + 12)
            label(ui, place, words, size=SMALL, colour=ui.theme.muted, room=DRAFT.width)
        return
    rect = DRAFT
    box(ui.surface, rect, (16, 21, 29, 235), edge=ui.theme.accent, radius=10)
    tag = "" if draft.text.lstrip().startswith("/") else "Team" if team else "All"
    label(ui, (rect.x + 14, rect.centery), tag, size=SMALL, bold=True, colour=ui.theme.accent)
    room = pygame.Rect(rect.x + 58, rect.y, rect.width - 76, rect.height)
    at = fonts.caret(draft.text, draft.at, BODY)
    shift = max(0, at - room.width)
    before = ui.surface.get_clip()
    ui.surface.set_clip(room.inflate(4, 0).clip(before))
    for left, right in fonts.marked(draft.text, *draft.selected, BODY):
        area = (room.x - shift + left, rect.centery - 11, right - left, 22)
        pygame.draw.rect(ui.surface, mix(ui.theme.panel, ui.theme.accent, 0.45), area)
    label(ui, (room.x - shift, rect.centery), draft.text)
    if int(ui.time * 2) % 2 == 0:
        pygame.draw.rect(ui.surface, ui.theme.text, (room.x + at - shift, rect.centery - 9, 2, 18))
    ui.surface.set_clip(before)
    tab = "Tab: all or team   " if view.team_scores else ""
    hint = hint_of(draft.text)
    words = hint or f"Enter: send   {tab}Esc: close"
    ground = pygame.Rect(rect.x, rect.bottom + 4, fonts.width(words, SMALL) + 12, 20)
    box(ui.surface, ground, (10, 13, 18, 150), radius=5)
    colour = ui.theme.warn if hint else ui.theme.muted
    label(ui, (ground.x + 6, ground.centery), words, size=SMALL, colour=colour)


def draw_net_graph(ui: Ui, net: NetView) -> None:
    """Draw figures and charts of the connection below the minimap."""
    rect = NET_GRAPH
    box(ui.surface, rect, THIN_GLASS, radius=12)
    rows = (
        ("ping", f"{net.rtt_ms:.0f} ms"),
        ("jitter", f"{net.jitter_ms:.0f} ms"),
        ("tick", f"{net.tick}"),
        ("lead", f"{net.lead_ticks:.1f} ticks"),
        ("in / out", f"{net.bytes_in_s:.0f} / {net.bytes_out_s:.0f} B/s"),
        ("late / desyncs", f"{net.late_inputs} / {net.desyncs}"),
    )
    for index, (name, value) in enumerate(rows):
        y = rect.y + 18 + index * 19
        label(ui, (rect.x + 14, y), name, size=SMALL, colour=ui.theme.muted)
        label(ui, (rect.right - 14, y), value, size=SMALL, bold=True, align=Align.RIGHT)
    area = pygame.Rect(rect.x + 14, rect.y + 144, rect.width - 28, 20)
    _chart(ui, area, net.rtt_history_ms, 60.0, ui.theme.accent, "ping")
    area = area.move(0, 38)
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
    label(ui, (area.x, area.y - 8), f"{name} (max {most:.0f})", size=12, colour=ui.theme.muted)
