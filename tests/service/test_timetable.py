"""One timetable and one slice of the loop: bounds of lateness, cost and catching up."""

import pytest
from trio.testing import MockClock

from gameserver.service.overload.meters import TickMeter
from gameserver.service.ticker import (
    BATCH_S,
    CATCH_UP_TICKS,
    OVER_BUDGET_S,
    SLICE_S,
    Ticker,
    Timetable,
)
from tests.service.test_ticker import Costly, Stopwatch, Subject

# --- one timetable --------------------------------------------------------------------------------


def test_only_lost_time_beyond_the_catch_up_is_shed() -> None:
    for behind, shed in [(0.0, 0), (CATCH_UP_TICKS, 0), (CATCH_UP_TICKS + 0.9, 0),
                         (CATCH_UP_TICKS + 1, 1), (CATCH_UP_TICKS + 7.5, 7)]:  # fmt: skip
        subject = Costly(Stopwatch(), lambda _tick: 0.0)
        table = Timetable(0.5, origin=10.0)
        assert table.due == 10.5
        table.run(subject, 10.5 + behind * 0.5, lambda: 0.0)
        assert (table.shed, table.meter.shed) == (shed, shed)
        assert subject.shifts == [shed] * (shed > 0)
        assert table.origin == 10.0 + shed * 0.5
        assert table.due == 11.0 + shed * 0.5
        assert table.late_max_s == pytest.approx((behind - shed) * 0.5)


def test_the_greatest_lateness_and_the_time_taken_lately_are_kept() -> None:
    stopwatch = Stopwatch()
    subject = Costly(stopwatch, lambda _tick: 0.125)
    table = Timetable(0.5, origin=10.0)
    for late_s in (0.25, 0.375, 0.0):
        table.run(subject, table.due + late_s, stopwatch)
    assert (table.late_max_s, table.busy_s, table.done) == (0.375, 0.375, 3)
    assert (table.lately_s(), table.lately_s()) == (0.375, 0.0)
    table.run(subject, table.due, stopwatch)
    assert table.lately_s() == 0.125


def test_ticks_too_long_for_exactly_the_budget_are_reported_and_counted_anew() -> None:
    stopwatch = Stopwatch()
    subject = Costly(stopwatch, lambda _tick: 0.75)
    table = Timetable(0.5, origin=0.0)
    for number in range(1, 22):
        table.run(subject, number * 0.5, stopwatch)
    assert subject.overruns == [OVER_BUDGET_S, OVER_BUDGET_S]
    assert table.over_since == 0.5 + 2 * OVER_BUDGET_S


def test_ticks_of_exactly_a_period_are_within_their_budget() -> None:
    stopwatch = Stopwatch()
    subject = Costly(stopwatch, lambda _tick: 0.5)
    table = Timetable(0.5, origin=0.0)
    for number in range(1, 40):
        table.run(subject, number * 0.5, stopwatch)
    assert (subject.overruns, table.over_since) == ([], None)


# --- the loop -------------------------------------------------------------------------------------


async def test_the_first_tick_comes_within_one_to_two_periods(mock_clock: MockClock) -> None:
    mock_clock.jump(50.0)
    ticker = Ticker(Stopwatch())
    for number in range(20):
        table = ticker.add(Subject(), 10)
        assert 50.1 <= table.due < 50.2
        assert len(ticker) == number + 1


async def test_a_meter_may_be_shared_and_is_made_if_none_is_given(mock_clock: MockClock) -> None:
    del mock_clock
    ticker, meter = Ticker(Stopwatch()), TickMeter()
    tables = [ticker.add(Subject(), 30, meter) for _ in range(2)]
    assert [table.meter for table in tables] == [meter, meter]
    assert ticker.add(Subject(), 30).meter is not ticker.add(Subject(), 30).meter


async def test_ticks_that_are_due_almost_now_run_in_the_same_slice(mock_clock: MockClock) -> None:
    ticker = Ticker(Stopwatch())
    subjects = [Subject() for _ in range(3)]
    for subject, origin in zip(subjects, (0.0, BATCH_S * 0.9, BATCH_S * 1.1), strict=True):
        ticker._push(Timetable(1.0, origin), subject)
    mock_clock.jump(1.0)
    ticker._run_slice()
    assert [len(subject.ran) for subject in subjects] == [1, 1, 0]
    assert len(ticker) == 3


async def test_a_slice_ends_after_its_time_and_the_next_one_goes_on(
    mock_clock: MockClock,
) -> None:
    stopwatch = Stopwatch()
    ticker = Ticker(stopwatch)
    subjects = [Costly(stopwatch, lambda _tick: SLICE_S / 2) for _ in range(5)]
    for subject in subjects:
        ticker._push(Timetable(1.0, 0.0), subject)
    mock_clock.jump(1.0)
    seen = []
    for _ in range(3):
        ticker._run_slice()
        seen.append([subject.ticks for subject in subjects])
    assert seen == [[1, 1, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
