"""Messages to many that one session has not been sent yet, in the order of deciding.

Law: what tells the same anew replaces what waits, and goes to the end: of notices about one thing,
and of the states of one lobby, only the newest is kept. So a session that is not sent anything for
a while gets one state of its lobby, however many came in meanwhile.
"""

from collections.abc import Iterable

import attrs

from gameserver.messages.base import Notice, ReliableEvent
from gameserver.messages.lobby import LobbyChanged


@attrs.define
class Unsent:
    """The unsent messages of a session, by what they tell about."""

    _kept: dict[tuple[str, ...] | int, ReliableEvent | Notice] = attrs.field(
        factory=dict, init=False
    )
    """The keys of messages that nothing replaces are numbers."""
    _last: int = attrs.field(default=0, init=False)

    @classmethod
    def of(cls, messages: Iterable[ReliableEvent | Notice]) -> "Unsent":
        """Return these messages, added in order."""
        made = cls()
        for telling in messages:
            made.add(telling)
        return made

    def __len__(self) -> int:
        """Count the messages."""
        return len(self._kept)

    def add(self, telling: ReliableEvent | Notice) -> None:
        """Keep a message; an older one about the same is dropped."""
        key: tuple[str, ...] | int
        if isinstance(telling, Notice):
            key = telling.about
        elif isinstance(telling, LobbyChanged):
            key = (telling.name, telling.lobby.lobby_id)
        else:
            self._last += 1
            key = self._last
        # Removed first: a dict keeps the place of a key that it has already.
        self._kept.pop(key, None)
        self._kept[key] = telling

    def take(self) -> list[ReliableEvent | Notice]:
        """Return all messages in order, and keep none."""
        taken = list(self._kept.values())
        self.clear()
        return taken

    def clear(self) -> None:
        """Forget all messages."""
        self._kept.clear()
        self._last = 0
