"""Histograms: right to 3 % whatever is recorded, and forgetful in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.service.overload.meters import (
    BUCKETS,
    Histogram,
    Percentiles,
    TickMeter,
    bucket_of,
    middle_us,
    percentiles,
    start_us,
)

LONGEST_US = start_us(BUCKETS) - 1
MICROSECONDS = st.integers(0, LONGEST_US)


@given(MICROSECONDS)
def test_the_middle_of_a_bucket_is_within_3_percent_of_its_values(us: int) -> None:
    assert abs(middle_us(bucket_of(us / 1e6)) - us) <= us / 32


@given(MICROSECONDS, MICROSECONDS)
def test_longer_times_never_belong_to_earlier_buckets(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert 0 <= bucket_of(shorter / 1e6) <= bucket_of(longer / 1e6) < BUCKETS


@given(MICROSECONDS)
def test_a_recorded_time_is_in_its_bucket(us: int) -> None:
    histogram = Histogram()
    histogram.record((us + 0.5) / 1e6)
    assert histogram.lately().p50 == middle_us(bucket_of(us / 1e6)) / 1e6


def test_a_time_out_of_bounds_counts_as_the_nearest_bound() -> None:
    histogram = Histogram()
    for seconds in (-1.0, 1e9):
        histogram.record(seconds)
    assert histogram.lately().count == 2
    assert histogram.lately().p50 == 0
    assert histogram.lately().most == pytest.approx(LONGEST_US / 1e6, rel=0.04)


@given(st.lists(MICROSECONDS, min_size=1, max_size=600))
def test_percentiles_are_those_of_the_sorted_times(times: list[int]) -> None:
    histogram = Histogram()
    for us in times:
        histogram.record((us + 0.5) / 1e6)
    found, times = histogram.since_start(), sorted(times)
    for value, per_mille in ((found.p50, 500), (found.p99, 990), (found.p999, 999)):
        exact = times[-(-len(times) * per_mille // 1000) - 1] / 1e6
        assert value == pytest.approx(exact, rel=1 / 31, abs=1e-9)
    assert found.most == pytest.approx(times[-1] / 1e6, rel=1 / 31, abs=1e-9)


@pytest.mark.parametrize(
    ("long", "reached"), [(1, "most"), (3, "p999"), (21, "p99"), (1001, "p50")]
)
def test_each_percentile_is_the_time_not_exceeded_by_its_part_of_the_samples(
    long: int, reached: str
) -> None:
    histogram = Histogram()
    for number in range(2000):
        histogram.record(0.020 if number < long else 0.001)
    found = histogram.lately()
    names = ["p50", "p99", "p999", "most"]
    above = [name for name in names if getattr(found, name) > 0.010]
    assert above == names[names.index(reached) :]


def test_a_histogram_without_samples_has_no_percentiles() -> None:
    assert percentiles([0] * BUCKETS) == Percentiles(0, 0.0, 0.0, 0.0, 0.0)


def test_a_sample_leaves_the_window_after_two_turns_and_the_total_never() -> None:
    histogram = Histogram()
    histogram.record(0.5)
    histogram.turn()
    histogram.record(0.001)
    assert (histogram.lately().count, histogram.since_start().count) == (2, 2)
    histogram.turn()
    assert histogram.lately().most == pytest.approx(0.001, rel=0.03)
    histogram.turn()
    assert (histogram.lately().count, histogram.since_start().count) == (0, 2)
    assert histogram.since_start().most == pytest.approx(0.5, rel=0.03)


def test_a_meter_distinguishes_late_from_long_ticks() -> None:
    meter = TickMeter()
    for late_s, took_s in ((0.0, 0.01), (0.04, 0.01), (0.0, 0.04), (0.04, 0.04)):
        meter.ticked(late_s, took_s, 1 / 30)
    assert (meter.ticks, meter.behind, meter.overruns) == (4, 2, 2)
    assert meter.busy_s == pytest.approx(0.1)
    assert meter.lateness.lately().count == meter.duration.lately().count == 4


def test_a_tick_of_exactly_one_period_is_neither_late_nor_long() -> None:
    meter = TickMeter()
    for seconds in (0.5, 0.75):
        meter.ticked(seconds, seconds, 0.5)
    assert (meter.ticks, meter.behind, meter.overruns) == (2, 1, 1)


def test_lateness_and_duration_are_counted_apart_and_leave_their_windows_together() -> None:
    meter = TickMeter()
    meter.ticked(0.5, 0.001, 1.0)
    assert meter.lateness.lately().most == pytest.approx(0.5, rel=0.04)
    assert meter.duration.lately().most == pytest.approx(0.001, rel=0.04)
    assert (meter.behind, meter.overruns) == (0, 0)
    for _ in range(2):
        meter.turn()
    assert (meter.lateness.lately().count, meter.duration.lately().count) == (0, 0)
    assert (meter.lateness.since_start().count, meter.duration.since_start().count) == (1, 1)
