"""Messages to many sessions: decided for all at one moment, sent to a few sessions at a time.

Law: each session gets all messages in the order in which they were decided, exactly once, however
long the sending takes. So an unsent message is kept with its session, and is sent before any later
message to that session. What tells the same anew replaces what is unsent, see `Unsent`.

To decide costs some tenths of a microsecond for each session; to number, encode and send costs
about ten. Several messages that wait for one session leave together (threat 38).
"""

from collections import deque
from collections.abc import Iterable

import attrs

from gameserver.messages.base import Notice, ReliableEvent
from gameserver.rooms.state.session import Session


@attrs.define(eq=False)
class Spread:
    """The sessions that have unsent messages, the longest waiting first."""

    _listeners: deque[Session] = attrs.field(factory=deque, init=False)

    def __bool__(self) -> bool:
        """Tell whether any session has unsent messages."""
        return bool(self._listeners)

    def hold(self, listeners: Iterable[Session], telling: ReliableEvent | Notice) -> None:
        """Keep a message for each of these sessions, to be sent soon."""
        waiting = self._listeners
        for session in listeners:
            if not session.unsent:
                waiting.append(session)
            session.unsent.add(telling)

    def take(self) -> Session | None:
        """Return the next session that has unsent messages; None if there is none."""
        while self._listeners:
            session = self._listeners.popleft()
            # A later message may have taken the unsent along, or the session may have ended.
            if session.unsent:
                return session
        return None
