"""Requests to authors' namespaces, and the authors' own calls.

Law: membership is decided here and nowhere else. Code of authors runs elsewhere, later, and
comes back as a call; a request that waits for it is deferred: it is carried out once, however often
it comes.
"""

from collections.abc import Callable

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.namespaces import (
    AckEmitted,
    EmitAnswered,
    EmitEvent,
    Emitted,
    EmittedLatest,
    JoinNamespace,
    LeaveNamespace,
    NamespaceEnded,
    NamespaceJoined,
)
from gameserver.messages.wire import Answer, Refusal, ResultEnvelope
from gameserver.namespaces.audience import Recipients
from gameserver.rooms.state.effects import AckCame, Departed, ReplyLater
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.namespaces import NamespaceRooms
from gameserver.rooms.state.session import Session

MISSED = "namespace.missed"
"""Code of the end of a membership for which too many events waited."""


@attrs.frozen
class Handling:
    """The request is handed to an author's handler."""

    defers: bool
    """Whether the answer is the handler's; else ``result`` is the answer."""
    result: Result = attrs.field(factory=Result)


@attrs.frozen
class NamespaceRequests:
    """Handlers of the requests about namespaces."""

    state: HallState

    def join(self, session: Session, request: JoinNamespace) -> Result | Handling:
        """Let the author decide about a new member; one that is in already stays in."""
        if session.player_id in self._space(request.namespace).members:
            return NamespaceJoined(again=True)
        self._check_room(session)
        return Handling(defers=True)

    def leave(self, session: Session, request: LeaveNamespace) -> Result:
        """Leave the namespace."""
        self._check_member(session, request.namespace)
        _drop(self.state, request.namespace, session.player_id, "left")
        return Result()

    def emit(self, session: Session, request: EmitEvent) -> Result | Handling:
        """Hand the event to its handler."""
        self._check_member(session, request.namespace)
        self._check_room(session)
        return Handling(defers=request.ack, result=EmitAnswered())

    def ack(self, session: Session, request: AckEmitted) -> Result:
        """Pass a client's ack on."""
        self.state.perform(AckCame(session.player_id, request.ack, request.args, request.namespace))
        return Result()

    def _space(self, name: str) -> NamespaceRooms:
        space = self.state.namespaces.get(name)
        if space is None:
            raise RequestError(Code.NAMESPACE_UNKNOWN, f"There is no namespace {name} here.")
        return space

    def _check_member(self, session: Session, name: str) -> None:
        if session.player_id not in self._space(name).members:
            raise RequestError(Code.NAMESPACE_NOT_IN, f"You are not in the namespace {name}.")

    def _check_room(self, session: Session) -> None:
        if session.handling >= self.state.rules.handling:
            sentence = "Too many of your events are not finished; try again in 1 s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": 1.0})


@attrs.frozen
class NamespaceDecisions:
    """The calls of authors; ``_finish`` ends each of them as it does every call."""

    _state: HallState
    _finish: Callable[[], None]

    def handled(
        self,
        player_id: PlayerId,
        request_id: RequestId,
        request: Request,
        outcome: Result | Refusal,
    ) -> None:
        """Note the end of a handler, and answer the request if its answer was deferred."""
        session = self._state.sessions.get(player_id)
        if session is None:
            return
        session.handling -= 1
        if isinstance(request, JoinNamespace) and not isinstance(outcome, Refusal):
            self._state.namespaces[request.namespace].members.setdefault(player_id, {})
        if session.replies.is_deferred(request_id):
            self._state.hand_out(session)
            answer = _answer(request_id, outcome, session)
            session.replies.settle(answer)
            self._state.perform(ReplyLater(player_id, answer))
        self._finish()

    def emit(self, audience: Recipients, event: Emitted, *, latest: bool) -> None:
        """Send an event to the members that are meant."""
        space = self._state.namespaces[event.namespace]
        sessions = [self._state.sessions[player_id] for player_id in space.meant(audience)]
        if latest:
            notice = EmittedLatest(event.namespace, event.event, event.args)
            self._state.tell_all(sessions, notice)
        else:
            kept = [session for session in sessions if self._keeps_up(session, event.namespace)]
            self._state.send_all(kept, event)
        self._finish()

    def place(self, namespace: str, player_id: PlayerId, room: str, *, inside: bool) -> None:
        """Put a member into a room, or out of it; without effect on others.

        Raises:
            ValueError: The member is in too many rooms.
        """
        space = self._state.namespaces[namespace]
        if player_id not in space.members:
            return
        if not inside:
            space.leave(player_id, room)
            return
        most = self._state.rules.rooms_of_member
        if room not in space.members[player_id] and len(space.members[player_id]) >= most:
            raise ValueError(f"a member is in at most {most} rooms")
        space.enter(player_id, room)

    def expel(self, namespace: str, player_id: PlayerId, code: str, sentence: str) -> None:
        """Put a member out of a namespace, and tell its client."""
        if player_id in self._state.namespaces[namespace].members:
            _drop(self._state, namespace, player_id, code)
            ended = NamespaceEnded(namespace, code, sentence)
            self._state.send(self._state.sessions[player_id], ended)
        self._finish()

    def _keeps_up(self, session: Session, namespace: str) -> bool:
        """Put a session that is away too long out of the namespace."""
        if session.connected or len(session.stream) < self._state.rules.emits_waiting:
            return True
        self.expel(namespace, session.player_id, MISSED, "Too much happened while you were away.")
        return False


def leave_all(state: HallState, session: Session, reason: str) -> None:
    """Take a session that ends out of all namespaces."""
    for name, space in state.namespaces.items():
        if session.player_id in space.members:
            _drop(state, name, session.player_id, reason)


def _drop(state: HallState, namespace: str, player_id: PlayerId, reason: str) -> None:
    state.namespaces[namespace].drop(player_id)
    state.perform(Departed(player_id, namespace, reason))


def _answer(request_id: RequestId, outcome: Result | Refusal, session: Session) -> Answer:
    after = session.stream.last
    if isinstance(outcome, Refusal):
        return attrs.evolve(outcome, id=request_id, after=after)
    return ResultEnvelope(request_id, outcome, after)
