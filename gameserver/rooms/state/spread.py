"""What many are told at once: decided for all in one moment, handed out a few listeners at a time.

Law: whoever is told something gets everything in the order in which it was decided, exactly once,
however long the handing out takes. So what is on its way is kept with its listener, and goes ahead
of whatever that listener is told next.

Deciding costs some tenths of a microsecond for each listener; numbering, encoding and sending cost
some ten. Several tellings that meet on their way leave in one message (threat 38).
"""

from collections import deque
from collections.abc import Iterable

import attrs

from gameserver.messages.base import Notice, ReliableEvent
from gameserver.rooms.state.session import Session


@attrs.define(eq=False)
class Spread:
    """The listeners for whom something is on its way, longest first."""

    _listeners: deque[Session] = attrs.field(factory=deque, init=False)

    def __bool__(self) -> bool:
        """Tell whether something is on its way."""
        return bool(self._listeners)

    def hold(self, listeners: Iterable[Session], telling: ReliableEvent | Notice) -> None:
        """Have each of these told, soon."""
        waiting = self._listeners
        for session in listeners:
            if not session.held:
                waiting.append(session)
            session.held.append(telling)

    def take(self) -> Session | None:
        """Return the next one for whom something is held; None where there is nobody."""
        while self._listeners:
            session = self._listeners.popleft()
            if session.held:  # else it was told already, together with something later, or is over
                return session
        return None
