"""Compute the oldest picture that may be drawn, so that the server need not clamp a shot's view.

Law: the server judges a shot in the world that the player saw, within the bounds of
`LinkMeasure.clamp_view`. Where a picture would be older than these bounds, a newer one is drawn.

An input for tick T names a view of ``T - drawn``. Its margin is ``T - now - 1``, where ``now`` is
the arriving tick ``A`` plus the round trip. In the server's bound, T and the round trip cancel::

    A - drawn <= DRAWING_TICKS + snapshot_every - 1 + jitter

The player aims at a picture until the input of the next frame is sent, so ``A`` is that of the next
frame: at 20 frames per second others must be drawn newer than at 60. A round trip above the
server's bound shortens the delay by the excess, up to `MAX_SHORT_TICKS`; above that no picture
meets the bounds.
"""

from typing import Final

from gameserver.game.schema.history import REWIND_MS
from gameserver.netcode.timing.steering import DRAWING_TICKS, MAX_JITTER_MS, MAX_RTT_MS
from gameserver.netcode.timing.timesync import Percentile

MAX_SHORT_TICKS: Final = 1.0
"""Largest excess of the round trip over `MAX_RTT_MS`, in ticks, that newer pictures make up for."""

FRAMES: Final = 45
"""Number of last frames from which the duration of the next one is estimated."""

COVERED: Final = 0.9
"""Share of the frames that are not longer than the estimate."""


class JudgedView:
    """The oldest picture whose view the server does not clamp."""

    def __init__(self, period: float, snapshot_every: int) -> None:
        """Start with a frame duration of 0; ``period`` is the length of a tick in seconds."""
        self._slack = DRAWING_TICKS + snapshot_every - 1
        self._max_rtt = MAX_RTT_MS / 1000 / period
        self._max_jitter = MAX_JITTER_MS / 1000 / period
        self._max_view = REWIND_MS / 1000 / period
        self._frames = Percentile(COVERED, FRAMES)
        self._stale = Percentile(COVERED, FRAMES)

    def framed(self, ticks_passed: float, stale: float) -> None:
        """Add a frame.

        Args:
            ticks_passed: Duration of the frame in ticks.
            stale: Distance from the newest snapshot to the arriving tick, in ticks.
        """
        self._frames.add(ticks_passed)
        self._stale.add(stale)

    def oldest(self, arriving: float, own: float, rtt: float) -> float:
        """Return the oldest tick that may be drawn; minus infinity if no picture meets the bounds.

        Args:
            arriving: The tick that arrives now.
            own: The player's own tick now.
            rtt: The round trip in ticks.
        """
        short = max(0.0, rtt - self._max_rtt)
        if short > MAX_SHORT_TICKS:
            return float("-inf")
        frame = self._frames.value
        # Even without jitter the newest snapshot is up to one tick old: that is not jitter.
        late = min(max(0.0, self._stale.value - 1), self._max_jitter)
        by_link = arriving + frame - self._slack - late + short
        return max(by_link, own + frame - self._max_view)
