"""Run every match at its own tick rate, without a task per match.

Law: the due ticks of several matches run in a pass: all take in what was sent to them, then all
step, then all hand over what they send, and then all of it is sent. So the code and the data of
each part, the kernel's too, stay in the processor's caches, and a wake-up of the loop serves many
matches. To that end the ticks are due at few moments of a period. A pass is short, and a match
whose ticks take long has a pass of its own, so that no match waits long for others.
"""

import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import trio

from gameserver.accel import SendBatch, hot
from gameserver.match import send_all
from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.meters import TickMeter
from gameserver.service.slots import Slots
from gameserver.service.timetable import Steppable, Timetable

log: Final = get_logger()

SLICE_S: Final = 0.002
"""Longest run of due matches before other tasks get the loop, and longest expected pass."""

BATCH_S: Final = 0.001
"""Ticks that are due within this time run together with those that are due now: each wake-up of the
loop costs about as much as the ticks of some players, and the kernel's timer is no more exact."""

PASS: Final = 16
"""Most matches of a pass."""

BALANCE_S: Final = 1.0
"""Seconds from one look at the slots' loads to the next."""


_Turn: TypeAlias = tuple[Timetable, Steppable]
_Part: TypeAlias = Callable[[Timetable, Steppable, float], None]


def _take_in(table: Timetable, subject: Steppable, now: float) -> None:
    table.begin(subject, now)
    subject.take_in()


def _step(_table: Timetable, subject: Steppable, _now: float) -> None:
    subject.step()


def _send(_table: Timetable, subject: Steppable, _now: float) -> None:
    subject.send()


def _finish(table: Timetable, subject: Steppable, _now: float) -> None:
    table.goes_on = subject.finish()


_PARTS: Final = (_take_in, _step, _send)


class Ticker:
    """All running matches in one loop.

    Attributes:
        sends: Takes what the matches send; it is sent behind the last one of a pass.
    """

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        """Start without matches. ``stopwatch`` measures cost only; due times are trio's."""
        self.sends: SendBatch = hot.send_batch()
        self._stopwatch = stopwatch
        self._due: list[tuple[float, int, Timetable, Steppable]] = []
        self._order = itertools.count()
        self._sleeper: trio.lowlevel.Task | None = None
        """The loop, while it sleeps."""
        self._slots = Slots()
        self._balance_at = float("-inf")

    def add(self, subject: Steppable, tick_rate: int, meter: TickMeter | None = None) -> Timetable:
        """Run ``subject`` from now on; its first tick comes within one to two periods.

        ``meter`` is told of every tick; subjects of one kind share theirs.
        """
        period, now = 1 / tick_rate, trio.current_time()
        slot = self._slots.choose(period, now)
        origin = now + (slot[1] * period - now) % period
        table = Timetable(period, origin, meter or TickMeter(), slot)
        self._slots.enter(table)
        self._push(table, subject)
        self._wake()
        return table

    def __len__(self) -> int:
        """Return the number of running matches."""
        return len(self._due)

    async def run(self) -> None:
        """Run due ticks until cancelled."""
        while True:
            first = self._due[0][0] if self._due else float("inf")
            if first > trio.current_time():
                await self._sleep_until(first)
            elif self._run_slice():
                await trio.lowlevel.checkpoint()

    def _run_slice(self) -> bool:
        """Run what is due for a while; return whether there may be more."""
        stopwatch = self._stopwatch
        end = stopwatch() + SLICE_S
        while due := self._next_pass():
            self._run_pass(due)
            if stopwatch() >= end:
                return True
        return False

    def _next_pass(self) -> list[_Turn]:
        """Take the matches of the next pass: those that are due, as far as they are few and fast.

        What a match will take is what it took last.
        """
        due, latest = self._due, trio.current_time() + BATCH_S
        taken: list[_Turn] = []
        left_s = SLICE_S
        while due and len(taken) < PASS:
            at, _, table, subject = due[0]
            left_s -= table.took_s
            if at > latest or (left_s < 0 and taken):
                break
            heapq.heappop(due)
            taken.append((table, subject))
        return taken

    def _run_pass(self, due: Sequence[_Turn]) -> None:
        """Run a tick of each of these matches. An exception ends its own match, never the loop."""
        now = trio.current_time()
        if now >= self._balance_at:
            self._balance_at = now + BALANCE_S
            self._slots.balance(now)
        # A match by itself is measured as a whole: each reading of the stopwatch costs something.
        due = self._together(due, now) if len(due) > 1 else self._all(due, self._alone, now)
        for table, subject in due:
            try:
                table.end(subject, now)
            except Exception:
                log.exception("tick failed")
                self._slots.leave(table)
                continue
            if table.goes_on:
                self._slots.move(table)
                self._push(table, subject)
            else:
                self._slots.leave(table)

    def _together(self, due: Sequence[_Turn], now: float) -> Sequence[_Turn]:
        """Run the parts of several ticks in turn; return the matches of which none raised."""
        for part in _PARTS:
            due = self._all(due, part, now)
        stopwatch = self._stopwatch
        began = stopwatch()
        self._flush()
        took_s = (stopwatch() - began) / max(1, len(due))
        for table, _ in due:
            table.took_s += took_s
        return self._all(due, _finish, now)

    def _alone(self, table: Timetable, subject: Steppable, now: float) -> None:
        try:
            for part in _PARTS:
                part(table, subject, now)
        finally:
            self._flush()
        _finish(table, subject, now)

    def _flush(self) -> None:
        """Send what was handed over."""
        try:
            send_all(self.sends)
        except Exception:
            log.exception("tick failed")

    def _all(self, due: Sequence[_Turn], part: _Part, now: float) -> Sequence[_Turn]:
        """Run and measure a part of each tick; return those whose part did not raise."""
        stopwatch = self._stopwatch
        failed: list[Timetable] = []
        began = stopwatch()
        for table, subject in due:
            try:
                part(table, subject, now)
            except Exception:
                log.exception("tick failed")
                self._slots.leave(table)
                failed.append(table)
            ended = stopwatch()
            table.took_s += ended - began
            began = ended
        return [turn for turn in due if turn[0] not in failed] if failed else due

    def _push(self, table: Timetable, subject: Steppable) -> None:
        heapq.heappush(self._due, (table.due, next(self._order), table, subject))

    def _wake(self) -> None:
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None:
            trio.lowlevel.reschedule(sleeper)

    async def _sleep_until(self, due: float) -> None:
        """Sleep until a match is due, or added.

        A deadline of trio ends a sleep by an exception, at each wake-up: that costs as much as the
        ticks of some players. Here it only wakes the task.
        """

        def abort(_raise_cancel: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
            if trio.current_time() < due:  # it is the end of the loop
                self._sleeper = None
                return trio.lowlevel.Abort.SUCCEEDED
            self._wake()
            return trio.lowlevel.Abort.FAILED

        with trio.CancelScope(deadline=due):
            self._sleeper = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(abort)
