"""What the server measures of one viewer's link, and what follows from it.

Law: trust is what was measured here. The round trip is the smallest distance between the
server's tick and the snapshot that an arriving message says it has seen; a forged ``seen`` can
only make it larger, and what that may buy is bounded.
"""

from collections import deque
from typing import Final

from gameserver.game.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick

RTT_WINDOW_S: Final = 2.0
"""Window of the smallest and largest round trip."""

MAX_RTT_MS: Final = 200
"""Farthest that a round trip lets a player look back (threat 16)."""

MAX_JITTER_MS: Final = 100
"""Farthest that an unsteady link lets a player look back (threat 16)."""

DRAWING_TICKS: Final = 4
"""What a steady client's drawing and sending take: an input is up to one tick old when it is
sent and steered to come one tick early, and others are drawn between the last two snapshots."""

TARGET_MARGIN: Final = 1
"""Ticks by which the latest-coming input of the window should be early."""

LOOSE_MARGIN: Final = 3
"""From this smallest margin on, the lead is cut: nearer would chase jitter."""


class LinkMeasure:
    """Round trip and jitter of one viewer, in ticks."""

    def __init__(self, tick_rate: int) -> None:
        """Start with nothing measured, which allows no looking back for the link."""
        self._window = int(RTT_WINDOW_S * tick_rate)
        self._max_rtt = tick_rate * MAX_RTT_MS // 1000
        self._max_jitter = tick_rate * MAX_JITTER_MS // 1000
        self._max_view = tick_rate * REWIND_MS // 1000 * VIEW_UNITS
        self._samples: deque[tuple[Tick, int]] = deque()
        self.rtt = 0
        self.jitter = 0

    def saw(self, now: Tick, seen: Tick) -> None:
        """Learn that a message that arrived after tick ``now`` had seen snapshot ``seen``."""
        if self._samples and self._samples[-1][0] == now:
            return
        self._samples.append((now, now - seen))
        while self._samples[0][0] < now - self._window:
            self._samples.popleft()
        distances = [distance for _, distance in self._samples]
        self.rtt = min(distances)
        self.jitter = max(distances) - self.rtt

    def clamp_view(self, view: int) -> int:
        """Return how far back a command may look, in 1/16 tick (threat 16)."""
        link = min(self.rtt, self._max_rtt) + min(self.jitter, self._max_jitter)
        allowed = (link + DRAWING_TICKS) * VIEW_UNITS
        return max(0, min(view, allowed, self._max_view))


class LeadSteering:
    """Decides when a client should run further ahead, or less far."""

    def __init__(self, tick_rate: int) -> None:
        """Start with nothing to correct."""
        self._rest = tick_rate // 2
        self._calm = int(2 * tick_rate)
        self._last = Tick(-self._rest)

    def correction(self, now: Tick, smallest_margin: int | None) -> int:
        """Return by how many ticks the lead must change; 0 nearly always.

        Too small a margin is mended at once, but not again before the client can have acted; too
        large a one only after the whole window showed it.
        """
        if smallest_margin is None or now - self._last < self._rest:
            return 0
        change = 0
        if smallest_margin < TARGET_MARGIN:
            change = TARGET_MARGIN - smallest_margin
        elif smallest_margin >= LOOSE_MARGIN and now - self._last >= self._calm:
            change = TARGET_MARGIN - smallest_margin
        if change:
            self._last = now
        return change
