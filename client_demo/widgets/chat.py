"""The chat panel of the lobby screens: channels, history, typing notices, and a text field."""

from collections.abc import Callable
from functools import lru_cache
from time import localtime, strftime
from typing import Final
from zlib import crc32

import attrs
import pygame

from client_demo import fonts
from client_demo.intents import Intent
from client_demo.text.runs import in_english, isolated
from client_demo.theme import SMALL, Colour
from client_demo.unsent import UnsentLines
from client_demo.views.screens import ChatView
from client_demo.widgets.basic import ButtonKind, button, fits, fitting, label, segments
from client_demo.widgets.entry import entered, entry
from client_demo.widgets.pick import scrolled
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from client_demo.written import WhisperTarget, draft_of, hint_of, request_of
from gameserver.ids import PlayerId
from gameserver.messages.chat import Channel, ChatLine, Typing

LEAD_SHARE: Final = 0.7
"""Largest part of a row for time and name before the text; a longer name gets rows of its own."""
LINE_LIMIT: Final = 240
"""Most characters of one chat line; the server's limit."""
KEPT_LINES: Final = 2048
"""Most lines in the cache of rows; enough for the history of all channels."""
TYPING_EVERY_S: Final = 2.0
ROW: Final = 20
NAMES: Final = {
    Channel.GLOBAL: "Everyone",
    Channel.LOBBY: "Lobby",
    Channel.TEAM: "Team",
    Channel.WHISPER: "Whispers",
}


def line_colour(ui: Ui, line: ChatLine) -> Colour:
    """Return the colour of a line's sender: the team's, or without a team one by the id."""
    if not line.sender:
        return ui.theme.faint
    if line.channel is Channel.WHISPER:
        return ui.theme.teams[0]
    return ui.theme.fighter(line.team, crc32(line.sender.encode()))


def typing_sentence(names: tuple[str, ...]) -> str:
    """Return the sentence that names the people who are typing; empty for nobody."""
    match names:
        case ():
            return ""
        case (one,):
            return f"{isolated(one)} is typing…"
        case (one, other):
            return f"{isolated(one)} and {isolated(other)} are typing…"
        case _:
            return f"{len(names)} people are typing…"


def typing_words(names: tuple[str, ...], room: int) -> str:
    """Return the same sentence; without names if it is wider than ``room`` pixels."""
    sentence = typing_sentence(names)
    if fits(sentence, SMALL, (room, ROW)):
        return sentence
    return "Somebody is typing…" if len(names) == 1 else f"{len(names)} people are typing…"


