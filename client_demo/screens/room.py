"""The lobby room: seats, teams, ready marks, the rules, and what a host may do."""

import attrs
import pygame

from client_demo.art.mappreview import preview
from client_demo.intents import OpenForm
from client_demo.screens.base import Emit, backdrop, error_line, heading
from client_demo.screens.member import member_actions, seat_row
from client_demo.shapes import box
from client_demo.theme import DISPLAY, SMALL, TITLE, mix
from client_demo.views import RoomView
from client_demo.widgets.basic import Align, Kind, button, chip, label, panel
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import (
    CancelStart,
    ChooseTeam,
    LeaveLobby,
    LobbyState,
    LockLobby,
    Member,
    Phase,
    SetReady,
    StartMatch,
    TakeSeat,
)

SEAT_ROW = 44
CHANNELS = (Channel.LOBBY, Channel.WHISPER)


@attrs.define(eq=False)
class RoomScreen:
    """Keeps who is chosen and what is typed."""

    chosen: str = ""
    """Player whose actions are shown."""
    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel(CHANNELS))

    def draw(self, ui: Ui, view: RoomView, emit: Emit) -> None:
        """Draw the room."""
        backdrop(ui)
        lobby = view.lobby
        me = member_of(lobby, view.chat.me)
        is_host = lobby.host == view.chat.me
        heading(ui, lobby.config.title, room=520)
        self._tags(ui, lobby)
        self._code(ui, lobby)
        inner = panel(ui, pygame.Rect(40, 112, 500, 580), "Players", right=_crowd(lobby))
        self._seats(ui, inner, view, emit)
        inner = panel(ui, pygame.Rect(560, 112, 300, 400), "Match")
        self._match(ui, inner, view, emit, is_host=is_host)
        self._actions(ui, view, me, emit, is_host=is_host)
        inner = panel(ui, pygame.Rect(880, 112, 360, 580), "Chat")
        self.chat.offer(*CHANNELS, *((Channel.TEAM,) if lobby.teams else ()))
        self.chat.draw(ui, inner, view.chat, emit)
        error_line(ui, pygame.Rect(560, 64, 300, 36), view.error)

    def _tags(self, ui: Ui, lobby: LobbyState) -> None:
        x = 40
        for text, colour in (
            (lobby.config.visibility.value, ui.theme.muted),
            ("locked" if lobby.locked else "", ui.theme.warn),
            ("match running" if lobby.phase is Phase.IN_MATCH else "", ui.theme.warn),
        ):
            if text:
                x += chip(ui, (x, 84), text, colour) + 8

    def _code(self, ui: Ui, lobby: LobbyState) -> None:
        rect = pygame.Rect(980, 28, 260, 56)
        box(ui.surface, rect, ui.theme.panel, edge=ui.theme.line)
        label(ui, (rect.x + 16, rect.centery), "Invite code", size=SMALL, colour=ui.theme.muted)
        label(
            ui, (rect.right - 16, rect.centery), lobby.invite_code, size=22, bold=True,
            colour=ui.theme.accent, align=Align.RIGHT,
        )  # fmt: skip

    def _seats(self, ui: Ui, inner: pygame.Rect, view: RoomView, emit: Emit) -> None:
        lobby = view.lobby
        chosen = member_of(lobby, self.chosen) if self.chosen else None
        foot = 84 if chosen else 0
        area = pygame.Rect(inner.x - 8, inner.y, inner.width + 16, inner.height - foot)
        rows = seat_list(lobby)
        with scrolled(ui, "room.seats", area, len(rows) * SEAT_ROW) as top:
            for index, (seat, member) in enumerate(rows):
                place = pygame.Rect(area.x, top + index * SEAT_ROW, area.width, SEAT_ROW - 4)
                if seat_row(ui, place, lobby, seat, member, me=view.chat.me):
                    self._press(seat, member, emit)
        if chosen:
            place = pygame.Rect(inner.x, inner.bottom - 76, inner.width, 76)
            if member_actions(ui, place, view, chosen, self.chat, emit):
                self.chosen = ""

    def _press(self, seat: Seat, member: Member | None, emit: Emit) -> None:
        if member is None:
            emit(TakeSeat(seat))
        elif not member.bot:
            self.chosen = "" if self.chosen == member.player_id else member.player_id

    def _match(
        self, ui: Ui, inner: pygame.Rect, view: RoomView, emit: Emit, *, is_host: bool
    ) -> None:
        config = view.lobby.config
        frame = pygame.Rect(inner.x, inner.y, inner.width, 128)
        found = view.maps.get(config.map)
        if found is not None:
            picture = preview(found, frame.size, ui.theme)
            ui.surface.blit(picture, picture.get_rect(center=frame.center))
        y = frame.bottom + 18
        for name, value in rule_lines(view):
            label(ui, (inner.x, y), name, size=SMALL, colour=ui.theme.muted, room=150)
            end = (inner.right, y)
            label(ui, end, value, size=SMALL, bold=True, align=Align.RIGHT, room=130)
            y += 21
            if y > inner.bottom - 50:
                break
        if is_host and view.lobby.phase in {Phase.OPEN, Phase.RESULTS}:
            half = (inner.width - 10) // 2
            place = pygame.Rect(inner.x, inner.bottom - 34, half, 38)
            if button(ui, "room.rules", place, "Change", size=SMALL + 1):
                emit(OpenForm(config))
            text = "Unlock" if view.lobby.locked else "Lock"
            if button(ui, "room.lock", place.move(half + 10, 0), text, size=SMALL + 1):
                emit(LockLobby(not view.lobby.locked))

    def _actions(
        self, ui: Ui, view: RoomView, me: Member | None, emit: Emit, *, is_host: bool
    ) -> None:
        rect = pygame.Rect(560, 528, 300, 164)
        if view.countdown_s is not None and view.lobby.phase is Phase.COUNTDOWN:
            _countdown(ui, rect, view.countdown_s)
            place = pygame.Rect(rect.x, rect.bottom - 44, rect.width, 44)
            if is_host and button(ui, "room.cancel", place, "Stop the countdown"):
                emit(CancelStart())
            return
        seated = me is not None and me.seat != NO_SEAT
        ready = me is not None and me.ready
        place = pygame.Rect(rect.x, rect.y, rect.width, 56)
        kind = Kind.PLAIN if ready else Kind.PRIMARY
        text = "Not ready after all" if ready else "Ready"
        if button(ui, "room.ready", place, text, kind, off=not seated, size=20):
            emit(SetReady(not ready))
        half = (rect.width - 10) // 2
        place = pygame.Rect(rect.x, rect.y + 66, half, 44)
        if button(ui, "room.start", place, "Start now", off=not is_host):
            emit(StartMatch())
        place = place.move(half + 10, 0)
        if seated and view.lobby.teams:
            assert me is not None
            if button(ui, "room.team", place, "Switch team"):
                emit(ChooseTeam(me.team % view.lobby.teams + 1))
        elif button(ui, "room.watch", place, "Watch", off=not seated):
            emit(TakeSeat(NO_SEAT))
        place = pygame.Rect(rect.x, rect.bottom - 44, 110, 44)
        if button(ui, "room.leave", place, "Leave", Kind.QUIET):
            emit(LeaveLobby())
        words = (rect.right, place.centery)
        lack = lacking(view)
        if lack:
            more = f"{lack} more needed, or bots"
            label(ui, words, more, size=SMALL, colour=ui.theme.warn, align=Align.RIGHT)


