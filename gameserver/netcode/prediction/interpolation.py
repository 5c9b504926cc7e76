"""Choose the delay at which others are drawn, and keep the snapshots to interpolate between.

Law: the drawn time and a command's ``view`` are the same number, in whole 1/16 ticks. So the server
can rewind to exactly the picture at which the player aimed.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from gameserver.game.entity import Entity
from gameserver.game.fixed import SUB
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS, PastTick, moment_at
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick
from gameserver.netcode.timing.timesync import Percentile

KEPT_TICKS: Final = 64
"""Ticks for which snapshots are kept: two seconds at 30 Hz, more than the longest delay."""

COVERED: Final = 0.97
"""Share of the snapshots that arrive before they are drawn."""

SAMPLES: Final = 90
"""Snapshots from whose lateness the delay is computed: three seconds at 30 Hz."""

SLACK_TICKS: Final = 0.25
"""Added to the delay, since frames are not drawn at the moment a snapshot arrives."""

GROW: Final = 0.15
"""Ticks by which the delay grows per tick, when the connection gets worse."""

SHRINK: Final = 0.01
"""Ticks by which the delay shrinks per tick, when the connection gets better."""

FASTEST: Final = 1.5
"""Speed of the drawn time while it catches up; at a larger one entities visibly run."""

JUMP_TICKS: Final = 15.0
"""Distance from which the drawn time jumps instead of catching up."""

TELEPORT: Final = 96 * SUB
"""An entity that moves farther than this between two snapshots was teleported: it is not drawn
between the two places, and a correction this large is not eased. In sub-units."""

MAX_DELAY_TICKS: Final = 12.0
"""400 ms at 30 Hz: the server rewinds no further, so shots at older pictures would miss."""


@attrs.define
class ViewClock:
    """The time at which others are drawn: behind the arriving tick by an adaptive delay.

    Attributes:
        snapshot_every: Ticks from one snapshot to the next.
        delay: The present delay in ticks.
    """

    snapshot_every: int
    delay: float = attrs.field(init=False)
    _lateness: Percentile = attrs.field(init=False)
    _drawn: float | None = None

    def __attrs_post_init__(self) -> None:
        """Start with the delay for a connection without jitter."""
        self.delay = self.snapshot_every + 2 * SLACK_TICKS
        self._lateness = Percentile(COVERED, SAMPLES)

    @property
    def jitter_ticks(self) -> float:
        """The `COVERED` percentile of the snapshots' lateness, in ticks."""
        return self._lateness.value

    def arrived(self, lateness: float) -> None:
        """Add a sample: by how many ticks a snapshot came later than the least delayed one."""
        self._lateness.add(max(0.0, lateness))

    def drawn_at(
        self, arriving: float, newest: int, ticks_passed: float, oldest: float = 0.0
    ) -> int:
        """Return the time to draw, in 1/16 ticks.

        It never goes back and never passes the newest snapshot. After a stall it catches up at up
        to `FASTEST` times the normal speed; it jumps only beyond `JUMP_TICKS`.

        Args:
            arriving: `ServerClock.tick_at` now.
            newest: Tick of the newest snapshot.
            ticks_passed: Ticks since the last call.
            oldest: The earliest tick that may be drawn; see `JudgedView`.
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
    """The world of one snapshot; its entities must not be changed."""

    tick: int
    entities: Mapping[EntityId, Entity]


class SnapshotRing:
    """The snapshots of the last `KEPT_TICKS`, by rising tick."""

    def __init__(self) -> None:
        """Create a ring that waits for the first snapshot."""
        self._kept: list[Confirmed] = []

    @property
    def newest(self) -> Confirmed | None:
        """The newest snapshot; None before the first one."""
        return self._kept[-1] if self._kept else None

    def __iter__(self) -> Iterator[Confirmed]:
        """Iterate over the kept snapshots, oldest first."""
        return iter(self._kept)

    def push(self, confirmed: Confirmed) -> None:
        """Add a snapshot newer than all before it."""
        self._kept.append(confirmed)
        while self._kept[0].tick < confirmed.tick - KEPT_TICKS:
            del self._kept[0]

    def around(self, time: int) -> tuple[Confirmed, Confirmed] | None:
        """Return the snapshots before and after a time in 1/16 ticks.

        Beyond the oldest or newest snapshot both are that one. None without snapshots.
        """
        if not self._kept:
            return None
        after = bisect_right(self._kept, time, key=lambda kept: kept.tick * VIEW_UNITS)
        before = self._kept[max(0, after - 1)]
        return before, self._kept[min(after, len(self._kept) - 1)]

    def at(self, tick: int) -> Confirmed | None:
        """Return the snapshot of exactly this tick; None if it is not kept."""
        found = self.around(tick * VIEW_UNITS)
        return found[0] if found is not None and found[0].tick == tick else None

    def before(self, tick: int) -> Confirmed | None:
        """Return the newest snapshot before a tick; None if none is kept."""
        after = bisect_left(self._kept, tick, key=lambda kept: kept.tick)
        return self._kept[after - 1] if after else None


class SnapshotPast:
    """Past states of rewindable entities, from snapshots: the client's counterpart of `History`."""

    def __init__(self, tick_rate: int) -> None:
        """Keep about twice the rewind time, since snapshots may come late."""
        depth = tick_rate * REWIND_MS // 1000 * 2 + 2
        self.moments: deque[tuple[Tick, PastTick]] = deque(maxlen=depth)

    def push(self, confirmed: Confirmed) -> None:
        """Store the rewindable entities of a snapshot."""
        moment: PastTick = {i: e for i, e in confirmed.entities.items() if e.rewindable}
        self.moments.append((Tick(confirmed.tick), moment))

    def rewound(self, world: World, view: int) -> list[Entity]:
        """Return copies of the rewindable entities as they were ``view``/16 ticks ago."""
        return moment_at(self.moments, world.tick * VIEW_UNITS - view)
