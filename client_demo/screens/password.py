"""The dialog for a lobby's password; open until the password is right or the player cancels."""

import attrs
import pygame

from client_demo.screens.base import Emit, error_box
from client_demo.text.runs import lobby_title
from client_demo.views.screens import BrowserView
from client_demo.widgets.basic import ButtonKind, button
from client_demo.widgets.entry import entered, entry
from client_demo.widgets.modal import modal
from client_demo.widgets.ui import Ui
from gameserver.errors import Code, RequestError
from gameserver.messages.lobby import JoinLobby


@attrs.define(eq=False)
class PasswordDialog:
    """Keeps the request that needs a password, and the typed password."""

    wanted: JoinLobby | None = None
    """The request to be sent with the password; None while the dialog is closed."""
    password: str = ""
    _title: str = ""
    _last: JoinLobby | None = None
    """The last request to join, from the dialog or the list."""
    _seen: RequestError | None = None
    _sentence: str = ""

    def note(self, wanted: JoinLobby, title: str) -> None:
        """Record a request to join, for the case that the server asks for a password."""
        self._last, self._title = wanted, title

    def open(self, wanted: JoinLobby, title: str) -> None:
        """Open the dialog for a request and the title of its lobby."""
        self.wanted, self._title = wanted, title
        self.password = self._sentence = ""

    def close(self) -> None:
        """Close the dialog and drop the password, after success or cancelling."""
        self.wanted = self._last = None
        self.password = self._sentence = ""

    def follow(self, view: BrowserView) -> None:
        """React to a new refusal: show it, or open if the refused lobby has a password."""
        if view.refused is self._seen or view.refused is None:
            return
        self._seen = view.refused
        secret = view.refused.code is Code.LOBBY_WRONG_PASSWORD
        if self.wanted is not None:
            self._sentence = view.refused.sentence
        elif secret and self._last is not None:
            self.open(self._last, self._title)

    def draw(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        """Draw the dialog; emit the request with the password when the player submits it."""
        assert self.wanted is not None
        below = lobby_title(self._title) or "The lobby with this invite code"
        inner = modal(ui, (460, 252), "Password needed", below, first="password.field")
        field = pygame.Rect(inner.x, inner.y, inner.width, 44)
        sends = entered(ui, "password.field")
        typed = entry(ui, "password.field", field, self.password, limit=64, secret=True)
        if typed != self.password:
            self.password, self._sentence = typed, ""
        top = field.bottom + 10
        place = pygame.Rect(inner.x, top, inner.width, inner.bottom - 56 - top)
        error_box(ui, place, "" if view.busy else self._sentence)
        half = (inner.width - 12) // 2
        place = pygame.Rect(inner.x, inner.bottom - 44, half, 44)
        wanted = self.wanted
        if button(ui, "password.cancel", place, "Cancel") or ui.typed(pygame.K_ESCAPE):
            self.close()
        place = place.move(half + 12, 0)
        text = "Asking…" if view.busy else "Watch" if wanted.spectate else "Join"
        off = not self.password or view.busy
        sends |= button(ui, "password.go", place, text, ButtonKind.PRIMARY, off=off)
        if sends and not off:
            self._sentence = ""
            emit(attrs.evolve(wanted, password=self.password))
