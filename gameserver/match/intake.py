"""Take in what viewers sent: from the bytes of a message to a command for a tick.

Law: hostile bytes are counted and do nothing else, at a cost below that of a good input. Every
value is checked for its type and its bounds before anything is done with it.
"""

from collections.abc import Mapping

import attrs

from gameserver.accel import InputBuffer, hot
from gameserver.errors import ProtocolError
from gameserver.game.command import Command
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.match.ports import Inlet
from gameserver.match.viewers import Viewer
from gameserver.netcode.timing.steering import TARGET_MARGIN
from gameserver.protocol.hot import decode_seen
from gameserver.protocol.inputs import input_reader


@attrs.define
class MatchCounts:
    """Totals of a match since its start."""

    ticks: int = 0
    malformed: int = 0
    """Messages that are no valid input of this game, or inputs of a viewer without a seat."""
    clamped_views: int = 0
    desyncs: int = 0


class Intake:
    """Brings what an inlet holds to the seats' buffers.

    Attributes:
        tight: Whether an input came too late, or nearly, since `drain` was called last.
    """

    def __init__(
        self,
        command: type[Command],
        inlet: Inlet,
        viewers: Mapping[PlayerId, Viewer],
        buffers: Mapping[Seat, InputBuffer],
        counts: MatchCounts,
    ) -> None:
        """Read from ``inlet``. The mappings are shared with the match, which changes them."""
        self._read = input_reader(command)
        self._inlet = inlet
        self._viewers = viewers
        self._buffers = buffers
        self._counts = counts
        self._now: Tick  # of the present `drain`
        self.tight: bool = False

    def drain(self, now: Tick) -> None:
        """Take in everything that arrived before the tick after ``now``."""
        self._now = now
        least, clamped, unseated = hot.take_in(
            self._read, self._inlet.drain(), self._viewers, self._buffers, now, self._odd
        )
        if clamped or unseated:
            self._counts.clamped_views += clamped
            self._counts.malformed += unseated  # a spectator sends no inputs
        self.tight = least is not None and least < TARGET_MARGIN

    def _odd(self, viewer: Viewer, message: bytes) -> None:
        try:
            viewer.saw(self._now, decode_seen(message).tick)
        except ProtocolError:
            self._counts.malformed += 1
            buffer = self._buffers.get(viewer.seat)
            if buffer is not None:
                buffer.counts.malformed += 1  # so that the author of its client can see it
