"""The list of lobbies, with filters, quick play, and ways in by code or password."""

import attrs
import pygame

from client_demo.intents import Disconnect, OpenForm
from client_demo.screens.base import Emit, backdrop, error_line, heading
from client_demo.screens.lobbyrow import COLUMNS, ROW, lobby_row
from client_demo.theme import SMALL
from client_demo.views import BrowserView
from client_demo.widgets.basic import Align, Kind, button, label, panel, segments, switch
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.entry import entered, entry
from client_demo.widgets.modal import modal
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import (
    JoinLobby,
    LobbyFilter,
    LobbyForm,
    LobbySummary,
    QuickPlay,
    WatchLobbies,
)


@attrs.define(eq=False)
class BrowserScreen:
    """Keeps the filter, the chosen lobby and what is typed."""

    filter: LobbyFilter = attrs.field(factory=LobbyFilter)
    chosen: str = ""
    code: str = ""
    password_for: LobbySummary | None = None
    password: str = ""
    spectate: bool = False
    wants_settings: bool = False
    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel((Channel.GLOBAL, Channel.WHISPER)))

    def draw(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        """Draw list, actions and chat."""
        backdrop(ui)
        asks = self.password_for
        ui.enabled = asks is None
        heading(ui, "Lobbies", f"{view.server}  ·  signed in as {view.player_name}")
        self._top_right(ui, emit)
        self._filters(ui, pygame.Rect(40, 108, 800, 44), view, emit)
        self._list(ui, pygame.Rect(40, 164, 800, 468), view, emit)
        self._join_row(ui, pygame.Rect(40, 644, 800, 48), view, emit)
        self._side(ui, view, emit)
        error_line(ui, pygame.Rect(560, 30, 400, 36), view.error)
        ui.enabled = True
        if asks is not None:
            self._ask_password(ui, asks, emit)

    def _top_right(self, ui: Ui, emit: Emit) -> None:
        place = pygame.Rect(980, 28, 124, 40)
        if button(ui, "browser.settings", place, "Settings", Kind.QUIET):
            self.wants_settings = True
        if button(ui, "browser.leave", place.move(136, 0), "Sign out", Kind.QUIET):
            emit(Disconnect())

    def _filters(self, ui: Ui, row: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        before = self.filter
        field = pygame.Rect(row.x, row.y, 270, row.height)
        text = entry(ui, "browser.text", field, before.text, hint="Search title or host", limit=40)
        values, names = modes_of(view.form)
        at = values.index(before.mode) if before.mode in values else 0
        place = pygame.Rect(row.x + 284, row.y, 340, row.height)
        at = segments(ui, "browser.mode", place, names, at, size=SMALL + 1)
        flip = pygame.Rect(row.x + 644, row.y, 44, row.height)
        joinable = switch(ui, "browser.joinable", flip, on=before.joinable)
        label(ui, (flip.right + 12, flip.centery), "Joinable only", size=SMALL + 1)
        self.filter = attrs.evolve(before, text=text, mode=values[at], joinable=joinable)
        if self.filter != before:
            emit(WatchLobbies(filter=self.filter))

    def _list(self, ui: Ui, rect: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        listing = view.listing
        count = f"{len(listing.lobbies)} of {listing.total}" if listing else ""
        inner = panel(ui, rect, "Open lobbies", right=count)
        for name, x, right in COLUMNS:
            align = Align.RIGHT if right else Align.LEFT
            top = (inner.x + x, inner.y + 8)
            label(ui, top, name, size=SMALL, colour=ui.theme.faint, align=align)
        area = pygame.Rect(inner.x - 8, inner.y + 24, inner.width + 16, inner.height - 24)
        if listing is None or not listing.lobbies:
            self._empty(ui, area, view)
            return
        with scrolled(ui, "browser.list", area, len(listing.lobbies) * ROW) as y:
            for index, found in enumerate(listing.lobbies):
                place = pygame.Rect(area.x, y + index * ROW, area.width, ROW - 4)
                if place.colliderect(area) and lobby_row(
                    ui, place, found, chosen=found.lobby_id == self.chosen, names=_names(view)
                ):
                    again = self.chosen == found.lobby_id
                    self.chosen = found.lobby_id
                    if again and found.joinable:
                        self._join(found, emit)

    def _empty(self, ui: Ui, area: pygame.Rect, view: BrowserView) -> None:
        if view.listing is None:
            text, hint = "Asking the server…", ""
        elif self.filter != LobbyFilter():
            text, hint = "No lobby passes this filter", "Loosen it, or create a lobby"
        else:
            text, hint = "Nobody is here yet", "Create a lobby, or press Quick play to meet bots"
        x, y = area.center
        label(ui, (x, y - 14), text, size=20, align=Align.MIDDLE)
        label(ui, (x, y + 16), hint, colour=ui.theme.muted, align=Align.MIDDLE)

    def _join_row(self, ui: Ui, row: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        field = pygame.Rect(row.x, row.y, 190, row.height)
        sends = entered(ui, "browser.code")
        self.code = entry(ui, "browser.code", field, self.code, hint="Invite code", limit=16)
        place = pygame.Rect(row.x + 200, row.y, 130, row.height)
        sends |= button(ui, "browser.by_code", place, "Join by code", off=not self.code.strip())
        if sends and self.code.strip():
            emit(JoinLobby(code=self.code.strip()))
        found = self._found(view)
        place = pygame.Rect(row.right - 330, row.y, 150, row.height)
        if button(ui, "browser.watch", place, "Watch", off=found is None) and found:
            self.spectate = True
            self._join(found, emit)
        off = found is None or not found.joinable
        place = pygame.Rect(row.right - 170, row.y, 170, row.height)
        if button(ui, "browser.join", place, "Join", Kind.PRIMARY, off=off) and found:
            self.spectate = False
            self._join(found, emit)

    def _found(self, view: BrowserView) -> LobbySummary | None:
        lobbies = view.listing.lobbies if view.listing else ()
        return next((item for item in lobbies if item.lobby_id == self.chosen), None)

    def _join(self, found: LobbySummary, emit: Emit) -> None:
        if found.password:
            self.password_for, self.password = found, ""
        else:
            emit(JoinLobby(found.lobby_id, spectate=self.spectate))

    def _side(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        place = pygame.Rect(864, 108, 376, 56)
        if button(ui, "browser.quick", place, "Quick play", Kind.PRIMARY, off=view.busy, size=20):
            emit(QuickPlay(mode=self.filter.mode))
        place = pygame.Rect(864, 176, 376, 48)
        if button(ui, "browser.create", place, "Create a lobby", off=view.form is None):
            emit(OpenForm())
        inner = panel(ui, pygame.Rect(864, 236, 376, 456), "Chat")
        self.chat.draw(ui, inner, view.chat, emit)

    def _ask_password(self, ui: Ui, found: LobbySummary, emit: Emit) -> None:
        inner = modal(ui, (420, 216), "Password needed", found.title)
        field = pygame.Rect(inner.x, inner.y, inner.width, 44)
        ui.focus = ui.focus if ui.focus.startswith("password") else "password.field"
        sends = entered(ui, "password.field")
        self.password = entry(ui, "password.field", field, self.password, limit=64, secret=True)
        half = (inner.width - 12) // 2
        place = pygame.Rect(inner.x, inner.bottom - 44, half, 44)
        if button(ui, "password.cancel", place, "Cancel") or ui.typed(pygame.K_ESCAPE):
            self.password_for = None
        place = place.move(half + 12, 0)
        sends |= button(ui, "password.go", place, "Join", Kind.PRIMARY, off=not self.password)
        if sends and self.password:
            emit(JoinLobby(found.lobby_id, password=self.password, spectate=self.spectate))
            self.password_for = None


def modes_of(form: LobbyForm | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return values and names of the game's modes, with "all modes" first."""
    for field in form.options if form else ():
        if field.name == "mode":
            short = {"dm": "DM", "tdm": "Teams", "ctf": "Flags"}
            names = (
                short.get(v, n) for v, n in zip(field.choices, field.choice_labels, strict=True)
            )
            return ("", *field.choices), ("All", *names)
    return ("",), ("All modes",)


def _names(view: BrowserView) -> dict[str, str]:
    """Shown names of maps and modes."""
    names = {choice.name: choice.title for choice in view.form.maps} if view.form else {}
    for field in view.form.options if view.form else ():
        if field.name == "mode":
            names |= dict(zip(field.choices, field.choice_labels, strict=True))
    return names
