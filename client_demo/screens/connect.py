"""The first screen: the player's name and the server's address."""

from typing import Final

import attrs
import pygame

from client_demo.intents import Connect, EndSession, OpenReplays, OpenSettings, Quit
from client_demo.screens.base import Emit, backdrop, error_box
from client_demo.settings_file import MAX_NAME
from client_demo.shapes import disc, ring
from client_demo.theme import BASE, DISPLAY, SMALL
from client_demo.views.screens import ConnectView
from client_demo.widgets.basic import Align, ButtonKind, button, label, panel, paragraph
from client_demo.widgets.entry import entered, entry
from client_demo.widgets.ui import Ui

NO_ADDRESS: Final = "Write the server's address, such as 192.168.1.5:7777."


@attrs.define(eq=False)
class ConnectScreen:
    """Keeps the typed name and address; None for those of the settings."""

    name: str | None = None
    url: str | None = None
    _offered: tuple[str, str] = ("", "")
    """Name and address in the settings at the last frame; a change there replaces the typed."""

    def draw(self, ui: Ui, view: ConnectView, emit: Emit) -> None:
        """Draw the form; emit `Connect` when the player submits it."""
        backdrop(ui)
        middle = BASE[0] // 2
        _emblem(ui, (middle, 118))
        label(ui, (middle, 204), "ARENA", size=DISPLAY, bold=True, align=Align.MIDDLE)
        below = "Fast top-down matches with friends and bots"
        label(ui, (middle, 250), below, colour=ui.theme.muted, align=Align.MIDDLE)
        url = view.url if self.url is None else self.url
        fault = view.error if url.strip() else NO_ADDRESS
        inner = panel(ui, pygame.Rect(middle - 220, 280, 440, 348 if fault else 254))
        self._fields(ui, inner, view, emit)
        row = pygame.Rect(middle - 198, 648, 124, 40)
        if button(ui, "connect.replays", row, "Replays", ButtonKind.QUIET, off=view.busy):
            emit(OpenReplays())
        if button(ui, "connect.settings", row.move(136, 0), "Settings", ButtonKind.QUIET):
            emit(OpenSettings())
        if button(ui, "connect.quit", row.move(272, 0), "Quit", ButtonKind.QUIET):
            emit(Quit())

    def _fields(self, ui: Ui, inner: pygame.Rect, view: ConnectView, emit: Emit) -> None:
        if self._offered != (view.name, view.url):
            self._offered, self.name, self.url = (view.name, view.url), None, None
        name = view.name if self.name is None else self.name
        url = view.url if self.url is None else self.url
        wide = inner.width
        goes = entered(ui, "connect.name") or entered(ui, "connect.url")
        label(ui, (inner.x, inner.y + 6), "Your name", size=SMALL, colour=ui.theme.muted)
        field = pygame.Rect(inner.x, inner.y + 20, wide, 44)
        self.name = entry(ui, "connect.name", field, name, hint="Guest", limit=MAX_NAME)
        label(ui, (inner.x, inner.y + 86), "Server", size=SMALL, colour=ui.theme.muted)
        field = pygame.Rect(inner.x, inner.y + 100, wide, 44)
        self.url = entry(ui, "connect.url", field, url, hint="ws://host:port", limit=200)
        place = pygame.Rect(inner.x, inner.y + 168, wide, 50)
        if view.busy:
            self._connecting(ui, place, emit)
        else:
            goes |= button(ui, "connect.go", place, "Play", ButtonKind.PRIMARY, size=20)
        error_box(
            ui,
            pygame.Rect(inner.x, inner.y + 226, wide, 84),
            view.error if self.url.strip() else NO_ADDRESS,
        )
        if goes and not view.busy and self.url.strip():
            emit(Connect(self.url.strip(), self.name.strip() or "Guest"))

    def _connecting(self, ui: Ui, rect: pygame.Rect, emit: Emit) -> None:
        """Draw a notice that the client is connecting, and a button that stops it."""
        words = pygame.Rect(rect.x, rect.y, rect.width - 150, rect.height)
        paragraph(ui, words, "Connecting…", size=20, colour=ui.theme.muted, align=Align.MIDDLE)
        place = pygame.Rect(rect.right - 140, rect.y, 140, rect.height)
        if button(ui, "connect.stop", place, "Stop") or ui.typed(pygame.K_ESCAPE):
            emit(EndSession())


def _emblem(ui: Ui, middle: tuple[int, int]) -> None:
    x, y = middle
    teal, amber = ui.theme.team(1), ui.theme.team(2)
    ui.surface.blit(ring(46, 3, ui.theme.line), (x - 46, y - 46))
    ui.surface.blit(ring(34, 7, teal), (x - 44, y - 34))
    ui.surface.blit(ring(34, 7, amber), (x - 24, y - 34))
    ui.surface.blit(disc(8, ui.theme.text), (x - 8, y - 8))
