"""The inlet of a match: the inputs of its viewers since the last tick, read at the next tick.

Law: the queue of each viewer is bounded; a flood overwrites only the oldest inputs of its sender.
The inputs of a viewer go through the lane and not to the conversation, and the match's own drain
reads the viewer's socket, so an input wakes no task.
"""

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from gameserver.accel import InputQueue, hot
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
    """Where one viewer's messages come from."""

    link: Link
    charge: ChargeFlood


class QueueInlet:
    """Collects hot messages between ticks.

    Attributes:
        overflowed: How often a viewer's queue was full when it was drained: a flood.
    """

    def __init__(self, drain: Drain) -> None:
        """Start without viewers; ``drain`` reads the sockets of those that are attached."""
        self._feeds: dict[PlayerId, _Feed] = {}
        self._queues: dict[PlayerId, InputQueue] = {}
        self._drain = drain
        self.overflowed: int = 0

    def attach(self, player_id: PlayerId, link: Link, charge: ChargeFlood) -> None:
        """Take a viewer's inputs from this connection from now on, through its lane.

        What an earlier connection of the viewer has brought is kept.
        """
        queue = self._queues.get(player_id)
        # The earlier connection gives its lane back first.
        self.detach(player_id)
        queue = self._queues[player_id] = queue or hot.input_queue(QUEUED_PER_VIEWER)
        self._feeds[player_id] = _Feed(link, charge)
        link.open_lane(LANE_HEADS, queue, self._drain)

    def detach(self, player_id: PlayerId) -> None:
        """Stop to take a viewer's inputs, and drop the queued ones. Idempotent."""
        self._queues.pop(player_id, None)
        feed = self._feeds.pop(player_id, None)
        if feed is not None:
            feed.link.close_lane()

    def put(self, player_id: PlayerId, message: bytes) -> None:
        """Queue one message that reached the conversation instead of the lane.

        When full: the viewer's oldest message is dropped.
        """
        queue = self._queues.get(player_id)
        if queue is None:
            queue = self._queues[player_id] = hot.input_queue(QUEUED_PER_VIEWER)
        queue(message)

    def drain(self) -> Iterable[tuple[PlayerId, bytes]]:
        """Read all sockets; return the queued messages and empty the queues."""
        self._drain.drain()
        messages, floods = hot.collect(self._queues, UNCHARGED)
        for player_id, count in floods:
            self.overflowed += count == QUEUED_PER_VIEWER
            feed = self._feeds.get(player_id)
            if feed is not None:  # the charge of another one may have ended its connection
                feed.charge(count)
        return messages

    def close(self) -> None:
        """Stop to take inputs, and free the selector."""
        for player_id in list(self._queues):
            self.detach(player_id)
        self._drain.close()
