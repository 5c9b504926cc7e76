"""The screen of a lobby: seats, teams, ready marks, rules, and the actions of a host."""

from typing import Final

import attrs
import pygame

from client_demo.art.mappreview import preview
from client_demo.intents import OpenForm, WatchMatch
from client_demo.screens.base import Emit, backdrop, heading
from client_demo.screens.formfield import value_words
from client_demo.screens.hostdialogs import Asked, HostDialogs
from client_demo.screens.invite import InviteCode
from client_demo.screens.member import member_actions, seat_row
from client_demo.screens.seats import Column, SeatPlace, columns_of, open_seat, watchers_of
from client_demo.shapes import box
from client_demo.text.runs import isolated, lobby_title
from client_demo.theme import DISPLAY, SMALL, TITLE, mix
from client_demo.views.screens import RoomView
from client_demo.widgets.basic import (
    Align,
    ButtonKind,
    button,
    chip,
    label,
    panel,
    paragraph,
)
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.pick import scrolled
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.ids import NO_SEAT, LobbyId
from gameserver.messages.chat import Channel, MuteChat
from gameserver.messages.lobby import (
    CancelStart,
    ChooseTeam,
    KickPlayer,
    LeaveLobby,
    LobbyState,
    LockLobby,
    Member,
    MutePlayer,
    Phase,
    SetReady,
    StartMatch,
    TakeSeat,
    Visibility,
)
from gameserver.messages.session import ReportPlayer

SEAT_ROW: Final = 54
HEAD: Final = 28
_BY_HOST: Final = "people, or bots that the host adds"
CHANNELS: Final = (Channel.LOBBY, Channel.WHISPER)


