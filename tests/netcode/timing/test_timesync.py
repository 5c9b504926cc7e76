"""Where the server's ticks lie, and how far ahead to run."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gameserver.netcode.timing.inputs import AHEAD_S
from gameserver.netcode.timing.timesync import (
    FIRST_RTT_S,
    JUMP_TICKS,
    LEAD_DOWN,
    LEAD_UP,
    MAX_LEAD_S,
    SLEW,
    WINDOW_S,
    LeadClock,
    Percentile,
    RoundTrips,
    ServerClock,
)

PERIOD = 1 / 30
DELAYS = st.lists(st.floats(0.0, 0.06), min_size=100, max_size=200)


@given(st.floats(0, 1000), DELAYS)
@settings(max_examples=50)
def test_the_least_delayed_snapshot_determines_the_clock(start: float, delays: list[float]) -> None:
    clock = ServerClock(PERIOD)
    now = start
    for tick, delay in enumerate(delays, start=1):
        now = max(now, start + tick * PERIOD + delay)
        clock.arrived(tick, now)
    earliest, latest = (start + bound for bound in (min(delays), max(delays)))
    assert clock.offset is not None
    assert earliest - 1e-9 <= clock.offset <= latest + 1e-9


@given(DELAYS)
@settings(max_examples=50)
def test_the_estimate_changes_slower_than_time_passes(delays: list[float]) -> None:
    clock = ServerClock(PERIOD)
    clock.arrived(1, PERIOD)
    shown, now = clock.tick_at(PERIOD), PERIOD
    for tick, delay in enumerate(delays, start=2):
        later = max(now, tick * PERIOD + delay)
        clock.arrived(tick, later)
        gained = clock.tick_at(later) - shown
        passed = (later - now) / PERIOD
        assert abs(gained - passed) <= SLEW * passed + 1e-9
        shown, now = clock.tick_at(later), later


def test_time_shed_by_the_server_is_followed_at_once() -> None:
    clock = ServerClock(PERIOD)
    for tick in range(1, 200):
        clock.arrived(tick, tick * PERIOD)
    for tick in range(200, 400):
        clock.arrived(tick, tick * PERIOD + 1.0)
    assert abs(clock.tick_at(399 * PERIOD + 1.0) - 399) < 1e-6


def test_a_shift_of_all_ticks_moves_the_measurements_with_them() -> None:
    clock, moved = ServerClock(PERIOD), ServerClock(PERIOD)
    moved.shift(5)  # before anything was measured
    for number in range(1, 40):
        for each in (clock, moved):
            each.arrived(number, number * PERIOD + 0.05)
    now = 40 * PERIOD
    moved.shift(6)
    assert moved.tick_at(now) == pytest.approx(clock.tick_at(now) - 6)
    for number in range(41, 80):
        clock.arrived(number, number * PERIOD + 0.05)
        moved.arrived(number, (number + 6) * PERIOD + 0.05)
    later = 90 * PERIOD
    assert moved.tick_at(later) == pytest.approx(clock.tick_at(later) - 6, abs=0.05)


def test_before_the_first_snapshot_the_arriving_tick_is_zero() -> None:
    assert ServerClock(PERIOD).tick_at(5.0) == 0.0


def test_an_arrival_counts_to_the_end_of_its_window() -> None:
    clock = ServerClock(0.25)
    clock.arrived(0, 0.0)
    clock.arrived(11, WINDOW_S)
    assert clock.offset == 0.0, "the first arrival was less delayed"
    clock.arrived(11, WINDOW_S + 0.25)
    assert clock.offset == pytest.approx(SLEW * 0.25)


def test_an_error_is_a_jump_only_above_a_number_of_ticks() -> None:
    clock, jumping = ServerClock(0.25), ServerClock(0.25)
    for each, late in ((clock, 0.0), (jumping, 0.25)):
        each.arrived(0, 0.0)
        each.arrived(16 - int(JUMP_TICKS), 4.0 + late)
    assert clock.offset == pytest.approx(SLEW * 4.0)
    assert jumping.offset == (JUMP_TICKS + 1) * 0.25


def test_lateness_is_measured_in_ticks() -> None:
    clock = ServerClock(PERIOD)
    clock.arrived(10, 10 * PERIOD)
    assert abs(clock.lateness(11, 12.5 * PERIOD) - 1.5) < 1e-9


def test_a_lead_that_was_not_started_is_zero_and_stays() -> None:
    lead = LeadClock(PERIOD)
    assert [lead.at(now) for now in (5.0, 6.0)] == [0.0, 0.0]


def test_the_first_lead_is_bounded() -> None:
    lead = LeadClock(PERIOD)
    lead.start(2 * MAX_LEAD_S, 0.0, now=0.0)
    assert lead.at(0.0) == MAX_LEAD_S / PERIOD


def test_the_first_lead_covers_round_trip_jitter_and_one_tick() -> None:
    lead = LeadClock(PERIOD)
    lead.start(0.150, 0.030, now=0.0)
    assert abs(lead.at(0.0) - 6.4) < 1e-9


def test_a_stall_among_the_round_trips_does_not_count_as_jitter_of_the_first_lead() -> None:
    lead = LeadClock(PERIOD)
    lead.start(0.050, 2.5, now=0.0)
    assert lead.at(0.0) * PERIOD < 0.050 + AHEAD_S


@given(st.lists(st.integers(-50, 50), max_size=30))
def test_a_steered_lead_stays_within_bounds_and_reaches_its_target(steps: list[int]) -> None:
    lead = LeadClock(PERIOD)
    lead.start(0.1, 0.0, now=0.0)
    for step in steps:
        lead.steer(step)
        assert 0 <= lead.target <= MAX_LEAD_S / PERIOD
    assert abs(lead.at(1e6) - lead.target) < 1e-9


@given(st.integers(-5, 5))
def test_a_steered_lead_changes_without_skipping_or_repeating_a_tick(ticks: int) -> None:
    lead = LeadClock(PERIOD)
    lead.start(0.2, 0.0, now=0.0)
    lead.steer(ticks)
    last, now = int(lead.at(0.0)), 0.0
    for frame in range(600):
        now = (frame + 1) / 120
        tick = int(now / PERIOD + lead.at(now))
        assert 0 <= tick - last <= 1 or frame == 0
        last = tick


@pytest.mark.parametrize(("steered", "per_tick"), [(10, LEAD_UP), (-10, -LEAD_DOWN)])
def test_a_lead_changes_by_a_fixed_part_of_a_tick_in_each_tick(
    steered: int, per_tick: float
) -> None:
    lead = LeadClock(PERIOD)
    lead.start(1.0, 0.0, now=7.0)
    first = lead.at(7.0)
    lead.steer(steered)
    for ticks in (1, 2, 5):
        assert lead.at(7.0 + ticks * PERIOD) == pytest.approx(first + ticks * per_tick)
    assert lead.at(7.0) == pytest.approx(first + 5 * per_tick), "an earlier time moves nothing"


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=50), st.floats(0, 1))
@example([1.0, 2.0], 1.0)
def test_a_running_percentile_is_that_of_the_last_samples(
    samples: list[float], part: float
) -> None:
    running = Percentile(part, 20)
    for sample in samples:
        running.add(sample)
    kept = sorted(samples[-20:])
    assert running.value == kept[min(len(kept) - 1, int(part * len(kept)))]


def test_old_round_trips_are_forgotten() -> None:
    trips = RoundTrips(window=2)
    assert (trips.smallest, trips.spread) == (None, 0.0)
    assert trips.first_guess() == (FIRST_RTT_S, 0.0)
    for seconds in (0.1, 0.3, 0.2):
        trips.add(seconds)
    assert trips.smallest == 0.2
    assert abs(trips.spread - 0.1) < 1e-9
    assert trips.first_guess() == (trips.smallest, trips.spread)
