"""Sum up what a match did so far: figures for whoever runs the server.

Law: counted where it happens, summed up only when somebody asks.
"""

from collections.abc import Collection, Iterable

import attrs

from gameserver.accel import InputCounts
from gameserver.match.viewers import Viewer


@attrs.define
class Tally:
    """Figures of one match, or of several.

    Attributes:
        seats: Seats in play, bots included.
        viewers: Connections that get snapshots.
        congested: Those of them that get none now, because they do not keep up.
        bytes_out: Bytes of snapshots that outlets took.
        clamped_views: Commands that wanted to look back farther than their link allows.
    """

    seats: int = 0
    bots: int = 0
    viewers: int = 0
    congested: int = 0
    applied: int = 0
    late: int = 0
    missed: int = 0
    malformed: int = 0
    desyncs: int = 0
    clamped_views: int = 0
    bytes_out: int = 0

    def add_past(self, over: "Tally") -> None:
        """Add the figures of a match that is over: nobody is there any more."""
        self.applied += over.applied
        self.late += over.late
        self.missed += over.missed
        self.malformed += over.malformed
        self.desyncs += over.desyncs
        self.clamped_views += over.clamped_views
        self.bytes_out += over.bytes_out

    def add_viewers(self, viewers: Collection[Viewer]) -> None:
        """Add those who watch."""
        self.viewers += len(viewers)
        for viewer in viewers:
            if viewer.paused_since is not None or viewer.refused_since is not None:
                self.congested += 1

    def add_inputs(self, counts: Iterable[InputCounts]) -> None:
        """Add what became of these seats' inputs."""
        for each in counts:
            self.applied += each.applied
            self.late += each.late
            self.missed += each.missed
