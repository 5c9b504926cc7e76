"""Decide which screen a frame shows, and make its view."""

from collections.abc import Mapping
from typing import Final

import attrs

from client_demo.recordings import Recordings
from client_demo.session import PlayerSession
from client_demo.settings_file import PlayerSettings
from client_demo.text.sentences import sentence_of
from client_demo.views.bridge import MatchBridge
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplayBridge, replays_view
from client_demo.views.screens import (
    BrowserView,
    ChatView,
    ConnectView,
    CreateView,
    LinkView,
    ResultsView,
    RoomView,
    ScreenView,
)
from gameserver.client import Client, OfflineCause, Reconnecting
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import NO_SEAT, LobbyId, MatchId
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import (
    ConfigureLobby,
    CreateLobby,
    JoinLobby,
    LobbyConfig,
    LobbyState,
    Phase,
    QuickPlay,
)

ALL: Final = tuple(Channel)


@attrs.define(eq=False)
class Looks:
    """Makes the views; keeps the state that lasts from frame to frame."""

    maps: Mapping[str, TileMap]
    recordings: Recordings = attrs.field(factory=Recordings)
    form_open: bool = False
    editing: LobbyConfig | None = None
    left_match: MatchId = MatchId("")
    """The match that the player left for the room; its results are not shown."""
    _bridge: MatchBridge | None = None
    _replay: ReplayBridge | None = None
    _seen_at: float = 0.0
    """Time of the last frame of a replay."""
    _last: MatchView | None = None
    _timed: tuple[LobbyId, int, float | None] | None = None
    """Lobby, revision and countdown of the server's last lobby state."""
    _timed_at: float = 0.0
    """Time at which that state was first seen: the countdown runs from here."""

    def screen(self, session: PlayerSession, settings: PlayerSettings, now: float) -> ScreenView:
        """Return the view of the screen to be drawn at the time ``now``."""
        client = session.client
        if client is None:
            self.form_open = False
            return self._first(session, settings, now)
        lobby = client.lobby
        # Called even if a form or match is drawn instead, or the countdown would stop meanwhile.
        left_s = self._left(lobby, now) if lobby is not None else None
        if self._watches(lobby):
            return self._recorded(now)
        if self.form_open and session.form is not None:
            if (form := self._form(session, lobby)) is not None:
                return form
            self.form_open = False
        if lobby is None:
            return self._browser(session, client)
        if lobby.phase is Phase.IN_MATCH:
            view = self._match(client, now)
            if view is not None:
                return view
        chat = chat_view(client, session.refused_lines)
        result = lobby.result
        if lobby.phase is Phase.RESULTS and result and result.match_id != self.left_match:
            fetch = self.recordings.fetch
            mine = fetch if fetch is not None and fetch.match_id == result.match_id else None
            stops_in_s = None if session.stops_at is None else max(0.0, session.stops_at - now)
            return ResultsView(lobby, chat, left_s, mine, stops_in_s, session.replays)
        return RoomView(lobby, chat, session.form, self.maps, left_s)

    def link(self, session: PlayerSession) -> LinkView:
        """Return the state of the connection, for the box that reports its loss."""
        client = session.client
        if client is None or not isinstance(status := client.status, Reconnecting):
            return LinkView()
        now, until = client.now(), status.seat_until
        lobby = client.lobby
        members = lobby.members if lobby else ()
        return LinkView(
            lost=True,
            retry_in_s=max(0.0, status.retry_at - now),
            attempt=status.attempt,
            reason=status.reason,
            found=status.cause is not OfflineCause.UNREACHABLE,
            has_seat=any(m.player_id == client.player_id and m.seat != NO_SEAT for m in members),
            seat_for_s=None if until is None else until - now,
        )

    @property
    def match(self) -> MatchBridge | None:
        """The bridge of the present match, if any."""
        return self._bridge

    def _recorded(self, now: float) -> ScreenView:
        player = self.recordings.player
        if player is None:
            self._replay = None
            return replays_view(self.recordings)
        if self._replay is None or self._replay.player is not player:
            self._replay, self._seen_at = ReplayBridge(player), now
        elapsed, self._seen_at = min(0.1, now - self._seen_at), now
        return self._replay.view(elapsed)

    def _first(self, session: PlayerSession, settings: PlayerSettings, now: float) -> ScreenView:
        if self.recordings.open and not session.busy:
            return self._recorded(now)
        self.recordings.player = None  # one that was fetched belongs to the session that is over
        error = "" if session.busy else sentence_of(session.ended)
        return ConnectView(settings.url, settings.name, session.busy, error)

    def _watches(self, lobby: LobbyState | None) -> bool:
        """Tell whether a fetched replay is watched; the next match ends that."""
        if lobby is not None and lobby.phase in (Phase.COUNTDOWN, Phase.IN_MATCH):
            self.recordings.player = None
        return self.recordings.player is not None

    def _form(self, session: PlayerSession, lobby: LobbyState | None) -> CreateView | None:
        """Return the form; None if its purpose is gone.

        A new lobby's form needs a player without a lobby; that of a lobby needs the lobby.
        """
        is_over = lobby is not None if self.editing is None else lobby is None
        if is_over:
            return None
        assert session.form is not None
        seated = sum(m.seat != NO_SEAT for m in lobby.members if not m.bot) if lobby else 0
        kind = CreateLobby if self.editing is None else ConfigureLobby
        return CreateView(
            session.form,
            self.maps,
            self.editing,
            seated=seated,
            busy=session.waits_for(kind),
            refused=session.refusal(kind),
        )

    def _browser(self, session: PlayerSession, client: Client) -> BrowserView:
        return BrowserView(
            player_name=client.player_name,
            server=client.server,
            chat=chat_view(client, session.refused_lines),
            listing=client.lobby_list,
            form=session.form,
            busy=session.waits_for(JoinLobby, QuickPlay),
            refused=session.refusal(JoinLobby),
            online=session.online,
        )

    def _match(self, client: Client, now: float) -> MatchView | None:
        replica = client.match
        if replica is None:
            return None
        if self._bridge is None or self._bridge.replica is not replica:
            self._bridge, self._last = MatchBridge(client, replica), None
        frame = replica.frame(client.now())
        if frame is not None:
            self._last = self._bridge.view(now, frame)
        elif self._last is not None:
            # After a resume the last view is drawn until the keyframe arrives.
            self._last = attrs.evolve(self._last, cues=(), line=self._bridge.line(now))
        return self._last

    def _left(self, lobby: LobbyState, now: float) -> float | None:
        told = (lobby.lobby_id, lobby.revision, lobby.countdown_s)
        if told != self._timed:
            self._timed, self._timed_at = told, now
        if lobby.countdown_s is None:
            return None
        return max(0.0, lobby.countdown_s - (now - self._timed_at))


def chat_view(client: Client, refused: tuple[SendChat, ...] = ()) -> ChatView:
    """Return the chat of all channels."""
    book = client.chat
    lines = {channel: tuple(book.lines(channel)) for channel in ALL}
    whispers = lines[Channel.WHISPER]
    return ChatView(
        me=client.player_id,
        lines=lines,
        typing={channel: tuple(book.typing(channel, client.now())) for channel in ALL},
        delivered=frozenset(w.message_id for w in whispers if book.is_delivered(w.message_id)),
        refused=refused,
        muted=book.muted,
    )