@attrs.define(eq=False)
class RoomScreen:
    """Keeps the chosen member, the chat panel and the dialogs."""

    chosen: str = ""
    """Id of the member whose actions are shown."""
    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel(CHANNELS))
    dialogs: HostDialogs = attrs.field(factory=HostDialogs)
    invite: InviteCode = attrs.field(factory=InviteCode)
    _lobby: LobbyId = LobbyId("")

    def draw(self, ui: Ui, view: RoomView, emit: Emit) -> None:
        """Draw the lobby and its open dialog; emit requests."""
        backdrop(ui)
        lobby = view.lobby
        self._enter(lobby.lobby_id)
        self.dialogs.follow(view)
        ui.enabled = not self.dialogs.shown
        heading(ui, lobby_title(lobby.config.title), room=900)
        self._tags(ui, lobby)
        self.invite.draw(ui, lobby, emit)
        inner = panel(ui, pygame.Rect(40, 104, 560, 588), "Players", right=_crowd(lobby))
        self._players(ui, inner, view, emit)
        inner = panel(ui, pygame.Rect(616, 104, 280, 366), "Match")
        self._match(ui, inner, view, emit)
        self._actions(ui, pygame.Rect(616, 482, 280, 210), view, emit)
        inner = panel(ui, pygame.Rect(912, 104, 328, 588), "Chat")
        self.chat.offer(*CHANNELS, *((Channel.TEAM,) if lobby.teams else ()))
        self.chat.draw(ui, inner, view.chat, emit)
        ui.enabled = True
        if self.dialogs.shown:
            self.dialogs.draw(ui, view, emit)

    def _enter(self, lobby: LobbyId) -> None:
        """Drop choice, chat and dialogs when the player comes into another lobby."""
        if self._lobby and lobby != self._lobby:
            self.chosen, self.chat, self.dialogs = "", ChatPanel(CHANNELS), HostDialogs()
        self._lobby = lobby

    def _tags(self, ui: Ui, lobby: LobbyState) -> None:
        x = 40
        for text, colour in (
            (SEEN[lobby.config.visibility], ui.theme.muted),
            ("locked: nobody new comes in" if lobby.locked else "", ui.theme.bad),
            ("match running" if lobby.phase is Phase.IN_MATCH else "", ui.theme.warn),
        ):
            if text:
                x += chip(ui, (x, 82), text, colour) + 8

    # --- players ----------------------------------------------------------------------------------

    def _players(self, ui: Ui, inner: pygame.Rect, view: RoomView, emit: Emit) -> None:
        lobby = view.lobby
        columns, watchers = columns_of(lobby), watchers_of(lobby)
        area = pygame.Rect(inner.x - 6, inner.y, inner.width + 12, inner.height - 86)
        watch_rows = (len(watchers) + 1) // 2
        high = sum(_tall(columns[at : at + 2]) for at in range(0, len(columns), 2))
        below = HEAD + watch_rows * SEAT_ROW if watchers else 0
        wide = (area.width - 20) // 2
        with scrolled(ui, "room.seats", area, high + below) as top:
            y = top
            for at in range(0, len(columns), 2):
                for side, column in enumerate(columns[at : at + 2]):
                    rect = pygame.Rect(area.x + 6 + side * (wide + 8), y, wide, 0)
                    self._column(ui, rect, view, column, emit)
                y += _tall(columns[at : at + 2])
            if watchers:
                text = f"Watching ({len(watchers)})"
                middle = (area.x + 6, y + HEAD // 2)
                label(ui, middle, text, size=SMALL, colour=ui.theme.muted, bold=True)
            for index, watcher in enumerate(watchers):
                x = area.x + 6 + index % 2 * (wide + 8)
                rect = pygame.Rect(x, y + HEAD + index // 2 * SEAT_ROW, wide, SEAT_ROW - 6)
                self._place(ui, rect, view, watcher, emit)
        chosen = member_of(lobby, self.chosen)
        place = pygame.Rect(inner.x, inner.bottom - 74, inner.width, 74)
        if (done := member_actions(ui, place, view, chosen)) and chosen is not None:
            self._do(done, view, chosen, emit)

    def _column(
        self, ui: Ui, rect: pygame.Rect, view: RoomView, column: Column, emit: Emit
    ) -> None:
        top = rect.y
        if column.team:
            colour = ui.theme.team(column.team)
            people = sum(place.member is not None for place in column.places)
            text = ui.theme.team_name(column.team)
            used = label(ui, (rect.x, top + HEAD // 2), text, colour=colour, bold=True)
            # Beside the name: at the right end the number would stand before the next team's name.
            end = (rect.x + used + 10, top + HEAD // 2)
            label(ui, end, str(people), size=SMALL, colour=ui.theme.faint)
            top += HEAD
        for index, place in enumerate(column.places):
            row = pygame.Rect(rect.x, top + index * SEAT_ROW, rect.width, SEAT_ROW - 6)
            self._place(ui, row, view, place, emit)

    def _place(
        self, ui: Ui, row: pygame.Rect, view: RoomView, place: SeatPlace, emit: Emit
    ) -> None:
        free = free_seat_words(view, place)
        me, chosen = view.chat.me, self.chosen
        if not seat_row(ui, row, view.lobby, place, me=me, chosen=chosen, free=free):
            return
        if place.member is not None and place.member.player_id:
            again = self.chosen == place.member.player_id
            self.chosen = "" if again else place.member.player_id
        elif free:
            own = member_of(view.lobby, me)
            switches = own is not None and own.seat != NO_SEAT and place.team
            emit(ChooseTeam(place.team) if switches else TakeSeat(place.seat))

    def _do(self, what: str, view: RoomView, member: Member, emit: Emit) -> None:
        deaf = member.player_id in view.chat.muted
        match what:
            case "whisper":
                self.chat.whisper(member.name, member.player_id)
            case "hide":
                emit(MuteChat(member.player_id, not deaf))
            case "report":
                emit(ReportPlayer(member.player_id))
                self.chosen = ""  # the buttons close: it was sent
            case "mute":
                emit(MutePlayer(member.player_id, not member.muted))
            case "transfer":
                self.dialogs.open(Asked.TRANSFER, member)
            case "kick":
                emit(KickPlayer(member.player_id))
            case _:
                self.dialogs.open(Asked.BAN, member)

    # --- the match --------------------------------------------------------------------------------

    def _match(self, ui: Ui, inner: pygame.Rect, view: RoomView, emit: Emit) -> None:
        config = view.lobby.config
        frame = pygame.Rect(inner.x, inner.y, inner.width, 96)
        found = view.maps.get(config.map)
        if found is not None:
            picture = preview(found, frame.size, ui.theme)
            ui.surface.blit(picture, picture.get_rect(center=frame.center))
        is_host = view.lobby.host == view.chat.me
        lines = rule_lines(view)
        bottom = inner.bottom - 44
        area = pygame.Rect(inner.x, frame.bottom + 8, inner.width, bottom - frame.bottom - 8)
        with scrolled(ui, "room.rules.list", area, len(lines) * 22) as top:
            for index, (name, value) in enumerate(lines):
                y = top + index * 22 + 11
                used = label(ui, (area.x, y), name, size=SMALL, colour=ui.theme.muted, room=120)
                room = area.width - used - 10
                end = (area.right, y)
                label(ui, end, value, size=SMALL, bold=True, align=Align.RIGHT, room=room)
        if is_host:
            self._host_row(ui, pygame.Rect(inner.x, inner.bottom - 34, inner.width, 38), view, emit)
        elif (host := member_of(view.lobby, view.lobby.host)) is not None:
            words = f"Chosen by {isolated(host.name)}, the host"
            place = pygame.Rect(inner.x, inner.bottom - 34, inner.width, 38)
            paragraph(ui, place, words, size=SMALL, colour=ui.theme.faint)

    def _host_row(self, ui: Ui, row: pygame.Rect, view: RoomView, emit: Emit) -> None:
        lobby = view.lobby
        part = (row.width - 12) // 3
        place = pygame.Rect(row.x, row.y, part, row.height)
        off = lobby.phase not in {Phase.OPEN, Phase.RESULTS}
        if button(ui, "room.rules", place, "Change", off=off, size=SMALL):
            emit(OpenForm(lobby.config))
        explain(ui, place, "Not while a match is running or starting." if off else "")
        place = place.move(part + 6, 0)
        if button(ui, "room.lock", place, "Unlock" if lobby.locked else "Lock", size=SMALL):
            emit(LockLobby(not lobby.locked))
        help_text = "Let people in again." if lobby.locked else "Let nobody new in."
        explain(ui, place, help_text, "room.lock")
        place = place.move(part + 6, 0)
        text = f"Bans ({len(lobby.banned)})" if lobby.banned else "Bans"
        if button(ui, "room.bans", place, text, size=SMALL):
            self.dialogs.open(Asked.BANS)

    def _actions(self, ui: Ui, rect: pygame.Rect, view: RoomView, emit: Emit) -> None:
        lobby = view.lobby
        me = member_of(lobby, view.chat.me)
        seated = me is not None and me.seat != NO_SEAT
        is_host = lobby.host == view.chat.me
        main = pygame.Rect(rect.x, rect.y, rect.width, 56)
        second = pygame.Rect(rect.x, rect.y + 64, rect.width, 44)
        if lobby.phase is Phase.COUNTDOWN and view.countdown_s is not None:
            _countdown(ui, main, view.countdown_s)
            if is_host and button(ui, "room.cancel", second, "Stop the countdown"):
                emit(CancelStart())
        elif not seated:
            _take_seat(ui, main, lobby, emit)
            if lobby.phase is Phase.IN_MATCH and lobby.config.spectators:
                if button(ui, "room.watch_match", second, "Watch the match"):
                    emit(WatchMatch())
            elif is_host and button(ui, "room.start", second, "Start now"):
                emit(StartMatch())
        else:
            assert me is not None
            _ready(ui, main, second, me, emit, is_host=is_host)
        words = pygame.Rect(rect.x, rect.y + 112, rect.width, 44)
        text, warns = situation(view, me)
        colour = ui.theme.warn if warns else ui.theme.muted
        paragraph(ui, words, text, size=SMALL, colour=colour, align=Align.MIDDLE)
        wide = (rect.width - 10) // 2 if seated and lobby.config.spectators else rect.width
        place = pygame.Rect(rect.x, rect.bottom - 44, wide, 44)
        if button(ui, "room.leave", place, "Leave the lobby", ButtonKind.QUIET):
            emit(LeaveLobby())
        if seated and lobby.config.spectators:
            place = place.move(wide + 10, 0)
            if button(ui, "room.watch", place, "Only watch", ButtonKind.QUIET):
                emit(TakeSeat(NO_SEAT))
            explain(ui, place, "Give up your seat and watch. You can take one again.", "room.watch")


def _tall(columns: tuple[Column, ...]) -> int:
    """Return the height in pixels of columns side by side."""
    rows = max(len(column.places) for column in columns)
    return rows * SEAT_ROW + (HEAD if columns[0].team else 0)


def _take_seat(ui: Ui, rect: pygame.Rect, lobby: LobbyState, emit: Emit) -> None:
    seat = open_seat(lobby)
    running = lobby.phase is Phase.IN_MATCH
    text = "Take a seat and play" if running else "Take a seat"
    if button(ui, "room.sit", rect, text, ButtonKind.PRIMARY, off=seat is None, size=20):
        assert seat is not None
        emit(TakeSeat(seat))


def _ready(
    ui: Ui, main: pygame.Rect, second: pygame.Rect, me: Member, emit: Emit, *, is_host: bool
) -> None:
    kind = ButtonKind.PLAIN if me.ready else ButtonKind.PRIMARY
    text = "Not ready after all" if me.ready else "Ready"
    if button(ui, "room.ready", main, text, kind, size=20):
        emit(SetReady(not me.ready))
    if is_host:
        if button(ui, "room.start", second, "Start now"):
            emit(StartMatch())
        explain(ui, second, "Start although not everybody is ready.", "room.start")


def situation(view: RoomView, me: Member | None) -> tuple[str, bool]:
    """Return what the lobby waits for, and whether the sentence is a warning."""
    lobby = view.lobby
    if me is not None and me.seat == NO_SEAT:
        if open_seat(lobby) is not None:
            return "You have no seat. Press a free one, or the button above, to play.", True
        if lobby.phase is Phase.IN_MATCH and not lobby.config.join_in_progress:
            return "This lobby lets nobody into a running match. Wait for its end.", True
        return "All seats are taken. Wait until one is free.", True
    if lobby.phase is Phase.IN_MATCH:
        return "The match is being loaded…", False
    if lack := lacking(view):
        is_host = lobby.host == view.chat.me
        how = "give others the code, or press Change to add bots" if is_host else _BY_HOST
        return f"{lack} more needed: {how}", True
    if lobby.phase is Phase.COUNTDOWN:
        return "", False
    people = [m for m in lobby.members if m.seat != NO_SEAT and not m.bot]
    waits = [m.name for m in people if not m.ready and m is not me]
    if me is not None and not me.ready:
        if waits:
            others = "1 other is" if len(waits) == 1 else f"{len(waits)} others are"
            return f"Press Ready; {others} not ready yet", False
        return ("Everybody waits for you: p" if len(people) > 1 else "P") + "ress Ready", False
    if len(waits) == 1:
        return f"Waiting for {isolated(waits[0])} to be ready", False
    return f"Waiting for {len(waits)} players to be ready" if waits else "", False


def free_seat_words(view: RoomView, place: SeatPlace) -> str:
    """Return what a press on a seat without a person does; empty if nothing."""
    lobby = view.lobby
    me = member_of(lobby, view.chat.me)
    running = lobby.phase is Phase.IN_MATCH
    if place.member is not None and not place.member.bot:
        return ""
    if me is None or (running and (me.seat != NO_SEAT or not lobby.config.join_in_progress)):
        return ""
    if me.seat != NO_SEAT and lobby.teams:
        return "Change to this team" if place.team != me.team else ""
    return "Sit here"


def lacking(view: RoomView) -> int:
    """Return how many players or bots are missing for the chosen map."""
    lobby = view.lobby
    choices = view.form.maps if view.form else ()
    least = next((c.min_players for c in choices if c.name == lobby.config.map), 1)
    least = max(least, view.form.min_size) if view.form else least
    people = sum(m.seat != NO_SEAT for m in lobby.members)
    return max(0, least - min(lobby.config.size, people + lobby.config.bots))


def member_of(lobby: LobbyState, player_id: str) -> Member | None:
    """Return the member with an id; None if there is none, or the id is empty."""
    return next((m for m in lobby.members if player_id and m.player_id == player_id), None)


def rule_lines(view: RoomView) -> list[tuple[str, str]]:
    """Return the rules of the match as labels with values."""
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
            shown = value_words(field, value)
        lines.append((field.label, shown))
    if config.bots:
        lines.append(("Bots", f"up to {config.bots}, {config.bot_level}".rstrip(", ")))
    return lines


SEEN: Final = {
    Visibility.PUBLIC: "everybody may come in",
    Visibility.UNLISTED: "only by invite code",
    Visibility.PASSWORD: "with a password",
}


def _crowd(lobby: LobbyState) -> str:
    seated = sum(m.seat != NO_SEAT for m in lobby.members)
    watching = len(lobby.members) - seated
    words = f"{seated} of {lobby.config.size}"
    return f"{words}  ·  {watching} watching" if watching else words


def _countdown(ui: Ui, rect: pygame.Rect, left_s: float) -> None:
    area = rect
    box(ui.surface, area, mix(ui.theme.panel, ui.theme.accent, 0.15), edge=ui.theme.accent)
    label(ui, (area.x + 20, area.centery), "Starting in", size=TITLE - 10)
    number = str(max(0, round(left_s + 0.49)))
    place = (area.right - 24, area.centery - 2)
    label(
        ui, place, number, size=DISPLAY - 20, bold=True, colour=ui.theme.accent, align=Align.RIGHT
    )
