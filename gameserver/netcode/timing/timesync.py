"""Estimate the server's tick from the arrival of snapshots, and the client's lead over it.

Law: the time is an argument, in seconds of any monotonic clock; no code here reads a clock.

The least delayed snapshot of a window fixes the server's ticks on the client's clock: tick T
*arrives* at ``offset + T * period`` at the earliest. The input for tick T must reach the server
before T is stepped, so it must be sent a whole round trip before that arrival: the client's own
tick is `lead` ticks ahead of the arriving one. The first lead comes from the measured round trip.
Then the server steers it, since only the server knows how early inputs arrive.
"""

from bisect import insort
from collections import deque
from typing import Final

import attrs

from gameserver.netcode.timing.inputs import AHEAD_S

WINDOW_S: Final = 3.0
"""Window of arrivals; after this time the estimate follows a lasting change of the delay."""

SLEW: Final = 0.03
"""The estimate moves by at most this share of the passing time, so that ticks do not visibly
jump. An error above `JUMP_TICKS` is corrected at once."""

JUMP_TICKS: Final = 8.0
"""Error in ticks from which the estimate is wrong rather than drifting."""

LEAD_UP: Final = 0.5
"""Ticks by which the lead grows per tick: fast, because inputs are late meanwhile."""

LEAD_DOWN: Final = 0.1
"""Ticks by which the lead shrinks per tick: slowly, because a long lead only adds a little lag."""

MARGIN_TICKS: Final = 1.0
"""Added to round trip and jitter in the first lead: inputs are drained at the start of a tick."""

MAX_LEAD_S: Final = 2.5
"""Longest lead: the longest playable round trip (2 s) with jitter and margin."""

FIRST_RTT_S: Final = 0.1
"""Round trip assumed before the first measurement; the server corrects the lead."""

ROUND_TRIPS: Final = 12
"""Number of round trips that count: a change of the way is noticed after as many pings."""

FIRST_SPREAD_S: Final = AHEAD_S / 2
"""Most spread of the round trips that the first lead allows for. A larger one comes from a stall,
which is over: with a lead as long as that, every input would come more than `AHEAD_S` too early."""


class RoundTrips:
    """The last measured round trips in seconds: minimum and spread."""

    def __init__(self, window: int = ROUND_TRIPS) -> None:
        """Keep the last ``window`` samples."""
        self._samples: deque[float] = deque(maxlen=window)

    def add(self, seconds: float) -> None:
        """Add a sample; the oldest is dropped."""
        self._samples.append(seconds)

    @property
    def smallest(self) -> float | None:
        """The smallest sample, the one with the least queueing delay; None without samples."""
        return min(self._samples, default=None)

    @property
    def spread(self) -> float:
        """Difference of the largest and the smallest sample; 0 without samples."""
        return max(self._samples) - min(self._samples) if self._samples else 0.0

    def first_guess(self) -> tuple[float, float]:
        """Return minimum and spread; `FIRST_RTT_S` and 0 without samples."""
        smallest = self.smallest
        return (FIRST_RTT_S, 0.0) if smallest is None else (smallest, self.spread)


@attrs.define
class ServerClock:
    """Maps the client's clock to the server's ticks.

    Attributes:
        period: Seconds from one tick to the next.
        offset: Estimated arrival time of tick 0 with the least delay; None before a snapshot.
    """

    period: float
    offset: float | None = None
    _arrivals: deque[tuple[float, float]] = attrs.field(factory=deque)
    _slewed_at: float = attrs.field(init=False)

    def arrived(self, tick: int, now: float) -> None:
        """Add a sample: the snapshot of a tick arrived at time ``now``."""
        implied = now - tick * self.period
        arrivals = self._arrivals
        while arrivals and arrivals[0][0] < now - WINDOW_S:
            arrivals.popleft()
        while arrivals and arrivals[-1][1] >= implied:
            arrivals.pop()
        arrivals.append((now, implied))
        self._slew(arrivals[0][1], now)

    def _slew(self, target: float, now: float) -> None:
        if self.offset is None or abs(target - self.offset) > JUMP_TICKS * self.period:
            self.offset = target
        else:
            most = SLEW * max(0.0, now - self._slewed_at)
            self.offset += max(-most, min(most, target - self.offset))
        self._slewed_at = now

    def shift(self, ticks: int) -> None:
        """Move the estimate: the server moved all ticks later by this number of periods."""
        moved = ticks * self.period
        self._arrivals = deque((at, implied + moved) for at, implied in self._arrivals)
        if self.offset is not None:
            self.offset += moved

    def tick_at(self, now: float) -> float:
        """Return the tick whose snapshot arrives now with the least delay; 0 before a snapshot."""
        return 0.0 if self.offset is None else (now - self.offset) / self.period

    def lateness(self, tick: int, now: float) -> float:
        """Return by how many ticks a snapshot that came now is later than the least delayed one."""
        return self.tick_at(now) - tick


@attrs.define
class LeadClock:
    """Distance from the arriving tick to the client's own tick.

    The lead glides to its target: the client's ticks are a little shorter or longer meanwhile, but
    each tick comes once and gets one input.

    Attributes:
        period: Seconds from one tick to the next.
        lead: The present lead in ticks.
        target: The lead in ticks that the server has steered to.
    """

    period: float
    lead: float = 0.0
    target: float = 0.0
    _glided_at: float | None = None

    @property
    def most(self) -> float:
        """The longest lead in ticks."""
        return MAX_LEAD_S / self.period

    def start(self, rtt_s: float, spread_s: float, now: float) -> None:
        """Set the first lead from the measured round trip and its spread."""
        ticks = (rtt_s + min(spread_s, FIRST_SPREAD_S)) / self.period + MARGIN_TICKS
        self.lead = self.target = min(ticks, self.most)
        self._glided_at = now

    def steer(self, ticks: int) -> None:
        """Change the target by a number of ticks; negative for a shorter lead."""
        self.target = max(0.0, min(self.most, self.target + ticks))

    def at(self, now: float) -> float:
        """Advance the glide to ``now`` and return the lead in ticks."""
        since = now if self._glided_at is None else self._glided_at
        passed = max(0.0, now - since) / self.period
        self._glided_at = now
        up, down = LEAD_UP * passed, LEAD_DOWN * passed
        self.lead += max(-down, min(up, self.target - self.lead))
        return self.lead


class Percentile:
    """A running percentile of the last samples."""

    def __init__(self, part: float, size: int) -> None:
        """Keep the last ``size`` samples; ``part`` is the percentile from 0 to 1."""
        self._part = part
        self._order: deque[float] = deque()
        self._sorted: list[float] = []
        self._size = size

    def add(self, sample: float) -> None:
        """Add a sample; if there are ``size``, the oldest is dropped."""
        if len(self._order) == self._size:
            self._sorted.remove(self._order.popleft())
        self._order.append(sample)
        insort(self._sorted, sample)

    @property
    def value(self) -> float:
        """The sample below which ``part`` of all samples lie; 0 without samples."""
        if not self._sorted:
            return 0.0
        return self._sorted[min(len(self._sorted) - 1, int(self._part * len(self._sorted)))]
