"""Chat: which lines are allowed, which sessions get them, and the history of each channel.

Law: a line is one object with one id, sent once to each session of its audience; the sender gets
it like all others. A line is refused with the reason or sent whole; it is never cut.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import (
    Channel,
    ChatDelivered,
    ChatHistory,
    ChatLine,
    ChatSaid,
    ChatSent,
    ChatTyping,
    SendChat,
    Typing,
)
from gameserver.rooms.chat.muting import refuse_muted
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.limits.holdings import weight
from gameserver.rooms.sessions.names import clean_text, skeleton
from gameserver.rooms.state.effects import Publish
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby, Occupant
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.shown import GLOBAL_CHAT

EVERYBODY: Final = -1
"""Audience of a lobby's channel; that of a team is its number, that of spectators `WATCHERS`."""
WATCHERS: Final = -2
_RAW_PER_CHAR: Final = 4
"""A line this many times longer than allowed is refused before it is cleaned (37)."""
_HISTORIES: Final = 16
"""Histories that are kept as answers, so that each is encoded once."""
GLOBAL_KEY: Final = "global"
"""Key of the global channel's budget; the key of a lobby's channels is the lobby's id."""


@attrs.define(eq=False)
class Chat:
    """All channels of the server."""

    _state: HallState
    _global: deque[ChatLine] = attrs.field(init=False)
    _last_id: int = attrs.field(default=0, init=False)
    _histories: dict[MessageId, ChatHistory] = attrs.field(factory=dict, init=False)
    """Histories as answers, by the id of their newest line."""
    _address_lines: BucketTable = attrs.field(init=False)
    """Limits lines by address: sessions that replace each other share it."""
    _server_lines: BucketTable = attrs.field(init=False)
    """Limits the server's own lines by lobby."""

    def __attrs_post_init__(self) -> None:
        """Make the global channel and the limits of the rules."""
        rules = self._state.rules
        self._global = deque(maxlen=rules.chat_history)
        self._address_lines = BucketTable(
            rules.address_chat_per_s, rules.address_chat_burst, rules.addresses
        )
        self._server_lines = BucketTable(
            rules.server_lines_per_s, rules.server_lines_burst, rules.channels
        )

    # --- saying -----------------------------------------------------------------------------------

    def say(self, session: Session, request: SendChat) -> ChatSent:
        """Send a line to its audience.

        Raises:
            RequestError: The line is not allowed, or there is no such channel or recipient.
        """
        _check_recipient(request)
        text = self._allowed_text(session, request)
        if request.channel is Channel.WHISPER:
            line = self._whisper(session, text, request)
        elif request.channel is Channel.GLOBAL:
            line = self._line(session, Channel.GLOBAL, text)
            self._global.append(line)
            self._state.fan_out(GLOBAL_KEY, len(self._state.sessions))
            self._tell(self._state.sessions.values(), line)
            self._state.perform(Publish(GLOBAL_CHAT, ChatSaid(line)))
        else:
            line = self._say_in_lobby(session, request.channel, text)
        session.last_line[request.channel] = (_folded(request, text), self._state.now)
        session.last_typing.pop(request.channel, None)
        return ChatSent(line.message_id, line.at_ms)

    def _allowed_text(self, session: Session, request: SendChat) -> str:
        rules, now = self._state.rules, self._state.now
        refuse_muted(self._state, session)
        if len(request.text) > _RAW_PER_CHAR * rules.chat_chars:
            raise _too_long(len(request.text), rules.chat_chars)
        text = clean_text(request.text)
        if not text:
            raise RequestError(Code.CHAT_EMPTY, "The line has nothing that can be shown.")
        if len(text) > rules.chat_chars:
            raise _too_long(len(text), rules.chat_chars)
        last = session.last_line.get(request.channel)
        if last and last[0] == _folded(request, text) and now < last[1] + rules.chat_repeat_s:
            raise RequestError(Code.CHAT_REPEATED, "You have just said that.")
        self._charge_line(session, request.channel)
        return text

    def _charge_line(self, session: Session, channel: Channel) -> None:
        """Charge a line to its sender, the sender's address and the channel, or refuse it.

        A token is taken from the sender only if the address had one: a refused line costs nothing.
        """
        now = self._state.now
        key = _channel_key(session, channel)
        busy = self._state.channels.wait(key, now) if key else 0.0
        if busy:
            sentence = f"Many are talking here at once; say it again in {busy:.1f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": busy})
        wait = session.lines.wait(now) or self._address_lines.take(session.address, now)
        wait = wait or session.lines.take(now)
        if wait:
            sentence = f"Too many lines; say more in {wait:.1f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def _say_in_lobby(self, session: Session, channel: Channel, text: str) -> ChatLine:
        lobby, member = self._place(session)
        if member.muted:
            raise RequestError(Code.CHAT_MUTED, "The host has muted you in this lobby.")
        audience = _audience(lobby, member, channel)
        line = self._line(session, channel, text, team=max(audience, 0))
        self._history(lobby, audience).append(line)
        self._state.fan_out(lobby.lobby_id, len(lobby.members))
        listeners = self._listeners(lobby, audience)
        if member.spectates:  # who knows no more than other spectators do
            self._tell(listeners, line)
        else:
            self._tell_in(lobby, listeners, line, hides=lobby.match is not None)
        return line

    def _whisper(self, session: Session, text: str, request: SendChat) -> ChatLine:
        recipient = self._recipient(session, request.recipient, request.recipient_name)
        line = self._line(session, Channel.WHISPER, text, recipient=recipient)
        self._remember_whisper(session, line)
        if session.player_id not in recipient.muted:
            self._remember_whisper(recipient, line)
        self._tell((session, recipient), line)
        return line

    def _remember_whisper(self, session: Session, line: ChatLine) -> None:
        lines, most = session.whispers, self._state.rules.whispers_bytes
        lines.append(line)
        while len(lines) > 1 and sum(map(weight, lines)) > most:
            lines.popleft()

    def announce(self, lobby: Lobby, text: str, told: str, *about: str) -> None:
        """Send a line of the server itself to a lobby; see `ChatLine.told`.

        When full: if the channel is over its limit, the line is dropped; the lobby's state shows
        the change in any case.
        """
        now = self._state.now
        if self._state.channels.wait(lobby.lobby_id, now):
            return
        if self._server_lines.take(lobby.lobby_id, now):
            return
        self._state.fan_out(lobby.lobby_id, len(lobby.members))
        line = attrs.evolve(self._line(None, Channel.LOBBY, text), told=told, about=about)
        self._history(lobby, EVERYBODY).append(line)
        self._tell_in(lobby, self._listeners(lobby, EVERYBODY), line)

    def _line(
        self,
        sender: Session | None,
        channel: Channel,
        text: str,
        *,
        team: int = 0,
        recipient: Session | None = None,
    ) -> ChatLine:
        self._last_id += 1
        return ChatLine(
            message_id=MessageId(self._last_id),
            channel=channel,
            sender=sender.player_id if sender else PlayerId(""),
            sender_name=sender.name if sender else "",
            text=text,
            at_ms=self._state.wall_ms,
            recipient=recipient.player_id if recipient else PlayerId(""),
            recipient_name=recipient.name if recipient else "",
            team=team,
        )

    # --- hearing ----------------------------------------------------------------------------------

    def _tell(self, listeners: Iterable[Session], line: ChatLine) -> None:
        hearing = [listener for listener in listeners if line.sender not in listener.muted]
        self._state.send_all(hearing, ChatSaid(line))

    def _tell_in(
        self, lobby: Lobby, listeners: Iterable[Session], line: ChatLine, *, hides: bool = False
    ) -> None:
        """Tell members of a lobby a line; see `HallState.tell_lobby`."""
        hearing = [listener for listener in listeners if line.sender not in listener.muted]
        self._state.tell_lobby(lobby, hearing, ChatSaid(line), hides=hides)

    def history(self, session: Session, channel: Channel) -> ChatHistory:
        """Return the last lines of a channel, without those of players the session has muted.

        Raises:
            RequestError: The session does not get the lines of this channel.
        """
        if channel is Channel.GLOBAL:
            lines = self._global
        elif channel is Channel.WHISPER:
            lines = session.whispers
        else:
            lobby, member = self._place(session)
            lines = self._history(lobby, _audience(lobby, member, channel))
            if len(lobby.late) and member.spectates:
                return self._history_told(session, lobby, lines)
        if session.muted or channel is Channel.WHISPER or not lines:
            return ChatHistory(tuple(line for line in lines if line.sender not in session.muted))
        return self._shared_history(lines)

    def _history_told(
        self, session: Session, lobby: Lobby, lines: Iterable[ChatLine]
    ) -> ChatHistory:
        """Return the lines without those that wait for a spectator, or for others."""
        waiting = lobby.late.lines()
        told = [each for each in lines if each.message_id not in waiting]
        return ChatHistory(tuple(each for each in told if each.sender not in session.muted))

    def public_history(self) -> ChatHistory:
        """Return the last lines of the global channel, which everybody may read."""
        return ChatHistory(tuple(self._global))

    def _shared_history(self, lines: deque[ChatLine]) -> ChatHistory:
        """Return one object for all requests until there is a new line, so it is encoded once."""
        newest = lines[-1].message_id
        shared = self._histories.get(newest)
        if shared is None:
            if len(self._histories) >= _HISTORIES:
                del self._histories[next(iter(self._histories))]
            shared = self._histories[newest] = ChatHistory(tuple(lines))
        return shared

    def arrived(self, recipient: Session, events: Iterable[ReliableEvent]) -> None:
        """Tell senders of whispers that their recipient has acknowledged them."""
        for event in events:
            if not isinstance(event, ChatSaid) or event.line.recipient != recipient.player_id:
                continue
            sender = self._state.sessions.get(event.line.sender)
            if sender is not None:
                delivered = ChatDelivered(event.line.message_id, recipient.player_id)
                self._state.send(sender, delivered)

    def mute(self, session: Session, player_id: PlayerId, *, muted: bool) -> None:
        """Hide a player's lines from a session, or show them again.

        Raises:
            RequestError: ``player.unknown``.
        """
        if not muted:
            session.muted.pop(player_id, None)
            return
        if player_id not in self._state.sessions or player_id == session.player_id:
            raise RequestError(Code.PLAYER_UNKNOWN, "There is no such other player.")
        session.muted[player_id] = None
        if len(session.muted) > self._state.rules.mutes:
            del session.muted[next(iter(session.muted))]

    # --- typing -----------------------------------------------------------------------------------

    def typing(self, session: Session, request: Typing) -> None:
        """Tell the audience of a line that it is being typed, at most once a second.

        Raises:
            RequestError: There is no such channel or recipient.
        """
        refuse_muted(self._state, session)
        last = session.last_typing.get(request.channel)
        if last is not None and self._state.now < last + self._state.rules.typing_s:
            return
        listeners = self._would_hear(session, request)
        session.last_typing[request.channel] = self._state.now
        if not self._may_show_typing(session, request.channel, len(listeners)):
            return
        others = [
            listener
            for listener in listeners
            if listener is not session and session.player_id not in listener.muted
        ]
        notice = ChatTyping(request.channel, session.player_id, session.name)
        self._state.tell_all(others, notice)

    def _may_show_typing(self, session: Session, channel: Channel, listeners: int) -> bool:
        """Charge a typing notice to its own budget, so that chat lines keep theirs."""
        key = _channel_key(session, channel)
        if not key:
            return True
        key += " typing"
        if self._state.channels.wait(key, self._state.now):
            return False
        self._state.fan_out(key, listeners)
        return True

    def _would_hear(self, session: Session, request: Typing) -> list[Session]:
        if request.channel is Channel.WHISPER:
            return [self._recipient(session, request.recipient, "")]
        if request.channel is Channel.GLOBAL:
            return list(self._state.sessions.values())
        lobby, member = self._place(session)
        audience = _audience(lobby, member, request.channel)
        return [] if member.muted else self._listeners(lobby, audience)

    # --- who --------------------------------------------------------------------------------------

    def _place(self, session: Session) -> tuple[Lobby, Occupant]:
        place = self._state.place_of(session)
        if place is None:
            raise RequestError(Code.CHAT_NO_CHANNEL, "You are in no lobby.")
        return place

    def _recipient(self, session: Session, player_id: PlayerId, name: str) -> Session:
        found = self._state.sessions.get(player_id)
        if not player_id and name:
            found = self._state.by_look.get(skeleton(name))
        if found is None or found is session:
            raise RequestError(Code.PLAYER_UNKNOWN, "There is no such other player.")
        return found

    def _listeners(self, lobby: Lobby, audience: int) -> list[Session]:
        return [
            self._state.sessions[member.player_id]
            for member in lobby.members.values()
            if audience in (EVERYBODY, member.team if member.seated else WATCHERS)
        ]

    def _history(self, lobby: Lobby, audience: int) -> deque[ChatLine]:
        if audience not in lobby.histories:
            lobby.histories[audience] = deque(maxlen=self._state.rules.chat_history)
        return lobby.histories[audience]


