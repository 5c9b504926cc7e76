"""One timetable and one slice of the loop: bounds of lateness, cost and catching up."""

import attrs
import pytest
from trio.testing import MockClock

from gameserver.ids import Tick
from gameserver.service.overload.meters import TickMeter
from gameserver.service.ticker import BATCH_S, PASS, SLICE_S, Ticker
from gameserver.service.timetable import CATCH_UP_TICKS, OVER_BUDGET_S, Timetable
from tests.service.test_ticker import Costly, Stopwatch, Subject, run

# --- one timetable --------------------------------------------------------------------------------


def test_only_lost_time_beyond_the_catch_up_is_shed() -> None:
    for behind, shed in [(0.0, 0), (CATCH_UP_TICKS, 0), (CATCH_UP_TICKS + 0.9, 0),
                         (CATCH_UP_TICKS + 1, 1), (CATCH_UP_TICKS + 7.5, 7)]:  # fmt: skip
        subject = Costly(Stopwatch(), lambda _tick: 0.0)
        table = Timetable(0.5, origin=10.0)
        assert table.due == 10.5
        run(table, subject, 10.5 + behind * 0.5, lambda: 0.0)
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
        run(table, subject, table.due + late_s, stopwatch)
    assert (table.late_max_s, table.busy_s, table.done) == (0.375, 0.375, 3)
    assert (table.lately_s(), table.lately_s()) == (0.375, 0.0)
    run(table, subject, table.due, stopwatch)
    assert table.lately_s() == 0.125


def test_ticks_too_long_for_exactly_the_budget_are_reported_and_counted_anew() -> None:
    stopwatch = Stopwatch()
    subject = Costly(stopwatch, lambda _tick: 0.75)
    table = Timetable(0.5, origin=0.0)
    for number in range(1, 22):
        run(table, subject, number * 0.5, stopwatch)
    assert subject.overruns == [OVER_BUDGET_S, OVER_BUDGET_S]
    assert table.over_since == 0.5 + 2 * OVER_BUDGET_S


def test_ticks_of_exactly_a_period_are_within_their_budget() -> None:
    stopwatch = Stopwatch()
    subject = Costly(stopwatch, lambda _tick: 0.5)
    table = Timetable(0.5, origin=0.0)
    for number in range(1, 40):
        run(table, subject, number * 0.5, stopwatch)
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
        ticker._push(Timetable(1.0, 0.0, took_s=SLICE_S / 2), subject)
    mock_clock.jump(1.0)
    seen = []
    for _ in range(3):
        ticker._run_slice()
        seen.append([subject.ticks for subject in subjects])
    assert seen == [[1, 1, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]


# --- passes ---------------------------------------------------------------------------------------


@attrs.define(eq=False)
class Traced(Subject):
    """Notes the parts of its ticks in a common list, and takes its time in `step`."""

    name: str = ""
    trace: list[str] = attrs.field(factory=list)
    stopwatch: Stopwatch = attrs.field(factory=Stopwatch)
    took: float = 0.0
    breaks: str = ""

    def take_in(self) -> None:
        self._note("in")

    def step(self) -> None:
        self.stopwatch.shows += self.took
        self._note("step")

    def send(self) -> None:
        self._note("out")

    def finish(self) -> bool:
        self._note("end")
        return True

    def _note(self, part: str) -> None:
        self.trace.append(f"{self.name} {part}")
        if part == self.breaks:
            raise ZeroDivisionError


def traced(count: int, took_s: float = 0.0, **breaks: str) -> tuple[Ticker, list[str]]:
    """Return a ticker with this many matches that are due at time 1, and their trace."""
    stopwatch, trace = Stopwatch(), list[str]()
    ticker = Ticker(stopwatch)
    for number in range(count):
        name = chr(ord("a") + number)
        subject = Traced(
            name=name,
            trace=trace,
            stopwatch=stopwatch,
            took=took_s,
            breaks=breaks.get(name, ""),
        )
        ticker._push(Timetable(1.0, 0.0, took_s=took_s), subject)
    return ticker, trace


async def test_all_matches_of_a_pass_take_in_then_step_then_send_then_finish(
    mock_clock: MockClock,
) -> None:
    ticker, trace = traced(2)
    mock_clock.jump(1.0)
    ticker._run_slice()
    assert trace == ["a in", "b in", "a step", "b step", "a out", "b out", "a end", "b end"]


async def test_a_pass_has_at_most_so_many_matches(mock_clock: MockClock) -> None:
    ticker, trace = traced(PASS + 1)
    mock_clock.jump(1.0)
    ticker._run_slice()
    parts = [part.split()[1] for part in trace]
    one = ["in", "step", "out", "end"]
    assert parts == [part for part in one for _ in range(PASS)] + one


async def test_matches_that_took_long_share_no_pass(mock_clock: MockClock) -> None:
    for took_s, alone in [(SLICE_S / 2, False), (SLICE_S * 0.51, True), (SLICE_S * 10, True)]:
        ticker, trace = traced(2, took_s)
        mock_clock.jump(1.0)
        ticker._run_slice()
        parts = ("in", "step", "out", "end")
        one, other = [f"a {part}" for part in parts], [f"b {part}" for part in parts]
        both = [each for pair in zip(one, other, strict=True) for each in pair]
        assert trace == (one if alone else both) + (other if took_s == SLICE_S * 0.51 else [])


@pytest.mark.parametrize("part", ["in", "step", "out", "end"])
async def test_a_bug_in_any_part_ends_its_match_and_no_other(
    part: str, mock_clock: MockClock
) -> None:
    ticker, trace = traced(3, b=part)
    mock_clock.jump(1.0)
    ticker._run_slice()
    assert [entry for entry in trace if entry.startswith("b")][-1] == f"b {part}"
    for name in "ac":
        assert [entry for entry in trace if entry.startswith(name)] == [
            f"{name} {each}" for each in ("in", "step", "out", "end")
        ]
    assert len(ticker) == 2


async def test_what_a_tick_took_is_the_time_of_its_own_parts(mock_clock: MockClock) -> None:
    stopwatch = Stopwatch()
    ticker = Ticker(stopwatch)
    tables = [Timetable(1.0, 0.0) for _ in range(3)]
    for number, table in enumerate(tables):
        ticker._push(table, Traced(stopwatch=stopwatch, took=float(number)))
    mock_clock.jump(1.0)
    ticker._run_slice()
    assert [table.took_s for table in tables] == [0.0, 1.0, 2.0]
    assert [table.busy_s for table in tables] == [0.0, 1.0, 2.0]


async def test_what_a_pass_has_handed_over_is_sent_behind_its_last_match_and_before_any_finishes(
    mock_clock: MockClock,
) -> None:
    ticker, trace = traced(2)

    class Batch:
        def fan_out(self, *_: object) -> tuple[int, list[object]]:
            raise AssertionError("nobody sends here")

        def flush(self) -> list[tuple[object, Tick]]:
            trace.append("flush")
            if len(trace) < 10:
                raise ZeroDivisionError
            return []

    ticker.sends = Batch()
    for _ in range(2):
        mock_clock.jump(1.0)
        ticker._run_slice()
    one = ["a in", "b in", "a step", "b step", "a out", "b out", "flush", "a end", "b end"]
    assert trace == one * 2, "a bug in it ends no match"
