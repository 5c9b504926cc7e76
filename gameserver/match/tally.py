"""Sum up the counters of matches, for the operator.

Law: events are counted where they happen; sums are computed only when they are asked for.
"""

from collections.abc import Collection, Iterable

import attrs

from gameserver.accel import InputBuffer, InputCounts
from gameserver.match.viewers import Viewer
from gameserver.messages.match import MatchStats


@attrs.define
class Tally:
    """Figures of one match, or of several.

    Attributes:
        seats: Seats in play, bots included.
        viewers: Players and spectators that get snapshots.
        congested: Viewers that get no snapshots at present, because they do not keep up.
        applied: Inputs that were applied; ``late`` and ``missed`` as in `InputCounts`.
        malformed: Messages that were no valid input.
        desyncs: Checksums that a viewer found wrong.
        clamped_views: Commands whose view was older than the server's measurement allows.
        bytes_out: Bytes of snapshots that outlets accepted.
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
        """Add the figures of an ended match or of released seats: all but the present ones."""
        self.applied += over.applied
        self.late += over.late
        self.missed += over.missed
        self.malformed += over.malformed
        self.desyncs += over.desyncs
        self.clamped_views += over.clamped_views
        self.bytes_out += over.bytes_out

    def add_viewers(self, viewers: Collection[Viewer]) -> None:
        """Count these viewers."""
        self.viewers += len(viewers)
        for viewer in viewers:
            if viewer.paused_since is not None or viewer.refused_since is not None:
                self.congested += 1

    def add_inputs(self, counts: Iterable[InputCounts]) -> None:
        """Add the counters of these seats' inputs."""
        for each in counts:
            self.applied += each.applied
            self.late += each.late
            self.missed += each.missed


def stats_of(buffer: InputBuffer | None) -> MatchStats:
    """Return the counters of a seat's inputs, for its player; zeros without a buffer."""
    if buffer is None:
        return MatchStats()
    counts = buffer.counts
    return MatchStats(
        counts.applied,
        counts.late,
        counts.missed,
        counts.early,
        counts.doubled,
        counts.malformed,
    )