def _check_recipient(request: SendChat) -> None:
    """Check that a whisper, and only a whisper, names a recipient.

    Raises:
        RequestError: ``bad_params``: it does not.
    """
    named = bool(request.recipient or request.recipient_name)
    if request.channel is Channel.WHISPER and not named:
        raise RequestError(Code.BAD_PARAMS, "A whisper needs the id or name of its recipient.")
    if request.channel is not Channel.WHISPER and named:
        sentence = f"Only a whisper has a recipient; everybody in {request.channel} would read it."
        raise RequestError(Code.BAD_PARAMS, sentence)


def _channel_key(session: Session, channel: Channel) -> str:
    """Return the key of a channel's budget; empty for whispers, which have one recipient.

    All channels of a lobby share a budget, since their lines go to the same members.
    """
    if channel is Channel.GLOBAL:
        return GLOBAL_KEY
    return "" if channel is Channel.WHISPER else session.lobby_id or ""


def _too_long(chars: int, limit: int) -> RequestError:
    sentence = f"The line has {chars} characters; at most {limit} are allowed."
    return RequestError(Code.CHAT_TOO_LONG, sentence, {"limit": limit})


def _folded(request: SendChat, text: str) -> str:
    """Return recipient and text in a form that is equal for repeated lines."""
    return f"{request.recipient}{request.recipient_name}\n{text.casefold()}"


def _audience(lobby: Lobby, member: Occupant, channel: Channel) -> int:
    if channel is Channel.LOBBY:
        return EVERYBODY
    if not member.seated:
        return WATCHERS
    if lobby.teams == 0:
        raise RequestError(Code.CHAT_NO_CHANNEL, "There are no teams in this mode.")
    return member.team
