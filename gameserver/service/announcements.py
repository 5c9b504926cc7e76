"""Tell a match's reliable events: to players at once, to spectators when they see their ticks."""

from collections import deque
from typing import Protocol

import attrs

from gameserver.ids import Tick
from gameserver.messages.match import MatchHappened
from gameserver.rooms.state.effects import Hearers


class EventListener(Protocol):
    """Is told of events."""

    def happened(self, event: MatchHappened, hearers: Hearers) -> None:
        """Handle a reliable game event, before the hearers are sent its tick."""
        ...


@attrs.define(eq=False)
class Announcements:
    """Tells the events of one match; ``_delay`` is by how many ticks spectators see it later.

    When full: it never is; it holds the events of so many ticks, each of them bounded by the match.
    """

    _listener: EventListener
    _delay: int
    _late: deque[MatchHappened] = attrs.field(factory=deque, init=False)
    """What spectators are not told yet, by tick."""

    def happened(self, event: MatchHappened) -> None:
        """Tell an event of the present tick."""
        if not self._delay:
            self._listener.happened(event, Hearers.ALL)
            return
        self._listener.happened(event, Hearers.SEATED)
        self._late.append(event)

    def tell_due(self, now: Tick) -> None:
        """Tell spectators the events of what they see at this tick; to be called before it."""
        while self._late and self._late[0].tick + self._delay <= now:
            self._listener.happened(self._late.popleft(), Hearers.SPECTATORS)

    @property
    def waits(self) -> bool:
        """Whether spectators are not told something yet."""
        return bool(self._late)

    def tell_rest(self) -> None:
        """Tell spectators all that is left: the end of the match is not shown any further."""
        while self._late:
            self._listener.happened(self._late.popleft(), Hearers.SPECTATORS)
