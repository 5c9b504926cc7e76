"""The rewind follows the server's measurement of the link, not the client's claim."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import HotPath, LinkMeasure
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import Tick
from gameserver.netcode.timing.steering import (
    DRAWING_TICKS,
    MAX_JITTER_MS,
    MAX_RTT_MS,
    link_rules,
)

RATE = 30


def unmeasured(hot: HotPath) -> LinkMeasure:
    return hot.link_measure(link_rules(RATE))


def measured(hot: HotPath, distance: int, spread: int = 0) -> LinkMeasure:
    link = unmeasured(hot)
    for now in range(100, 160):
        link.saw(Tick(now), Tick(now - distance - now % (spread + 1)))
    return link


def test_round_trip_is_the_smallest_distance_of_the_window(hot: HotPath) -> None:
    link = measured(hot, 4, spread=2)
    assert (link.rtt, link.jitter) == (4, 2)
    for now in range(160, 260):
        link.saw(Tick(now), Tick(now - 7))
    assert (link.rtt, link.jitter) == (7, 0)


def test_a_forged_view_is_clamped_to_what_the_measured_round_trip_explains(hot: HotPath) -> None:
    allowed = (4 + DRAWING_TICKS + 1) * VIEW_UNITS
    link = measured(hot, 4)
    assert link.clamp_view(allowed) == allowed
    assert link.clamp_view(allowed + 1) == allowed
    assert link.clamp_view(1 << 15) == allowed


def test_before_any_measurement_a_view_is_clamped_to_the_time_of_drawing(hot: HotPath) -> None:
    assert unmeasured(hot).clamp_view(1 << 15) == (DRAWING_TICKS + 1) * VIEW_UNITS


def test_a_view_may_be_older_by_the_lead_of_the_client(hot: HotPath) -> None:
    link = measured(hot, 0)
    assert link.clamp_view(1 << 15, margin=3) - link.clamp_view(1 << 15) == 3 * VIEW_UNITS


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 1 << 20), st.integers(-50, 50))
def test_no_claimed_view_is_older_than_the_limit_of_rewind(
    hot: HotPath, distance: int, spread: int, view: int, margin: int
) -> None:
    link = unmeasured(hot)
    for now in range(1000, 1060):
        link.saw(Tick(now), Tick(now - distance - now % (spread + 1)))
    clamped = link.clamp_view(view, margin)
    by_line = RATE * (MAX_RTT_MS + MAX_JITTER_MS) // 1000 + DRAWING_TICKS + 1 + max(0, margin)
    assert 0 <= clamped <= min(view, RATE * REWIND_MS // 1000 * VIEW_UNITS, by_line * VIEW_UNITS)
