"""Connect the client's state with its connections: send, receive, dispatch.

Law: each message is dispatched by a plain call, in order, before the next one is decoded. State
that outlives a connection is in `ClientSession`, `ClientState` and `MatchKeeper`; only this module
decodes the bytes of messages for them.
"""

from collections.abc import Callable
from typing import Final

import trio

from gameserver.client.link.farewell import Farewell, farewell_of, last_reason
from gameserver.client.link.line import Line
from gameserver.client.link.lines import Lines
from gameserver.client.link.pings import RoundTripLog
from gameserver.client.link.wire import Wire
from gameserver.client.news import News
from gameserver.client.play.matchkeeper import MatchKeeper
from gameserver.client.session import AnswerAge, ClientSession, Settle
from gameserver.client.settings import ClientSettings, game_for
from gameserver.client.state import ClientState
from gameserver.client.status import (
    MatchReady,
    OfflineCause,
    SessionLost,
    Update,
)
from gameserver.client.updates import Readers, Updates
from gameserver.errors import (
    Code,
    ConfigError,
    ConnectionLostError,
    GameMismatchError,
    ProtocolError,
    TheirFaultError,
)
from gameserver.ids import EventNumber, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.lobby import LeaveMatch
from gameserver.messages.wire import (
    Delta,
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
from gameserver.protocol.deltas import OUTSIDE

CHORES_EVERY_S: Final = 0.25
"""Period of the task that checks all timers; the shortest timer is one second."""

ACK_S: Final = 1.0
"""Longest time an event or answer stays unacknowledged."""

PING_S: Final = 1.0
"""Time between measurements of the round trip while a match runs."""

FIRST_PINGS: Final = 3
"""Pings sent right after the welcome, so that the round trip is known before the first match."""


class ClientConversation:
    """Dispatches received messages and sends others, over one connection after another."""

    def __init__(self, player_name: str, settings: ClientSettings) -> None:
        """Create the state of a session that is not connected yet."""
        self._settings = settings
        self.session: ClientSession = ClientSession(settings.client, player_name, settings.token)
        self._request_of = self.session.request_of
        self.state: ClientState = ClientState(player_name=player_name)
        self.matches: MatchKeeper = MatchKeeper(
            self.ask,
            self.session.abandon,
            self._play,
            lambda entered: self.tell(
                MatchReady(entered.delay_s, entered.waits_s, self.matches.restarted)
            ),
            lambda: self.rtt_history_s,
        )
        self._news = News(self.session, self.state, self.matches, self.ask, self.tell)
        for tile_map in settings.maps:
            self.matches.know_map(tile_map)
        self.welcome: Welcome | None = None
        self._readers = Readers()
        self._lines = Lines()
        self._farewell: Farewell | None = None
        self._went_online: Callable[[bool], None] = lambda _resumed: None
        self._last_ack = 0.0
        self._round_trips = RoundTripLog()
        self._online = False
        self._parting = False
        self._failure: ConfigError | GameMismatchError | None = None

    # --- for the client -----------------------------------------------------------------------

    @property
    def rtt_s(self) -> float | None:
        """Smallest of the last few round trips; None before the first measurement."""
        return self._round_trips.smallest_s

    @property
    def rtt_history_s(self) -> list[float]:
        """The last measured round trips in seconds, oldest first."""
        return list(self._round_trips.history_s)

    @property
    def silent_s(self) -> float:
        """Seconds since the last received message, while a match is live; else 0."""
        replica = self.matches.replica
        if self._lines.present is None or not self._online or replica is None or not replica.live:
            return 0.0
        return max(0.0, trio.current_time() - self._lines.present.last_heard)

    @property
    def bytes_in(self) -> int:
        """Bytes received over all connections."""
        return self._lines.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes sent over all connections."""
        return self._lines.bytes_out

    def new_reader(self) -> Updates:
        """Return a new reader of updates; it is dropped when the caller no longer refers to it."""
        return self._readers.new()

    def tell(self, update: Update) -> None:
        """Queue an update for every reader."""
        self._readers.tell(update)

    def ask(self, request: Request, settle: Settle) -> RequestId:
        """Send a request now, or as soon as there is a connection again."""

        def learn(result: Result, standing: AnswerAge, after: EventNumber | None) -> None:
            self.state.apply_result(request, result, standing)
            # An answer that was repeated after a resume may belong to an earlier match.
            if isinstance(request, LeaveMatch) and (
                after is None or after >= self._news.match_since
            ):
                self.matches.step_out()

        envelope = self.session.ask(request, settle, learn)
        if self._online:
            self._lines.ask(encode(envelope))
        return envelope.id

    def cut(self) -> None:
        """Abort the connection, if there is one."""
        self._lines.abort()

    def end(self) -> None:
        """Settle all waiting requests with None, leave the match, and end all readers."""
        self.session.give_up()
        self.matches.forget()
        self._readers.end()

    async def say_goodbye(self) -> None:
        """Send a goodbye and close the connection; queued messages are sent first."""
        self._parting = True
        if self._lines.present is not None:
            self._post(Goodbye("closed", "the client was closed"))
            await self._lines.present.close()

    # --- one connection ----------------------------------------------------------------------

    async def over(self, wire: Wire, went_online: Callable[[bool], None]) -> Farewell | None:
        """Use one connection until it ends; return why it ended.

        At the welcome ``went_online`` is called; its argument tells whether the session was
        resumed. None is returned if the session has gone on over another connection; see `cross`.

        Raises:
            ConfigError: The server's game is installed here, but has faults.
            GameMismatchError: The server's game is not available here.
        """
        self._farewell, self._news.stops = None, False
        self._went_online = went_online
        self._lines.present = line = self._line_of(wire)
        self._post(self.session.hello())
        return await self._use(line)

    async def cross(self, wire: Wire, went_online: Callable[[bool], None]) -> Farewell | None:
        """Let the session go on over another connection, without a pause for what is played.

        Hello, requests and the last inputs are sent at once, one behind the other, and inputs go
        over both connections until the welcome comes. Then the earlier one is let go.

        Returns:
            Why the connection ended; None if the session has not come to it.

        Raises:
            ConfigError, GameMismatchError: As `over`.
        """
        if not self._online or self._parting:
            return None  # a move would use up the token that the application keeps
        earlier, self._went_online = self._went_online, went_online
        line = self._line_of(wire)
        self._lines.begin_crossing(line)
        line.post(encode(self.session.hello()))
        for envelope in self.session.unanswered():
            line.post(encode(envelope))
        for played in self.matches.cross():
            line.post(encode(played))
        farewell = await self._use(line)
        if farewell is None:
            self._went_online = earlier
        return farewell

    def _line_of(self, wire: Wire) -> Line:
        line = Line(wire, self._settings.conditions, lambda data: self._receive(line, data))
        return line

    async def _use(self, line: Line) -> Farewell | None:
        """Use a connection until it ends; return None if the session is on another one."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._chores, line)
                try:
                    await line.run()
                except ConnectionLostError as error:
                    self._end(Farewell(str(error)), line)
                nursery.cancel_scope.cancel()
            if line is self._lines.present:
                # The server may have ended it because the session is on the other one.
                await self._lines.wait_settled()
        finally:
            has_session = line is self._lines.present
            if has_session:
                self._disconnected()
            elif line is self._lines.beside:
                self._stay()
        if not has_session:
            return None
        if self._failure is not None:
            raise self._failure
        elsewhere = self._lines.may_be_elsewhere
        return last_reason(self._farewell, stops=self._news.stops, elsewhere=elsewhere)

    def _disconnected(self) -> None:
        self._lines.let_go()
        self._round_trips.disconnected()
        self._online = False
        self.matches.disconnected()

    def _crosses(self, line: Line, item: object) -> bool:
        """Tell whether the session is on a connection, now that this came over it."""
        if line is self._lines.beside:
            if not isinstance(item, Welcome):
                self._lines.refuse()
                return False
            self._lines.cross()
            self._round_trips.disconnected()
            self._farewell = None  # the end of the earlier connection is no news
        return line is self._lines.present

    def _stay(self) -> None:
        """Go on over the present connection: the other one did not get the session."""
        self._lines.stay()
        self.matches.stayed()
        for envelope in self.session.unanswered():
            self._post(envelope)

    def _play(self, message: object) -> None:
        """Send an input or seen, over both connections while the session crosses."""
        self._lines.play(encode(message))

    def _post(self, message: object) -> None:
        self._lines.post(encode(message))

    async def _chores(self, line: Line) -> None:
        while True:
            await trio.sleep(CHORES_EVERY_S)
            now = trio.current_time()
            if line is self._lines.beside or self.welcome is None or not self._online:
                if now - line.last_heard > self._settings.connect_timeout_s:
                    sentence = "The server did not answer."
                    self._end(Farewell(sentence, cause=OfflineCause.SILENT), line)
                continue
            silent = self.welcome.heartbeat_s * 2
            if now - line.last_heard > silent:
                sentence = f"Nothing was heard from the server for {silent:g} s."
                self._end(Farewell(sentence, cause=OfflineCause.SILENT))
            every = PING_S if self.matches.replica else self.welcome.heartbeat_s / 2
            if now - self._round_trips.pinged_at >= every:
                self._post(self._round_trips.ping(now))
            if now - self._last_ack >= ACK_S:
                self._ack(now)
            if self.matches.replica is not None:
                self.matches.replica.acknowledge(now)

    def _ack(self, now: float) -> None:
        self._last_ack = now
        ack = self.session.ack()
        if ack is not None:
            self._post(ack)

    def _end(self, farewell: Farewell, line: Line | None = None) -> None:
        """Abort a connection, the present one by default; only its first reason is kept."""
        if line is None or line is self._lines.present:
            self._farewell = self._farewell or farewell
        (line or self._lines).abort()

    # --- received messages ------------------------------------------------------------------------

    def _receive(self, line: Line, message: bytes) -> None:
        now = trio.current_time()
        try:
            snapshot: list[Snapshot | Delta] = []
            for item in decode_server(message, self._request_of):
                crossed = line is self._lines.beside
                if not self._crosses(line, item):
                    return
                if isinstance(item, Delta) and self.welcome is None:
                    raise ProtocolError(Code.BAD_MESSAGE, OUTSIDE)
                if isinstance(item, Snapshot | Delta):
                    snapshot.append(item)
                elif isinstance(item, Welcome):
                    self._welcomed(item, now, crossed=crossed)
                else:
                    self._dispatch(item, now)
            if snapshot:
                self.matches.snapshot(snapshot, now)
        except TheirFaultError as error:  # also malformed maps and options
            sentence = f"the server sent what is no message of docs/protocol.md: {error}"
            self._end(Farewell(sentence, cause=OfflineCause.REFUSED), line)
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
                self._news.happened(item)
            case ResultEnvelope():
                self.session.answered(item.id, item.result, item.after)
            case Refusal():
                self._refused(item)
            case NoticeEnvelope():
                self._news.noticed(item.notice, now)
            case Goodbye():
                self._goodbye(item)
            case _:
                pass  # a kind from a newer minor version of the protocol

    def _welcomed(self, welcome: Welcome, now: float, *, crossed: bool) -> None:
        old = self.session.player_id
        is_new = self.session.welcomed(welcome)
        self.welcome = welcome
        self._online = True
        self.state.welcomed(welcome)
        if self._settings.play and self.matches.game is None:
            self.matches.game = game_for(self._settings, welcome.game)
        self._ack(now)
        if is_new and old:
            self._news.forget()
            self.tell(SessionLost(old))
        if not crossed:  # else they were said behind the hello
            for envelope in self.session.unanswered():
                self._post(envelope)
        if is_new:
            self._news.fetch_global_history()
        elif not crossed:
            self.matches.resumed()
        for _ in range(FIRST_PINGS):
            self._post(self._round_trips.ping(now))
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

    def _ponged(self, pong: Pong, now: float) -> None:
        seconds = self._round_trips.ponged(pong, now)
        if seconds is not None:
            self.matches.round_trip(seconds)
