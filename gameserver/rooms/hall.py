"""The one interface of the rooms: sessions, lobbies and chat.

Law: every call returns without awaiting; time is an argument and never goes backwards. After each
call `Hall.take_effects` returns the effects of it, in order, and `Hall.next_deadline` the time of
the next call of `Hall.expire_next`. The caller sends the answer of `handle` before it performs the
effects: clients rely on that order.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, RequestId, Seat
from gameserver.messages.lobby import LobbyChanged, Phase
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import Ack, Answer, Hello, Refusal, RequestEnvelope
from gameserver.rooms import invariants
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.parts import HallCounts, Parts
from gameserver.rooms.requests.answers import Answers, not_owned
from gameserver.rooms.requests.handlers import handlers
from gameserver.rooms.requests.host import HostRequests
from gameserver.rooms.requests.lobby import LobbyRequests
from gameserver.rooms.requests.namespaces import NamespaceDecisions, NamespaceRequests
from gameserver.rooms.requests.oversight import Oversight
from gameserver.rooms.requests.people import TOO_MUCH_MISSED, PeopleRequests
from gameserver.rooms.requests.posted import Posted
from gameserver.rooms.requests.restart import Restart
from gameserver.rooms.requests.strangers import Strangers
from gameserver.rooms.sessions.book import Welcomed
from gameserver.rooms.sessions.outflow import Outflow
from gameserver.rooms.state.draws import Draws
from gameserver.rooms.state.effects import Deliver, Effect, Hearers, StartFacts
from gameserver.rooms.state.hall_state import Due
from gameserver.rooms.state.namespaces import NamespaceRooms
from gameserver.rooms.state.session import Session

__all__ = ["Hall", "HallCounts", "Welcomed"]


class Hall:
    """Sessions, lobbies and chat of one server."""

    def __init__(
        self,
        game: Game,
        maps: Mapping[str, TileMap],
        rules: RoomRules,
        entropy: Callable[[int], bytes] | None = None,
        namespaces: Collection[str] = (),
    ) -> None:
        """Start without sessions and lobbies.

        Args:
            game: The game of every lobby.
            maps: Maps by name; at least one that fits the game's default options.
            rules: All limits and times.
            entropy: Returns the given number of random bytes, for tokens, codes and ids. By default
                they are drawn from what each call brings (`begin`).
            namespaces: Names of the namespaces of authors.
        """
        self._draws = Draws()
        draws, secret = entropy or self._draws, entropy or self._draws.token
        self.parts: Parts = Parts.join(game, maps, rules, draws, secret)
        """The parts with state, for `gameserver.rooms.dump` and comparisons of whole states."""
        parts = self.parts
        self._state = state = parts.state
        self.outflow: Outflow = Outflow(state)
        self.strangers: Strangers = Strangers(
            state, parts.directory, parts.chat, parts.match_binding
        )
        self._sessions = parts.sessions
        self._directory = parts.directory
        self._match_binding = parts.match_binding
        self._lifecycle = parts.lifecycle
        self._membership = parts.membership
        self._people = PeopleRequests(
            state, self._sessions, self._directory, self._membership, parts.chat
        )
        members, configs, listed = parts.membership, parts.configs, parts.directory
        lobbies = LobbyRequests(state, parts.sessions, configs, listed, parts.lifecycle, members)
        hosts = HostRequests(state, parts.configs, parts.lifecycle, parts.membership, parts.chat)
        spaces = NamespaceRequests(state)
        state.namespaces = {name: NamespaceRooms() for name in namespaces}
        self.namespaces: NamespaceDecisions = NamespaceDecisions(state, self._finish)
        self._answers = Answers(state, handlers(self._people, lobbies, hosts, spaces), self._lost)
        self.oversight: Oversight = Oversight(self._people, self._lost, self._finish)
        self.restart: Restart = Restart(state, members, configs, self._lost, self._finish)
        self.posted: Posted = Posted(state, self._people, self._answers, self._finish)

    def begin(
        self,
        now: float,
        wall_ms: int,
        entropy: bytes,
        secret: bytes = b"",
        recorded: Iterable[bytes] = (),
    ) -> None:
        """Begin a call in this moment; `gameserver.rooms.calls.take` does."""
        self._state.set_time(now, wall_ms)
        self._draws.begin(entropy, secret, recorded)

    def end(self) -> list[bytes]:
        """End the call in progress; return the hashes of the tokens that it has issued."""
        self._draws.end()
        return self._draws.drawn

    # --- connections ------------------------------------------------------------------------------

    def sign_in(self, hello: Hello, address: str, now: float) -> Welcomed:
        """Make a session for a guest, or let a new connection resume the session of its token.

        Raises:
            RequestError: The hello is refused; the code says whether to try again makes sense.
        """
        self._state.set_time(now)
        self._sessions.check_hello(hello)
        welcomed = self._people.sign_in(hello, address) or self._resume(hello, address)
        self._finish()
        return welcomed

    def _resume(self, hello: Hello, address: str) -> Welcomed:
        session = self._sessions.find(hello, address)
        self.parts.chat.arrived(session, session.stream.come_back(hello.last_event))
        was_connected = session.connected
        welcomed = self._sessions.resume(session)
        if welcomed is None:
            self._people.end(session, TOO_MUCH_MISSED)
            self._finish()
            sentence = "Too much happened meanwhile; please sign in again."
            raise RequestError(Code.TOKEN_UNKNOWN, sentence)
        place = self._state.place_of(session)
        if place is not None:
            lobby, member = place
            if not was_connected:
                self._membership.take_back(lobby, member)
            if not hello.last_event:
                # A client that starts from nothing, such as a reloaded page, knows no lobby and no
                # match. For the other members nothing has changed, so they get no event.
                state = self._state.view(lobby, session.player_id)
                if was_connected:
                    self._state.send(session, LobbyChanged(state))
                self._match_binding.show_match(lobby, member)
        self._directory.catch_up(session)
        return welcomed

    def disconnected(self, player_id: PlayerId, epoch: int, now: float) -> None:
        """Note that the connection of this epoch is lost; an older epoch is ignored."""
        self._state.set_time(now)
        session = self._state.sessions.get(player_id)
        if session is not None and session.connected and session.epoch == epoch:
            self._lost(session)
        self._finish()

    def _lost(self, session: Session) -> None:
        self._sessions.lost(session)
        place = self._state.place_of(session)
        if place is not None:
            self._membership.hold(*place)

    def fell_silent(self, players: Mapping[PlayerId, bool]) -> None:
        """Note for players of matches whether their inputs have stopped (True) or come again."""
        for player_id, stalled in players.items():
            session = self._state.sessions.get(player_id)
            place = self._state.place_of(session) if session is not None else None
            if place is not None:
                self._membership.note_silence(*place, stalled=stalled)
        self._finish()

    def acked(self, player_id: PlayerId, ack: Ack, now: float, epoch: int | None = None) -> None:
        """Forget what a client has acknowledged; a connection's first ack confirms its token.

        An ack from the connection of an older ``epoch`` is ignored.
        """
        self._state.set_time(now)
        session = self._state.sessions.get(player_id)
        if session is not None and session.owned_by(epoch):
            self._sessions.confirm(session)
            session.replies.ack(ack.reply)
            self.parts.chat.arrived(session, session.stream.ack(ack.event))
            for envelope in session.stream.catch_up():
                self._state.perform(Deliver(session.player_id, envelope))
        self._finish()

    # --- requests ---------------------------------------------------------------------------------

    def handle(
        self,
        player_id: PlayerId,
        envelope: RequestEnvelope,
        now: float,
        wall_ms: int,
        epoch: int | None = None,
    ) -> Answer:
        """Carry out a request at most once and return its answer.

        A repeated id gets the kept answer. A refusal for too many requests is not kept: the
        request may be sent again later. A session that goes far over the rate is disconnected.
        Later requests of that connection, or of the connection of an older ``epoch``, are not
        carried out.
        """
        self._state.set_time(now, wall_ms)
        session = self._state.sessions.get(player_id)
        if session is None:
            return Refusal(envelope.id, Code.TOKEN_UNKNOWN, "This session is over.")
        if not session.owned_by(epoch):
            return not_owned(envelope.id)
        answer = session.replies.find(envelope.id)
        if answer is None:
            answer = self._answers.first_answer(session, envelope)
            # The asking session gets the events of its own request at once, even in a crowd.
            self._state.hand_out(session)
        self._finish()
        return answer

    def charge(
        self, player_id: PlayerId, request_id: RequestId, now: float, epoch: int | None = None
    ) -> Refusal | None:
        """Count a request that the service answers; return the refusal if it is over the rate."""
        self._state.set_time(now)
        session = self._state.sessions.get(player_id)
        if session is None:
            return None
        if not session.owned_by(epoch):
            return not_owned(request_id)
        refused = self._answers.charge(session, request_id)
        self._finish()
        return refused

    def last_event(self, player_id: PlayerId) -> EventNumber | None:
        """Return the number of a session's newest event; later decisions get higher numbers."""
        session = self._state.sessions.get(player_id)
        return session.stream.last if session is not None else None

    # --- matches ----------------------------------------------------------------------------------

    def refuse_matches(self, retry_after_s: float) -> None:
        """Refuse to start matches, with this time to wait in the refusal; 0 allows them again."""
        self._state.matches_refused_for_s = retry_after_s

    def check_match(self, match_id: MatchId) -> None:
        """Check that a requested match may run beside the other matches of its host's address.

        Raises:
            RequestError: ``rate_limited``.
        """
        self._state.hosting.check_match(match_id)

    def spares_match(self, match_id: MatchId) -> bool:
        """Tell whether a requested match may run although the server is overloaded."""
        return self._state.hosting.spares_match(match_id)

    def match_measured(self, match_id: MatchId, share: float) -> None:
        """Note the part of one processor that a match has used lately."""
        self._state.hosting.measured(match_id, share)

    def match_started(self, match_id: MatchId, facts: StartFacts, now: float) -> None:
        """Note that a requested match runs, and tell its lobby."""
        self._state.set_time(now)
        self._match_binding.started(match_id, facts)
        self._finish()

    def match_happened(self, event: MatchHappened, hearers: Hearers) -> None:
        """Send a reliable game event to these members of the lobby."""
        self._match_binding.happened(event, hearers)
        self._finish()

    def match_ended(
        self,
        match_id: MatchId,
        reason: str,
        outcome: Outcome,
        ticks: int,
        message: str,
        now: float,
    ) -> None:
        """Note that a match is over, or could not be made, and show its lobby the result."""
        self._state.set_time(now)
        # Looked up first: afterwards no match leads to the lobby any more.
        lobby = self._match_binding.find(match_id)
        self._lifecycle.ended(match_id, reason, outcome, ticks, message)
        if lobby is not None:
            self._membership.bring_back(lobby)
        self._finish()

    def seat_of(self, player_id: PlayerId) -> tuple[MatchId, Seat] | None:
        """Return the running match that a player may see, and their seat or `NO_SEAT`."""
        session = self._state.sessions.get(player_id)
        place = self._state.place_of(session) if session else None
        if place is None or place[0].match is None or place[0].match.stopping:
            return None
        if place[1].stepped_out and not place[0].config.spectators:
            return None
        return place[0].match.match_id, place[1].seat

    # --- messages to many -------------------------------------------------------------------------

    @property
    def spreads(self) -> bool:
        """Whether sessions have unsent messages; while it is true, `spread` must be called."""
        return bool(self._state.spread)

    def spread(self, most: int, now: float) -> None:
        """Send their unsent messages to at most this many sessions."""
        self._state.set_time(now)
        for _ in range(most):
            session = self._state.spread.take()
            if session is None:
                break
            self._state.hand_out(session)
        self._finish()

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Return the next time, on the clock of ``now``, at which `expire_next` must be called."""
        return self._state.agenda.next()

    def expire_next(self, now: float, wall_ms: int) -> bool:
        """Examine the first session or lobby whose time has come; return whether there was one."""
        self._state.set_time(now, wall_ms)
        due = self._state.agenda.pop_due(self._state.now)
        if due is None:
            return False
        self._expire_one(*due)
        self._finish()
        return True

    def _expire_one(self, kind: Due, key: str) -> None:
        state = self._state
        if kind is Due.WATCHERS:
            self._directory.tell_watchers()
        elif kind is Due.SESSION:
            self._people.end(state.sessions[PlayerId(key)], "away too long")
        else:
            lobby = state.lobbies[LobbyId(key)]
            self._membership.expire(lobby)
            if lobby.members:
                self._lifecycle.expire(lobby)
                state.schedule(lobby)

    def drain(self, now: float) -> None:
        """Open no lobbies and begin no matches any more."""
        self._state.set_time(now)
        self._state.draining = True
        for lobby in list(self._state.lobbies.values()):
            if lobby.phase is Phase.COUNTDOWN:
                self._lifecycle.call_off(lobby)
        self._finish()

    def stop(self, now: float, kept: Collection[MatchId] = ()) -> None:
        """Refuse new players and matches, and order the end of all matches but the ``kept``."""
        self.drain(now)
        self._state.stopping = True
        for lobby in self._state.lobbies.values():
            self._match_binding.stop_with_server(lobby, kept)
        self._finish()

    # --- effects ----------------------------------------------------------------------------------

    def take_effects(self) -> list[Effect]:
        """Return the effects since the last call, in the order in which they must be performed."""
        return self._state.take_effects()

    def _finish(self) -> None:
        """Tell members of their changed lobbies, and end sessions that are over their limits.

        To end a session changes its lobby, and to tell the members may bring further sessions over
        their limits. So it repeats until no session is left; each round ends at least one.
        """
        state = self._state
        state.show_changed()
        while state.over_event_limit or state.over_backlog_limit:
            while state.over_event_limit:
                session = state.over_event_limit.pop()
                if session.player_id in state.sessions:  # if not, its backlog has ended it
                    self._lost(session)
            while state.over_backlog_limit:
                session = state.over_backlog_limit.pop()
                if session.player_id in state.sessions:
                    self._people.end(session, TOO_MUCH_MISSED)
            state.show_changed()
        # Last, so that the list shows what all of the above has changed.
        self._directory.refresh()

    # --- figures and checks -----------------------------------------------------------------------

    def counts(self) -> HallCounts:
        """Count sessions, lobbies and matches."""
        return self.parts.counts()

    def check(self) -> None:
        """Assert every invariant of the hall; for tests, after each step."""
        self._sessions.check()
        self._directory.check()
        invariants.check(self._state, self._match_binding)
