"""The chat as one client knows it: lines by channel, typing notices, muted players.

Law: everything is bounded. Each line is kept once, in the order of its number, whether it came
live, in a history, or in the replay after a resume.
"""

from bisect import insort
from collections.abc import Iterable
from typing import Final

from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, ChatTyping

KEPT_LINES: Final = 200
"""Lines kept per channel, and whispers whose delivery is remembered."""

TYPING_S: Final = 4.0
"""How long a typing notice is shown."""


class ChatBook:
    """Lines per channel, oldest first. Whispers with all players share one channel."""

    def __init__(self) -> None:
        """Create every channel without lines; nobody is muted."""
        self._lines: dict[Channel, list[ChatLine]] = {channel: [] for channel in Channel}
        self._typing: dict[tuple[Channel, PlayerId], tuple[str, float]] = {}
        self._delivered: dict[MessageId, None] = {}
        self.muted: frozenset[PlayerId] = frozenset()
        """Players whose lines are hidden."""

    def lines(self, channel: Channel) -> list[ChatLine]:
        """Return the channel's lines without those of muted players."""
        return [line for line in self._lines[channel] if line.sender not in self.muted]

    def add(self, line: ChatLine) -> bool:
        """Insert a line at its place; return False if it was known already."""
        known = self._lines[line.channel]
        if any(line.message_id == other.message_id for other in reversed(known)):
            return False
        insort(known, line, key=lambda item: item.message_id)
        del known[:-KEPT_LINES]
        self._typing.pop((line.channel, line.sender), None)
        return True

    def add_history(self, lines: Iterable[ChatLine]) -> None:
        """Insert lines of a `ChatHistory`; known ones are skipped."""
        for line in lines:
            self.add(line)

    def clear(self, *channels: Channel) -> None:
        """Remove all lines and typing notices of these channels."""
        for channel in channels:
            self._lines[channel].clear()
        self._typing = {key: who for key, who in self._typing.items() if key[0] not in channels}

    def deliver(self, message_id: MessageId) -> None:
        """Note that a whisper reached its recipient."""
        self._delivered[message_id] = None
        while len(self._delivered) > KEPT_LINES:
            del self._delivered[next(iter(self._delivered))]

    def is_delivered(self, message_id: MessageId) -> bool:
        """Tell whether a whisper is known to have reached its recipient."""
        return message_id in self._delivered

    def note_typing(self, notice: ChatTyping, now: float) -> None:
        """Show the sender as typing for `TYPING_S`, or until a line of the sender comes."""
        self._typing[notice.channel, notice.sender] = (notice.sender_name, now + TYPING_S)

    def typing(self, channel: Channel, now: float) -> list[str]:
        """Return the names of the players who are typing in a channel; expired notices go."""
        self._typing = {key: who for key, who in self._typing.items() if who[1] > now}
        return [
            name
            for (where, sender), (name, _) in self._typing.items()
            if where is channel and sender not in self.muted
        ]

    def mute(self, player_id: PlayerId, *, muted: bool) -> None:
        """Hide a player's lines, or show them again."""
        self.muted = self.muted | {player_id} if muted else self.muted - {player_id}
