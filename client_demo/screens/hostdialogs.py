"""A host's dialogs: questions before a ban or a change of host, and the list of bans.

Law: only the player closes a dialog. If it closed by itself, a click meant for the dialog would
press the widget below it.
"""

from enum import Enum, auto
from typing import Final

import attrs
import pygame

from client_demo.screens.base import Emit
from client_demo.text.runs import isolated
from client_demo.theme import SMALL
from client_demo.views.screens import RoomView
from client_demo.widgets.basic import Align, ButtonKind, button, label, paragraph
from client_demo.widgets.modal import height_for, modal
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui
from gameserver.messages.lobby import BanPlayer, Member, TransferHost, UnbanPlayer

BAN_ROW: Final = 52
FOOT: Final = 64
"""Height in pixels of the buttons at the bottom, with the space above them."""


class Asked(Enum):
    """The kinds of dialogs."""

    NOTHING = auto()
    BAN = auto()
    TRANSFER = auto()
    BANS = auto()


@attrs.define(eq=False)
class HostDialogs:
    """The open dialog.

    Attributes:
        asked: Kind of the open dialog.
        about: The member in question; None for the list of bans.
        over: Why the question no longer applies; empty while it does.
    """

    asked: Asked = Asked.NOTHING
    about: Member | None = None
    over: str = ""

    def open(self, asked: Asked, about: Member | None = None) -> None:
        """Open a dialog, about a member if it is a question."""
        self.asked, self.about = asked, about

    def close(self) -> None:
        """Close the open dialog, if there is one."""
        self.asked, self.about = Asked.NOTHING, None

    @property
    def shown(self) -> bool:
        """Whether a dialog is open."""
        return self.asked is not Asked.NOTHING

    def follow(self, view: RoomView) -> None:
        """Update ``over``: the player may have lost the role of host, or the member have left."""
        ids = {member.player_id for member in view.lobby.members}
        self.over = ""
        if view.lobby.host != view.chat.me:
            self.over = "You are not the host any more."
        elif self.about is not None and self.about.player_id not in ids:
            self.over = f"{isolated(self.about.name)} is not in this lobby any more."

    def draw(self, ui: Ui, view: RoomView, emit: Emit) -> None:
        """Draw the open dialog, or the notice that it no longer applies; emit the decision."""
        if self.over:
            self._notice(ui)
        elif self.asked is Asked.BANS:
            self._bans(ui, view, emit)
        elif self.about is not None and self.asked is Asked.BAN:
            words = (
                "They leave at once and cannot come back as long as the lobby is there, nor can "
                "anybody whose name looks the same. You can lift the ban in the list of bans."
            )
            ask = BanPlayer(self.about.player_id)
            if self._question(
                ui, f"Ban {isolated(self.about.name)}?", words, "Ban", ButtonKind.DANGER
            ):
                emit(ask)
        elif self.about is not None and self.asked is Asked.TRANSFER:
            words = (
                "They decide then about map, rules and who stays. Only they can give the role back."
            )
            ask_host = TransferHost(self.about.player_id)
            title = f"Make {isolated(self.about.name)} the host?"
            if self._question(ui, title, words, "Make host", ButtonKind.PRIMARY):
                emit(ask_host)

    def _question(self, ui: Ui, title: str, words: str, yes: str, kind: ButtonKind) -> bool:
        size = (480, height_for(480, title, words, FOOT))
        inner = modal(ui, size, title, words, first="dialog.no")
        half = (inner.width - 12) // 2
        place = pygame.Rect(inner.x, inner.bottom - 44, half, 44)
        no = button(ui, "dialog.no", place, "Cancel") or ui.typed(pygame.K_ESCAPE)
        sure = button(ui, "dialog.yes", place.move(half + 12, 0), yes, kind)
        if no or sure:
            self.close()
        return sure

    def _notice(self, ui: Ui) -> None:
        title = "Nothing was done"
        size = (480, height_for(480, title, self.over, FOOT))
        inner = modal(ui, size, title, self.over, first="dialog.no")
        # In the place of Cancel: a click meant for the other button must not close it unread.
        place = pygame.Rect(inner.x, inner.bottom - 44, (inner.width - 12) // 2, 44)
        if button(ui, "dialog.no", place, "Close") or ui.typed(pygame.K_ESCAPE):
            self.close()

    def _bans(self, ui: Ui, view: RoomView, emit: Emit) -> None:
        names = view.lobby.banned
        below = "They cannot come in, nor can anybody whose name looks the same."
        inner = modal(ui, (520, 460), "Banned from this lobby", below, first="dialog.no")
        area = pygame.Rect(inner.x, inner.y, inner.width, inner.height - 64)
        if not names:
            colour = ui.theme.muted
            label(ui, area.center, "Nobody is banned", colour=colour, align=Align.MIDDLE)
        with scrolled(ui, "room.bans", area, len(names) * BAN_ROW) as top:
            for index, name in enumerate(names):
                row = pygame.Rect(area.x, top + index * BAN_ROW, area.width, BAN_ROW - 4)
                paragraph(ui, pygame.Rect(row.x, row.y, row.width - 140, row.height), name)
                place = pygame.Rect(row.right - 128, row.y + 4, 120, row.height - 8)
                if button(ui, f"bans.lift.{name}", place, "Lift the ban", size=SMALL):
                    emit(UnbanPlayer(name))
        place = pygame.Rect(inner.right - 160, inner.bottom - 44, 160, 44)
        if button(ui, "dialog.no", place, "Close") or ui.typed(pygame.K_ESCAPE):
            self.close()
