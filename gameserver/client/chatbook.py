"""What was said, as one client knows it: lines by channel, who is typing, who is muted.

Law: bounded, and every line is there once, in the order of its number, from whichever side
(live, history, answer to a resume) it came.
"""

from bisect import insort
from collections.abc import Iterable
from typing import Final

from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, ChatTyping

KEPT_LINES: Final = 200
"""Per channel."""

TYPING_S: Final = 4.0
"""How long a typing notice is shown."""


class ChatBook:
    """Lines per channel, oldest first. Whispers of all people are one channel."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._lines: dict[Channel, list[ChatLine]] = {channel: [] for channel in Channel}
        self._typing: dict[tuple[Channel, PlayerId], tuple[str, float]] = {}
        self._delivered: dict[MessageId, None] = {}
        self.muted: frozenset[PlayerId] = frozenset()
        """Whom this player does not want to hear."""

    def lines(self, channel: Channel) -> list[ChatLine]:
        """Return the channel's lines without those of muted people."""
        return [line for line in self._lines[channel] if line.sender not in self.muted]

    def add(self, line: ChatLine) -> bool:
        """Take a line; return whether it was new."""
        known = self._lines[line.channel]
        if any(line.message_id == other.message_id for other in reversed(known)):
            return False
        insort(known, line, key=lambda item: item.message_id)
        del known[:-KEPT_LINES]
        self._typing.pop((line.channel, line.sender), None)
        return True

    def add_history(self, lines: Iterable[ChatLine]) -> None:
        """Take lines that were said before one came."""
        for line in lines:
            self.add(line)

    def clear(self, *channels: Channel) -> None:
        """Forget channels whose lobby one has left."""
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
        """Show that somebody is typing, for `TYPING_S` or until a line comes."""
        self._typing[notice.channel, notice.sender] = (notice.sender_name, now + TYPING_S)

    def typing(self, channel: Channel, now: float) -> list[str]:
        """Return the names of those who are typing in a channel."""
        self._typing = {key: who for key, who in self._typing.items() if who[1] > now}
        return [
            name
            for (where, sender), (name, _) in self._typing.items()
            if where is channel and sender not in self.muted
        ]

    def mute(self, player_id: PlayerId, *, muted: bool) -> None:
        """Hide somebody's lines, or show them again."""
        self.muted = self.muted | {player_id} if muted else self.muted - {player_id}
