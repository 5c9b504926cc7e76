"""Who sees a match, and what each of them is owed.

Law: congestion is the distance between the server's tick and what the viewer says it has seen,
never the kernel's refusal alone. Past `PAUSE_S` nothing more is sent; when the viewer has taken
all that was sent, it gets one keyframe; past the evicting time it is reported.
"""

from typing import Final

import attrs

from gameserver.accel import LinkMeasure
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.cells import DetailLevels, Window
from gameserver.match.ports import Outlet
from gameserver.netcode.timing.steering import NEVER, LeadSteering

PAUSE_S: Final = 2.4
"""Distance from which a viewer gets nothing more (threat 9). An honest one acknowledges with each
input and is a round trip behind: the slowest line that can be played on is 2 s, and it varies. A
spectator acknowledges twice a second, so it is given that time on top."""

SPECTATOR_SLACK_S: Final = 0.5

RETRY_S: Final = 0.5
"""Longest wait before an outlet that refuses is offered a keyframe again."""

EVICT_S: Final = 15.0
"""How long a viewer may be paused before it is dropped (threat 9)."""

SILENT_S: Final = 0.75
"""How long nothing may come from a seat, which sends an input each tick, until the others are told;
seen every `EVICT_EVERY_S`, so they are told after 0.75 to 1.25 s."""


@attrs.define(eq=False)
class Viewer:
    """One person who receives snapshots."""

    player_id: PlayerId
    seat: Seat
    outlet: Outlet
    tick_rate: int
    seen: Tick
    link: LinkMeasure
    steering: LeadSteering
    in_sync: bool = False
    """Whether the next bytes of the chains continue what this viewer has."""
    group: int = 0
    last_sent: Tick = attrs.field(default=Tick(0))
    paused_since: Tick | None = None
    refused_since: Tick | None = None
    """Since when its outlet has taken nothing."""
    keyframes: int = 0
    window: Window | None = None
    """The part of a large world that it knows; None before anything was sent."""
    detail: DetailLevels = attrs.field(factory=DetailLevels)
    patience: int = attrs.field(init=False)
    """Ticks that it may be behind before it is paused."""
    _try_at: Tick = attrs.field(default=Tick(0), init=False)

    @patience.default
    def _patience(self) -> int:
        slack_s = SPECTATOR_SLACK_S if self.seat == NO_SEAT else 0.0
        return int((PAUSE_S + slack_s) * self.tick_rate)

    def saw(self, now: Tick, seen: Tick) -> None:
        """Learn which snapshot the viewer has applied; claims beyond what was sent are ignored."""
        if self.seen < seen <= self.last_sent:
            self.seen = seen
        self.link.saw(now, self.seen)

    def may_receive(self, now: Tick) -> bool:
        """Decide whether to send to this viewer now, and pause or resume it."""
        if now < self._try_at:
            return False
        if self.paused_since is not None:
            if self.seen < self.last_sent:
                return False
            self.paused_since = None
        elif self.last_sent and self.last_sent - self.seen > self.patience:
            self.paused_since = now
            self.in_sync = False
            return False
        return True

    def offered(self, now: Tick, *, taken: bool) -> None:
        """Learn whether the outlet took a snapshot; one that does not is tried again later."""
        self.in_sync = taken
        if taken:
            self.last_sent = now
            self.refused_since = None
        else:
            if self.refused_since is None:
                self.refused_since = now
            # As long again as it lasts already: each attempt costs a keyframe.
            wait = min(now - self.refused_since, int(RETRY_S * self.tick_rate))
            self._try_at = Tick(now + wait)

    def is_silent(self, now: Tick) -> bool:
        """Tell whether somebody seated who has sent inputs sends none any more."""
        heard = self.link.heard
        return self.seat != NO_SEAT and heard != NEVER and now - heard > SILENT_S * self.tick_rate

    def is_hopeless(self, now: Tick) -> bool:
        """Tell whether the viewer was paused, or refused everything, for too long."""
        return any(
            since is not None and now - since > EVICT_S * self.tick_rate
            for since in (self.paused_since, self.refused_since)
        )
