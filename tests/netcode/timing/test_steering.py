"""Lead and looking back follow what the server measured, not what it was told."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick
from gameserver.netcode.timing.steering import (
    DRAWING_TICKS,
    MAX_JITTER_MS,
    MAX_RTT_MS,
    MAX_SETTLING,
    TARGET_MARGIN,
    LeadSteering,
    LinkMeasure,
)

RATE = 30


def measured(distance: int, spread: int = 0) -> LinkMeasure:
    link = LinkMeasure(RATE)
    for now in range(100, 160):
        link.saw(Tick(now), Tick(now - distance - now % (spread + 1)))
    return link


def test_round_trip_is_the_smallest_distance_of_the_window() -> None:
    link = measured(4, spread=2)
    assert (link.rtt, link.jitter) == (4, 2)
    for now in range(160, 260):
        link.saw(Tick(now), Tick(now - 7))
    assert (link.rtt, link.jitter) == (7, 0)


def test_a_forged_view_is_cut_to_what_the_line_explains() -> None:
    allowed = (4 + DRAWING_TICKS + 1) * VIEW_UNITS
    link = measured(4)
    assert link.clamp_view(allowed) == allowed
    assert link.clamp_view(allowed + 1) == allowed
    assert link.clamp_view(1 << 15) == allowed


def test_before_anything_is_measured_only_drawing_is_allowed() -> None:
    assert LinkMeasure(RATE).clamp_view(1 << 15) == (DRAWING_TICKS + 1) * VIEW_UNITS


def test_a_lead_counts_as_age_of_the_view_and_not_of_the_line() -> None:
    link = measured(0)
    assert link.clamp_view(1 << 15, margin=3) - link.clamp_view(1 << 15) == 3 * VIEW_UNITS


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 1 << 20), st.integers(-50, 50))
def test_no_claim_looks_back_farther_than_the_limit(
    distance: int, spread: int, view: int, margin: int
) -> None:
    link = LinkMeasure(RATE)
    for now in range(1000, 1060):
        link.saw(Tick(now), Tick(now - distance - now % (spread + 1)))
    clamped = link.clamp_view(view, margin)
    by_line = RATE * (MAX_RTT_MS + MAX_JITTER_MS) // 1000 + DRAWING_TICKS + 1 + max(0, margin)
    assert 0 <= clamped <= min(view, RATE * REWIND_MS // 1000 * VIEW_UNITS, by_line * VIEW_UNITS)


def test_too_small_a_margin_is_mended_at_once_and_then_given_time() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2) == TARGET_MARGIN + 2
    assert steering.correction(Tick(51), -2) == 0
    assert steering.is_settling(Tick(64))
    assert steering.correction(Tick(65), -2) == TARGET_MARGIN + 2


def test_a_correction_is_given_the_round_trip_in_which_it_cannot_be_seen_yet() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2, rtt=60) == TARGET_MARGIN + 2
    assert steering.correction(Tick(110), -2, rtt=60) == 0
    assert steering.is_settling(Tick(110))
    assert steering.correction(Tick(120), -2, rtt=60) == TARGET_MARGIN + 2


def test_no_claimed_round_trip_stops_steering_for_good() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(50), -2, rtt=1 << 40)
    assert steering.correction(Tick(50 + MAX_SETTLING + 30), -2, rtt=1 << 40)


def test_too_large_a_margin_is_cut_only_after_a_calm_window() -> None:
    steering = LeadSteering(RATE)
    assert steering.correction(Tick(100), -1) == TARGET_MARGIN + 1
    assert steering.correction(Tick(120), 5) == 0
    assert steering.correction(Tick(180), 5) == TARGET_MARGIN - 5


def test_a_fitting_margin_says_nothing() -> None:
    steering = LeadSteering(RATE)
    assert [steering.correction(Tick(t), m) for t, m in ((100, 1), (200, 2), (300, None))] == [
        0
    ] * 3
