"""The invite code of a lobby: a box that explains the code and copies it at a click."""

from typing import Final

import attrs
import pygame

from client_demo.intents import CopyText
from client_demo.screens.base import Emit
from client_demo.shapes import box
from client_demo.theme import SMALL
from client_demo.widgets.basic import Align, focus_ring, label
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.messages.lobby import LobbyState, Visibility

COPIED_S: Final = 2.5


@attrs.define(eq=False)
class InviteCode:
    """Keeps ``copied_at``, the time in seconds at which the code was last copied."""

    copied_at: float = -COPIED_S

    def draw(self, ui: Ui, lobby: LobbyState, emit: Emit) -> None:
        """Draw the box; emit `CopyText` when it is pressed."""
        rect = pygame.Rect(960, 28, 280, 60)
        hot = ui.over(rect)
        fresh = ui.time - self.copied_at < COPIED_S
        edge = ui.theme.accent if hot or fresh else ui.theme.line
        box(ui.surface, rect, ui.theme.raised if hot else ui.theme.panel, edge=edge)
        name = (rect.x + 16, rect.centery - 10)
        label(ui, name, "Invite code", size=SMALL, colour=ui.theme.muted)
        words, colour = ("copied", ui.theme.good) if fresh else ("click to copy", ui.theme.faint)
        label(ui, (rect.x + 16, rect.centery + 10), words, size=SMALL, colour=colour)
        label(
            ui, (rect.right - 16, rect.centery), lobby.invite_code, size=22, bold=True,
            colour=ui.theme.accent, align=Align.RIGHT, room=150,
        )  # fmt: skip
        ui.reachable("room.code", rect)
        focus_ring(ui, "room.code", rect)
        explain(ui, rect, f"{who_comes_in(lobby)} Press to copy it.", "room.code")
        if ui.clicked("room.code", rect):
            self.copied_at = ui.time
            emit(CopyText(lobby.invite_code))


def who_comes_in(lobby: LobbyState) -> str:
    """Return a sentence about the people that the code lets in."""
    if lobby.locked:
        return "Nobody new can come in until the host unlocks the lobby."
    if lobby.config.visibility is Visibility.PASSWORD:
        return "Whoever has this code and the password can come in."
    return "Whoever has this code can come in."
