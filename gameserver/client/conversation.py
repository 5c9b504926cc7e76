"""Connect the client's state with its connections: send, receive, dispatch.

Law: each message is dispatched by a plain call, in order, before the next one is decoded. State
that outlives a connection is in `ClientSession`, `ClientState` and `MatchKeeper`; only this module
decodes the bytes of messages for them.
"""

import itertools
from collections import deque
from collections.abc import Callable
from typing import Final
from weakref import WeakSet

import attrs
import trio

from gameserver.client.link.farewell import Farewell, farewell_of
from gameserver.client.link.line import Line
from gameserver.client.link.wire import Wire
from gameserver.client.play.matchkeeper import MatchKeeper
from gameserver.client.session import AnswerAge, ClientSession, Settle
from gameserver.client.settings import ClientSettings, game_for
from gameserver.client.state import ClientState
from gameserver.client.status import (
    EventReceived,
    MatchReady,
    Noticed,
    OfflineCause,
    SessionLost,
    Update,
)
from gameserver.client.updates import Updates
from gameserver.errors import (
    Code,
    ConfigError,
    ConnectionLostError,
    GameMismatchError,
    TheirFaultError,
)
from gameserver.ids import EventNumber, LobbyId, RequestId
from gameserver.messages.base import Notice, Request, Result
from gameserver.messages.chat import Channel, GetChatHistory
from gameserver.messages.lobby import LeaveMatch, LobbyLeft
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.messages.session import ServerMessage
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    NoticeEnvelope,
    Ping,
    Pong,
    Refusal,
    ResultEnvelope,
    Shift,
    Snapshot,
    Steer,
    Welcome,
)
from gameserver.protocol.codec import decode_server, encode

CHORES_EVERY_S: Final = 0.25
"""Period of the task that checks all timers; the shortest timer is one second."""

ACK_S: Final = 1.0
"""Longest time an event or answer stays unacknowledged."""

PING_S: Final = 1.0
"""Time between measurements of the round trip while a match runs."""

FIRST_PINGS: Final = 3
"""Pings sent right after the welcome, so that the round trip is known before the first match."""

SHOWN_PINGS: Final = 6
"""Number of round trips whose minimum is shown. In a match the server reads sockets once per tick,
so most measurements are up to one tick too long."""

KEPT_ROUND_TRIPS: Final = 4096
"""Round trips kept for `ClientConversation.rtt_history_s`: more than an hour of a match."""


