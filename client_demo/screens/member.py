"""One seat of a lobby, and what can be done with the one who sits there."""

import pygame

from client_demo.screens.base import Emit
from client_demo.shapes import box, disc
from client_demo.theme import SMALL, mix
from client_demo.views import RoomView
from client_demo.widgets.basic import Align, Kind, button, chip, focus_ring, label
from client_demo.widgets.chat import ChatPanel
from client_demo.widgets.ui import Ui
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.chat import Channel, MuteChat
from gameserver.messages.lobby import (
    BanPlayer,
    KickPlayer,
    LobbyState,
    Member,
    MutePlayer,
    TransferHost,
)


def seat_row(
    ui: Ui, rect: pygame.Rect, lobby: LobbyState, seat: Seat, member: Member | None, *, me: str
) -> bool:
    """Draw a seat; return whether it is pressed."""
    theme = ui.theme
    key = f"room.seat.{seat if member is None or seat != NO_SEAT else member.player_id}"
    hot = ui.over(rect)
    if member is None:
        box(
            ui.surface,
            rect,
            theme.panel,
            edge=theme.line if hot else mix(theme.panel, theme.line, 0.5),
        )
        words = "Sit here" if hot else "Free seat"
        colour = theme.text if hot else theme.faint
        label(ui, (rect.x + 44, rect.centery), words, size=SMALL + 1, colour=colour)
    else:
        own = member.player_id == me
        fill = mix(theme.panel, theme.accent, 0.14) if own else theme.raised
        box(ui.surface, rect, theme.hover if hot else fill)
        _person(ui, rect, lobby, member, own=own)
    ui.reachable(key, rect)
    focus_ring(ui, key, rect.inflate(-8, -8))
    return ui.clicked(key, rect)


def _person(ui: Ui, rect: pygame.Rect, lobby: LobbyState, member: Member, *, own: bool) -> None:
    theme = ui.theme
    watches = member.seat == NO_SEAT
    colour = theme.faint if watches else theme.fighter(member.team, member.seat)
    ui.surface.blit(disc(8, colour), (rect.x + 16, rect.centery - 8))
    x = rect.x + 44
    x += label(ui, (x, rect.centery), member.name, bold=own, room=190) + 10
    if member.player_id and member.player_id == lobby.host:
        x += chip(ui, (x, rect.centery), "host", theme.warn) + 6
    if member.muted:
        chip(ui, (x, rect.centery), "muted", theme.bad)
    word, shade = _state(ui, member)
    chip(ui, (rect.right - 12, rect.centery), word, shade, right=True)
    if member.team and not watches:
        place = (rect.right - 100, rect.centery)
        name = theme.team_name(member.team)
        label(ui, place, name, size=SMALL, colour=colour, bold=True, align=Align.RIGHT)


def _state(ui: Ui, member: Member) -> tuple[str, tuple[int, int, int]]:
    theme = ui.theme
    if member.bot:
        return "bot", theme.muted
    if not member.connected:
        return "away", theme.bad
    if member.seat == NO_SEAT:
        return "watching", theme.muted
    return ("ready", theme.good) if member.ready else ("not ready", theme.faint)


def member_actions(
    ui: Ui, rect: pygame.Rect, view: RoomView, member: Member, chat: ChatPanel, emit: Emit
) -> bool:
    """Draw what can be done with somebody; return whether something was done."""
    me = view.chat.me
    own = member.player_id == me
    title = "This is you" if own else member.name
    label(ui, (rect.x, rect.y + 10), title, size=SMALL, colour=ui.theme.muted, bold=True)
    if own:
        return False
    deaf = member.player_id in view.chat.muted
    choices = [
        ("whisper", "Whisper", Kind.PLAIN),
        ("hide", "Hear again" if deaf else "Ignore", Kind.PLAIN),
    ]
    if view.lobby.host == me:
        choices += [
            ("mute", "Unmute" if member.muted else "Mute", Kind.PLAIN),
            ("transfer", "Make host", Kind.PLAIN),
            ("kick", "Kick", Kind.DANGER),
            ("ban", "Ban", Kind.DANGER),
        ]
    wide = (rect.width - 6 * (len(choices) - 1)) // len(choices)
    done = False
    for index, (name, text, kind) in enumerate(choices):
        place = pygame.Rect(rect.x + index * (wide + 6), rect.bottom - 44, wide, 38)
        if button(ui, f"member.{name}", place, text, kind, size=SMALL):
            _act(name, member, chat, emit, deaf=deaf)
            done = True
    return done


def _act(name: str, member: Member, chat: ChatPanel, emit: Emit, *, deaf: bool) -> None:
    match name:
        case "whisper":
            chat.chosen = chat.channels.index(Channel.WHISPER)
            chat.draft = f"{member.name}: "
        case "hide":
            emit(MuteChat(member.player_id, not deaf))
        case "mute":
            emit(MutePlayer(member.player_id, not member.muted))
        case "transfer":
            emit(TransferHost(member.player_id))
        case "kick":
            emit(KickPlayer(member.player_id))
        case _:
            emit(BanPlayer(member.player_id))
