"""Time keeping: anchored ticks, bounded catching up, and a report of games that overrun."""

import gc
import weakref
from collections.abc import Callable

import attrs
import pytest
import trio
import trio.testing
from trio.testing import MockClock

from gameserver.service.slots import slots_of
from gameserver.service.ticker import Ticker
from gameserver.service.timetable import CATCH_UP_TICKS, OVER_BUDGET_S, Timetable

PERIOD = 1 / 30


@attrs.define(eq=False)
class Subject:
    """Notes when its ticks ran."""

    lasts: int = 1 << 30
    during: Callable[[], None] = lambda: None
    ran: list[float] = attrs.field(factory=list)
    overruns: list[float] = attrs.field(factory=list)
    shifts: list[int] = attrs.field(factory=list)

    def take_in(self) -> None:
        pass

    def step(self) -> None:
        self.ran.append(trio.current_time())
        self.during()

    def send(self) -> None:
        pass

    def finish(self) -> bool:
        return len(self.ran) < self.lasts

    def shed(self, ticks: int) -> None:
        self.shifts.append(ticks)

    def overran(self, seconds: float) -> None:
        self.overruns.append(seconds)


class Stopwatch:
    """Shows what it is told."""

    def __init__(self) -> None:
        self.shows = 0.0

    def __call__(self) -> float:
        return self.shows


