"""What the server measures of one viewer's link, and what follows from it.

Law: trust is what was measured here. The round trip is the smallest distance between the
server's tick and the snapshot that an arriving message says it has seen; a forged ``seen`` can
only make it larger, and what that may buy is bounded.
"""

from typing import Final

from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick
from gameserver.netcode.timing.timesync import LEAD_DOWN, LEAD_UP
from gameserver.netcode.timing.window import Extremes

RTT_WINDOW_S: Final = 3.0
"""Window of the smallest and largest round trip; half of it at least counts."""

MAX_RTT_MS: Final = 200
"""Farthest that a round trip lets a player look back (threat 16)."""

MAX_JITTER_MS: Final = 100
"""Farthest that an unsteady link lets a player look back (threat 16)."""

DRAWING_TICKS: Final = 3
"""What a client's drawing and sending take beside the link: an input waits up to one tick to be
sent and up to one to be drained, others are drawn some frames and a quarter tick behind what has
arrived. On lines from 0 to 200 ms, with up to 60 ms of jitter, honest clients needed 2.5."""

TARGET_MARGIN: Final = 1
"""Ticks by which the latest-coming input of the window should be early."""

MAX_SETTLING: Final = 90
"""Ticks of a round trip that a correction is waited for at most, whatever a client claims."""

LOOSE_MARGIN: Final = 3
"""From this smallest margin on, the lead is cut: nearer would chase jitter."""

NEVER: Final = Tick(-1)


class LinkMeasure:
    """Round trip and jitter of one viewer, in ticks."""

    def __init__(self, tick_rate: int, snapshot_every: int = 1) -> None:
        """Start with nothing measured, which allows no looking back for the link."""
        self._drawing = DRAWING_TICKS + snapshot_every
        self._max_rtt = tick_rate * MAX_RTT_MS // 1000
        self._max_jitter = tick_rate * MAX_JITTER_MS // 1000
        self._max_view = tick_rate * REWIND_MS // 1000 * VIEW_UNITS
        self._distances = Extremes(int(RTT_WINDOW_S * tick_rate))
        self.heard = NEVER
        """After which tick something arrived last."""
        self.rtt = 0
        self.jitter = 0
        self._allowed = self._drawing * VIEW_UNITS

    def saw(self, now: Tick, seen: Tick) -> None:
        """Learn that a message that arrived after tick ``now`` had seen snapshot ``seen``."""
        if now == self.heard:
            return
        self.heard = now
        distances = self._distances
        if distances.add(now, now - seen):
            self.rtt = distances.least
            self.jitter = distances.most - distances.least
            link = min(self.rtt, self._max_rtt) + min(self.jitter, self._max_jitter)
            self._allowed = (link + self._drawing) * VIEW_UNITS

    def clamp_view(self, view: int, margin: int = 0) -> int:
        """Return how far back a command may look, in 1/16 tick (threat 16).

        ``view`` counts from the command's own tick, which lies ``margin`` ticks after the one
        stepped next: what is bounded is the age of the picture when the command arrived.
        """
        allowed = self._allowed + margin * VIEW_UNITS
        if view <= allowed and view <= self._max_view:
            return view
        return max(0, min(allowed, self._max_view))


class LeadSteering:
    """Decides when a client should run further ahead, or less far."""

    def __init__(self, tick_rate: int) -> None:
        """Start with nothing to correct."""
        self._rest = tick_rate // 2
        self._calm = int(2 * tick_rate)
        self._settled = Tick(-self._rest)

    def is_settling(self, now: Tick) -> bool:
        """Tell whether what arrives was still sent with a lead from before the last correction.

        Its margins say nothing of the present lead: forget them.
        """
        return now < self._settled

    def correction(self, now: Tick, smallest_margin: int | None, rtt: int = 0) -> int:
        """Return by how many ticks the lead must change; 0 nearly always.

        Too small a margin is mended at once, but not again before the client can have acted, which
        takes a round trip (``rtt`` ticks) and the time in which its lead glides; too large a one
        only after the whole window showed it.
        """
        if smallest_margin is None or now < self._settled:
            return 0
        too_tight = smallest_margin < TARGET_MARGIN
        too_loose = smallest_margin >= LOOSE_MARGIN and now - self._settled >= self._calm
        change = TARGET_MARGIN - smallest_margin if too_tight or too_loose else 0
        if change:
            glide = change / LEAD_UP if change > 0 else -change / LEAD_DOWN
            self._settled = Tick(now + max(self._rest, min(rtt, MAX_SETTLING) + int(glide) + 2))
        return change
