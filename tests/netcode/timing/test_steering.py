"""The lead follows what the server measured, not what it was told."""

import pytest

from gameserver.accel import BufferRules
from gameserver.game.schema.history import REWIND_MS
from gameserver.ids import Tick
from gameserver.netcode.timing.inputs import AHEAD_S, MARGIN_S, REPEAT_S, buffer_rules
from gameserver.netcode.timing.steering import (
    DRAWING_TICKS,
    LOOSE_MARGIN,
    MAX_JITTER_MS,
    MAX_RTT_MS,
    MAX_SETTLING,
    RTT_WINDOW_S,
    TARGET_MARGIN,
    LeadSteering,
    link_rules,
)
from gameserver.netcode.timing.timesync import LEAD_DOWN, LEAD_UP

RATE = 30


def test_too_small_a_margin_is_corrected_at_once_and_not_again_before_the_effect() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2) == TARGET_MARGIN + 2
    assert steering.correction(Tick(51), -2) == 0
    assert steering.is_settling(Tick(64))
    assert steering.correction(Tick(65), -2) == TARGET_MARGIN + 2


def test_after_a_correction_the_margin_is_not_judged_for_a_round_trip() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2, rtt=60) == TARGET_MARGIN + 2
    assert steering.correction(Tick(110), -2, rtt=60) == 0
    assert steering.is_settling(Tick(110))
    assert steering.correction(Tick(120), -2, rtt=60) == TARGET_MARGIN + 2


@pytest.mark.parametrize(
    ("margin", "rtt", "settling"),
    [
        (TARGET_MARGIN - 1, 0, RATE // 2),  # half a second at least
        (TARGET_MARGIN - 3, 60, 60 + int(3 / LEAD_UP) + 2),
        (TARGET_MARGIN - 3, MAX_SETTLING, MAX_SETTLING + int(3 / LEAD_UP) + 2),
        (TARGET_MARGIN - 3, MAX_SETTLING + 1, MAX_SETTLING + int(3 / LEAD_UP) + 2),
        (TARGET_MARGIN + 4, 7, 7 + int(4 / LEAD_DOWN) + 2),
    ],
)
def test_a_correction_settles_after_a_round_trip_and_the_glide_of_the_lead(
    margin: int, rtt: int, settling: int
) -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(100), margin, rtt) == TARGET_MARGIN - margin
    assert steering.is_settling(Tick(100 + settling - 1))
    assert not steering.is_settling(Tick(100 + settling))
    assert steering.correction(Tick(100 + settling - 1), 0) == 0
    assert steering.correction(Tick(100 + settling), 0) == TARGET_MARGIN


def test_a_match_begins_as_if_the_lead_had_been_corrected_half_a_second_before() -> None:
    calm = 2 * RATE - RATE // 2
    assert LeadSteering(RATE).correction(Tick(calm - 1), LOOSE_MARGIN) == 0
    assert LeadSteering(RATE).correction(Tick(calm), LOOSE_MARGIN) != 0


def test_no_claimed_round_trip_stops_steering_for_good() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2, rtt=1 << 40)
    assert steering.correction(Tick(50 + MAX_SETTLING + 30), -2, rtt=1 << 40)


def test_too_large_a_margin_is_reduced_only_after_a_calm_window() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(100), -1) == TARGET_MARGIN + 1
    assert steering.correction(Tick(120), 5) == 0
    assert steering.correction(Tick(180), 5) == TARGET_MARGIN - 5


def test_a_lead_is_too_large_from_a_margin_on_and_calm_from_a_tick_on() -> None:
    steering = LeadSteering(RATE)
    calm = 2 * RATE
    assert steering.correction(Tick(0), 0) == TARGET_MARGIN
    settled = next(tick for tick in range(2 * RATE) if not steering.is_settling(Tick(tick)))
    assert steering.correction(Tick(settled + calm - 1), LOOSE_MARGIN) == 0
    assert steering.correction(Tick(settled + calm), LOOSE_MARGIN - 1) == 0
    assert steering.correction(Tick(settled + calm), LOOSE_MARGIN) == TARGET_MARGIN - LOOSE_MARGIN


@pytest.mark.parametrize("rate", [10, 20, 30, 60, 1000])
def test_the_bounds_of_a_link_are_times_in_ticks(rate: int) -> None:
    rules = link_rules(rate, snapshot_every=2)
    assert rules.window == RTT_WINDOW_S * rate
    assert rules.drawing == DRAWING_TICKS + 2
    assert rules.max_rtt * 1000 == MAX_RTT_MS * rate
    assert rules.max_jitter * 1000 == MAX_JITTER_MS * rate
    assert rules.max_view == rules.view_units * (REWIND_MS * rate // 1000)


def test_after_a_stall_the_lead_grows_by_less_than_inputs_may_be_ahead() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -80) == AHEAD_S * RATE - LOOSE_MARGIN


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_the_rules_of_a_buffer_are_times_in_ticks(rate: int) -> None:
    rules = buffer_rules(rate)
    assert rules == BufferRules(
        ahead=int(AHEAD_S * rate), repeat=int(REPEAT_S * rate), margins=int(MARGIN_S * rate)
    )


def test_a_fitting_margin_causes_no_steering() -> None:
    steering = LeadSteering(RATE)
    assert [steering.correction(Tick(t), m) for t, m in ((100, 1), (200, 2), (300, None))] == [
        0
    ] * 3
