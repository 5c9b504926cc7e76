"""Keep the drawn picture young enough to be judged by: what a viewer knows of the server's clamp.

Law: a shot is judged in the world that was on the screen, as long as the server's bounds allow it
(`LinkMeasure.clamp_view`); where a picture would be older than that, a younger one is drawn.

An input for tick T names a view of ``T - drawn``. Its margin is ``T - now - 1``, and ``now`` is the
arriving tick ``A`` plus the round trip. Put into the server's bound, T and the round trip cancel::

    A - drawn <= DRAWING_TICKS + snapshot_every - 1 + (how stale what was seen was, at most)

What is on the screen is aimed at until the next frame's input leaves, so ``A`` is that of the next
frame: somebody whose machine draws 20 frames a second must see others a frame younger than
somebody who draws 60. Beyond the round trip that the server makes up for, the missing part is
taken from the delay as well, up to `MAX_SHORT_TICKS`; farther, no picture fits.
"""

from typing import Final

from gameserver.game.schema.history import REWIND_MS
from gameserver.netcode.timing.steering import DRAWING_TICKS, MAX_JITTER_MS, MAX_RTT_MS
from gameserver.netcode.timing.timesync import Percentile

MAX_SHORT_TICKS: Final = 1.0
"""Round trip beyond `MAX_RTT_MS`, in ticks, for which others are still drawn younger."""

FRAMES: Final = 45
"""Frames by which the next one is foretold."""

COVERED: Final = 0.9
"""Part of the frames that are foretold right."""


class JudgedView:
    """The oldest picture that the server judges by."""

    def __init__(self, period: float, snapshot_every: int) -> None:
        """Start with frames that take no time; ``period`` is a tick's, in seconds."""
        self._slack = DRAWING_TICKS + snapshot_every - 1
        self._max_rtt = MAX_RTT_MS / 1000 / period
        self._max_jitter = MAX_JITTER_MS / 1000 / period
        self._max_view = REWIND_MS / 1000 / period
        self._frames = Percentile(COVERED, FRAMES)
        self._stale = Percentile(COVERED, FRAMES)

    def framed(self, ticks_passed: float, stale: float) -> None:
        """Learn how long a frame took, and how far the newest snapshot lay behind the arriving one.

        Both in ticks.
        """
        self._frames.add(ticks_passed)
        self._stale.add(max(0.0, stale))

    def oldest(self, arriving: float, own: float, rtt: float) -> float:
        """Return the oldest tick to be drawn, all in ticks; far in the past where none would fit.

        Args:
            arriving: The tick that arrives now.
            own: The player's own tick now.
            rtt: The round trip.
        """
        short = max(0.0, rtt - self._max_rtt)
        if short > MAX_SHORT_TICKS:
            return float("-inf")
        frame = self._frames.value
        # A snapshot is up to one tick old when it is the newest; the server sees whole ticks.
        late = min(max(0.0, self._stale.value - 1), self._max_jitter)
        by_link = arriving + frame - self._slack - late + short
        return max(by_link, own + frame - self._max_view)
