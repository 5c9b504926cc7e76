"""The list of lobbies, with filters, quick play, and joining by code or password."""

import attrs
import pygame

from client_demo.intents import EndSession, OpenForm, OpenSettings
from client_demo.screens.base import Emit, backdrop, heading
from client_demo.screens.lobbyrow import COLUMNS, ROW, lobby_row, why_not
from client_demo.screens.password import PasswordDialog
from client_demo.text.runs import isolated
from client_demo.theme import SMALL
from client_demo.views.screens import BrowserView
from client_demo.widgets.basic import Align, ButtonKind, button, label, panel, paragraph, switch
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.entry import entered, entry
from client_demo.widgets.pick import one_of, scrolled
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.client.forms import mode_field
from gameserver.messages.chat import Channel
from gameserver.messages.forms import LobbyForm
from gameserver.messages.lobby import JoinLobby, LobbyFilter, LobbySummary, QuickPlay, WatchLobbies


@attrs.define(eq=False)
class BrowserScreen:
    """Keeps the filter, the chosen lobby and the typed texts."""

    filter: LobbyFilter = attrs.field(factory=LobbyFilter)
    chosen: str = ""
    code: str = ""
    chat: ChatPanel = attrs.field(factory=lambda: ChatPanel((Channel.GLOBAL, Channel.WHISPER)))
    _password: PasswordDialog = attrs.field(factory=PasswordDialog)

    def draw(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        """Draw the list, the actions and the chat."""
        backdrop(ui)
        self._password.follow(view)
        asks = self._password.wanted is not None
        ui.enabled = not asks
        heading(ui, "Lobbies", where_sentence(view), room=900)
        self._top_right(ui, emit)
        self._filters(ui, pygame.Rect(40, 108, 800, 44), view, emit)
        self._list(ui, pygame.Rect(40, 164, 800, 468), view, emit)
        self._join_row(ui, pygame.Rect(40, 644, 800, 48), view, emit)
        self._side(ui, view, emit)
        ui.enabled = True
        if asks:
            self._password.draw(ui, view, emit)

    @property
    def asks_password(self) -> bool:
        """Whether the dialog for a password is open, which shows refusals itself."""
        return self._password.wanted is not None

    def let_in(self) -> None:
        """Close the dialog after its request was granted."""
        self._password.close()

    def _top_right(self, ui: Ui, emit: Emit) -> None:
        place = pygame.Rect(980, 28, 124, 40)
        if button(ui, "browser.settings", place, "Settings", ButtonKind.QUIET):
            emit(OpenSettings())
        if button(ui, "browser.leave", place.move(136, 0), "Sign out", ButtonKind.QUIET):
            emit(EndSession())

    def _filters(self, ui: Ui, row: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        before = self.filter
        field = pygame.Rect(row.x, row.y, 240, row.height)
        text = entry(ui, "browser.text", field, before.text, hint="Search title or host", limit=40)
        values, names = modes_of(view.form)
        at = values.index(before.mode) if before.mode in values else 0
        place = pygame.Rect(row.x + 254, row.y, 410, row.height)
        at = one_of(ui, "browser.mode", place, names, at, size=SMALL + 1)
        flip = pygame.Rect(row.x + 680, row.y, 44, row.height)
        joinable = switch(ui, "browser.joinable", flip, on=before.joinable)
        words = pygame.Rect(flip.right + 10, row.y, row.right - flip.right - 10, row.height)
        paragraph(ui, words, "Joinable only", size=SMALL)
        self.filter = attrs.evolve(before, text=text, mode=values[at], joinable=joinable)
        if self.filter != before:
            emit(WatchLobbies(filter=self.filter))

    def _list(self, ui: Ui, rect: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        listing = view.listing
        count = f"{len(listing.lobbies)} of {listing.total}" if listing and listing.lobbies else ""
        inner = panel(ui, rect, "Open lobbies", right=count)
        area = pygame.Rect(inner.x - 8, inner.y + 24, inner.width + 16, inner.height - 24)
        if listing is None or not listing.lobbies:
            self._empty(ui, area, view)
            return
        for name, x, right in COLUMNS:
            align = Align.RIGHT if right else Align.LEFT
            top = (inner.x + x, inner.y + 8)
            label(ui, top, name, size=SMALL, colour=ui.theme.faint, align=align)
        with scrolled(ui, "browser.list", area, len(listing.lobbies) * ROW) as y:
            for index, found in enumerate(listing.lobbies):
                place = pygame.Rect(area.x, y + index * ROW, area.width, ROW - 4)
                if not place.colliderect(area):
                    ui.reachable(f"browser.row.{found.lobby_id}", place)
                elif lobby_row(
                    ui, place, found, chosen=found.lobby_id == self.chosen, names=_names(view)
                ):
                    again = self.chosen == found.lobby_id
                    self.chosen = found.lobby_id
                    if again and found.joinable:
                        self._join(found, emit, spectate=False)

    def _empty(self, ui: Ui, area: pygame.Rect, view: BrowserView) -> None:
        text, hint = empty_words(view, filtered=self.filter != LobbyFilter())
        x, y = area.center
        label(ui, (x, y - 14), text, size=20, align=Align.MIDDLE, room=area.width)
        label(ui, (x, y + 16), hint, colour=ui.theme.muted, align=Align.MIDDLE, room=area.width)

    def _join_row(self, ui: Ui, row: pygame.Rect, view: BrowserView, emit: Emit) -> None:
        field = pygame.Rect(row.x, row.y, 190, row.height)
        sends = entered(ui, "browser.code")
        self.code = entry(ui, "browser.code", field, self.code, hint="Invite code", limit=16)
        place = pygame.Rect(row.x + 200, row.y, 130, row.height)
        sends |= button(ui, "browser.by_code", place, "Join by code", off=not self.code.strip())
        if sends and self.code.strip():
            self._ask(JoinLobby(code=self.code.strip()), "", emit)
        found = self._found(view)
        lack = why_not(found) if found else ""
        words = pygame.Rect(row.x + 340, row.y, 128, row.height)
        hint = "Choose a lobby" if not found and view.listing and view.listing.lobbies else ""
        paragraph(ui, words, short_reason(found) or hint, size=SMALL, colour=ui.theme.muted)
        place = pygame.Rect(row.right - 330, row.y, 150, row.height)
        off = found is None or found.locked
        if button(ui, "browser.watch", place, "Watch", off=off) and found:
            self._join(found, emit, spectate=True)
        off = found is None or bool(lack)
        place = pygame.Rect(row.right - 170, row.y, 170, row.height)
        explain(ui, place, lack)
        if button(ui, "browser.join", place, "Join", ButtonKind.PRIMARY, off=off) and found:
            self._join(found, emit, spectate=False)

    def _found(self, view: BrowserView) -> LobbySummary | None:
        lobbies = view.listing.lobbies if view.listing else ()
        return next((item for item in lobbies if item.lobby_id == self.chosen), None)

    def _join(self, found: LobbySummary, emit: Emit, *, spectate: bool) -> None:
        self._ask(
            JoinLobby(found.lobby_id, spectate=spectate), found.title, emit, secret=found.password
        )

    def _ask(self, wanted: JoinLobby, title: str, emit: Emit, *, secret: bool = False) -> None:
        """Request to join; if the lobby is known to have a password, open the dialog first."""
        self._password.note(wanted, title)
        if secret:
            self._password.open(wanted, title)
        else:
            emit(wanted)

    def _side(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        place = pygame.Rect(864, 108, 376, 56)
        text = "Looking for a match…" if view.busy else "Quick play"
        if button(ui, "browser.quick", place, text, ButtonKind.PRIMARY, off=view.busy, size=20):
            emit(QuickPlay(mode=self.filter.mode))
        place = pygame.Rect(864, 176, 376, 48)
        if button(ui, "browser.create", place, "Create a lobby", off=view.form is None):
            emit(OpenForm())
        inner = panel(ui, pygame.Rect(864, 236, 376, 456), "Chat")
        self.chat.draw(ui, inner, view.chat, emit)


def where_sentence(view: BrowserView) -> str:
    """Return the server, the player's name, and the number of people online, in one line."""
    parts = [view.server, f"signed in as {isolated(view.player_name)}", online_words(view.online)]
    return "  ·  ".join(part for part in parts if part)


def online_words(online: int) -> str:
    """Return the number of people on the server in words; empty if unknown."""
    if not online:
        return ""
    return "nobody else is online" if online == 1 else f"{online} people online"


def empty_words(view: BrowserView, *, filtered: bool) -> tuple[str, str]:
    """Return why no lobby is listed, and what the player can do."""
    if view.listing is None:
        return "Asking the server…", ""
    if filtered:
        return "No lobby passes this filter", "Loosen it, or create a lobby"
    hint = "Create a lobby, or press Quick play"
    if view.online == 1:
        return "Nobody else is here yet", hint
    if view.online > 1:
        others = view.online - 1
        who = "1 other person sees" if others == 1 else f"{others} other people see"
        return "No lobby is open", f"Create one: {who} it at once"
    return "No lobby is open", hint


def short_reason(found: LobbySummary | None) -> str:
    """Return in a few words what keeps the player from a seat; empty if nothing does."""
    if found is None:
        return ""
    if found.locked:
        return "Locked by its host"
    if why_not(found):
        return "Full: you can watch" if found.players >= found.size else "Playing: you can watch"
    return "Asks for a password" if found.password else ""


def modes_of(form: LobbyForm | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values and the labels of the game's modes; the first stands for all modes."""
    field = mode_field(form) if form else None
    if field is not None:
        return ("", *field.choices), ("All", *field.choice_labels)
    return ("",), ("All modes",)


def _names(view: BrowserView) -> dict[str, str]:
    """Return the display names of maps and modes, by name."""
    names = {choice.name: choice.title for choice in view.form.maps} if view.form else {}
    field = mode_field(view.form) if view.form else None
    if field is not None:
        names |= dict(zip(field.choices, field.choice_labels, strict=True))
    return names
