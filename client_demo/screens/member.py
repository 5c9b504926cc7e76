"""One seat of a lobby, and the actions for its member."""

import attrs
import pygame

from client_demo.screens.seats import SeatPlace
from client_demo.shapes import box, disc, ring
from client_demo.theme import SMALL, Colour, mix
from client_demo.views.screens import RoomView
from client_demo.widgets.basic import (
    SMALLEST,
    ButtonKind,
    Words,
    button,
    focus_ring,
    label,
    paragraph,
    stack,
)
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.ids import NO_SEAT
from gameserver.messages.lobby import LobbyState, Member, Phase


@attrs.frozen
class Power:
    """An action on a member: its name, the text and tooltip of its button."""

    name: str
    text: str
    tip: str
    kind: ButtonKind = ButtonKind.PLAIN


def seat_row(
    ui: Ui,
    rect: pygame.Rect,
    lobby: LobbyState,
    place: SeatPlace,
    *,
    me: str,
    chosen: str,
    free: str,
) -> bool:
    """Draw a seat; return whether it is pressed.

    Args:
        ui: The canvas and the focus.
        rect: The row on the canvas.
        lobby: The lobby of the seat.
        place: The seat and its member.
        me: Id of the player.
        chosen: Id of the member whose actions are shown.
        free: What a press does with a seat without a person; empty if nothing.
    """
    theme = ui.theme
    member = place.member
    key = f"room.seat.{place.seat}" if place.seat != NO_SEAT or not member else (
        f"room.watcher.{member.player_id}"
    )  # fmt: skip
    hot = ui.over(rect) or (ui.focus_shown and ui.focused(key))
    if member is None:
        rim = theme.line if hot else mix(theme.panel, theme.line, 0.5)
        box(ui.surface, rect, theme.panel, edge=rim)
        _free(ui, rect, lobby, place, free if hot else "")
    else:
        own = member.player_id == me
        fill = mix(theme.panel, theme.accent, 0.14) if own else theme.raised
        edge = theme.accent if member.player_id and member.player_id == chosen else None
        can_press = not member.bot or bool(free)
        box(ui.surface, rect, theme.hover if hot and can_press else fill, edge=edge)
        _person(ui, rect, lobby, member, own=own)
        if member.bot and free:
            explain(ui, rect, f"{free}: the bot makes way for you.", key)
    ui.reachable(key, rect)
    focus_ring(ui, key, rect.inflate(-8, -8))
    return ui.clicked(key, rect)


def _free(ui: Ui, rect: pygame.Rect, lobby: LobbyState, place: SeatPlace, act: str) -> None:
    theme = ui.theme
    words, below = "Free seat", ""
    if place.bot_comes:
        level = lobby.config.bot_level
        words, below = "A bot, if nobody comes", f"level: {level}" if level else ""
        _bot_mark(ui, (rect.x + 18, rect.centery), theme.faint)
    else:
        empty = ring(8, 2, theme.accent if act else mix(theme.panel, theme.line, 0.8))
        ui.surface.blit(empty, (rect.x + 10, rect.centery - 8))
    room = pygame.Rect(rect.x + 36, rect.y, rect.width - 44, rect.height)
    colour = theme.text if act else theme.faint
    stack(ui, room, Words(act or words, SMALL + 1, colour), Words(below, SMALLEST, theme.faint))


def _bot_mark(ui: Ui, middle: tuple[int, int], colour: Colour) -> None:
    x, y = middle
    pygame.draw.rect(ui.surface, colour, (x - 7, y - 5, 14, 11), 2, border_radius=3)
    pygame.draw.line(ui.surface, colour, (x, y - 9), (x, y - 5), 2)
    for eye in (-3, 2):
        pygame.draw.rect(ui.surface, colour, (x + eye, y - 1, 2, 3))


def _person(ui: Ui, rect: pygame.Rect, lobby: LobbyState, member: Member, *, own: bool) -> None:
    theme = ui.theme
    watches = member.seat == NO_SEAT
    colour = theme.faint if watches else theme.fighter(member.team, member.seat)
    if member.bot:
        _bot_mark(ui, (rect.x + 18, rect.centery), colour)
    else:
        ui.surface.blit(disc(8, colour), (rect.x + 10, rect.centery - 8))
    others = not own and not member.bot
    room = pygame.Rect(rect.x + 36, rect.y + 3, rect.width - (64 if others else 44), 31)
    paragraph(ui, room, member.name, bold=own)
    _marks(ui, (room.x, rect.bottom - 12), lobby, member, own=own)
    if others:
        for step in (-5, 0, 5):
            spot = (rect.right - 14, rect.centery + step)
            pygame.draw.circle(ui.surface, theme.muted, spot, 2)


