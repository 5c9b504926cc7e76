"""The question for a lobby's password. It stays until the password fits or the player gives up."""

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
    """Keeps which lobby the password is for, and what is typed."""

    wanted: JoinLobby | None = None
    """What is asked once the password is there; None while the dialog is closed."""
    password: str = ""
    _title: str = ""
    _last: JoinLobby | None = None
    """What was asked last, by whichever way."""
    _seen: RequestError | None = None
    _sentence: str = ""

    def note(self, wanted: JoinLobby, title: str) -> None:
        """Note what is being asked, should the answer be that a password is needed."""
        self._last, self._title = wanted, title

    def open(self, wanted: JoinLobby, title: str) -> None:
        """Ask for the password of a lobby."""
        self.wanted, self._title = wanted, title
        self.password = self._sentence = ""

    def close(self) -> None:
        """Forget the password: the player is in, or wants no more to come in."""
        self.wanted = self._last = None
        self.password = self._sentence = ""

    def follow(self, view: BrowserView) -> None:
        """Take in a refusal once: open for a lobby that turned out to have a password."""
        if view.refused is self._seen or view.refused is None:
            return
        self._seen = view.refused
        secret = view.refused.code is Code.LOBBY_WRONG_PASSWORD
        if self.wanted is not None:
            self._sentence = view.refused.sentence
        elif secret and self._last is not None:
            self.open(self._last, self._title)

    def draw(self, ui: Ui, view: BrowserView, emit: Emit) -> None:
        """Draw the dialog; emit the wish to come in with a password."""
        assert self.wanted is not None
        below = lobby_title(self._title) or "The lobby with this invite code"
        inner = modal(ui, (460, 300), "Password needed", below, first="password.field")
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
