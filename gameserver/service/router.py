"""The router: passes the messages of conversations to rooms, matches and connections.

Law: every request, over any transport, goes through `Router.answer`, and so through the middleware.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeAlias

import attrs

from gameserver import __version__
from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.game import Game
from gameserver.ids import MatchId, PlayerId, Seat
from gameserver.messages import match as match_messages
from gameserver.messages import session as session_messages
from gameserver.messages.base import Request, Result
from gameserver.messages.wire import Ack, Answer, Hello, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.protocol.hot import longest_input
from gameserver.rooms import calls
from gameserver.rooms.hall import Welcomed
from gameserver.rooms.state.session import Session
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections, PlayerLink
from gameserver.service.livematch import LiveMatch
from gameserver.service.logging.logs import get_logger
from gameserver.service.logging.pace import Pace
from gameserver.service.matches import Matches
from gameserver.service.middleware import Middleware, RequestContext, chain
from gameserver.service.monitoring.access import may_read
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.overload.handlers import HandlerTime
from gameserver.service.overload.turns import Turns
from gameserver.service.overload.work import Work
from gameserver.service.people import People
from gameserver.service.replays import Replays
from gameserver.service.runtime import Runtime
from gameserver.transports import LANE_BYTES, Drain, subscriber

log: Final = get_logger()

_KEYFRAME_BYTES: Final = 8192
"""Bytes charged for the first keyframe of a match, whose size is not known yet."""

_AtOnce: TypeAlias = (
    match_messages.EnterMatch
    | match_messages.GetMap
    | match_messages.ReportDesync
    | match_messages.SendView
    | match_messages.GetMatchStats
    | session_messages.GetServerInfo
    | session_messages.GetServerStats
)
_AnsweredHere: TypeAlias = _AtOnce | match_messages.GetReplay
"""Requests about running matches and the server itself, which the rooms do not know."""


class Router:
    """Answers the requests of conversations."""

    def __init__(  # noqa: D107  described by the class
        self,
        settings: Settings,
        game: Game,
        people: People,
        matches: Matches,
        connections: Connections,
        runtime: Runtime,
        metrics: Metrics,
        middleware: Sequence[Middleware],
        work: Work,
        replays: Replays,
    ) -> None:
        self.settings = settings
        self.connections = connections
        self.people = people
        self.clock = runtime
        self.work = work
        self._game = game
        self._hall = people.hall
        self._matches = matches
        self._metrics = metrics
        self.replays: Replays = replays
        self._handler = chain(middleware, self._handle)
        self._started = runtime.now()
        bounds = [(field.lo, field.hi) for field in game.command.fields()]
        self._long_inputs = longest_input(bounds) > LANE_BYTES
        self._refusals = Pace(runtime.now)
        self._failures = Pace(runtime.now)
        self.turns: Turns = Turns(runtime.stopwatch)
        self.handlers: HandlerTime = HandlerTime(
            work, self.turns, runtime, connections, self._session
        )
        self.arrivals: int = 0
        """Connections that were attached and viewers who entered, since the start."""
        self.resting: Drain = runtime.drain()
        """Reads the sockets of all connections that are in no match."""
        self._watching: dict[PlayerId, tuple[int, MatchId]] = {}
        """The match that each player has entered, and the epoch of the connection that did.

        It holds ids, not matches: a reference would keep an ended match in memory until its players
        enter another one.
        """

    @asynccontextmanager
    async def charged(self, peer: str) -> AsyncIterator[None]:
        """Wait for a turn, and charge the round and the peer's address for the time of the block.

        For work of a road that is longer than a request (threat 37).
        """
        await self.turns.wait()
        with self.turns.counted(), self.work.timed(subscriber(peer)):
            yield

    def _session(self, player_id: PlayerId) -> Session | None:
        return self._hall.parts.state.sessions.get(player_id)

    def sign_in(self, hello: Hello, address: str) -> Welcomed:
        """Start or resume a session.

        Raises:
            RequestError: The hello is refused.
        """
        try:
            signed_in = self.people.take(calls.SignIn(hello, subscriber(address)))
        except RequestError as error:
            self._note_refusal("sign-in refused", address, code=error.code.value)
            raise
        log.info(
            "resumed" if signed_in.welcome.resumed else "signed in",
            player=signed_in.welcome.player_id,
            name=signed_in.welcome.player_name,
            client=hello.client[:40],
            address=address,
        )
        return signed_in

    def attach(self, player_id: PlayerId, line: PlayerLink) -> bool:
        """Send this player's messages over this line from now on; the old line is closed.

        Returns:
            Whether the old line was in a match. The player stays a viewer of it until the new line
            enters it or ends: what the old one brought of inputs counts, and what comes first on
            the new one.
        """
        self.arrivals += 1
        replaced = self.connections.attach(player_id, line)
        if replaced is None:
            return False
        sentence = "the session goes on over another connection"
        # Behind the welcome of the other one: without it the session is still here.
        self.connections.later(partial(replaced.part, Code.SESSION_REPLACED, sentence))
        return player_id in self._watching

    def left(self, player_id: PlayerId, epoch: int) -> None:
        """Note that a connection has ended, whether it was attached or not."""
        try:
            # Inputs and snapshots end first: the rooms' effects may seat the player elsewhere.
            line = self.connections.line(player_id)
            if line is None or line.epoch == epoch:
                self._stop_watching(player_id)
            self._detach(player_id, epoch)
        finally:
            # Also behind a bug above: else the session would stay connected for ever.
            self.people.take(calls.Lost(player_id, epoch))

    def _detach(self, player_id: PlayerId, epoch: int) -> None:
        line = self.connections.line(player_id)
        if line is not None and self.connections.detach(player_id, epoch):
            trip_s = line.link.round_trip_s
            log.info(
                "connection lost",
                player=player_id,
                transport=line.link.transport,
                round_trip_ms=None if trip_s is None else round(trip_s * 1000),
            )

    def _stop_watching(self, player_id: PlayerId) -> None:
        """Stop sending a player snapshots."""
        watching = self._watching.pop(player_id, None)
        live = None if watching is None else self._matches.get(watching[1])
        if live is not None:
            live.unwatch(player_id)

    def plays_here(self, player_id: PlayerId) -> bool:
        """Return whether a player's inputs may go on reaching the conversation.

        That is so only in games whose inputs are too long for the lane, which takes all others.
        """
        return self._long_inputs and player_id in self._watching

    def entered(self, player_id: PlayerId, epoch: int) -> bool:
        """Return whether the connection of this epoch has entered a match."""
        watching = self._watching.get(player_id)
        return watching is not None and watching[0] == epoch

    def hot(self, player_id: PlayerId, message: bytes) -> None:
        """Pass an input to the match that its sender has entered; drop it without one."""
        watching = self._watching.get(player_id)
        if watching is None:
            return
        live = self._matches.get(watching[1])
        if live is None:
            del self._watching[player_id]
        else:
            live.inlet.put(player_id, message)

    def acked(self, player_id: PlayerId, epoch: int, ack: Ack) -> None:
        """Pass on what a client has acknowledged over its connection of this epoch."""
        self.people.take(calls.Acked(player_id, ack, epoch))

    def received(self, player_id: PlayerId, received_bytes: int) -> None:
        """Allow a player more bytes of answers for bytes received since the last call."""
        self.people.take(calls.Received(player_id, received_bytes))

    def answered(self, player_id: PlayerId, request: Request, answer_bytes: int) -> None:
        """Charge a player for an answer, and for the keyframe that follows `EnterMatch`."""
        if isinstance(request, match_messages.EnterMatch):
            answer_bytes += _KEYFRAME_BYTES
        self.people.take(calls.Answered(player_id, answer_bytes))

    def replayed(self, player_id: PlayerId, replay_bytes: int) -> None:
        """Charge a player for the events that were sent again after a resume."""
        self.people.take(calls.Replayed(player_id, replay_bytes))

    def answer(self, context: RequestContext, envelope: RequestEnvelope) -> Answer:
        """Answer one request through the middleware; an exception refuses only this request."""
        return self.placed(context.player_id, self._answer(context, envelope))

    def placed(self, player_id: PlayerId, answer: Answer) -> Answer:
        """Set the event number ``after`` of a refusal, unless it is set already."""
        if isinstance(answer, Refusal) and answer.after is None:
            return attrs.evolve(answer, after=self._hall.last_event(player_id))
        return answer

    def _answer(self, context: RequestContext, envelope: RequestEnvelope) -> Answer:
        try:
            return self._handler(context, envelope)
        except RequestError as error:
            return Refusal(envelope.id, error.code, error.sentence, error.details)
        except Exception as fault:
            self._note_failure(context, envelope.request.name, fault)
            sentence = "the server met a fault with this request; it was not carried out"
            return Refusal(envelope.id, Code.INTERNAL, sentence)

    def _note_failure(self, context: RequestContext, name: str, fault: Exception) -> None:
        """Log that a request failed; for a fault of a game only the game's own traceback."""
        held = self._failures.admit(name)
        if held is None:
            return
        cause = fault.__cause__ if isinstance(fault, GameFaultError) else fault
        log.error(
            "request failed",
            name=name,
            player=context.player_id,
            fault=str(fault),
            held_back=held,
            exc_info=cause,
        )

    # --- requests that the service answers --------------------------------------------------------
    # They concern matches, of which the rooms know nothing but their lobbies, or the whole server.
    # All may be repeated; a repeated part of a view ends the view, and nothing else.

    def _handle(self, context: RequestContext, envelope: RequestEnvelope) -> Answer:
        player_id, request = context.player_id, envelope.request
        if not isinstance(request, _AnsweredHere):
            return self._ask(context, envelope)
        refused = self.people.take(calls.Charge(player_id, envelope, context.epoch))
        if refused is not None:
            return refused
        if isinstance(request, match_messages.GetReplay):
            return self.replays.ask(context, envelope, request)
        result = self._result(context, request)
        return ResultEnvelope(envelope.id, result, self._hall.last_event(player_id))

    def _result(self, context: RequestContext, request: _AtOnce) -> Result:
        player_id = context.player_id
        match request:
            case match_messages.EnterMatch(match_id):
                return self._enter(context, match_id)
            case match_messages.GetMap(match_id):
                live, _ = self._live(player_id, match_id)
                return match_messages.MapData({"map": live.match.map.to_wire()})
            case match_messages.ReportDesync():
                return self._desync(player_id, request)
            case match_messages.SendView():
                return self.replays.take_view(player_id, request)
            case match_messages.GetMatchStats(match_id):
                live, seat = self._live(player_id, match_id)
                return live.match.stats_of(seat)
            case session_messages.GetServerInfo():
                return self._info()
            case session_messages.GetServerStats():
                return self._stats(request, context)

    def _ask(self, context: RequestContext, envelope: RequestEnvelope) -> Answer:
        if context.posted:
            return self.people.take(calls.Post(context.player_id, envelope))
        return self.people.take(calls.Ask(context.player_id, envelope, context.epoch))

    def _stats(self, request: session_messages.GetServerStats, context: RequestContext) -> Result:
        """Return the server's figures, if the sender may read them.

        Raises:
            RequestError: ``forbidden``.
        """
        wanted = self.settings.stats_token
        address = context.address
        if not may_read(wanted, request.token, address, direct=context.direct):
            sentence = "this needs the token of the server's operator"
            if not wanted:
                sentence = (
                    "only programs on the server's own machine may ask this, without a proxy,"
                    " as long as no stats-token is set"
                )
            self._note_refusal("stats refused", address, token=bool(request.token))
            raise RequestError(Code.FORBIDDEN, sentence)
        return self._metrics.read(self.clock.now())

    def _note_refusal(self, event: str, address: str, **fields: object) -> None:
        """Log a refusal; at most one line a second for each address."""
        held = self._refusals.admit(f"{event} {address}")
        if held is not None:
            log.warning(event, address=address, held_back=held, **fields)

    def _live(self, player_id: PlayerId, match_id: MatchId) -> tuple[LiveMatch, Seat]:
        """Return a running match and the player's seat in it.

        Raises:
            RequestError: ``match.unknown``: the match does not run, or the player is not in it.
        """
        place = self._hall.seat_of(player_id)
        live = self._matches.get(match_id)
        if place is None or place[0] != match_id or live is None:
            raise RequestError(Code.MATCH_UNKNOWN, "this match does not run, or you are not in it")
        return live, place[1]

    def _enter(self, context: RequestContext, match_id: MatchId) -> match_messages.MatchEntered:
        player_id = context.player_id
        live, seat = self._live(player_id, match_id)
        line = self.connections.line(player_id)
        if line is None or context.posted:  # a poster has no connection of its own
            raise RequestError(Code.MATCH_UNKNOWN, "snapshots need a connection")
        watching = self._watching.get(player_id)
        # The old match is left before the new one uses the line, since a line has one inlet. In the
        # same match the line before this one stays until this one is watched over.
        if watching is not None and (watching[0] == line.epoch or watching[1] != match_id):
            self._stop_watching(player_id)
        self.arrivals += 1
        self._watching[player_id] = (line.epoch, match_id)
        # Behind the welcome and the answer, which may wait for the disk: snapshots do not.
        self.connections.later(partial(self._watch, match_id, player_id, seat, line))
        return match_messages.MatchEntered(
            tick=live.match.tick_number,
            seat=seat,
            next_seq=live.match.next_seq(seat),
            epoch=live.match.epoch,
            delay_s=live.match.delay_s_of(seat),
            waits_s=live.waits_s,
        )

    def _watch(self, match_id: MatchId, player_id: PlayerId, seat: Seat, line: PlayerLink) -> None:
        """Send a player the snapshots of a match, unless the player has left it meanwhile."""
        live = self._matches.get(match_id)
        if live is not None and self._watching.get(player_id) == (line.epoch, match_id):
            live.watch(player_id, seat, line)

    def _desync(self, player_id: PlayerId, report: match_messages.ReportDesync) -> Result:
        live, seat = self._live(player_id, report.match_id)
        evidence = live.desync(player_id, report)
        log.warning(
            "desync",
            match=report.match_id,
            player=player_id,
            tick=report.tick,
            section=report.section,
            expected=report.expected,
            computed=report.computed,
            evidence=evidence,
        )
        wanted = self.replays.want_view(player_id, seat, evidence, report) if evidence else 0
        return match_messages.DesyncNoted(wanted)

    def _info(self) -> session_messages.ServerInfo:
        counts = self._hall.counts()
        return session_messages.ServerInfo(
            server=f"{self.settings.name} (gameserver {__version__})",
            game=self._game.name,
            title=self._game.title,
            players=len(self.connections),
            lobbies=counts.lobbies,
            matches=len(self._matches),
            uptime_s=int(self.clock.now() - self._started),
            message=self.settings.message,
            replays=self.settings.gives_replays,
        )