def lacking(view: RoomView) -> int:
    """Return how many players or bots the map needs besides those who are there."""
    lobby = view.lobby
    choices = view.form.maps if view.form else ()
    least = next((c.min_players for c in choices if c.name == lobby.config.map), 1)
    least = max(least, view.form.min_size) if view.form else least
    people = sum(m.seat != NO_SEAT for m in lobby.members)
    return max(0, least - min(lobby.config.size, people + lobby.config.bots))


def member_of(lobby: LobbyState, player_id: str) -> Member | None:
    """Return somebody in the lobby."""
    return next((m for m in lobby.members if player_id and m.player_id == player_id), None)


def seat_list(lobby: LobbyState) -> list[tuple[Seat, Member | None]]:
    """Return every seat with who sits there, then the spectators."""
    seated = {m.seat: m for m in lobby.members if m.seat != NO_SEAT}
    rows = [(Seat(seat), seated.get(Seat(seat))) for seat in range(lobby.config.size)]
    return rows + [(NO_SEAT, m) for m in lobby.members if m.seat == NO_SEAT]


def rule_lines(view: RoomView) -> list[tuple[str, str]]:
    """Return the match's rules as words."""
    config = view.lobby.config
    titles = {c.name: c.title for c in view.form.maps} if view.form else {}
    lines = [("Map", titles.get(config.map, config.map))]
    for field in view.form.options if view.form else ():
        value = config.options.get(field.name, field.default)
        if field.choices:
            named = dict(zip(field.choices, field.choice_labels, strict=True))
            shown = named.get(str(value), str(value))
        elif isinstance(value, bool):
            shown = "yes" if value else "no"
        else:
            shown = f"{value} {field.unit}".strip()
        lines.append((field.label, shown))
    if config.bots:
        lines.append(("Bots", f"up to {config.bots}, {config.bot_level}".rstrip(", ")))
    return lines


def _crowd(lobby: LobbyState) -> str:
    seated = sum(m.seat != NO_SEAT for m in lobby.members)
    return f"{seated} of {lobby.config.size}"


def _countdown(ui: Ui, rect: pygame.Rect, left_s: float) -> None:
    area = pygame.Rect(rect.x, rect.y, rect.width, 110)
    box(ui.surface, area, mix(ui.theme.panel, ui.theme.accent, 0.15), edge=ui.theme.accent)
    label(ui, (area.x + 24, area.centery), "Starting in", size=TITLE - 8)
    number = str(max(0, round(left_s + 0.49)))
    place = (area.right - 28, area.centery - 4)
    label(ui, place, number, size=DISPLAY, bold=True, colour=ui.theme.accent, align=Align.RIGHT)