def _marks(ui: Ui, place: tuple[int, int], lobby: LobbyState, member: Member, *, own: bool) -> None:
    theme = ui.theme
    marks = [_state(ui, lobby, member)]
    if member.player_id and member.player_id == lobby.host:
        marks.insert(0, ("host", theme.warn))
    if own:
        marks.insert(0, ("you", theme.accent))
    if member.muted:
        marks.append(("muted", theme.bad))
    x, y = place
    for index, (text, colour) in enumerate(marks):
        if index:
            x += label(ui, (x, y), "·", size=SMALLEST, colour=theme.faint) + 6
        bold = text in {"ready", "host"}
        x += label(ui, (x, y), text, size=SMALLEST, colour=colour, bold=bold) + 6


def _state(ui: Ui, lobby: LobbyState, member: Member) -> tuple[str, Colour]:
    theme = ui.theme
    if member.bot:
        return "bot", theme.muted
    if not member.connected:
        return "connection lost", theme.bad
    if member.stalled:
        return "connection stands still", theme.warn
    if member.seat == NO_SEAT:
        return "watching", theme.muted
    if lobby.phase is Phase.IN_MATCH:
        return "playing", theme.good
    return ("ready", theme.good) if member.ready else ("not ready", theme.muted)


def powers_over(view: RoomView, member: Member) -> list[Power]:
    """Return the player's actions on a member, with a host's; none on oneself or a bot."""
    me = view.chat.me
    if member.player_id == me or member.bot:
        return []
    deaf = member.player_id in view.chat.muted
    powers = [
        Power("whisper", "Whisper", "Write something that only they read."),
        Power("hide", "Hear again", "See their chat again.")
        if deaf
        else Power("hide", "Ignore", "Hide their chat from you alone."),
        Power("report", "Report", "Tell the server's operator, with the chat you can read now."),
    ]
    if view.lobby.host != me:
        return powers
    powers.append(
        Power("mute", "Unmute", "Let everybody here read their chat again.")
        if member.muted
        else Power("mute", "Mute", "Let nobody in this lobby read their chat.")
    )
    if member.seat != NO_SEAT:
        powers.append(Power("transfer", "Make host", "Give them the powers of the host."))
    powers.append(Power("kick", "Kick", "Take them out; they may come back.", ButtonKind.DANGER))
    powers.append(Power("ban", "Ban", "Take them out for good; asks first.", ButtonKind.DANGER))
    return powers


def press_words(view: RoomView) -> str:
    """Return what a press on another player is good for; empty if there is no other player."""
    if all(m.bot or m.player_id == view.chat.me for m in view.lobby.members):
        return ""
    if view.lobby.host == view.chat.me:
        return "Press a player to mute, kick or ban them, or to make them host"
    return "Press a player to whisper or to ignore them"


def member_actions(ui: Ui, rect: pygame.Rect, view: RoomView, member: Member | None) -> str:
    """Draw the actions on a member as buttons; return the name of the pressed one, or empty."""
    muted = ui.theme.muted
    top = pygame.Rect(rect.x, rect.y, rect.width, 30)
    if member is None or not (powers := powers_over(view, member)):
        own = member is not None and member.player_id == view.chat.me
        words = "This is you" if own else press_words(view)
        paragraph(ui, top, words, size=SMALL, colour=muted)
        return ""
    paragraph(ui, top, member.name, size=SMALL, colour=muted, bold=True)
    step = (rect.width + 6) / len(powers)
    chosen = ""
    for index, power in enumerate(powers):
        left, right = round(index * step), round((index + 1) * step) - 6
        place = pygame.Rect(rect.x + left, rect.y + 34, right - left, 38)
        key = f"member.{power.name}"
        if button(ui, key, place, power.text, power.kind, size=SMALL):
            chosen = power.name
        explain(ui, place, power.tip, key)
    return chosen
