"""Histograms of fixed size for times, and counters of ticks.

Law: recording takes constant time, well below a microsecond, and no clock is read: a time is only
kept, and many are sorted into their buckets together. Percentiles are computed only on request.

A power of two is divided into sixteen buckets, so a percentile is exact to 3 %. Prior art:
HdrHistogram (Tene), with fewer digits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import Final

import attrs

_SUB_BITS: Final = 4
"""Binary logarithm of the number of buckets per power of two."""

_EXACT: Final = 2 << _SUB_BITS
"""Times below this number of microseconds have one bucket each."""

BUCKETS: Final = 24 << _SUB_BITS
"""Number of buckets. The last one takes all times from 130 s on."""


def start_us(bucket: int) -> int:
    """Return the shortest time of a bucket, in microseconds."""
    if bucket < _EXACT:
        return bucket
    shift = (bucket >> _SUB_BITS) - 1
    sixteenth = (bucket & (1 << _SUB_BITS) - 1) + (1 << _SUB_BITS)
    return sixteenth << shift


_STARTS_S: Final = tuple(start_us(bucket) / 1e6 for bucket in range(BUCKETS))
_ENDS_S: Final = (*_STARTS_S[1:], float("inf"))


def bucket_of(seconds: float) -> int:
    """Return the bucket of a time; a negative one counts as zero."""
    return max(0, bisect_right(_STARTS_S, seconds) - 1)


def middle_us(bucket: int) -> int:
    """Return the time in the middle of a bucket, in microseconds."""
    start = start_us(bucket)
    return start if bucket < _EXACT else start + (start_us(bucket + 1) - start) // 2


@attrs.frozen
class Percentiles:
    """Percentiles of times in seconds; zeros without times."""

    count: int = 0
    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    most: float = 0.0


def percentiles(counts: Sequence[int]) -> Percentiles:
    """Compute the percentiles (nearest rank) from the counts of all buckets."""
    sums = list(accumulate(counts))
    total = sums[-1]
    if not total:
        return Percentiles()
    found, bucket = [], 0
    for rank in (_rank(total, 500), _rank(total, 990), _rank(total, 999), total):
        while sums[bucket] < rank:
            bucket += 1
        found.append(middle_us(bucket) / 1e6)
    return Percentiles(total, *found)


def _rank(total: int, per_mille: int) -> int:
    return -(-total * per_mille // 1000)


HELD: Final = 256
"""Times that are kept before they are sorted into buckets."""


class Histogram:
    """Times of a sliding window, and since the start.

    The window consists of two halves. The owner calls `turn` once per half, so the results cover
    at least one half and at most the whole window.
    """

    __slots__ = ("_before", "_held", "_now", "_older")

    def __init__(self) -> None:
        """Set all counts to zero."""
        self._held: list[float] = []
        self._now = [0] * BUCKETS
        self._before = [0] * BUCKETS
        self._older = [0] * BUCKETS

    def record(self, seconds: float) -> None:
        """Count one time; a negative one counts as zero."""
        held = self._held
        held.append(seconds)
        if len(held) >= HELD:
            self._sort()

    def _sort(self) -> list[int]:
        """Bring all times to their buckets; return the counts of the present half."""
        held, now = sorted(self._held), self._now
        self._held.clear()
        at, count = 0, len(held)
        while at < count:
            bucket = bucket_of(held[at])
            end = bisect_left(held, _ENDS_S[bucket], at)
            now[bucket] += end - at
            at = end
        return now

    def turn(self) -> None:
        """Begin a new half of the window; the oldest half only counts since the start."""
        self._older = list(map(add, self._older, self._before))
        self._before, self._now = self._sort(), [0] * BUCKETS

    def lately(self) -> Percentiles:
        """Return the percentiles of the window."""
        return percentiles(list(map(add, self._before, self._sort())))

    def since_start(self) -> Percentiles:
        """Return the percentiles of all times since the start."""
        return percentiles(list(map(add, map(add, self._older, self._before), self._sort())))


@attrs.define(eq=False)
class TickMeter:
    """Duration and lateness of one game's ticks.

    Attributes:
        behind: Ticks that began more than a period late.
        overruns: Ticks that took longer than their period.
        shed: Ticks of lost time that was given up: all later ticks came that much later.
        busy_s: Total duration of all ticks.
    """

    lateness: Histogram = attrs.field(factory=Histogram)
    duration: Histogram = attrs.field(factory=Histogram)
    ticks: int = 0
    behind: int = 0
    overruns: int = 0
    shed: int = 0
    busy_s: float = 0.0

    def ticked(self, late_s: float, took_s: float, period_s: float) -> None:
        """Count a tick."""
        self.lateness.record(late_s)
        self.duration.record(took_s)
        self.ticks += 1
        self.busy_s += took_s
        if late_s > period_s:
            self.behind += 1
        if took_s > period_s:
            self.overruns += 1

    def turn(self) -> None:
        """Begin a new half of the window."""
        self.lateness.turn()
        self.duration.turn()
