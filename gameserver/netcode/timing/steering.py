"""How a viewer's link is measured, and how its client's lead is steered.

Law: trust is what was measured here; how far that lets a player look back is bounded.
"""

from typing import Final

from gameserver.accel import LinkRules
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick
from gameserver.netcode.timing.timesync import LEAD_DOWN, LEAD_UP

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


def link_rules(tick_rate: int, snapshot_every: int = 1) -> LinkRules:
    """Return how every viewer's link is measured; both arguments count ticks."""
    return LinkRules(
        window=int(RTT_WINDOW_S * tick_rate),
        drawing=DRAWING_TICKS + snapshot_every,
        max_rtt=tick_rate * MAX_RTT_MS // 1000,
        max_jitter=tick_rate * MAX_JITTER_MS // 1000,
        max_view=tick_rate * REWIND_MS // 1000 * VIEW_UNITS,
        view_units=VIEW_UNITS,
    )


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
