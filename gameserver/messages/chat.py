"""Chat: lines are acknowledged, delivered once, and kept in a history for later members."""

from enum import StrEnum

import attrs

from gameserver.ids import MessageId, PlayerId
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


class Channel(StrEnum):
    """Recipients of a line."""

    GLOBAL = "global"
    """All players on the server."""
    LOBBY = "lobby"
    """All members of the sender's lobby, spectators included, also during a match."""
    TEAM = "team"
    """The sender's team in the lobby; for a spectator the other spectators."""
    WHISPER = "whisper"
    """One player."""


@attrs.frozen
class ChatLine:
    """One line, equal for all recipients."""

    message_id: MessageId
    channel: Channel
    sender: PlayerId
    """Empty for the server's own lines (joined, left, kicked)."""
    sender_name: str
    text: str
    at_ms: int
    """Unix time in milliseconds."""
    recipient: PlayerId = PlayerId("")
    """Set on whispers."""
    recipient_name: str = ""
    team: int = 0
    told: str = ""
    """On the server's own lines what they tell, for translation: ``joined``, ``left``, ``kicked``,
    ``banned``, ``expired``, ``closed``, ``host``, ``muted``, ``unmuted``, ``renamed``."""
    about: tuple[str, ...] = ()
    """On the server's own lines the names in the text: one; of ``renamed`` the old and the new."""


@attrs.frozen
class ChatSent(Result):
    """The server accepted the line and gave it this id and time."""

    message_id: MessageId
    at_ms: int


@attrs.frozen
class SendChat(Request, name="chat.send", result=ChatSent):
    """Send a line. The sender receives it, too, as an event like all recipients."""

    channel: Channel
    text: str
    recipient: PlayerId = PlayerId("")
    """For whispers; either the id or the name must be set."""
    recipient_name: str = ""


@attrs.frozen
class Typing(Request, name="chat.typing"):
    """Tell the channel that the player is typing; shown for 4 s, or until a line comes."""

    channel: Channel
    recipient: PlayerId = PlayerId("")


@attrs.frozen
class ChatHistory(Result):
    """The last lines of a channel, oldest first; at most 50."""

    lines: tuple[ChatLine, ...]


@attrs.frozen
class GetChatHistory(Request, name="chat.history", result=ChatHistory):
    """Ask for the last lines of a channel that the player may read."""

    channel: Channel


@attrs.frozen
class MuteChat(Request, name="chat.mute"):
    """Hide a player's lines from oneself, or show them again."""

    player_id: PlayerId
    muted: bool


@attrs.frozen
class ChatSaid(ReliableEvent, name="chat.said"):
    """A line was sent in a channel that the player may read."""

    line: ChatLine


@attrs.frozen
class ChatDelivered(ReliableEvent, name="chat.delivered"):
    """A whisper reached its recipient's client."""

    message_id: MessageId
    recipient: PlayerId


@attrs.frozen
class ChatTyping(Notice, name="chat.typing"):
    """A player is typing in a channel."""

    channel: Channel
    sender: PlayerId
    sender_name: str

    @property
    def about(self) -> tuple[str, ...]:
        """This player in this channel."""
        return (self.name, self.channel, self.sender)
