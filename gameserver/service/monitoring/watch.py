"""Measures the load of the loop a few times a second, and sets the level of overload.

Law: the level is applied here and nowhere else, and takes effect with the next tick.
"""

from collections.abc import Callable
from typing import Final

import trio

from gameserver.rooms.calls import Measured, RefuseMatches
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.overload.overload import Overload, Slice
from gameserver.service.people import People

log: Final = get_logger()

LOOK_EVERY_S: Final = 0.25
"""Strain is counted in slices of this length."""


class Watch:
    """Takes figures of the loop, and applies the level that follows from them."""

    def __init__(
        self,
        people: People,
        matches: Matches,
        metrics: Metrics,
        overload: Overload,
        arrivals: Callable[[], int],
    ) -> None:
        """Prepare; ``arrivals`` returns the number of arrivals since the start."""
        self._people = people
        self._matches = matches
        self._metrics = metrics
        self._overload = overload
        self._arrivals = arrivals
        self._seen = (0, 0, 0, 0.0, 0)

    @property
    def level(self) -> int:
        """The present level; see `gameserver.service.overload.overload`."""
        return self._overload.level

    async def run(self) -> None:
        """Watch until cancelled."""
        with self._metrics.vitals.watching():
            last = trio.current_time()
            while True:
                due = last + LOOK_EVERY_S
                await trio.sleep_until(due)
                now = trio.current_time()
                try:
                    self.look(now, now - last, now - due)
                except Exception:  # a bug of ours in one slice; the next ones are measured
                    log.exception("measuring failed")
                last = now

    def look(self, now: float, seconds: float, lag_s: float) -> None:
        """Judge the slice of time that ends now."""
        vitals, meter = self._metrics.vitals, self._matches.meter
        vitals.sliced(seconds, lag_s)
        seen = (meter.ticks, meter.behind, meter.shed, meter.busy_s, self._arrivals())
        ticks, behind, shed, busy_s, arrivals = (
            n - o for n, o in zip(seen, self._seen, strict=True)
        )
        self._seen = seen
        busy_share = max(busy_s / seconds, vitals.loop_share)
        counts = (int(ticks), int(behind), int(shed))
        self._judge(Slice(seconds, *counts, lag_s, busy_share, int(arrivals)))
        self._metrics.keep_window(now)
        self._metrics.collector.tune(sum(live.viewers for live in self._matches))
        self._charge(seconds)

    def _charge(self, seconds: float) -> None:
        """Report the cost of every match, which the rooms charge to its owner."""
        shares = [(live.match_id, live.timetable.lately_s() / seconds) for live in self._matches]
        if shares:
            self._people.take(Measured(tuple(shares)))

    def _judge(self, slice_: Slice) -> None:
        overload = self._overload
        before = overload.level
        level = overload.judge(slice_)
        refused_for_s = overload.retry_after_s if overload.refuses else 0.0
        if refused_for_s != self._matches.refused_for_s:
            self._matches.refused_for_s = refused_for_s
            self._people.take(RefuseMatches(refused_for_s))
        if level == before:
            return
        self._matches.stretch_snapshots(overload.snapshot_stretch)
        tell = log.warning if level > before else log.info
        tell(
            "strained" if level > before else "relieved",
            level=level,
            snapshots=f"1/{overload.snapshot_stretch}",
            refuses_matches=overload.refuses,
            behind=slice_.behind,
            ticks=slice_.ticks,
            shed=slice_.shed,
            lag_ms=round(slice_.lag_s * 1000),
            busy_share=round(slice_.busy_share, 2),
        )
