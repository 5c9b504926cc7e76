"""Answers to requests: each request is counted, carried out once, and ordered with the events.

Law: a result or refusal that a handler decided is kept. A refusal for too many requests is not
kept, since the request may be sent again.
"""

from collections.abc import Callable, Mapping

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, RequestId
from gameserver.messages.base import Request
from gameserver.messages.namespaces import EmitEvent, JoinNamespace
from gameserver.messages.wire import Answer, Later, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.rooms.requests.handlers import RequestHandler
from gameserver.rooms.requests.namespaces import Handling
from gameserver.rooms.state.effects import Disconnect, Handle
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.replies import REPEATABLE
from gameserver.rooms.state.session import Session


@attrs.frozen
class Answers:
    """Carries out requests; ``_lost`` is called when a session's connection is ended."""

    _state: HallState
    _handlers: Mapping[type[Request], RequestHandler]
    _lost: Callable[[Session], None]

    def first_answer(self, session: Session, envelope: RequestEnvelope) -> Answer:
        """Carry out a request that has no kept answer, and keep its answer."""
        if session.replies.is_deferred(envelope.id):
            return Later(envelope.id)
        if session.replies.is_over(envelope.id):
            sentence = f"The answer to request {envelope.id} was acknowledged already."
            return Refusal(envelope.id, Code.BAD_PARAMS, sentence)
        limited = self.over_rate(session, envelope.id)
        if limited is not None:
            return limited
        answer = self._carry_out(session, envelope)
        if isinstance(answer, Later):
            session.replies.defer(envelope.id)
            return answer
        if type(envelope.request) in REPEATABLE:
            session.replies.note(envelope.id)
        else:
            session.replies.keep(answer)
        return answer

    def posted_answer(self, session: Session, envelope: RequestEnvelope) -> Answer:
        """Carry out a request that came beside the session's connection, whose ids it has not.

        Its answer is not kept.
        """
        if isinstance(envelope.request, JoinNamespace | EmitEvent):
            sentence = f"The request {envelope.request.name} needs a connection."
            return Refusal(envelope.id, Code.UNKNOWN_REQUEST, sentence)
        limited = self.over_rate(session, envelope.id)
        return self._carry_out(session, envelope) if limited is None else limited

    def charge(self, session: Session, request_id: RequestId) -> Refusal | None:
        """Count a request that the service answers; return the refusal if it is over the rate."""
        refused = self.over_rate(session, request_id)
        if refused is None:
            session.replies.note(request_id)  # so that a client that restarts uses another one
        return refused

    def over_rate(self, session: Session, request_id: RequestId) -> Refusal | None:
        """Count a request; return the refusal if it is over the rate.

        A session that goes on after many refusals is disconnected.
        """
        now = self._state.now
        wait = session.requests.take(now)
        if session.replies.full:
            wait = wait or 1.0
        if not wait:
            return None
        if session.patience.take(now) and session.connected:
            sentence = "Too many requests."
            epoch = session.epoch
            self._state.perform(Disconnect(session.player_id, epoch, Code.RATE_LIMITED, sentence))
            self._lost(session)
        sentence = f"Too many requests; try again in {wait:.1f} s."
        return Refusal(request_id, Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def _carry_out(self, session: Session, envelope: RequestEnvelope) -> Answer:
        handler = self._handlers.get(type(envelope.request))
        if handler is None:
            sentence = f"There is no request {envelope.request.name} here."
            return Refusal(envelope.id, Code.UNKNOWN_REQUEST, sentence)
        try:
            result = handler(session, envelope.request)
        except RequestError as error:
            after = self._decided_after(session)
            return Refusal(envelope.id, error.code, error.sentence, error.details, after)
        if isinstance(result, Handling):
            session.handling += 1
            self._state.perform(Handle(session.player_id, envelope.id, envelope.request))
            if result.defers:
                return Later(envelope.id)
            result = result.result
        return ResultEnvelope(envelope.id, result, self._decided_after(session))

    def _decided_after(self, session: Session) -> EventNumber:
        """Return the number of the newest event that the answer takes into account.

        Unsent events are numbered first. Events that the same call still makes, such as a lobby's
        new state, get higher numbers than the answer states.
        """
        self._state.hand_out(session)
        return session.stream.last


def not_owned(request_id: RequestId) -> Refusal:
    """Return the refusal of a request from a connection that does not own the session."""
    sentence = "The session does not go on over this connection."
    return Refusal(request_id, Code.SESSION_REPLACED, sentence)