class ClientConversation:
    """Dispatches received messages and sends others, over one connection after another."""

    def __init__(self, player_name: str, settings: ClientSettings) -> None:
        """Create the state of a session that is not connected yet."""
        self._settings = settings
        self.session: ClientSession = ClientSession(settings.client, player_name, settings.token)
        self.state: ClientState = ClientState(player_name=player_name)
        self.matches: MatchKeeper = MatchKeeper(
            self.ask,
            self.session.abandon,
            self._post,
            lambda: self.tell(MatchReady()),
            lambda: list(self._round_trips),
        )
        for tile_map in settings.maps:
            self.matches.know_map(tile_map)
        self.welcome: Welcome | None = None
        self._readers: WeakSet[Updates] = WeakSet()
        self._ended = False
        self._line: Line | None = None
        self._farewell: Farewell | None = None
        self._went_online: Callable[[bool], None] = lambda _resumed: None
        self._pings: dict[int, float] = {}
        self._last_ping = self._last_ack = 0.0
        self._round_trips: deque[float] = deque(maxlen=KEPT_ROUND_TRIPS)
        self._earlier_bytes = (0, 0)
        self._history_of = LobbyId("")
        self._match_since = EventNumber(0)
        self._nonces = itertools.count(1)
        self._online = self._stops = False
        self._failure: ConfigError | GameMismatchError | None = None

    # --- for the client -----------------------------------------------------------------------

    @property
    def rtt_s(self) -> float | None:
        """Smallest of the last `SHOWN_PINGS` round trips; None before the first measurement."""
        return min(list(self._round_trips)[-SHOWN_PINGS:], default=None)

    @property
    def rtt_history_s(self) -> list[float]:
        """The last measured round trips in seconds, oldest first."""
        return list(self._round_trips)

    @property
    def silent_s(self) -> float:
        """Seconds since the last received message, while a match is live; else 0."""
        replica = self.matches.replica
        if self._line is None or not self._online or replica is None or not replica.live:
            return 0.0
        return max(0.0, trio.current_time() - self._line.last_heard)

    @property
    def bytes_in(self) -> int:
        """Bytes received over all connections."""
        return self._earlier_bytes[0] + (self._line.bytes_in if self._line else 0)

    @property
    def bytes_out(self) -> int:
        """Bytes sent over all connections."""
        return self._earlier_bytes[1] + (self._line.bytes_out if self._line else 0)

    def new_reader(self) -> Updates:
        """Return a new reader of updates; it is dropped when the caller no longer refers to it."""
        reader = Updates()
        self._readers.add(reader)
        if self._ended:
            reader.end()
        return reader

    def tell(self, update: Update) -> None:
        """Queue an update for every reader."""
        for reader in list(self._readers):
            reader.put_nowait(update)

    def ask(self, request: Request, settle: Settle) -> RequestId:
        """Send a request now, or as soon as there is a connection again."""

        def learn(result: Result, standing: AnswerAge, after: EventNumber | None) -> None:
            self.state.apply_result(request, result, standing)
            # An answer that was repeated after a resume may belong to an earlier match.
            if isinstance(request, LeaveMatch) and (after is None or after >= self._match_since):
                self.matches.step_out()

        envelope = self.session.ask(request, settle, learn)
        if self._online:
            self._post(envelope)
        return envelope.id

    def cut(self) -> None:
        """Abort the connection, if there is one."""
        if self._line is not None:
            self._line.abort()

    def end(self) -> None:
        """Settle all waiting requests with None, leave the match, and end all readers."""
        self.session.give_up()
        self.matches.forget()
        self._ended = True
        for reader in list(self._readers):
            reader.end()

    async def say_goodbye(self) -> None:
        """Send a goodbye and close the connection; queued messages are sent first."""
        if self._line is not None:
            self._post(Goodbye("closed", "the client was closed"))
            await self._line.close()

    # --- one connection ----------------------------------------------------------------------

    async def over(self, wire: Wire, went_online: Callable[[bool], None]) -> Farewell:
        """Use one connection until it ends; return why it ended.

        At the welcome ``went_online`` is called; its argument tells whether the session was
        resumed.

        Raises:
            ConfigError: The server's game is installed here, but has faults.
            GameMismatchError: The server's game is not available here.
        """
        self._farewell, self._stops = None, False
        self._went_online = went_online
        self._line = line = Line(wire, self._settings.conditions, self._receive)
        self._post(self.session.hello())
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._chores, line)
                try:
                    await line.run()
                except ConnectionLostError as error:
                    self._end(Farewell(str(error)))
                nursery.cancel_scope.cancel()
        finally:
            self._earlier_bytes = (self.bytes_in, self.bytes_out)
            self._line = None
            self._pings.clear()
            self._online = False
            self.matches.disconnected()
        if self._failure is not None:
            raise self._failure
        return self._end_reason()

    def _end_reason(self) -> Farewell:
        farewell = self._farewell or Farewell()
        if self._stops and farewell.cause is OfflineCause.LOST:
            return attrs.evolve(
                farewell, sentence="the server stopped", cause=OfflineCause.STOPPING
            )
        return farewell

    def _post(self, message: object) -> None:
        if self._line is not None:
            self._line.post(encode(message))

    async def _chores(self, line: Line) -> None:
        while True:
            await trio.sleep(CHORES_EVERY_S)
            now = trio.current_time()
            if self.welcome is None or not self._online:
                if now - line.last_heard > self._settings.connect_timeout_s:
                    sentence = "The server did not answer."
                    self._end(Farewell(sentence, cause=OfflineCause.SILENT))
                continue
            silent = self.welcome.heartbeat_s * 2
            if now - line.last_heard > silent:
                sentence = f"Nothing was heard from the server for {silent:g} s."
                self._end(Farewell(sentence, cause=OfflineCause.SILENT))
            every = PING_S if self.matches.replica else self.welcome.heartbeat_s / 2
            if now - self._last_ping >= every:
                self._ping(now)
            if now - self._last_ack >= ACK_S:
                self._ack(now)
            if self.matches.replica is not None:
                self.matches.replica.acknowledge(now)

    def _ping(self, now: float) -> None:
        nonce = next(self._nonces)
        self._pings[nonce] = self._last_ping = now
        self._post(Ping(nonce))

    def _ack(self, now: float) -> None:
        self._last_ack = now
        ack = self.session.ack()
        if ack is not None:
            self._post(ack)

    def _end(self, farewell: Farewell) -> None:
        """Abort this connection; only the first reason is kept."""
        self._farewell = self._farewell or farewell
        self.cut()

    # --- received messages ------------------------------------------------------------------------

    def _receive(self, message: bytes) -> None:
        now = trio.current_time()
        try:
            snapshot: list[Snapshot] = []
            for item in decode_server(message, self.session.request_of):
                if isinstance(item, Snapshot):
                    snapshot.append(item)
                else:
                    self._dispatch(item, now)
            if snapshot:
                self.matches.snapshot(snapshot, now)
        except TheirFaultError as error:  # also malformed maps and options
            sentence = f"the server sent what is no message of docs/protocol.md: {error}"
            self._end(Farewell(sentence, cause=OfflineCause.REFUSED))
        except (ConfigError, GameMismatchError) as error:
            self._failure = error
            self._end(Farewell(str(error), final=True))

    def _dispatch(self, item: object, now: float) -> None:
        match item:
            case Ping():
                self._post(Pong(item.nonce, int(now * 1000)))
            case Pong():
                self._ponged(item, now)
            case Steer() | Shift():
                self.matches.retimed(item)
            case EventEnvelope():
                self._happened(item)
            case ResultEnvelope():
                self.session.answered(item.id, item.result, item.after)
            case Refusal():
                self._refused(item)
            case NoticeEnvelope():
                self._noticed(item.notice, now)
            case Welcome():
                self._welcomed(item, now)
            case Goodbye():
                self._goodbye(item)
            case _:
                pass  # a kind from a newer minor version of the protocol

    def _welcomed(self, welcome: Welcome, now: float) -> None:
        old = self.session.player_id
        is_new = self.session.welcomed(welcome)
        self.welcome = welcome
        self._online = True
        self.state.welcomed(welcome)
        if self._settings.play and self.matches.game is None:
            self.matches.game = game_for(self._settings, welcome.game)
        self._ack(now)
        if is_new and old:
            self.state.forget()
            self.matches.forget()
            self._history_of = LobbyId("")
            self.tell(SessionLost(old))
        for envelope in self.session.unanswered():
            self._post(envelope)
        if is_new:
            self.ask(GetChatHistory(Channel.GLOBAL), _ignore)
        else:
            self.matches.resumed()
        for _ in range(FIRST_PINGS):
            self._ping(now)
        self._went_online(not is_new)

    def _refused(self, refusal: Refusal) -> None:
        if refusal.id:
            self.session.answered(refusal.id, refusal, refusal.after)
        elif refusal.code == Code.TOKEN_UNKNOWN and not self._online:
            self.session.lose_token()
            farewell = Farewell(
                refusal.sentence, Code.TOKEN_UNKNOWN, OfflineCause.REFUSED, at_once=True
            )
            self._end(farewell)

    def _goodbye(self, goodbye: Goodbye) -> None:
        self._end(farewell_of(goodbye))

    def _happened(self, envelope: EventEnvelope) -> None:
        if not self.session.is_next(envelope):
            return
        event = envelope.event
        self.state.apply_event(event)
        match event:
            case MatchStarted():
                self._match_since = envelope.number
                self.matches.started(event)
            case MatchEnded():
                self.matches.ended(event)
            case MatchHappened():
                self.matches.happened(event)
            case LobbyLeft():
                self.matches.forget()  # no `MatchEnded` comes to a player who left the lobby
                self._fetch_history()
            case _:
                self._fetch_history()
        self.tell(EventReceived(event))
        self.session.settle_held()

    def _noticed(self, notice: Notice, now: float) -> None:
        self.state.apply_notice(notice, now)
        if isinstance(notice, ServerMessage) and notice.stops_in_s is not None:
            self._stops = True
        self.tell(Noticed(notice))

    def _fetch_history(self) -> None:
        """Request the chat history of a lobby once, after this player has entered it."""
        lobby_id = self.state.lobby.lobby_id if self.state.lobby else LobbyId("")
        if lobby_id and lobby_id != self._history_of:
            self.ask(GetChatHistory(Channel.LOBBY), _ignore)
        self._history_of = lobby_id

    def _ponged(self, pong: Pong, now: float) -> None:
        sent = self._pings.pop(pong.nonce, None)
        if sent is not None:
            self._round_trips.append(now - sent)
            self.matches.round_trip(now - sent)


def _ignore(_answer: Result | Refusal | None) -> None:
    """Ignore an answer: `ClientState.apply_result` has applied it already."""
