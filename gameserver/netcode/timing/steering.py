"""Bounds for the measurement of a viewer's link; steering of the client's lead.

Law: only measurements of the server count, and the age of a view that they allow is bounded.
"""

from typing import Final

from gameserver.accel import LinkRules
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick
from gameserver.netcode.timing.inputs import AHEAD_S
from gameserver.netcode.timing.timesync import LEAD_DOWN, LEAD_UP

RTT_WINDOW_S: Final = 3.0
"""Window of the smallest and largest round trip; at least its last half counts."""

MAX_RTT_MS: Final = 200
"""Largest part of a view that the round trip accounts for (threat 16)."""

MAX_JITTER_MS: Final = 100
"""Largest part of a view that jitter accounts for (threat 16)."""

DRAWING_TICKS: Final = 3
"""Part of a view for the client's drawing and sending: an input waits up to one tick to be sent and
up to one to be drained, and others are drawn some frames and a quarter tick behind the newest
snapshot. With round trips from 0 to 200 ms and up to 60 ms of jitter, clients needed 2.5."""

TARGET_MARGIN: Final = 1
"""Wanted smallest arrival margin of the window, in ticks."""

MAX_SETTLING: Final = 90
"""Most ticks of round trip to wait for the effect of a correction, whatever a client claims."""

LOOSE_MARGIN: Final = 3
"""Smallest margin from which the lead is reduced: a smaller threshold would react to jitter."""

NEVER: Final = Tick(-1)
"""Value of `LinkMeasure.heard` before the first message."""


def link_rules(tick_rate: int, snapshot_every: int = 1) -> LinkRules:
    """Return the rules of `LinkMeasure` in ticks.

    Args:
        tick_rate: Ticks per second.
        snapshot_every: Ticks from one snapshot to the next.
    """
    return LinkRules(
        window=int(RTT_WINDOW_S * tick_rate),
        drawing=DRAWING_TICKS + snapshot_every,
        max_rtt=tick_rate * MAX_RTT_MS // 1000,
        max_jitter=tick_rate * MAX_JITTER_MS // 1000,
        max_view=tick_rate * REWIND_MS // 1000 * VIEW_UNITS,
        view_units=VIEW_UNITS,
    )


class LeadSteering:
    """Decides by how many ticks a client must change its lead."""

    def __init__(self, tick_rate: int) -> None:
        """Start as if no correction were under way."""
        self._rest = tick_rate // 2
        self._calm = int(2 * tick_rate)
        self._most = int(AHEAD_S * tick_rate) - LOOSE_MARGIN
        self._settled = Tick(-self._rest)

    def is_settling(self, now: Tick) -> bool:
        """Return whether arriving inputs may have been sent with the lead before the correction.

        Their margins say nothing about the present lead and must be cleared.
        """
        return now < self._settled

    def correction(self, now: Tick, smallest_margin: int | None, rtt: int = 0) -> int:
        """Return by how many ticks the lead must change; 0 in most calls.

        A too small margin is corrected at once. The next correction waits until the client can have
        acted: a round trip (``rtt`` ticks) plus the time in which its lead glides. A too large
        margin is corrected only after two more seconds.

        The lead grows by less than `AHEAD_S` at once: after a stall the margins are those of inputs
        that were held up, and with a lead as long as the stall all later ones would come too early
        to be taken.
        """
        if smallest_margin is None or now < self._settled:
            return 0
        too_tight = smallest_margin < TARGET_MARGIN
        too_loose = smallest_margin >= LOOSE_MARGIN and now - self._settled >= self._calm
        change = min(self._most, TARGET_MARGIN - smallest_margin) if too_tight or too_loose else 0
        if change:
            glide = change / LEAD_UP if change > 0 else -change / LEAD_DOWN
            self._settled = Tick(now + max(self._rest, min(rtt, MAX_SETTLING) + int(glide) + 2))
        return change
