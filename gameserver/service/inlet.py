"""The inlet of a match whose viewers' messages are read by one task per connection.

Law: bounded per viewer; what a flood overwrites is the flooder's own oldest input.
"""

from collections import deque
from typing import Final

from gameserver.ids import PlayerId

QUEUED_PER_VIEWER: Final = 300
"""Ten seconds of inputs at 30 Hz: what an honest player's stalled link delivers at once
(threat 8)."""


class QueueInlet:
    """Collects hot messages between ticks."""

    def __init__(self) -> None:
        """Start empty."""
        self._queues: dict[PlayerId, deque[bytes]] = {}
        self.overflowed = 0

    def put(self, player_id: PlayerId, message: bytes) -> None:
        """Queue one message for the next tick.

        When full: the viewer's oldest message is dropped and counted in ``overflowed``.
        """
        queue = self._queues.get(player_id)
        if queue is None:
            queue = self._queues[player_id] = deque(maxlen=QUEUED_PER_VIEWER)
        elif len(queue) == QUEUED_PER_VIEWER:
            self.overflowed += 1
        queue.append(message)

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Return and forget everything queued."""
        if not self._queues:
            return []
        drained = [(player, item) for player, queue in self._queues.items() for item in queue]
        self._queues.clear()
        return drained
