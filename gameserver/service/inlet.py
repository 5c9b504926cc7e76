"""The inlet of a match: what its viewers sent since the last tick, read when the tick asks.

Law: bounded per viewer; what a flood overwrites is the flooder's own oldest input. While somebody
watches, their inputs take the lane around the conversation, and their socket is read by the match's
own drain, so that an input costs no task a wake-up.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from gameserver.ids import PlayerId
from gameserver.protocol.hot import LANE_HEADS
from gameserver.transports import Connection, Drain

QUEUED_PER_VIEWER: Final = 300
"""Ten seconds of inputs at 30 Hz: what an honest player's stalled link delivers at once
(threat 8)."""

UNCHARGED: Final = 2
"""Messages of one viewer and tick that are not counted against its rate: one input and a straggler.
No tick rate makes that more than a connection may send."""

Charge = Callable[[int], None]
"""Told how many messages came at once; it ends the connection where that is a flood."""


@attrs.define(eq=False)
class _Feed:
    """One viewer's messages."""

    queue: deque[bytes] = attrs.field(factory=lambda: deque(maxlen=QUEUED_PER_VIEWER))
    connection: Connection | None = None
    charge: Charge | None = None


class QueueInlet:
    """Collects hot messages between ticks.

    Attributes:
        overflowed: How often a viewer's queue was full when it was drained: a flood.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._feeds: dict[PlayerId, _Feed] = {}
        self._drain = Drain()
        self.overflowed = 0

    def attach(self, player_id: PlayerId, connection: Connection, charge: Charge) -> None:
        """Take a viewer's inputs off its connection from now on."""
        self.detach(player_id)
        feed = _Feed(connection=connection, charge=charge)
        self._feeds[player_id] = feed
        connection.open_lane(LANE_HEADS, feed.queue.append, self._drain)

    def detach(self, player_id: PlayerId) -> None:
        """Leave a viewer's connection alone; what was queued is dropped. Twice is safe."""
        feed = self._feeds.pop(player_id, None)
        if feed is not None and feed.connection is not None:
            feed.connection.close_lane()

    def put(self, player_id: PlayerId, message: bytes) -> None:
        """Queue one message that came by another road.

        When full: the viewer's oldest message is dropped.
        """
        feed = self._feeds.get(player_id)
        if feed is None:
            feed = self._feeds[player_id] = _Feed()
        feed.queue.append(message)

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Read what has arrived; return and forget everything queued."""
        self._drain.drain()
        drained: list[tuple[PlayerId, bytes]] = []
        floods: list[tuple[Charge, int]] = []
        for player_id, feed in self._feeds.items():
            queue = feed.queue
            if not queue:
                continue
            if len(queue) > UNCHARGED:
                self.overflowed += len(queue) == QUEUED_PER_VIEWER
                if feed.charge is not None:
                    floods.append((feed.charge, len(queue)))
            drained += [(player_id, message) for message in queue]
            queue.clear()
        for charge, count in floods:
            charge(count)
        return drained

    def close(self) -> None:
        """Leave all connections alone, and free the selector."""
        for player_id in list(self._feeds):
            self.detach(player_id)
        self._drain.close()
