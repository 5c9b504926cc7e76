"""The reliable events of one session: numbered, in order, kept until acknowledged.

Law: numbers have no holes and never change; what has a number is kept until it is acknowledged.
Events for a session without a connection wait unnumbered, so that what nobody will miss can
still be left out: only the newest state of a lobby waits, and when too much waits, the oldest
lines of the global chat go first, then those of lobby and team (the chat's history has them).
Whispers, results and everything else are never left out.
"""

from collections import deque
from typing import Final

import attrs

from gameserver.ids import EventNumber
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatSaid
from gameserver.messages.lobby import LobbyChanged
from gameserver.messages.wire import EventEnvelope

_LEFT_OUT_FIRST: Final = ((Channel.GLOBAL,), (Channel.LOBBY, Channel.TEAM))


@attrs.define
class EventStream:
    """Events on their way to one session.

    When full: `number` refuses, and the connection should end; `wait` leaves out chat lines, and
    refuses when none are left, and the session should end.
    """

    limit: int
    """Numbered and unacknowledged events."""
    waiting_limit: int
    _numbered: deque[EventEnvelope] = attrs.field(factory=deque, init=False)
    _waiting: list[ReliableEvent] = attrs.field(factory=list, init=False)
    _last: int = attrs.field(default=0, init=False)

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._numbered) + len(self._waiting)

    def number(self, event: ReliableEvent) -> EventEnvelope | None:
        """Give an event the next number and keep it; None if too many are unacknowledged."""
        if len(self._numbered) >= self.limit:
            return None
        return self._append(event)

    def wait(self, event: ReliableEvent) -> bool:
        """Keep an event for a session without a connection; False if there is no room."""
        if isinstance(event, LobbyChanged):
            self._waiting = [e for e in self._waiting if not _superseded(e, event)]
        self._waiting.append(event)
        return len(self._waiting) <= self.waiting_limit or self._leave_one_out()

    def ack(self, upto: EventNumber) -> list[ReliableEvent]:
        """Forget the numbered events up to this one; return them in order."""
        arrived = []
        while self._numbered and self._numbered[0].number <= upto:
            arrived.append(self._numbered.popleft().event)
        return arrived

    def resume(self) -> tuple[EventEnvelope, ...] | None:
        """Number what waited; return all that is to be sent again, or None if it is too much."""
        if len(self) > self.limit + self.waiting_limit:
            return None
        for event in self._waiting:
            self._append(event)
        self._waiting.clear()
        return tuple(self._numbered)

    def _append(self, event: ReliableEvent) -> EventEnvelope:
        self._last += 1
        envelope = EventEnvelope(EventNumber(self._last), event)
        self._numbered.append(envelope)
        return envelope

    def _leave_one_out(self) -> bool:
        for channels in _LEFT_OUT_FIRST:
            for index, event in enumerate(self._waiting):
                if isinstance(event, ChatSaid) and event.line.channel in channels:
                    del self._waiting[index]
                    return True
        return False


def _superseded(event: ReliableEvent, by: LobbyChanged) -> bool:
    return isinstance(event, LobbyChanged) and event.lobby.lobby_id == by.lobby.lobby_id
