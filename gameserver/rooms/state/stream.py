"""The reliable events of one session: numbered, in order, kept until acknowledged.

Law: numbers have no gaps and never change; a numbered event is kept until it is acknowledged. There
are at most ``limit`` numbered and ``waiting_limit`` waiting events, and never more bytes than the
session may hold.

Events for a session without a connection wait without numbers. After a resume, events beyond
``limit`` wait too until the client has acknowledged some: it gets time to do so. An event that
waits may still be dropped where the client loses nothing: only the newest state of a lobby waits,
and when too many events wait, the oldest lines of the global chat are dropped first, then those of
lobby and team (the chat's history has them). Whispers, results and all others are never dropped.
"""

from collections import deque
from typing import Final

import attrs

from gameserver.ids import EventNumber
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatSaid
from gameserver.messages.lobby import LobbyChanged
from gameserver.messages.wire import EventEnvelope
from gameserver.rooms.limits.holdings import Held, unbounded

_ROOM_BYTES: Final = 4096
"""Free bytes from which a resumed session counts as caught up: room for new events."""

_LEFT_OUT_FIRST: Final = ((Channel.GLOBAL,), (Channel.LOBBY, Channel.TEAM))

MOST_UNRECORDED: Final = 1000
"""Most events that a client may have and that were not recorded when a process ended: those of
matches are sent at once, and committed some milliseconds later."""


@attrs.define
class EventStream:
    """Events on their way to one session.

    When full: `number` returns None, and the caller should end the connection, unless the session
    is catching up. `wait` drops chat lines; if there are none left to drop it returns False, and
    the caller should end the session.
    """

    limit: int
    """Most events that are numbered and not acknowledged."""
    waiting_limit: int
    """Most events that wait for a number."""
    _held: Held = attrs.field(factory=unbounded)
    catching_up: bool = attrs.field(default=False, init=False)
    """Whether events wait although there is a connection: too many are unacknowledged."""
    _numbered: deque[EventEnvelope] = attrs.field(factory=deque, init=False)
    _weights: deque[int] = attrs.field(factory=deque, init=False)
    """Weights of the numbered events, in bytes, in the same order."""
    _waiting: list[tuple[ReliableEvent, int]] = attrs.field(factory=list, init=False)
    """Events without a number, with their weights in bytes."""
    _waiting_bytes: int = attrs.field(default=0, init=False)
    _last: EventNumber = attrs.field(default=EventNumber(0), init=False)

    def __len__(self) -> int:
        """Count the events, with and without numbers."""
        return len(self._numbered) + len(self._waiting)

    @property
    def last(self) -> EventNumber:
        """The number of the newest numbered event."""
        return self._last

    def number(self, event: ReliableEvent) -> EventEnvelope | None:
        """Give an event the next number and keep it; return None if there is no room for it."""
        if self.catching_up or len(self._numbered) >= self.limit:
            return None
        weight = self._held.weigh(event)
        if not self._held.fits(weight):
            return None
        self._held.change(weight)
        return self._append(event, weight)

    def wait(self, event: ReliableEvent) -> bool:
        """Keep an event that cannot be numbered now.

        Returns:
            False if there is no room for it; then it is not kept.
        """
        if isinstance(event, LobbyChanged):
            for index in reversed(range(len(self._waiting))):
                if _superseded(self._waiting[index][0], event):
                    self._leave_out(index)
        weight = self._held.weigh(event)
        self._waiting.append((event, weight))
        self._held.change(weight)
        self._waiting_bytes += weight
        while self._too_much_waits:
            if not self._leave_one_out():
                self._leave_out(-1)
                return False
        return True

    @property
    def _too_much_waits(self) -> bool:
        if len(self._waiting) > self.waiting_limit:
            return True
        # Waiting events have a share of their own, which unacknowledged events do not reduce.
        return self._waiting_bytes > self._held.share and not self._held.fits(0)

    def ack(self, upto: EventNumber) -> list[ReliableEvent]:
        """Forget the numbered events up to this number; return them in order."""
        arrived = []
        while self._numbered and self._numbered[0].number <= upto:
            arrived.append(self._numbered.popleft().event)
            self._held.change(-self._weights.popleft())
        return arrived

    def come_back(self, last: EventNumber) -> list[ReliableEvent]:
        """Note the newest event that a returning client has; return what has arrived, in order.

        If nothing here knows of that event, later ones are numbered behind it: the process that
        sent it ended before it was recorded. A number that is too far ahead is a mistake of the
        client, and changes nothing.
        """
        arrived = self.ack(last)
        if not self._numbered and last - self._last <= MOST_UNRECORDED:
            self._last = max(self._last, last)
        return arrived

    def since(self, after: EventNumber, most: int) -> list[EventEnvelope]:
        """Return the first ``most`` numbered events behind a number; it acknowledges nothing."""
        return [each for each in self._numbered if each.number > after][:most]

    def resume(self) -> tuple[EventEnvelope, ...]:
        """Number waiting events as far as there is room; return all numbered events, in order."""
        # Set before numbering: `catch_up` clears it again if all waiting events found room.
        self.catching_up = True
        self.catch_up()
        return tuple(self._numbered)

    def catch_up(self) -> list[EventEnvelope]:
        """Number waiting events as far as acknowledgements made room; return those, in order."""
        if not self.catching_up:
            return []
        room = self.limit - len(self._numbered)
        numbered = [self._append(event, weight) for event, weight in self._waiting[:room]]
        self._waiting_bytes -= sum(weight for _, weight in self._waiting[:room])
        del self._waiting[:room]
        no_room = bool(self._numbered) and not self._held.fits(_ROOM_BYTES)
        self.catching_up = len(self._numbered) >= self.limit or no_room
        return numbered

    def _append(self, event: ReliableEvent, weight: int) -> EventEnvelope:
        self._weights.append(weight)
        self._last = EventNumber(self._last + 1)
        envelope = EventEnvelope(self._last, event)
        self._numbered.append(envelope)
        return envelope

    def _leave_one_out(self) -> bool:
        for channels in _LEFT_OUT_FIRST:
            for index, (event, _) in enumerate(self._waiting):
                if isinstance(event, ChatSaid) and event.line.channel in channels:
                    self._leave_out(index)
                    return True
        return False

    def _leave_out(self, index: int) -> None:
        _, weight = self._waiting.pop(index)
        self._waiting_bytes -= weight
        self._held.change(-weight)


def _superseded(event: ReliableEvent, by: LobbyChanged) -> bool:
    return isinstance(event, LobbyChanged) and event.lobby.lobby_id == by.lobby.lobby_id
