"""Requests that bring a session's token instead of coming over its connection.

Law: such a request takes no connection from the session. Its answer goes to the request alone and
is not kept; the events that it causes go where the session's events go.
"""

from collections.abc import Callable

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, PlayerId
from gameserver.messages.wire import Answer, EventEnvelope, Refusal, RequestEnvelope
from gameserver.rooms.requests.answers import Answers
from gameserver.rooms.requests.people import TOO_MUCH_MISSED, PeopleRequests
from gameserver.rooms.sessions.book import stopping
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.session import Session


@attrs.frozen
class Attended:
    """The session of a token."""

    session: Session
    began: bool
    """Whether it had no connection, and its next epoch began for the request."""


@attrs.frozen
class Posted:
    """Answers requests of sessions by token; ``_finish`` ends each call of the hall."""

    _state: HallState
    _people: PeopleRequests
    _answers: Answers
    _finish: Callable[[], None]

    def attend(self, token: bytes, address: str, now: float) -> Attended:
        """Return the session of a token; see `gameserver.rooms.calls.Attend`.

        Raises:
            RequestError: The token is unknown, or the server is stopping.
        """
        self._state.set_time(now)
        if self._state.stopping:
            raise stopping()
        people = self._people
        session = people.sessions.identify(token, address)
        began = not session.connected
        if began:
            if not people.sessions.attend(session, address):
                people.end(session, TOO_MUCH_MISSED)
                self._finish()
                raise RequestError(Code.TOKEN_UNKNOWN, "Too much happened; please sign in again.")
            place = self._state.place_of(session)
            if place is not None:
                people.membership.take_back(*place)
            people.directory.catch_up(session)
        self._finish()
        return Attended(session, began)

    def answer(
        self, player_id: PlayerId, envelope: RequestEnvelope, now: float, wall_ms: int
    ) -> Answer:
        """Carry out a request; its id means nothing to the session."""
        self._state.set_time(now, wall_ms)
        session = self._state.sessions.get(player_id)
        if session is None:
            return Refusal(envelope.id, Code.TOKEN_UNKNOWN, "This session is over.")
        answer = self._answers.posted_answer(session, envelope)
        self._state.hand_out(session)
        self._finish()
        return answer

    def events(
        self, player_id: PlayerId, after: EventNumber, most: int, epoch: int | None, now: float
    ) -> tuple[EventEnvelope, ...]:
        """Return a session's first events behind a number.

        If the session is of this ``epoch``, the events up to the number are acknowledged. The
        token is not confirmed: a newer one may be on its way.
        """
        self._state.set_time(now)
        session = self._state.sessions.get(player_id)
        if session is None:
            return ()
        self._state.hand_out(session)
        if epoch is not None and session.owned_by(epoch):
            self._people.chat.arrived(session, session.stream.ack(after))
            session.stream.catch_up()
        events = session.stream.since(after, most)
        self._finish()
        return tuple(events)
