"""Figures of a running replica: for a net graph, for load tests, and to tell jitter from a bug.

Law: counting costs next to nothing and is bounded; what is expensive is worked out when asked.
"""

from collections import deque
from typing import Final

import attrs

from gameserver.game.fixed import SUB
from gameserver.netcode.prediction.world import Verdict

KEPT_DIVERGENCES: Final = 64
KEPT_CORRECTIONS: Final = 4096


@attrs.frozen
class Divergence:
    """A tick that came out otherwise than predicted, and by which fields."""

    verdict: Verdict

    @property
    def explained(self) -> str:
        """Whether a missing input explains it (``input``), or not (``world``).

        The latter is what this client could not know, or a fault in the game's prediction.
        """
        return "input" if self.verdict.input_explains else "world"


@attrs.frozen
class ReplicaStats:
    """One moment's figures."""

    rtt_ms: float
    jitter_ms: float
    tick: int
    lead_ticks: float
    """How far the own tick runs ahead of the snapshot that arrives now."""
    view_delay_ms: float
    """How far behind that snapshot others are drawn."""
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
    """Return a percentile by nearest rank; 0 without samples."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


@attrs.define
class Telemetry:
    """Counts of one replica.

    ``corrections_px`` has one sample for each snapshot whose tick had been predicted: 0 where the
    prediction came true, else how far the own entity that was farthest off was off.
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
        """Count what a snapshot said of the prediction."""
        if not verdict.compared:
            return
        self.corrections_px.append(verdict.distance / SUB)
        if verdict.differences:
            self.divergence_count += 1
            self.divergences_by_input += verdict.input_explains
            self.divergences.append(Divergence(verdict))
