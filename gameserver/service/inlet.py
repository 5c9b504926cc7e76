"""The inlet of a match: the inputs of its viewers since the last tick, read at the next tick.

Law: the queue of each viewer is bounded; a flood overwrites only the oldest inputs of its sender.
The inputs of a viewer go through the lane and not to the conversation, and the match's own drain
reads the viewer's socket, so an input wakes no task.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from gameserver.ids import PlayerId
from gameserver.protocol.hot import LANE_HEADS
from gameserver.transports import Drain, Link

QUEUED_PER_VIEWER: Final = 300
"""Ten seconds of inputs at 30 Hz, which a stalled link may deliver at once (threat 8)."""

UNCHARGED: Final = 2
"""Messages of one viewer per tick that are not charged: an input and a late one. At every tick rate
this is less than a connection may send."""

ChargeFlood = Callable[[int], None]
"""Charges a number of messages that came at once; too many end the connection."""


@attrs.define(eq=False)
class _Feed:
    """One viewer's messages."""

    queue: deque[bytes] = attrs.field(factory=lambda: deque(maxlen=QUEUED_PER_VIEWER))
    link: Link | None = None
    charge: ChargeFlood | None = None


class QueueInlet:
    """Collects hot messages between ticks.

    Attributes:
        overflowed: How often a viewer's queue was full when it was drained: a flood.
    """

    def __init__(self, drain: Drain) -> None:
        """Start without viewers; ``drain`` reads the sockets of those that are attached."""
        self._feeds: dict[PlayerId, _Feed] = {}
        self._drain = drain
        self.overflowed: int = 0

    def attach(self, player_id: PlayerId, link: Link, charge: ChargeFlood) -> None:
        """Take a viewer's inputs from this connection from now on, through its lane.

        What an earlier connection of the viewer has brought is kept.
        """
        earlier = self._feeds.get(player_id)
        # The earlier connection gets its lane back first.
        self.detach(player_id)
        feed = _Feed(link=link, charge=charge)
        if earlier is not None:
            feed.queue.extend(earlier.queue)
        self._feeds[player_id] = feed
        link.open_lane(LANE_HEADS, feed.queue.append, self._drain)

    def detach(self, player_id: PlayerId) -> None:
        """Stop to take a viewer's inputs, and drop the queued ones. Idempotent."""
        feed = self._feeds.pop(player_id, None)
        if feed is not None and feed.link is not None:
            feed.link.close_lane()

    def put(self, player_id: PlayerId, message: bytes) -> None:
        """Queue one message that reached the conversation instead of the lane.

        When full: the viewer's oldest message is dropped.
        """
        feed = self._feeds.get(player_id)
        if feed is None:
            feed = self._feeds[player_id] = _Feed()
        feed.queue.append(message)

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Read all sockets; return the queued messages and empty the queues."""
        self._drain.drain()
        drained: list[tuple[PlayerId, bytes]] = []
        floods: list[tuple[ChargeFlood, int]] = []
        for player_id, feed in self._feeds.items():
            queue = feed.queue
            if not queue:
                continue
            if len(queue) > UNCHARGED:
                self.overflowed += len(queue) == QUEUED_PER_VIEWER
                if feed.charge is not None:
                    floods.append((feed.charge, len(queue)))
            while queue:
                drained.append((player_id, queue.popleft()))
        # After the loop, since a charge may end a connection and so change the dict above.
        for charge, count in floods:
            charge(count)
        return drained

    def close(self) -> None:
        """Stop to take inputs, and free the selector."""
        for player_id in list(self._feeds):
            self.detach(player_id)
        self._drain.close()
