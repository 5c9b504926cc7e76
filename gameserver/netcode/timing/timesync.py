"""Tell the server's tick from when its snapshots arrive, and run the client ahead of it.

Law: time comes in as an argument, in seconds of any clock that only rises; nothing here reads one.

The least delayed snapshot of a window fixes where the server's ticks lie on the client's clock:
tick T *arrives* at ``offset + T * period`` at the earliest. For the input of tick T to be there
when the server steps T, it must leave a whole round trip before that arrival: the client's own
tick is `lead` ticks ahead of the arriving one. The first lead comes from the measured round trip;
from then on the server steers it, since only it sees how early inputs really are.
"""

from bisect import insort
from collections import deque
from typing import Final

import attrs

WINDOW_S: Final = 3.0
"""How far back arrivals count; a lasting change of the line is followed after this time."""

SLEW: Final = 0.03
"""The estimate moves by at most this part of the time that passes, so that no tick is seen to
jump; beyond `JUMP_TICKS` it is wrong, not drifting, and is set at once."""

JUMP_TICKS: Final = 8.0

LEAD_UP: Final = 0.5
"""Ticks by which the lead grows in one tick's time: inputs are being lost, so make haste."""

LEAD_DOWN: Final = 0.1
"""Ticks by which the lead shrinks in one tick's time: too early costs only a little lag."""

MARGIN_TICKS: Final = 1.0
"""Above round trip and jitter in the first lead: a tick is drained at its start."""

MAX_LEAD_S: Final = 2.5
"""Longest lead: a round trip of 2 s, which can just be played on, with its jitter and margin."""

FIRST_RTT_S: Final = 0.1
"""Assumed where nothing was measured yet; the server steers the rest."""


class RoundTrips:
    """Measured round trips of the last seconds: smallest, and how much they vary."""

    def __init__(self, window: int = 12) -> None:
        """Keep this many samples."""
        self._samples: deque[float] = deque(maxlen=window)

    def add(self, seconds: float) -> None:
        """Take a sample."""
        self._samples.append(seconds)

    @property
    def smallest(self) -> float | None:
        """The smallest sample, which waiting and scheduling disturbed least; None without any."""
        return min(self._samples, default=None)

    @property
    def spread(self) -> float:
        """How far the largest sample lies above the smallest."""
        return max(self._samples) - min(self._samples) if self._samples else 0.0

    def first_guess(self) -> tuple[float, float]:
        """Return smallest and spread to begin with."""
        smallest = self.smallest
        return (FIRST_RTT_S, 0.0) if smallest is None else (smallest, self.spread)


@attrs.define
class ServerClock:
    """Where the server's ticks lie on the client's clock.

    Attributes:
        period: Seconds from one tick to the next.
        offset: When tick 0 would have arrived on the least delayed road; None before a snapshot.
    """

    period: float
    offset: float | None = None
    _arrivals: deque[tuple[float, float]] = attrs.field(factory=deque)
    _slewed_at: float = 0.0

    def arrived(self, tick: int, now: float) -> None:
        """Learn that the snapshot of a tick arrived."""
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
        """Learn that the server moved all ticks this much later; arrivals so far move along."""
        moved = ticks * self.period
        self._arrivals = deque((at, implied + moved) for at, implied in self._arrivals)
        if self.offset is not None:
            self.offset += moved

    def tick_at(self, now: float) -> float:
        """Return the tick that arrives now on the least delayed road; 0 before any snapshot."""
        return 0.0 if self.offset is None else (now - self.offset) / self.period

    def lateness(self, tick: int, now: float) -> float:
        """Return by how many ticks the snapshot of a tick came later than the least delayed."""
        return self.tick_at(now) - tick


@attrs.define
class LeadClock:
    """How far the client's tick runs ahead of the arriving one, in ticks.

    The lead glides to where it is steered: a client's tick is then a little shorter or longer,
    but each tick comes once and gets one input.

    Attributes:
        period: Seconds from one tick to the next.
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
        ticks = (rtt_s + spread_s) / self.period + MARGIN_TICKS
        self.lead = self.target = min(ticks, self.most)
        self._glided_at = now

    def steer(self, ticks: int) -> None:
        """Aim this many ticks further ahead, or less far if negative."""
        self.target = max(0.0, min(self.most, self.target + ticks))

    def at(self, now: float) -> float:
        """Return the lead now."""
        since = now if self._glided_at is None else self._glided_at
        passed = max(0.0, now - since) / self.period
        self._glided_at = now
        up, down = LEAD_UP * passed, LEAD_DOWN * passed
        self.lead += max(-down, min(up, self.target - self.lead))
        return self.lead


class Percentile:
    """A running percentile over a bounded number of samples."""

    def __init__(self, part: float, size: int) -> None:
        """Answer for the ``part`` (0 to 1) of the last ``size`` samples."""
        self._part = part
        self._order: deque[float] = deque()
        self._sorted: list[float] = []
        self._size = size

    def add(self, sample: float) -> None:
        """Take a sample; the oldest makes room."""
        if len(self._order) == self._size:
            self._sorted.remove(self._order.popleft())
        self._order.append(sample)
        insort(self._sorted, sample)

    @property
    def value(self) -> float:
        """The percentile, by nearest rank; 0 without samples."""
        if not self._sorted:
            return 0.0
        return self._sorted[min(len(self._sorted) - 1, int(self._part * len(self._sorted)))]
