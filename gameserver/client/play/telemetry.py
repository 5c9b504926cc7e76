"""Figures of a running replica: for a net graph, for load tests, and to tell jitter from a bug.

Law: counting is cheap and its memory bounded; percentiles are computed only when they are read.
"""

from collections import deque
from typing import Final

import attrs

from gameserver.game.fixed import SUB
from gameserver.netcode.prediction.world import Verdict

KEPT_DIVERGENCES: Final = 64
"""Last divergences kept with all their fields."""

KEPT_CORRECTIONS: Final = 4096
"""Last corrections kept: more than two minutes at 30 Hz."""


@attrs.frozen
class Divergence:
    """A tick whose snapshot differed from the prediction; the verdict names the fields."""

    verdict: Verdict

    @property
    def explained(self) -> str:
        """``input`` if a missing input explains the difference, else ``world``.

        ``world``: the cause was unknown to this client, or the game's prediction has a bug.
        """
        return "input" if self.verdict.input_explains else "world"


@attrs.frozen
class ReplicaStats:
    """The figures of a replica at one moment."""

    rtt_ms: float
    jitter_ms: float
    tick: int
    lead_ticks: float
    """Distance from the tick that arrives now to the client's own tick."""
    view_delay_ms: float
    """Delay of the drawn entities of others behind the tick that arrives now."""
    snapshots: int
    keyframes: int
    desyncs: int
    inputs: int
    divergences: int
    divergences_by_input: int
    correction_px_last: float
    correction_px_p50: float
    correction_px_p99: float


def percentile(samples: "list[float] | deque[float]", part: float) -> float:
    """Return the sample below which ``part`` (0 to 1) of all samples lie; 0 without samples."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


@attrs.define
class Telemetry:
    """Counts of one replica.

    ``corrections_px`` has one sample for each snapshot whose tick had been predicted: the largest
    distance of an own entity from its predicted position, 0 where the prediction was right.
    """

    snapshots: int = 0
    keyframes: int = 0
    desyncs: int = 0
    inputs: int = 0
    skipped_ticks: int = 0
    divergence_count: int = 0
    divergences_by_input: int = 0
    corrections_px: deque[float] = attrs.field(
        factory=lambda: deque[float](maxlen=KEPT_CORRECTIONS)
    )
    divergences: deque[Divergence] = attrs.field(
        factory=lambda: deque[Divergence](maxlen=KEPT_DIVERGENCES)
    )

    def judged(self, verdict: Verdict) -> None:
        """Count a verdict; one without a comparison is ignored."""
        if not verdict.compared:
            return
        self.corrections_px.append(verdict.distance / SUB)
        if verdict.differences:
            self.divergence_count += 1
            self.divergences_by_input += verdict.input_explains
            self.divergences.append(Divergence(verdict))