@attrs.define(eq=False)
class ChatPanel:
    """State of the panel: the channel, and the line that the player is writing."""

    channels: tuple[Channel, ...]
    chosen: int = 0
    draft: str = ""
    whisper_to: WhisperTarget | None = None
    """The recipient, if chosen from the members instead of typed."""
    _unsent: UnsentLines = attrs.field(factory=UnsentLines)
    """Lines sent from this panel that the server may still refuse."""
    _typing_told_at: float = -TYPING_EVERY_S

    def offer(self, *channels: Channel) -> None:
        """Set the channels; if the chosen one is missing, the first one is chosen."""
        if channels != self.channels:
            before = self.channels[self.chosen]
            self.channels = channels
            self.chosen = channels.index(before) if before in channels else 0

    def draw(
        self, ui: Ui, rect: pygame.Rect, view: ChatView, emit: Callable[[Intent], None]
    ) -> None:
        """Draw the panel; emit chat lines and typing notices."""
        self._take_back(view)
        top = rect.y
        if len(self.channels) > 1:
            names = tuple(NAMES[channel] for channel in self.channels)
            tabs = pygame.Rect(rect.x, top, rect.width, 34)
            self.chosen = segments(ui, "chat.tab", tabs, names, self.chosen, size=SMALL)
            top += 42
        channel = self.channels[self.chosen]
        bottom = rect.bottom - 40
        self._lines(ui, pygame.Rect(rect.x, top, rect.width, bottom - 26 - top), view, channel)
        hint = hint_of(self.draft, channel, self.whisper_to)
        words = hint or typing_words(view.typing.get(channel, ()), rect.width)
        colour = ui.theme.warn if hint else ui.theme.faint
        size = fitting(words, SMALL, rect.width)
        label(ui, (rect.x, bottom - 12), words, size=size, colour=colour, room=rect.width)
        self._say(ui, pygame.Rect(rect.x, bottom, rect.width, 40), channel, emit)

    def whisper(self, name: str, player_id: PlayerId) -> None:
        """Choose the whisper channel and a recipient, and start the line with the name."""
        self.chosen = self.channels.index(Channel.WHISPER)
        self.draft, self.whisper_to = f"{name}: ", WhisperTarget(name, player_id)

    def _take_back(self, view: ChatView) -> None:
        """Put a refused line back into the text field.

        If the field holds another line, the refused one waits until that line is sent.
        """
        self._unsent.learn(view.refused)
        if not self.draft and (line := self._unsent.take(self.channels)) is not None:
            self.chosen = self.channels.index(line.channel)
            to = self.whisper_to
            chosen = to is not None and to.player_id == line.recipient
            self.draft = f"{to.name}: {line.text}" if to and chosen else draft_of(line)

    def _lines(self, ui: Ui, area: pygame.Rect, view: ChatView, channel: Channel) -> None:
        rows = [
            row
            for line in view.lines.get(channel, ())
            if line.sender not in view.muted
            for row in chat_rows(line, area.width - 12, view)
        ]
        if not rows:
            place = (area.x, area.y + 12)
            label(ui, place, "Nothing said yet.", size=SMALL, colour=ui.theme.faint)
        key = f"chat.scroll.{channel.value}"
        with scrolled(ui, key, area, len(rows) * ROW, stick=True) as y:
            for index, (lead, text, line) in enumerate(rows):
                middle = y + index * ROW + ROW // 2
                if not area.y - ROW < middle < area.bottom + ROW:
                    continue
                _row(ui, area.x, middle, lead, text, line)

    def _say(
        self, ui: Ui, rect: pygame.Rect, channel: Channel, emit: Callable[[Intent], None]
    ) -> None:
        field = pygame.Rect(rect.x, rect.y, rect.width - 76, rect.height)
        hint = "Name: message" if channel is Channel.WHISPER else "Say something"
        sends = entered(ui, "chat.line")
        draft = entry(ui, "chat.line", field, self.draft, hint=hint, limit=LINE_LIMIT)
        if draft and draft != self.draft and ui.time - self._typing_told_at > TYPING_EVERY_S:
            if channel is not Channel.WHISPER and not draft.lstrip().startswith("/"):
                emit(Typing(channel))
            self._typing_told_at = ui.time
        self.draft = draft
        place = pygame.Rect(rect.right - 68, rect.y, 68, rect.height)
        said = request_of(channel, draft, self.whisper_to)
        off = isinstance(said, str)
        sends |= button(ui, "chat.send", place, "Send", ButtonKind.PLAIN, off=off)
        if isinstance(said, str):
            explain(ui, place, said)
        elif sends:
            emit(said)
            self._unsent.say(said)
            self.draft = ""


def chat_rows(line: ChatLine, room: int, view: ChatView) -> tuple[tuple[str, str, ChatLine], ...]:
    """Break a chat line into rows of ``room`` pixels: time and name, text, and the line.

    Time and name are empty in all but the first rows.
    """
    own = line.sender == view.me
    return _rows_of(line, room, own=own, delivered=line.message_id in view.delivered)


@lru_cache(maxsize=KEPT_LINES)
def _rows_of(
    line: ChatLine, room: int, *, own: bool, delivered: bool
) -> tuple[tuple[str, str, ChatLine], ...]:
    if not line.sender:
        return tuple(("", row, line) for row in fonts.wrap(in_english(line.text), SMALL, room))
    lead = _stamp(line) + "  " + isolated(line.sender_name)
    if line.channel is Channel.WHISPER and own:
        lead += f" → {isolated(line.recipient_name)}"
    text = line.text + (" ✓" if delivered else "")
    if fonts.width(lead, SMALL, bold=True) > room * LEAD_SHARE:
        stamp, _, name = lead.partition("  ")
        indent = fonts.width(stamp, SMALL) + 16
        names = fonts.wrap(name, SMALL, room - indent, bold=True)
        leads = (f"{stamp}  {names[0]}", *(f"  {rest}" for rest in names[1:]))
        heads = [(lead, "", line) for lead in leads]
        return (*heads, *(("", row, line) for row in fonts.wrap(text, SMALL, room)))
    first = room - fonts.width(lead, SMALL, bold=True) - 8
    rows = fonts.wrap(text, SMALL, room, first=max(40, first))
    return ((lead, rows[0], line), *(("", row, line) for row in rows[1:]))


def _stamp(line: ChatLine) -> str:
    return strftime("%H:%M", localtime(line.at_ms / 1000))


def _row(ui: Ui, x: int, middle: int, lead: str, text: str, line: ChatLine) -> None:
    if lead:
        stamp, _, name = lead.partition("  ")
        label(ui, (x, middle), stamp, size=SMALL, colour=ui.theme.faint)
        # The further rows of a long name have no time; they start below the first.
        x += fonts.width(_stamp(line), SMALL) + 8
        x += label(ui, (x, middle), name, size=SMALL, colour=line_colour(ui, line), bold=True) + 8
    colour = ui.theme.text if line.sender else ui.theme.faint
    label(ui, (x, middle), text, size=SMALL, colour=colour)
