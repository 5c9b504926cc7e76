"""The client's copy of lobby and chat, updated from events, notices and answers.

Law: the newest state of the server counts. A lobby state with a lower revision than the known one
is dropped, and so is the content of an answer that is older than the applied events.
"""

from typing import Any

import attrs

from gameserver.client.chatbook import ChatBook
from gameserver.client.namespaces import ClientNamespace
from gameserver.client.session import AnswerAge
from gameserver.messages import chat, namespaces, session
from gameserver.messages import lobby as lobbies
from gameserver.messages.base import Notice, ReliableEvent, Request, Result
from gameserver.messages.wire import Welcome


@attrs.define(eq=False)
class ClientState:
    """Lobby, lists and chat, as the application reads them; the match is in `MatchKeeper`."""

    chat: ChatBook = attrs.field(factory=ChatBook)
    lobby: lobbies.LobbyState | None = None
    lobby_list: lobbies.LobbyList | None = None
    player_name: str = ""
    spaces: dict[str, ClientNamespace] = attrs.field(factory=dict)
    """The namespaces that the application uses, by name."""
    _listed: bool = False
    """Whether a watch has sent a list of lobbies over this connection."""

    def welcomed(self, welcome: Welcome) -> None:
        """Apply the welcome of a new connection."""
        self.player_name = welcome.player_name
        self._listed = False

    def forget(self) -> None:
        """Clear lobby, lists and chat: the session that they belonged to is gone."""
        self._leave_lobby()
        self.lobby_list = None
        self.chat.clear(chat.Channel.WHISPER, chat.Channel.GLOBAL)
        for space in self.spaces.values():
            space.session_lost()

    def apply_event(self, event: ReliableEvent) -> None:
        """Apply a reliable event."""
        match event:
            case lobbies.LobbyChanged():
                self._enter_lobby(event.lobby)
            case lobbies.LobbyLeft():
                if self.lobby is not None and self.lobby.lobby_id == event.lobby_id:
                    self._leave_lobby()
            case session.NameChanged():
                self.player_name = event.player_name
            case chat.ChatSaid():
                self.chat.add(event.line)
            case namespaces.Emitted() | namespaces.NamespaceEnded():
                if space := self.spaces.get(event.namespace):
                    space.happened(event)
            case chat.ChatDelivered():
                self.chat.deliver(event.message_id)
            case _:
                pass

    def apply_notice(self, notice: Notice, now: float) -> None:
        """Apply a notice; ``now`` dates typing notices."""
        match notice:
            case lobbies.LobbiesListed():
                self.lobby_list = lobbies.LobbyList(notice.lobbies, notice.total)
                self._listed = True
            case namespaces.EmittedLatest():
                if space := self.spaces.get(notice.namespace):
                    space.told(notice)
            case chat.ChatTyping():
                self.chat.note_typing(notice, now)
            case session.Presence():
                self._note_presence(notice)
            case _:
                pass

    def apply_result(self, request: Request, result: Result, standing: AnswerAge) -> None:
        """Apply the result of one of the client's own requests."""
        match request, result:
            case _, (lobbies.InLobby() | session.Renamed()) if standing is AnswerAge.OLD:
                pass  # later events have brought a newer state
            case _, lobbies.InLobby():
                self._enter_lobby(result.lobby)
            case _, session.Renamed():
                self.player_name = result.player_name
            case _, lobbies.LobbyList():
                if standing is AnswerAge.NEW or not self._listed:
                    self.lobby_list = result
            case chat.GetChatHistory(), chat.ChatHistory():
                self.chat.add_history(result.lines)
            case chat.MuteChat(), _:
                self.chat.mute(request.player_id, muted=request.muted)
            case _:
                pass

    def _enter_lobby(self, state: lobbies.LobbyState) -> None:
        known = self.lobby
        if known is not None and known.lobby_id == state.lobby_id:
            if state.revision < known.revision:
                return
        elif known is not None:
            self._leave_lobby()
        self.lobby = state

    def _leave_lobby(self) -> None:
        self.lobby = None
        self.chat.clear(chat.Channel.LOBBY, chat.Channel.TEAM)

    def _note_presence(self, notice: session.Presence) -> None:
        if self.lobby is None:
            return
        members: list[Any] = [
            attrs.evolve(member, connected=notice.connected, stalled=notice.stalled)
            if member.player_id == notice.player_id
            else member
            for member in self.lobby.members
        ]
        self.lobby = attrs.evolve(self.lobby, members=tuple(members))
