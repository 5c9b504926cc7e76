"""Run every match at its own tick rate, without a task per match.

Law: a tick is due at ``origin + tick / rate`` and never "one period after the last tick", so the
times do not drift. A match that is late runs at most `CATCH_UP_TICKS` at once; further lost time is
shed by moving the origin. Tick numbers never skip (design, "The loop"; threat 34, the spiral of
death: Fiedler, "Fix Your Timestep!").
"""

import heapq
import itertools
from collections.abc import Callable
from typing import Final, Protocol

import attrs
import trio

from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.meters import TickMeter

log: Final = get_logger()

CATCH_UP_TICKS: Final = 2
"""Most ticks that may be late before time is shed."""

SLICE_S: Final = 0.002
"""Longest run of due matches before other tasks get the loop."""

BATCH_S: Final = 0.001
"""Ticks that are due within this time run together with those that are due now: each wake-up of the
loop costs about as much as the ticks of some players, and the kernel's timer is no more exact."""

OVER_BUDGET_S: Final = 5.0
"""A match whose ticks took longer than their period for this long is ended."""

_STAGGER: Final = 0.618034
"""Golden ratio: successive matches start this far apart in the tick, so load spreads evenly."""


class Steppable(Protocol):
    """A match as the ticker sees it."""

    def tick(self) -> bool:
        """Run one tick and return whether there will be another."""
        ...

    def shed(self, ticks: int) -> None:
        """Note that the next tick and all later ones come ``ticks`` periods later."""
        ...

    def overran(self, seconds: float) -> None:
        """Note that every tick of the last ``seconds`` took longer than its period."""
        ...


@attrs.define(eq=False)
class Timetable:
    """The times of one match's ticks, and their cost.

    It does not hold the match: the match holds its timetable, and a cycle would keep an ended match
    in memory until the garbage collector looks at the oldest objects.

    Attributes:
        origin: Time of tick 0, in seconds of the loop's clock; moved by shedding.
        done: The last tick that was run.
    """

    period: float
    origin: float
    meter: TickMeter = attrs.field(factory=TickMeter)
    done: int = 0
    shed: int = 0
    late_max_s: float = 0.0
    busy_s: float = 0.0
    over_since: float | None = None
    _told_s: float = 0.0

    def lately_s(self) -> float:
        """Return the time that the ticks took since the last call."""
        lately, self._told_s = self.busy_s - self._told_s, self.busy_s
        return lately

    @property
    def due(self) -> float:
        """When the next tick is due."""
        return self.origin + (self.done + 1) * self.period

    def shed_time(self, subject: Steppable, now: float) -> None:
        """Move the origin if the next tick is more than `CATCH_UP_TICKS` late."""
        behind = int((now - self.due) / self.period)
        if behind > CATCH_UP_TICKS:
            ticks = behind - CATCH_UP_TICKS
            self.shed += ticks
            self.meter.shed += ticks
            self.origin += ticks * self.period
            subject.shed(ticks)

    def run(self, subject: Steppable, now: float, stopwatch: Callable[[], float]) -> bool:
        """Run the tick that is due and return whether there will be another."""
        self.shed_time(subject, now)
        late = now - self.due
        self.late_max_s = max(self.late_max_s, late)
        # `late` is taken before `done` counts this tick, since `due` is the time of the next one.
        began = stopwatch()
        goes_on = subject.tick()
        took = stopwatch() - began
        self.done += 1
        self.busy_s += took
        self.meter.ticked(late, took, self.period)
        if took <= self.period:
            self.over_since = None
        elif self.over_since is None:
            self.over_since = now
        elif now - self.over_since >= OVER_BUDGET_S:
            subject.overran(now - self.over_since)
            self.over_since = now
        return goes_on


class Ticker:
    """All running matches in one loop."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        """Start without matches. ``stopwatch`` measures cost only; due times are trio's."""
        self._stopwatch = stopwatch
        self._due: list[tuple[float, int, Timetable, Steppable]] = []
        self._order = itertools.count()
        self._wake = trio.Event()
        self._phase = 0.0

    def add(self, subject: Steppable, tick_rate: int, meter: TickMeter | None = None) -> Timetable:
        """Run ``subject`` from now on; its first tick comes within one to two periods.

        ``meter`` is told of every tick; subjects of one kind share theirs.
        """
        period = 1 / tick_rate
        self._phase = (self._phase + _STAGGER) % 1
        origin = trio.current_time() + self._phase * period
        table = Timetable(period, origin, meter or TickMeter())
        self._push(table, subject)
        self._wake.set()
        return table

    def __len__(self) -> int:
        """Return the number of running matches."""
        return len(self._due)

    async def run(self) -> None:
        """Run due ticks until cancelled."""
        while True:
            if not self._due:
                await self._sleep_until(None)
            elif self._due[0][0] > trio.current_time():
                await self._sleep_until(self._due[0][0])
            else:
                self._run_slice()
                await trio.lowlevel.checkpoint()

    def _run_slice(self) -> None:
        end = self._stopwatch() + SLICE_S
        while self._due and self._due[0][0] <= (now := trio.current_time()) + BATCH_S:
            _, _, table, subject = heapq.heappop(self._due)
            if self._run_one(table, subject, now):
                self._push(table, subject)
            if self._stopwatch() >= end:
                return

    def _run_one(self, table: Timetable, subject: Steppable, now: float) -> bool:
        """Run a tick; an exception ends its own match, never the loop."""
        try:
            return table.run(subject, now, self._stopwatch)
        except Exception:
            log.exception("tick failed")
            return False

    def _push(self, table: Timetable, subject: Steppable) -> None:
        heapq.heappush(self._due, (table.due, next(self._order), table, subject))

    async def _sleep_until(self, due: float | None) -> None:
        self._wake = trio.Event()
        with trio.CancelScope(deadline=float("inf") if due is None else due):
            await self._wake.wait()