async def test_ticks_run_at_fixed_multiples_of_the_period_from_their_origin(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock  # moves time by being there
    subject, ticker = Subject(lasts=3000), Ticker(Stopwatch())
    table = ticker.add(subject, 30)
    origin = table.origin
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.sleep(101)
        nursery.cancel_scope.cancel()
    due = [origin + tick * PERIOD for tick in range(1, 3001)]
    assert subject.ran == pytest.approx(due, abs=1e-6)
    assert (table.done, table.shed, len(ticker)) == (3000, 0, 0)


async def test_a_loop_that_is_ended_when_a_tick_is_due_ends(mock_clock: MockClock) -> None:
    subject, ticker = Subject(), Ticker(Stopwatch())
    table = ticker.add(subject, 30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(table.due - trio.current_time())
        nursery.cancel_scope.cancel()
    assert len(subject.ran) == 1


async def test_a_match_that_is_added_while_the_loop_sleeps_wakes_it(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    ticker, first, second = Ticker(Stopwatch()), Subject(lasts=1), Subject(lasts=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.sleep(1)
        ticker.add(first, 1)
        ticker.add(second, 30)  # due before the other, for which the loop sleeps
        await trio.sleep(3 * PERIOD)
        assert (len(first.ran), len(second.ran)) == (0, 1)
        await trio.sleep(2)
        assert len(first.ran) == 1
        nursery.cancel_scope.cancel()


def test_the_first_tick_of_each_match_comes_within_one_to_two_periods() -> None:
    async def main() -> None:
        ticker, now = Ticker(Stopwatch()), trio.current_time()
        firsts = [(ticker.add(Subject(), 30).due - now) / PERIOD for _ in range(50)]
        assert all(1 <= first <= 2 for first in firsts)
        assert len(ticker) == 50

    trio.run(main, clock=MockClock())


async def test_a_late_loop_catches_up_two_ticks_and_sheds_the_rest(
    mock_clock: MockClock,
) -> None:
    subject, ticker = Subject(), Ticker(Stopwatch())
    table = ticker.add(subject, 30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(1.01)
        await trio.testing.wait_all_tasks_blocked()
        late = len(subject.ran)
        assert late == CATCH_UP_TICKS + 1
        assert table.done == late
        assert table.shed + late in (28, 29, 30)
        assert subject.shifts == [table.shed]
        assert (table.meter.ticks, table.meter.shed) == (late, table.shed)
        assert table.meter.behind == CATCH_UP_TICKS  # the last one's time had not passed
        assert table.meter.lateness.lately().most == pytest.approx(table.late_max_s, rel=0.03)
        mock_clock.jump(PERIOD)
        await trio.testing.wait_all_tasks_blocked()
        assert len(subject.ran) == late + 1
        nursery.cancel_scope.cancel()


async def test_matches_that_are_added_at_other_times_are_due_in_the_slot_of_their_period(
    mock_clock: MockClock,
) -> None:
    ticker = Ticker(Stopwatch())
    slots = len(slots_of(PERIOD))
    for _ in range(40):
        mock_clock.jump(0.0123)
        table = ticker.add(Subject(), 30)
        assert table.due / PERIOD % 1 * slots == pytest.approx(table.slot[1] * slots % slots)


async def test_a_match_that_has_ended_or_broken_leaves_its_slot(mock_clock: MockClock) -> None:
    ticker = Ticker(Stopwatch())
    slots = len(slots_of(PERIOD))

    def broken() -> None:
        raise ZeroDivisionError

    first, second = Subject(lasts=1), Subject(during=broken)
    gone = {ticker.add(subject, 30).slot for subject in (first, second)}
    others = {ticker.add(Subject(), 30).slot for _ in range(slots - 2)}
    assert not others & gone, "nobody knows what they take"
    mock_clock.jump(2 * PERIOD)
    while ticker._due[0][0] <= trio.current_time():
        ticker._run_slice()
    assert len(ticker) == slots - 2
    assert not gone & set(ticker._slots._tables)


async def test_matches_of_other_rates_do_not_count_for_a_slot(mock_clock: MockClock) -> None:
    del mock_clock
    ticker = Ticker(Stopwatch())
    for rate in (20, 30, 60):
        assert ticker.add(Subject(), rate).slot == (1 / rate, 0.0)


def overruns(stopwatch: Stopwatch, took: Callable[[int], float], seconds: float) -> list[float]:
    """Run a timetable whose ticks cost what ``took`` says; return the reported overruns."""
    subject = Costly(stopwatch, took)
    table = Timetable(PERIOD, origin=0.0)
    now = 0.0
    while now < seconds:
        now += PERIOD
        run(table, subject, now, stopwatch)
    return subject.overruns


class Costly(Subject):
    """Takes time by the stopwatch only."""

    def __init__(self, stopwatch: Stopwatch, took: Callable[[int], float]) -> None:
        super().__init__()
        self.stopwatch, self.took, self.ticks = stopwatch, took, 0

    def step(self) -> None:
        self.ticks += 1
        self.stopwatch.shows += self.took(self.ticks)

    def finish(self) -> bool:
        return True


def run(table: Timetable, subject: Subject, now: float, stopwatch: Callable[[], float]) -> bool:
    """Run the tick that is due by itself; return whether there will be another."""
    began = stopwatch()
    table.begin(subject, now)
    subject.take_in()
    subject.step()
    subject.send()
    table.goes_on = subject.finish()
    table.took_s = stopwatch() - began
    table.end(subject, now)
    return table.goes_on


def test_ticks_over_their_budget_for_five_seconds_are_reported_once_a_while() -> None:
    reported = overruns(Stopwatch(), lambda _tick: PERIOD * 1.5, OVER_BUDGET_S + 1)
    assert len(reported) == 1
    assert reported[0] >= OVER_BUDGET_S


def test_one_tick_within_its_budget_resets_the_count_of_overruns() -> None:
    reported = overruns(
        Stopwatch(), lambda tick: 0.001 if tick % 100 == 0 else PERIOD * 2, 3 * OVER_BUDGET_S
    )
    assert reported == []


async def test_a_match_added_later_wakes_the_loop(autojump_clock: MockClock) -> None:
    del autojump_clock  # moves time by being there
    ticker, subject = Ticker(Stopwatch()), Subject(lasts=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.sleep(5)
        ticker.add(subject, 30)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert len(subject.ran) == 1


async def test_a_bug_in_one_tick_ends_its_match_and_no_other(autojump_clock: MockClock) -> None:
    del autojump_clock

    def broken() -> None:
        raise ZeroDivisionError

    bad, good, ticker = Subject(during=broken), Subject(lasts=10), Ticker(Stopwatch())
    ticker.add(bad, 30)
    ticker.add(good, 30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ticker.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert (len(bad.ran), len(good.ran), len(ticker)) == (1, 10, 0)


@attrs.define(eq=False)
class Knowing(Subject):
    """Knows its timetable, as a match does."""

    table: Timetable | None = None


async def test_a_subject_that_has_ended_is_freed_without_the_garbage_collector(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock  # moves time by being there
    ticker = Ticker(Stopwatch())
    subject = Knowing(lasts=3)
    subject.table = ticker.add(subject, 30)
    left = weakref.ref(subject)
    del subject
    gc.disable()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ticker.run)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        assert left() is None
    finally:
        gc.enable()
