"""The answers to one session's requests, kept until the client acknowledges them.

Law: a request is carried out at most once. Its answer is kept until the client acknowledges it,
and a request with the same id gets the kept answer. No answer is dropped unacknowledged. So an id
without a kept answer, above the acknowledged ones, was never carried out, or its request only reads
(`REPEATABLE`): then it is carried out again, and its answer, which may be large, is not kept.
"""

from typing import Final

import attrs

from gameserver.ids import RequestId
from gameserver.messages import chat, forms, lobby
from gameserver.messages.base import Request
from gameserver.messages.wire import Answer
from gameserver.rooms.limits.holdings import FLAT_BYTES, Held, unbounded

REPEATABLE: Final[frozenset[type[Request]]] = frozenset(
    {chat.GetChatHistory, forms.GetLobbyForm, lobby.ListLobbies, lobby.WatchLobbies}
)
"""Requests that only read, or set the same value again."""


@attrs.define
class ReplyLog:
    """Kept answers by request id.

    When full: new requests are not carried out (`full`) until answers are acknowledged.
    """

    limit: int
    _held: Held = attrs.field(factory=unbounded)
    _kept: dict[RequestId, Answer] = attrs.field(factory=dict, init=False)
    _weights: dict[RequestId, int] = attrs.field(factory=dict, init=False)
    """Weights of the kept answers, in bytes."""
    _deferred: set[RequestId] = attrs.field(factory=set, init=False)
    """Requests that are being carried out; their answers follow."""
    _newest: RequestId = attrs.field(default=RequestId(0), init=False)
    _acked: RequestId = attrs.field(default=RequestId(0), init=False)

    def __len__(self) -> int:
        """Count the kept answers."""
        return len(self._kept)

    @property
    def full(self) -> bool:
        """Whether no more answers can be kept."""
        return len(self._kept) + len(self._deferred) >= self.limit or not self._held.fits(
            FLAT_BYTES
        )

    @property
    def next_id(self) -> RequestId:
        """The smallest id above all that were answered."""
        return RequestId(max(self._acked, self._newest) + 1)

    def find(self, request_id: RequestId) -> Answer | None:
        """Return the kept answer to a repeated request."""
        return self._kept.get(request_id)

    def is_over(self, request_id: RequestId) -> bool:
        """Tell whether the client has acknowledged the answer to this id, or the id is invalid."""
        return request_id <= self._acked

    def defer(self, request_id: RequestId) -> None:
        """Note that a request is being carried out and must not be carried out again."""
        self.note(request_id)
        self._deferred.add(request_id)

    def is_deferred(self, request_id: RequestId) -> bool:
        """Tell whether a request is being carried out."""
        return request_id in self._deferred

    def deferred(self) -> list[RequestId]:
        """Return the requests that are being carried out, in order."""
        return sorted(self._deferred)

    def settle(self, answer: Answer) -> None:
        """Keep the answer to a deferred request."""
        self._deferred.discard(answer.id)
        self.keep(answer)

    def keep(self, answer: Answer) -> None:
        """Keep an answer until it is acknowledged."""
        self.note(answer.id)
        weight = self._held.weigh(answer)
        self._held.change(weight)
        self._kept[answer.id] = answer
        self._weights[answer.id] = weight

    def note(self, request_id: RequestId) -> None:
        """Note an answered id without keeping its answer; see `REPEATABLE`."""
        self._newest = max(self._newest, request_id)

    def ack(self, upto: RequestId) -> None:
        """Forget the answers up to this id."""
        if upto > self._acked:
            self._acked = upto
            for request_id in [kept for kept in self._kept if kept <= upto]:
                del self._kept[request_id]
                self._held.change(-self._weights.pop(request_id))
