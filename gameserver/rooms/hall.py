"""The domain of people behind one door: sessions, lobbies, chat.

Law: every call is plain and returns at once; time comes in as an argument and never goes
backwards. After each call, `Hall.take_effects` holds what is to be done, in order, and
`Hall.next_deadline` when to call `Hall.expire`. The caller sends the answer of `handle` first and
carries out the effects then.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.tilemap import TileMap
from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, RequestId, Seat
from gameserver.messages.lobby import LobbyChanged, Phase
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import Ack, Hello, Refusal, RequestEnvelope
from gameserver.rooms import invariants
from gameserver.rooms.answers import Answers, not_owned
from gameserver.rooms.chat import Chat
from gameserver.rooms.configs import ConfigDesk
from gameserver.rooms.course import Course
from gameserver.rooms.directory import Directory
from gameserver.rooms.doors import Doors
from gameserver.rooms.effects import Deliver, Effect, MatchFacts
from gameserver.rooms.handlers import handlers
from gameserver.rooms.host_requests import HostRequests
from gameserver.rooms.house import Due, House
from gameserver.rooms.lobby_requests import LobbyRequests
from gameserver.rooms.outflow import Outflow
from gameserver.rooms.people_requests import PeopleRequests
from gameserver.rooms.replies import Answer
from gameserver.rooms.rules import RoomRules
from gameserver.rooms.session import Session
from gameserver.rooms.sessions import SessionBook, Welcomed
from gameserver.rooms.stage import Stage

TOO_MUCH_MISSED: Final = "too much missed"
"""Why a session ends for which more events wait than are kept."""

__all__ = ["Hall", "HallCounts", "Welcomed"]


@attrs.frozen
class HallCounts:
    """How busy the hall is."""

    sessions: int
    connected: int
    lobbies: int
    matches: int


class Hall:
    """Sessions, lobbies and chat of one server."""

    def __init__(
        self,
        game: Game,
        maps: Mapping[str, TileMap],
        rules: RoomRules,
        entropy: Callable[[int], bytes],
    ) -> None:
        """Open an empty hall.

        Args:
            game: What every lobby plays.
            maps: Maps by name; at least one that fits the game's default options.
            rules: All limits and times.
            entropy: Returns that many random bytes: tokens, codes and ids come from it.
        """
        house = House(game, maps, rules, entropy)
        configs = ConfigDesk(game, maps, rules)
        self._house = house
        self.outflow = Outflow(house)
        self._sessions = SessionBook(house)
        self._chat = Chat(house)
        self._directory = Directory(house)
        self._stage = Stage(house)
        self._course = Course(house, configs, self._stage)
        self._doors = Doors(house, configs, self._directory, self._stage, self._course, self._chat)
        self._people = PeopleRequests(
            house, self._sessions, self._directory, self._doors, self._chat
        )
        lobbies = LobbyRequests(
            house, self._sessions, configs, self._directory, self._course, self._doors
        )
        hosts = HostRequests(house, configs, self._course, self._doors, self._chat)
        self._answers = Answers(house, handlers(self._people, lobbies, hosts), self._lost)

    # --- connections ------------------------------------------------------------------------------

    def sign_in(self, hello: Hello, address: str, now: float) -> Welcomed:
        """Make a session for a guest, or give one to a new connection of its player.

        Raises:
            RequestError: The hello is refused; its code says whether trying again makes sense.
        """
        self._house.set_time(now)
        self._sessions.check_hello(hello)
        welcomed = self._resume(hello, address) if hello.token else None
        if welcomed is None:
            welcomed = self._sessions.sign_in(hello, address)
        self._finish()
        return welcomed

    def _resume(self, hello: Hello, address: str) -> Welcomed:
        session = self._sessions.find(hello, address)
        self._chat.arrived(session, session.stream.ack(hello.last_event))
        was_connected = session.connected
        welcomed = self._sessions.resume(session)
        if welcomed is None:
            self._people.end(session, TOO_MUCH_MISSED)
            self._finish()
            sentence = "Too much happened meanwhile; please sign in again."
            raise RequestError(Code.TOKEN_UNKNOWN, sentence)
        place = self._house.place_of(session)
        if place is not None:
            lobby, member = place
            if not was_connected:
                self._doors.take_back(lobby, member)
            if not hello.last_event:
                # A client that begins anew, such as a reloaded page, knows of no lobby and match.
                # Nothing changed for the others: they are told nothing.
                state = self._house.view(lobby, session.player_id)
                if was_connected:
                    self._house.send(session, LobbyChanged(state))
                self._stage.show_match(lobby, member)
        self._directory.catch_up(session)
        return welcomed

    def disconnected(self, player_id: PlayerId, epoch: int, now: float) -> None:
        """Learn that a session's connection of this epoch is gone; older ones do not matter."""
        self._house.set_time(now)
        session = self._house.sessions.get(player_id)
        if session is not None and session.connected and session.epoch == epoch:
            self._lost(session)
        self._finish()

    def _lost(self, session: Session) -> None:
        self._sessions.lost(session)
        place = self._house.place_of(session)
        if place is not None:
            self._doors.hold(*place)

    def fell_silent(self, players: Mapping[PlayerId, bool]) -> None:
        """Learn whose seat in a match fell silent, or is heard again."""
        for player_id, stalled in players.items():
            session = self._house.sessions.get(player_id)
            place = self._house.place_of(session) if session is not None else None
            if place is not None:
                self._doors.note_silence(*place, stalled=stalled)

    def acked(self, player_id: PlayerId, ack: Ack, now: float, epoch: int | None = None) -> None:
        """Learn what arrived at a client; the first ack of a connection confirms its token.

        An ack that came over the connection of an older ``epoch`` is ignored.
        """
        self._house.set_time(now)
        session = self._house.sessions.get(player_id)
        if session is not None and session.owned_by(epoch):
            self._sessions.confirm(session)
            session.replies.ack(ack.reply)
            self._chat.arrived(session, session.stream.ack(ack.event))
            for envelope in session.stream.catch_up():
                self._house.perform(Deliver(session.player_id, envelope))
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

        A repeated id gets the kept answer. Refusals over the rate are not kept: they may be
        repeated later, and who goes on is disconnected. What comes behind that over the same
        connection, or over that of an older ``epoch``, is not carried out.
        """
        self._house.set_time(now, wall_ms)
        session = self._house.sessions.get(player_id)
        if session is None:
            return Refusal(envelope.id, Code.TOKEN_UNKNOWN, "This session is over.")
        if not session.owned_by(epoch):
            return not_owned(envelope.id)
        answer = session.replies.find(envelope.id)
        if answer is None:
            answer = self._answers.first_answer(session, envelope)
            self._house.hand_out(session)  # who asks sees what came of it at once
        self._finish()
        return answer

    def charge(
        self, player_id: PlayerId, request_id: RequestId, now: float, epoch: int | None = None
    ) -> Refusal | None:
        """Count a request that is answered elsewhere; return the refusal if it is over the rate."""
        self._house.set_time(now)
        session = self._house.sessions.get(player_id)
        if session is None:
            return None
        if not session.owned_by(epoch):
            return not_owned(request_id)
        refused = self._answers.over_rate(session, request_id)
        self._finish()
        return refused

    def last_event(self, player_id: PlayerId) -> EventNumber | None:
        """Return the number of a session's newest event; what is decided now comes after it."""
        session = self._house.sessions.get(player_id)
        return session.stream.last if session is not None else None

    # --- matches ----------------------------------------------------------------------------------

    def refuse_matches(self, retry_after_s: float) -> None:
        """Let no host start a match, who may ask again after this long; 0 lets them again."""
        self._house.matches_refused_for_s = retry_after_s

    def check_match(self, match_id: MatchId) -> None:
        """Check that a match that was asked for may run beside others of the same host's address.

        Raises:
            RequestError: ``rate_limited``.
        """
        self._house.hosting.check_match(match_id)

    def spares_match(self, match_id: MatchId) -> bool:
        """Tell whether a match that was asked for runs though the server has all it can do."""
        return self._house.hosting.spares_match(match_id)

    def match_measured(self, match_id: MatchId, share: float) -> None:
        """Learn what part of the processor a match took lately."""
        self._house.hosting.measured(match_id, share)

    def match_started(self, match_id: MatchId, facts: MatchFacts, now: float) -> None:
        """Learn that a match that was asked for runs."""
        self._house.set_time(now)
        self._stage.started(match_id, facts)
        self._finish()

    def match_happened(
        self, match_id: MatchId, event: MatchHappened, seats: Collection[Seat] | None = None
    ) -> None:
        """Pass a reliable game event on to these seats, or to everybody in the lobby."""
        self._stage.happened(match_id, event, seats)
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
        """Learn that a match is over, or could not be made."""
        self._house.set_time(now)
        lobby = self._stage.find(match_id)
        self._course.ended(match_id, reason, outcome, ticks, message)
        if lobby is not None:
            self._doors.bring_back(lobby)
        self._finish()

    def seat_of(self, player_id: PlayerId) -> tuple[MatchId, Seat] | None:
        """Return the running match somebody may see, and their seat; `NO_SEAT` for watchers."""
        session = self._house.sessions.get(player_id)
        place = self._house.place_of(session) if session else None
        if place is None or place[0].match is None or place[0].match.stopping:
            return None
        if place[1].stepped_out and not place[0].config.spectators:
            return None
        return place[0].match.match_id, place[1].seat

    # --- what many are told -----------------------------------------------------------------------

    @property
    def spreads(self) -> bool:
        """Whether something is on its way to many; `spread` is to be called until it is not."""
        return bool(self._house.spread)

    def spread(self, most: int, now: float) -> None:
        """Hand out to this many more listeners what is on its way to them."""
        self._house.set_time(now)
        for _ in range(most):
            session = self._house.spread.take()
            if session is None:
                break
            self._house.hand_out(session)
        self._finish()

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Return when `expire` has something to do, on the clock of ``now``."""
        return self._house.agenda.next()

    def expire(self, now: float, wall_ms: int) -> None:
        """Do everything whose time has come."""
        while self.expire_next(now, wall_ms):
            pass

    def expire_next(self, now: float, wall_ms: int) -> bool:
        """Do the first thing whose time has come; return whether there was one."""
        self._house.set_time(now, wall_ms)
        due = self._house.agenda.pop_due(self._house.now)
        if due is None:
            return False
        self._expire_one(*due)
        self._finish()
        return True

    def _expire_one(self, kind: Due, key: str) -> None:
        house = self._house
        if kind is Due.WATCHERS:
            self._directory.tell_watchers()
        elif kind is Due.SESSION:
            self._people.end(house.sessions[PlayerId(key)], "away too long")
        else:
            lobby = house.lobbies[LobbyId(key)]
            self._doors.expire(lobby)
            if lobby.members:
                self._course.expire(lobby)
                house.schedule(lobby)

    def stop(self, now: float) -> None:
        """Take nobody in any more, start no match, and ask for the end of those that run."""
        self._house.set_time(now)
        self._house.stopping = True
        for lobby in list(self._house.lobbies.values()):
            if lobby.phase is Phase.COUNTDOWN:
                self._course.call_off(lobby)
            self._stage.stop(lobby, "stopped")
        self._finish()

    # --- what is to be done -----------------------------------------------------------------------

    def take_effects(self) -> list[Effect]:
        """Return what is to be done since the last call, in order."""
        return self._house.take_effects()

    def _finish(self) -> None:
        """Show what changed, and give up what cannot be served any more."""
        house = self._house
        house.show_changed()
        while house.choked or house.drowned:
            while house.choked:
                session = house.choked.pop()
                if session.player_id in house.sessions:  # else it has drowned as well
                    self._lost(session)
            while house.drowned:
                session = house.drowned.pop()
                if session.player_id in house.sessions:
                    self._people.end(session, TOO_MUCH_MISSED)
            house.show_changed()
        self._directory.refresh()

    # --- looking in -------------------------------------------------------------------------------

    def counts(self) -> HallCounts:
        """Return how busy the hall is."""
        house = self._house
        return HallCounts(
            sessions=len(house.sessions),
            connected=sum(session.connected for session in house.sessions.values()),
            lobbies=len(house.lobbies),
            matches=len(self._stage.running()),
        )

    def check(self) -> None:
        """Assert every invariant of the hall; for tests, after each step."""
        self._sessions.check()
        self._directory.check()
        invariants.check(self._house, self._stage)
