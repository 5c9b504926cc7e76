"""All sessions: sign in, resume, rename, and end.

Law: a session has at most one connection, the one of its newest epoch. No two sessions have names
that look the same, and a token belongs to exactly one session.
"""

from typing import Final

import attrs

from gameserver.errors import PROTOCOL_PAGE, Code, RequestError
from gameserver.ids import EventNumber, PlayerId
from gameserver.messages.base import ReliableEvent
from gameserver.messages.wire import (
    PROTOCOL_MINOR,
    PROTOCOL_VERSION,
    EventEnvelope,
    Hello,
    Limits,
    Welcome,
)
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.sessions.names import NameBook, clean_name, skeleton, unreadable
from gameserver.rooms.state.effects import Disconnect
from gameserver.rooms.state.hall_state import Due, HallState
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind, banned
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.tokens import TOKEN_BYTES, TokenBook

BAN: Final = SanctionKind.BAN


@attrs.frozen
class Welcomed:
    """The messages to a connection that signed in: the welcome, then ``replay``, in order."""

    session: Session
    welcome: Welcome
    replay: tuple[EventEnvelope, ...] = ()


@attrs.define(eq=False)
class SessionBook:
    """Makes sessions and ends them."""

    _state: HallState
    address_attempts: BucketTable = attrs.field(init=False)
    """Wrong passwords and codes by address."""
    _sign_ins: BucketTable = attrs.field(init=False)
    _returns: BucketTable = attrs.field(init=False)
    """Unknown tokens by address."""
    _resumes: BucketTable = attrs.field(init=False)
    _names: NameBook = attrs.field(init=False)
    _tokens: TokenBook = attrs.field(factory=TokenBook, init=False)
    _per_address: dict[str, int] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Make the books that the rules bound."""
        rules = self._state.rules
        self._names = NameBook(rules.name_chars)
        self.address_attempts = BucketTable(
            rules.address_attempts_per_s, rules.address_attempts_burst, rules.addresses
        )
        self._sign_ins = BucketTable(rules.sign_ins_per_s, rules.sign_ins_burst, rules.addresses)
        self._returns = BucketTable(rules.returns_per_s, rules.returns_burst, rules.addresses)
        self._resumes = BucketTable(
            rules.address_resumes_per_s, rules.address_resumes_burst, rules.addresses
        )

    # --- in -------------------------------------------------------------------------------------

    def check_hello(self, hello: Hello) -> None:
        """Check that this server accepts clients of this version now.

        Raises:
            RequestError: The client uses another version, or the server is stopping.
        """
        if hello.version != PROTOCOL_VERSION:
            sentence = (
                f"This server speaks version {PROTOCOL_VERSION} of the protocol, not"
                f" {hello.version}; see {PROTOCOL_PAGE}."
            )
            raise RequestError(Code.VERSION_UNSUPPORTED, sentence, {"versions": [PROTOCOL_VERSION]})
        if self._state.stopping:
            raise stopping()

    def sign_in(self, hello: Hello, address: str, *, replaces: Session | None = None) -> Welcomed:
        """Make a session for a new guest.

        The session that it ``replaces`` takes no place from it: the caller ends that one next.

        Raises:
            RequestError: The name has no readable characters, or there are too many sessions.
        """
        rules = self._state.rules
        name = clean_name(hello.player_name, rules.name_chars)
        now_ms, bans = self._state.wall_ms, self._state.sanctions
        sanction = bans.of_address(BAN, address, now_ms) or bans.of_look(
            BAN, skeleton(name), now_ms
        )
        if sanction is not None:
            raise banned(sanction, now_ms)
        if len(self._state.sessions) - (replaces is not None) >= rules.sessions:
            raise _full("The server is full; try again later.")
        from_here = self._per_address.get(address, 0)
        if replaces is not None and replaces.address == address:
            from_here -= 1
        if address and from_here >= rules.sessions_per_address:
            raise _full("Too many players from your network; try again later.")
        _refuse_for(self._sign_ins.take(address, self._state.now))
        player_id = PlayerId(self._state.fresh_id("p", self._state.sessions))
        session = Session.new(
            player_id, self._names.take(name), address, rules, self._state.holdings.of(address)
        )
        self._state.sessions[player_id] = session
        self._look_up_by(session)
        self._per_address[address] = self._per_address.get(address, 0) + 1
        return self._welcome(session, resumed=False)

    def find(self, hello: Hello, address: str) -> Session:
        """Return the session of a hello's token.

        Raises:
            RequestError: ``session.token_unknown``, or the session or its address resumes too
                often; then the token stays valid.
        """
        now = self._state.now
        player_id = self._tokens.find(hello.token)
        if player_id is None:
            _refuse_for(self._returns.take(address, now))
            sentence = "This session is over; please sign in again."
            raise RequestError(Code.TOKEN_UNKNOWN, sentence)
        session = self._state.sessions[player_id]
        self._refuse_banned(session, address)
        _refuse_for(session.replays.wait(now))
        # The address's token is taken only if the session may resume, and the session's only if
        # the address may: a refused resume costs neither of them anything.
        _refuse_for(session.resumes.wait(now) or self._resumes.take(address, now))
        session.resumes.take(now)
        # Used last: a refusal above must leave the token valid.
        self._tokens.use(hello.token)
        session.came_from = address
        return session

    def outgrown(self, hello: Hello) -> Session | None:
        """Return the session of a hello's token if its name is banned, and the hello has another.

        It is none whose connection lives, nor one that is banned for more than its name.
        """
        player_id = self._tokens.find(hello.token)
        session = self._state.sessions.get(player_id) if player_id is not None else None
        if session is None or session.connected or not hello.player_name:
            return None
        sanction = self._state.sanctions.of(BAN, session, self._state.wall_ms)
        if sanction is None or sanction.known_by is not SanctionedBy.NAME:
            return None
        name = clean_name(hello.player_name, self._state.rules.name_chars)
        return session if skeleton(name) != session.look else None

    def resume(self, session: Session) -> Welcomed | None:
        """Give a session to a new connection; its old connection is closed.

        Returns:
            The welcome and the events to send again, or None if more events wait than are kept:
            then the caller must end the session.
        """
        if session.connected:
            sentence = "You have connected from somewhere else."
            self._state.perform(
                Disconnect(session.player_id, session.epoch, Code.SESSION_REPLACED, sentence)
            )
        replay = self._reconnect(session)
        return None if replay is None else self._welcome(session, resumed=True, replay=replay)

    def identify(self, token: bytes, address: str) -> Session:
        """Return the session of a token that came with a request, and use the token.

        Raises:
            RequestError: ``session.token_unknown``, or ``rate_limited`` behind many of them.
        """
        player_id = self._tokens.use(token)
        if player_id is None:
            _refuse_for(self._returns.take(address, self._state.now))
            raise RequestError(Code.TOKEN_UNKNOWN, "This session is over; please sign in again.")
        session = self._state.sessions[player_id]
        self._refuse_banned(session, address)
        return session

    def _refuse_banned(self, session: Session, address: str) -> None:
        """Refuse a session that is banned itself, or comes from a banned address.

        Raises:
            RequestError: ``session.banned``.
        """
        bans, now_ms = self._state.sanctions, self._state.wall_ms
        sanction = bans.of(BAN, session, now_ms) or bans.of_address(BAN, address, now_ms)
        if sanction is not None:
            raise banned(sanction, now_ms)

    def attend(self, session: Session, address: str) -> bool:
        """Let requests stand for the connection of a session that has none; no token is issued.

        Returns:
            False if more events wait than are kept: then the caller must end the session.

        Raises:
            RequestError: The session or its address comes back too often.
        """
        now = self._state.now
        _refuse_for(session.resumes.wait(now) or self._resumes.take(address, now))
        session.resumes.take(now)
        session.came_from = address
        return self._reconnect(session) is not None

    def _reconnect(self, session: Session) -> tuple[EventEnvelope, ...] | None:
        """Begin the session's next epoch; return its unacknowledged events, None if too many."""
        if not self._keep_held(session):
            return None
        if not session.connected:
            self._state.note_seen(session, connected=True)
        replay = session.stream.resume()
        session.epoch += 1
        session.connected = True
        self._expire_at(session, None)
        return replay

    def _keep_held(self, session: Session) -> bool:
        """Move unsent events to the waiting ones, in order; return False if there are too many."""
        told = session.unsent.take()
        events = [telling for telling in told if isinstance(telling, ReliableEvent)]
        return all(session.stream.wait(event) for event in events)

    def _welcome(
        self, session: Session, *, resumed: bool, replay: tuple[EventEnvelope, ...] = ()
    ) -> Welcomed:
        rules = self._state.rules
        token = self._state.secret(TOKEN_BYTES)
        self._tokens.issue(session.player_id, token)
        welcome = Welcome(
            version=PROTOCOL_VERSION,
            server=rules.server,
            player_id=session.player_id,
            player_name=session.name,
            token=token,
            resumed=resumed,
            epoch=session.epoch,
            game=self._state.game.name,
            heartbeat_s=rules.heartbeat_s,
            resume_grace_s=rules.match_grace_s,
            limits=Limits(
                message_bytes=rules.message_bytes,
                requests_per_s=rules.requests_per_s,
                chat_chars=rules.chat_chars,
                name_chars=rules.name_chars,
            ),
            next_request=session.replies.next_id,
            minor=PROTOCOL_MINOR,
            last_event=EventNumber(session.stream.last - len(replay)),
        )
        return Welcomed(session, welcome, replay)

    # --- meanwhile --------------------------------------------------------------------------------

    def confirm(self, session: Session) -> None:
        """Note that the newest token has reached the client; older ones end."""
        self._tokens.confirm(session.player_id)

    def rename(self, session: Session, wanted: str) -> None:
        """Change a session's name.

        Raises:
            RequestError: ``session.name_refused``, or the name was changed too often.
        """
        wait = session.renames.take(self._state.now)
        if wait:
            sentence = f"Your name was changed often; try again in {wait:.0f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        if not wanted:  # only who signs in may leave the choice to the server
            raise unreadable()
        name = clean_name(wanted, self._state.rules.name_chars)
        if self._state.sanctions.of_look(BAN, skeleton(name), self._state.wall_ms) is not None:
            raise RequestError(Code.NAME_REFUSED, "This name is not allowed here.")
        self.give_name(session, name)

    def give_name(self, session: Session, name: str) -> None:
        """Give a session a cleaned name, with a number behind it if it clashes."""
        self._names.give_back(session.name)
        del self._state.by_look[session.look]
        session.name = self._names.take(name)
        self._look_up_by(session)

    def _look_up_by(self, session: Session) -> None:
        session.look = skeleton(session.name)
        self._state.by_look[session.look] = session

    # --- out --------------------------------------------------------------------------------------

    def lost(self, session: Session) -> None:
        """Note that a session has no connection, and set the time at which it ends."""
        session.connected = False
        self._state.note_seen(session, connected=False)
        self._expire_at(session, self._state.now + self._state.rules.session_ttl_s)

    def end(self, session: Session) -> None:
        """Forget a session that is in no lobby and watches nothing."""
        session.unsent.clear()
        self._names.give_back(session.name)
        del self._state.by_look[session.look]
        self._tokens.forget(session.player_id)
        session.account.close()
        self._expire_at(session, None)
        del self._state.sessions[session.player_id]
        self._per_address[session.address] -= 1
        if not self._per_address[session.address]:
            del self._per_address[session.address]

    def _expire_at(self, session: Session, when: float | None) -> None:
        session.expires_at = when
        self._state.agenda.set((Due.SESSION, session.player_id), when)

    def check(self) -> None:
        """Assert that names, tokens and counts are those of the sessions there are."""
        sessions = self._state.sessions
        assert len(self._names) == len(sessions)
        assert self._state.by_look == {skeleton(s.name): s for s in sessions.values()}
        assert sum(self._per_address.values()) == len(sessions)
        assert self._tokens.owners() == set(sessions)
        for address in self._per_address.keys() - {""}:
            held = sum(s.account.bytes for s in sessions.values() if s.address == address)
            assert self._state.holdings.total(address) == held


def _refuse_for(wait: float) -> None:
    """Raise ``rate_limited`` if the time to wait is not 0.0."""
    if wait:
        sentence = f"Too many connections in a short time; try again in {wait:.1f} s."
        raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})


def stopping() -> RequestError:
    """Return the refusal of a server that is stopping."""
    sentence = "The server is stopping; try again in a moment."
    return RequestError(Code.SERVER_STOPPING, sentence, {"retry_after_s": 5.0})


def _full(sentence: str) -> RequestError:
    return RequestError(Code.SERVER_FULL, sentence, {"retry_after_s": 30.0})
