"""Chat: what people say to each other, acknowledged, delivered once, kept for late comers."""

from enum import StrEnum

import attrs

from gameserver.ids import MessageId, PlayerId
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


class Channel(StrEnum):
    """Who hears a line."""

    GLOBAL = "global"
    """Everybody on the server."""
    LOBBY = "lobby"
    """The lobby one is in, spectators included; in a match, its "all"."""
    TEAM = "team"
    """One's own team in the lobby; spectators among themselves."""
    WHISPER = "whisper"
    """One person."""


@attrs.frozen
class ChatLine:
    """One line, as everybody sees it."""

    message_id: MessageId
    channel: Channel
    sender: PlayerId
    """Empty for the server's own lines (joined, left, kicked)."""
    sender_name: str
    text: str
    at_ms: int
    """Unix time."""
    recipient: PlayerId = PlayerId("")
    """Set on whispers."""
    recipient_name: str = ""
    team: int = 0


@attrs.frozen
class ChatSent(Result):
    """The server took the line under this identity and time."""

    message_id: MessageId
    at_ms: int


@attrs.frozen
class SendChat(Request, name="chat.send", result=ChatSent):
    """Say something. The sender gets the line too, as an event like everybody else."""

    channel: Channel
    text: str
    recipient: PlayerId = PlayerId("")
    """For whispers; either this or the name."""
    recipient_name: str = ""


@attrs.frozen
class Typing(Request, name="chat.typing"):
    """Say that one is typing; shown for 4 s, or until a line comes."""

    channel: Channel
    recipient: PlayerId = PlayerId("")


@attrs.frozen
class ChatHistory(Result):
    """The last lines of a channel, oldest first; at most 50."""

    lines: tuple[ChatLine, ...]


@attrs.frozen
class GetChatHistory(Request, name="chat.history", result=ChatHistory):
    """Ask for the last lines of a channel that one may hear."""

    channel: Channel


@attrs.frozen
class MuteChat(Request, name="chat.mute"):
    """Hear nothing from somebody any more, or hear them again."""

    player_id: PlayerId
    muted: bool


@attrs.frozen
class ChatSaid(ReliableEvent, name="chat.said"):
    """Somebody said something one may hear."""

    line: ChatLine


@attrs.frozen
class ChatDelivered(ReliableEvent, name="chat.delivered"):
    """A whisper reached its recipient's client."""

    message_id: MessageId
    recipient: PlayerId


@attrs.frozen
class ChatTyping(Notice, name="chat.typing"):
    """Somebody is typing."""

    channel: Channel
    sender: PlayerId
    sender_name: str
