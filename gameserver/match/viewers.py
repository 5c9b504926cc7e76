"""The viewers of a match: whether each is in sync, congested or silent.

Law: congestion is the distance between the server's tick and the newest snapshot that the viewer
acknowledged, never a refusing outlet alone. Above `PAUSE_S` sending pauses; when the viewer has
acknowledged everything that was sent, it gets one keyframe; after `EVICT_S` it is removed.
"""

from typing import Final

import attrs

from gameserver.accel import LinkMeasure, SendBatch, Sender
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.ports import Outlet
from gameserver.match.windows import DetailLevels, ViewWindow
from gameserver.netcode.timing.steering import NEVER, LeadSteering

PAUSE_S: Final = 2.4
"""Distance above which sending to a viewer pauses (threat 9). An honest player acknowledges with
each input and is one round trip behind; the slowest playable link has 2 s, and jitter."""

SPECTATOR_SLACK_S: Final = 0.5
"""Added to `PAUSE_S` for a spectator, which acknowledges only twice a second."""

RETRY_S: Final = 0.5
"""Longest wait until an outlet that refused is offered a keyframe again."""

EVICT_S: Final = 15.0
"""How long a viewer may be paused, or its outlet may refuse, before it is removed (threat 9)."""

SILENT_S: Final = 0.75
"""A seat, which sends an input each tick, is silent after this time without any. It is checked
every `EVICT_EVERY_S`, so the other players are told after 0.75 to 1.25 s."""


@attrs.define(eq=False)
class Viewer:
    """One player or spectator who receives snapshots."""

    player_id: PlayerId
    seat: Seat
    outlet: Outlet
    tick_rate: int
    seen: Tick
    link: LinkMeasure
    steering: LeadSteering
    in_sync: bool = False
    """Whether the viewer has the previous link of all its chains; if not, it needs a keyframe."""
    group: int = 0
    last_sent: Tick = attrs.field(default=Tick(0))
    paused_since: Tick | None = None
    refused_since: Tick | None = None
    """First tick of the outlet's present series of refusals."""
    keyframes: int = 0
    window: ViewWindow | None = None
    """The cells of a large world that the viewer was last sent; None before the first snapshot."""
    detail: DetailLevels = attrs.field(factory=DetailLevels)
    delay: int = 0
    """Ticks by which its snapshots are passed on later."""
    sender: Sender | None = attrs.field(init=False)
    """The way past the outlet; None if it must be offered all messages."""
    patience: int = attrs.field(init=False)
    """Ticks that the viewer may be behind before sending pauses."""
    _try_at: Tick = attrs.field(default=Tick(0), init=False)

    @sender.default
    def _sender(self) -> Sender | None:
        return getattr(self.outlet, "sender", None)

    @patience.default
    def _patience(self) -> int:
        slack_s = SPECTATOR_SLACK_S if self.seat == NO_SEAT else 0.0
        return int((PAUSE_S + slack_s) * self.tick_rate) + self.delay

    def saw(self, now: Tick, seen: Tick) -> None:
        """Record the newest applied snapshot; the claim of a snapshot never sent is ignored."""
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
        """Record whether the outlet accepted a snapshot; after a refusal, wait before the next."""
        self.in_sync = taken
        if taken:
            self.last_sent = now
            self.refused_since = None
        else:
            if self.refused_since is None:
                self.refused_since = now
            # Back off: double the refused time, since each attempt costs a keyframe.
            wait = min(now - self.refused_since, int(RETRY_S * self.tick_rate))
            self._try_at = Tick(now + wait)

    def is_silent(self, now: Tick) -> bool:
        """Tell whether the inputs of a seat have stopped; false before the first one."""
        heard = self.link.heard
        # What came for the present tick was heard after the tick before it: one tick is no silence.
        most = max(1, SILENT_S * self.tick_rate)
        return self.seat != NO_SEAT and heard != NEVER and now - heard > most

    def is_hopeless(self, now: Tick) -> bool:
        """Tell whether sending was paused, or the outlet refused, for longer than `EVICT_S`."""
        latest = now - EVICT_S * self.tick_rate
        paused, refused = self.paused_since, self.refused_since
        return (paused is not None and paused < latest) or (
            refused is not None and refused < latest
        )


def send_all(batch: SendBatch) -> None:
    """Send what a batch has kept for viewers, and note whose outlets refused."""
    for viewer, tick in batch.flush():
        viewer.offered(tick, taken=False)
