"""One player's session on the client's side, across all its connections, without I/O.

Law: each request is answered once, and each event is applied once and in order, however often the
connection is lost. The state that this needs is here: the newest token, the last event number, and
the requests without an answer.

Answers are put in order among the events. An answer that arrives before the event it was decided
after is held until that event has been applied. An answer that arrives late (repeated by the
server after a resume) is marked as old: its lobby state must not replace that of later events.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

import attrs

from gameserver.errors import Code, ProtocolError
from gameserver.ids import EventNumber, PlayerId, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    Ack,
    EventEnvelope,
    Hello,
    Refusal,
    RequestEnvelope,
    Welcome,
)

NO_PLAYER: Final = PlayerId("")
NO_EVENT: Final = EventNumber(0)

Settle = Callable[["Result | Refusal | None"], None]
"""Takes a request's answer; None if no answer will come."""


class AnswerAge(Enum):
    """Age of an answer, compared with the events that were applied."""

    NEW = "new"
    REPEATED = "repeated"
    """The request was sent over an earlier connection; the answer may be as old as that."""
    OLD = "old"
    """Events that the server decided later have been applied already."""


Learn = Callable[[Result, AnswerAge, "EventNumber | None"], None]
"""Applies a result to the client's state; the event number is the last one before the decision.

Called before the request is settled, or instead of settling if the request was abandoned."""


@attrs.define(eq=False)
class Waiting:
    """A request without an answer yet."""

    envelope: RequestEnvelope
    settle: Settle
    learn: Learn
    repeated: bool = False
    held: tuple[Result | Refusal, EventNumber] | None = None
    """Its answer, until the event before the answer has been applied."""

    def answer(
        self, answer: Result | Refusal, standing: AnswerAge, after: EventNumber | None
    ) -> None:
        """Apply the answer to the state, then settle the request."""
        if isinstance(answer, Result):
            self.learn(answer, standing, after)
        self.settle(answer)


def _ignore(*_: object) -> None:
    pass


@attrs.define(eq=False)
class ClientSession:
    """State that a client needs to go on after a lost connection.

    Attributes:
        token: The newest resume token received; empty before the first welcome.
        last_event: The last reliable event applied.
    """

    client: str
    player_name: str
    token: bytes = b""
    player_id: PlayerId = NO_PLAYER
    last_event: EventNumber = NO_EVENT
    _next_request: int = 1
    _waiting: dict[RequestId, Waiting] = attrs.field(factory=dict)
    _abandoned: dict[RequestId, Waiting] = attrs.field(factory=dict)
    """Requests of this connection that timed out or were cancelled: their results are still
    applied to the state."""
    _acked: tuple[int, int] = (0, 0)
    _token_acked: bool = True

    # --- connecting -----------------------------------------------------------------------------

    def hello(self) -> Hello:
        """Return the first message of a connection; it resumes the session if there is a token."""
        last = self.last_event if self.token else NO_EVENT
        return Hello(PROTOCOL_VERSION, self.client, self.player_name, self.token, last)

    def welcomed(self, welcome: Welcome) -> bool:
        """Apply a welcome; return whether the session is new, so that the old one is gone.

        The unanswered requests of an old session are settled with None.
        """
        is_new = not welcome.resumed
        if is_new:
            self.last_event, self._next_request = NO_EVENT, 1
            self.give_up()
        self.token = welcome.token
        self._abandoned.clear()
        self._next_request = max(self._next_request, welcome.next_request)
        self.last_event = max(self.last_event, welcome.last_event)
        self.player_id = welcome.player_id
        self.player_name = welcome.player_name
        self._token_acked = False
        return is_new

    def lose_token(self) -> None:
        """Drop the token, which the server does not know: the next hello signs in a new guest."""
        self.token = b""

    def give_up(self) -> None:
        """Settle every waiting request with None: no answer will come."""
        waiting, self._waiting = self._waiting, {}
        for item in waiting.values():
            item.settle(None)

    # --- requests -------------------------------------------------------------------------------

    def ask(self, request: Request, settle: Settle, learn: Learn = _ignore) -> RequestEnvelope:
        """Give a request its id and keep it until it is answered."""
        envelope = RequestEnvelope(RequestId(self._next_request), request)
        self._next_request += 1
        self._waiting[envelope.id] = Waiting(envelope, settle, learn)
        return envelope

    def unanswered(self) -> list[RequestEnvelope]:
        """Return the requests to send again after a resume, oldest first."""
        again = [item for item in self._waiting.values() if item.held is None]
        for item in again:
            item.repeated = True
        return [item.envelope for item in again]

    def request_of(self, request_id: RequestId) -> type[Request] | None:
        """Return the class of an unanswered request: the decoder needs it for the result's type."""
        waiting = self._find(request_id)
        return type(waiting.envelope.request) if waiting else None

    def abandon(self, request_id: RequestId) -> None:
        """Stop waiting for an answer; the request is not sent again after a resume."""
        waiting = self._waiting.pop(request_id, None)
        if waiting is not None:
            waiting.settle = _ignore
            self._abandoned[request_id] = waiting

    def answered(
        self, request_id: RequestId, answer: Result | Refusal, after: EventNumber | None = None
    ) -> None:
        """Settle a request, or hold its answer until event ``after`` has been applied.

        A second answer to the same request is ignored.
        """
        waiting = self._find(request_id)
        if waiting is None:
            return
        if after is not None and after > self.last_event:
            waiting.held = (answer, after)
            return
        self._waiting.pop(request_id, None)
        self._abandoned.pop(request_id, None)
        if after is not None and after < self.last_event:
            standing = AnswerAge.OLD
        else:
            standing = AnswerAge.REPEATED if waiting.repeated else AnswerAge.NEW
        waiting.answer(answer, standing, after)

    def settle_held(self) -> None:
        """Settle the answers that were held for the last event; call after applying an event."""
        for request_id, waiting in [*self._waiting.items(), *self._abandoned.items()]:
            if waiting.held is not None and waiting.held[1] <= self.last_event:
                answer, after = waiting.held
                self.answered(request_id, answer, after)

    def _find(self, request_id: RequestId) -> Waiting | None:
        return self._waiting.get(request_id) or self._abandoned.get(request_id)

    # --- events ---------------------------------------------------------------------------------

    def is_next(self, envelope: EventEnvelope) -> bool:
        """Advance the event count and return whether to apply this event: False for a repeated one.

        The first event may have any number: the session may come from an earlier run of the
        program.

        Raises:
            ProtocolError: An event before it is missing.
        """
        if envelope.number <= self.last_event:
            return False
        if self.last_event and envelope.number != self.last_event + 1:
            sentence = f"event {envelope.number} came after event {self.last_event}"
            raise ProtocolError(Code.BAD_MESSAGE, sentence)
        self.last_event = envelope.number
        return True

    def ack(self) -> Ack | None:
        """Return the next acknowledgement; None if nothing new has arrived since the last one."""
        oldest = next(iter(self._waiting), RequestId(self._next_request))
        arrived = (int(self.last_event), oldest - 1)
        if arrived == self._acked and self._token_acked:
            return None
        self._acked = arrived
        self._token_acked = True
        return Ack(EventNumber(arrived[0]), RequestId(arrived[1]))
