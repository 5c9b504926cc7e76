"""Choose how far in the past others are drawn, and keep the snapshots to draw them from.

Law: what is drawn is what a command's ``view`` names: both use the same time, in whole 1/16 ticks,
so the server can rewind to exactly the picture that was aimed at.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from typing import Final

import attrs

from gameserver.game.entity import Entity
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS, Moment, moment_at
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick
from gameserver.netcode.timing.timesync import Percentile

KEPT_TICKS: Final = 64
"""Snapshots kept, by tick: two seconds at 30 Hz, more than any view may be old."""

COVERED: Final = 0.97
"""Part of the snapshots that arrive in time to be drawn."""

SAMPLES: Final = 90

SLACK_TICKS: Final = 0.25
"""Between the latest covered snapshot and its use: frames come when they come."""

GROW: Final = 0.15
"""Ticks by which the delay grows in one tick's time, when the line gets worse."""

SHRINK: Final = 0.01
"""Ticks by which the delay shrinks in one tick's time, when the line gets better."""

FASTEST: Final = 1.5
"""Speed of the drawn time while it catches up; faster is seen as running."""

JUMP_TICKS: Final = 15.0
"""Farther behind, the past is not worth showing."""

MAX_DELAY_TICKS: Final = 12.0
"""400 ms at 30 Hz: the server rewinds no further, so drawing older pictures would be unfair."""


@attrs.define
class ViewClock:
    """The delay at which others are drawn, behind the arriving tick."""

    snapshot_every: int
    delay: float = attrs.field(init=False)
    _lateness: Percentile = attrs.field(init=False)
    _drawn: float | None = None

    def __attrs_post_init__(self) -> None:
        """Start with room for one snapshot's interval."""
        self.delay = self.snapshot_every + 2 * SLACK_TICKS
        self._lateness = Percentile(COVERED, SAMPLES)

    @property
    def jitter_ticks(self) -> float:
        """How late the latest covered snapshots are."""
        return self._lateness.value

    def arrived(self, lateness: float) -> None:
        """Learn by how many ticks a snapshot came later than the least delayed one."""
        self._lateness.add(max(0.0, lateness))

    def drawn_at(
        self, arriving: float, newest: int, ticks_passed: float, oldest: float = 0.0
    ) -> int:
        """Return the time to draw, in 1/16 ticks; it never goes back.

        It never runs past the newest snapshot either, and what a stall has held back is caught up
        with by running a little faster, not by a jump.

        Args:
            arriving: `ServerClock.tick_at` now.
            newest: Tick of the newest snapshot.
            ticks_passed: What passed since the last call.
            oldest: What may be drawn at the earliest; see `JudgedView`.
        """
        wanted = self.snapshot_every + self._lateness.value + SLACK_TICKS
        grow, shrink = GROW * ticks_passed, SHRINK * ticks_passed
        self.delay += max(-shrink, min(grow, min(wanted, MAX_DELAY_TICKS) - self.delay))
        target = max(0.0, min(max(arriving - self.delay, oldest), float(newest)))
        if self._drawn is None or target - self._drawn > JUMP_TICKS:
            self._drawn = target
        self._drawn = max(self._drawn, min(target, self._drawn + FASTEST * ticks_passed))
        return int(self._drawn * VIEW_UNITS)


@attrs.frozen(eq=False)
class Confirmed:
    """The world as a snapshot told it; its entities must not be changed."""

    tick: int
    entities: Mapping[EntityId, Entity]


class SnapshotRing:
    """The last snapshots by tick."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: list[Confirmed] = []

    @property
    def newest(self) -> Confirmed | None:
        """The newest snapshot."""
        return self._kept[-1] if self._kept else None

    def push(self, confirmed: Confirmed) -> None:
        """Add a snapshot newer than all before it."""
        self._kept.append(confirmed)
        while self._kept[0].tick < confirmed.tick - KEPT_TICKS:
            del self._kept[0]

    def around(self, time: int) -> tuple[Confirmed, Confirmed] | None:
        """Return the snapshots before and after a time in 1/16 ticks; the same one at the ends."""
        if not self._kept:
            return None
        after = bisect_right(self._kept, time, key=lambda kept: kept.tick * VIEW_UNITS)
        before = self._kept[max(0, after - 1)]
        return before, self._kept[min(after, len(self._kept) - 1)]

    def at(self, tick: int) -> Confirmed | None:
        """Return the snapshot of exactly this tick, if it is kept."""
        found = self.around(tick * VIEW_UNITS)
        return found[0] if found is not None and found[0].tick == tick else None

    def before(self, tick: int) -> Confirmed | None:
        """Return the newest snapshot older than a tick, if one is kept."""
        found = self.around(tick * VIEW_UNITS - 1)
        return found[0] if found is not None and found[0].tick < tick else None


class SnapshotPast:
    """Where rewindable entities were, as the snapshots told: the viewer's side of `History`."""

    def __init__(self, tick_rate: int) -> None:
        """Start with no past."""
        depth = tick_rate * REWIND_MS // 1000 * 2 + 2
        self.moments: deque[tuple[Tick, Moment]] = deque(maxlen=depth)

    def push(self, confirmed: Confirmed) -> None:
        """Remember a snapshot."""
        moment: Moment = {i: e for i, e in confirmed.entities.items() if e.rewindable}
        self.moments.append((Tick(confirmed.tick), moment))

    def rewound(self, world: World, view: int) -> list[Entity]:
        """Return copies of the rewindable entities as they were ``view``/16 ticks ago."""
        return moment_at(self.moments, world.tick * VIEW_UNITS - view)
