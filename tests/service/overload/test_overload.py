"""Strain: slow to give up, slower to give back, and never swinging."""

import attrs
import pytest

from gameserver.service.overload.overload import (
    BEHIND_SHARE,
    CALM_BUSY_SHARE,
    CALM_S,
    CROWD_PER_S,
    EXCUSE_AGAIN,
    EXCUSED_S,
    FEW_BEHIND,
    LAG_S,
    LONGEST_CALM_S,
    LONGEST_SLICE_S,
    OVERLOAD_S,
    RELAPSE_S,
    Overload,
    Slice,
)

SLICE_S = 0.25
FINE = Slice(SLICE_S, ticks=8, busy_share=0.2)
LATE = Slice(SLICE_S, ticks=8, behind=8, busy_share=1.0)
FULL = Slice(SLICE_S, ticks=8, busy_share=CALM_BUSY_SHARE + 0.1)
"""Busy, but in time."""


def spend(overload: Overload, seconds: float, slice_: Slice) -> int:
    for _ in range(round(seconds / SLICE_S)):
        overload.judge(slice_)
    return overload.level


def strained() -> Overload:
    overload = Overload()
    assert spend(overload, 3 * OVERLOAD_S, LATE) == 3
    return overload


def test_the_level_rises_by_one_for_each_second_of_strain_and_stops_at_three() -> None:
    overload = Overload()
    seen = [spend(overload, OVERLOAD_S, LATE) for _ in range(5)]
    assert seen == [1, 2, 3, 3, 3]


def test_each_level_reduces_what_it_names_snapshots_before_matches() -> None:
    overload = Overload()
    seen = [(overload.snapshot_stretch, overload.refuses)]
    for _ in range(3):
        spend(overload, OVERLOAD_S, LATE)
        seen.append((overload.snapshot_stretch, overload.refuses))
    assert seen == [(1, False), (2, False), (4, False), (4, True)]


def test_a_pause_shorter_than_a_second_changes_nothing() -> None:
    overload = Overload()
    for _ in range(20):
        assert spend(overload, OVERLOAD_S - SLICE_S, LATE) == 0
        assert spend(overload, SLICE_S, FINE) == 0


def test_a_suspended_machine_does_not_count_as_strained() -> None:
    overload = Overload()
    assert overload.judge(Slice(3600.0, ticks=4, behind=4, shed=9000, lag_s=3600.0)) == 0
    assert spend(overload, 60, FINE) == 0


def test_late_ticks_shed_ticks_and_loop_lag_are_each_strain() -> None:
    for slice_ in (
        Slice(SLICE_S, ticks=100, behind=10),
        Slice(SLICE_S, ticks=100, shed=1),
        Slice(SLICE_S, lag_s=0.2),
    ):
        assert spend(Overload(), OVERLOAD_S, slice_) == 1
    for slice_ in (Slice(SLICE_S, ticks=100, behind=9), Slice(SLICE_S, lag_s=0.05), FULL):
        assert spend(Overload(), 60, slice_) == 0


def test_many_arrivals_excuse_strain_for_a_bounded_time() -> None:
    overload = Overload()
    crowd = Slice(SLICE_S, ticks=8, behind=8, shed=4, busy_share=1.0, arrivals=50)
    assert spend(overload, EXCUSED_S, crowd) == 0
    assert spend(overload, RELAPSE_S, FINE) == 0


def test_endless_arrivals_are_strain_after_a_while() -> None:
    overload = Overload()
    crowd = Slice(SLICE_S, ticks=8, behind=8, busy_share=1.0, arrivals=50)
    assert spend(overload, EXCUSED_S + 3 * OVERLOAD_S, crowd) == 3
    spend(overload, CALM_S, FINE)
    assert spend(overload, 2 * OVERLOAD_S, crowd) > 0


def test_few_arrivals_do_not_excuse_strain() -> None:
    late = Slice(SLICE_S, ticks=8, behind=8, busy_share=1.0, arrivals=4)
    assert spend(Overload(), OVERLOAD_S, late) == 1


def test_one_late_tick_of_a_single_match_does_not_interrupt_calm() -> None:
    overload = strained()
    for _ in range(40):
        spend(overload, 1.0, Slice(SLICE_S, ticks=5, behind=2, busy_share=0.3))
    assert overload.level == 0


def test_the_level_falls_by_one_for_each_five_seconds_of_calm() -> None:
    overload = strained()
    assert spend(overload, CALM_S - SLICE_S, FINE) == 3
    seen = [spend(overload, SLICE_S, FINE)]
    seen += [spend(overload, CALM_S, FINE) for _ in range(3)]
    assert seen == [2, 1, 0, 0]


def test_a_fully_busy_loop_keeps_its_level() -> None:
    assert spend(strained(), 600, FULL) == 3


def test_calm_must_last_without_interruption() -> None:
    overload = strained()
    for _ in range(10):
        spend(overload, CALM_S - SLICE_S, FINE)
        assert spend(overload, SLICE_S, LATE) == 3


def test_a_relapse_doubles_the_calm_needed_up_to_a_limit_and_until_it_is_forgotten() -> None:
    overload = Overload()
    waits = []
    for _ in range(7):
        spend(overload, OVERLOAD_S, LATE)
        waits.append(overload.calm_needed_s)
        spend(overload, overload.calm_needed_s, FINE)
        assert overload.level == 0
    assert waits == [5, 10, 20, 40, 80, LONGEST_CALM_S, LONGEST_CALM_S]
    spend(overload, RELAPSE_S, FINE)
    spend(overload, OVERLOAD_S, LATE)
    assert (overload.level, overload.calm_needed_s) == (1, CALM_S)


def test_a_refusal_holds_the_time_to_wait() -> None:
    overload = strained()
    assert overload.retry_after_s == CALM_S
    spend(overload, 3, FINE)
    assert overload.retry_after_s == CALM_S - 3
    spend(overload, CALM_S - 3 - SLICE_S, FINE)
    assert overload.retry_after_s == 1


# --- the bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slice_", "strained"),
    [
        (Slice(1.0, ticks=10, behind=FEW_BEHIND), True),
        (Slice(1.0, ticks=10, behind=FEW_BEHIND - 1), False),
        (Slice(1.0, ticks=1000, behind=int(1000 * BEHIND_SHARE)), True),
        (Slice(1.0, ticks=1000, behind=int(1000 * BEHIND_SHARE) - 1), False),
        (Slice(1.0, lag_s=LAG_S), False),
        (Slice(1.0, lag_s=LAG_S + 0.001), True),
        (Slice(1.0, shed=1), True),
        (Slice(1.0, busy_share=1.0), False),
    ],
)
def test_strain_begins_at_each_of_its_bounds(slice_: Slice, strained: bool) -> None:
    assert slice_.strained == strained
    if strained:
        assert not slice_.calm


def test_a_loop_is_calm_below_its_busy_share_and_crowded_from_so_many_arrivals_on() -> None:
    assert Slice(1.0, busy_share=CALM_BUSY_SHARE - 0.01).calm
    assert not Slice(1.0, busy_share=CALM_BUSY_SHARE).calm
    for seconds in (0.5, 2.0):
        most = int(CROWD_PER_S * seconds)
        assert Slice(seconds, arrivals=most).crowded
        assert not Slice(seconds, arrivals=most - 1).crowded


def test_a_slice_counts_for_a_bounded_time() -> None:
    overload = Overload()
    long = attrs.evolve(LATE, seconds=10.0)
    levels = [overload.judge(long) for _ in range(4)]
    assert LONGEST_SLICE_S == OVERLOAD_S / 2
    assert levels == [0, 1, 1, 2]


def test_excused_strain_ends_calm_and_does_not_add_to_other_strain() -> None:
    crowd = attrs.evolve(LATE, arrivals=50)
    overload = strained()
    spend(overload, CALM_S - SLICE_S, FINE)
    overload.judge(crowd)
    assert spend(overload, CALM_S - SLICE_S, FINE) == 3
    assert spend(overload, SLICE_S, FINE) == 2
    overload = Overload()
    spend(overload, OVERLOAD_S - SLICE_S, LATE)
    spend(overload, 2 * OVERLOAD_S, crowd)
    assert overload.level == 0
    assert spend(overload, SLICE_S, LATE) == 1, "the strain before the crowd still counts"


def test_the_excuse_is_regained_slowly_and_not_beyond_its_bound() -> None:
    crowd = attrs.evolve(LATE, arrivals=50)
    overload = Overload()
    spend(overload, 600, FINE)
    assert spend(overload, EXCUSED_S + OVERLOAD_S - SLICE_S, crowd) == 0
    assert spend(overload, SLICE_S, crowd) == 1
    excused_s = 2.0
    spend(overload, excused_s / EXCUSE_AGAIN, attrs.evolve(FULL, arrivals=50))
    assert spend(overload, excused_s + OVERLOAD_S - SLICE_S, crowd) == 1
    assert spend(overload, 2 * SLICE_S, crowd) == 2  # rounding leaves a slice more


def test_strain_doubles_the_calm_only_soon_after_a_fall_and_once() -> None:
    overload = Overload()
    spend(overload, OVERLOAD_S, LATE)
    spend(overload, CALM_S, FINE)
    assert overload.level == 0
    spend(overload, RELAPSE_S - OVERLOAD_S, FULL)
    spend(overload, OVERLOAD_S, LATE)
    assert (overload.level, overload.calm_needed_s) == (1, CALM_S), "it came too late"
    spend(overload, CALM_S, FINE)
    spend(overload, RELAPSE_S - OVERLOAD_S - SLICE_S, FULL)
    spend(overload, 3 * OVERLOAD_S, LATE)
    assert (overload.level, overload.calm_needed_s) == (3, 2 * CALM_S)


def test_a_fall_needs_its_whole_calm_again_for_the_next_one() -> None:
    overload = strained()
    spend(overload, CALM_S, FINE)
    assert overload.retry_after_s == CALM_S
    assert spend(overload, CALM_S - SLICE_S, FINE) == 2
    assert overload.level == 2


def test_matches_are_allowed_again_before_all_snapshots_are_sent() -> None:
    overload = strained()
    seen = [(overload.refuses, overload.snapshot_stretch)]
    spend(overload, CALM_S, FINE)
    seen.append((overload.refuses, overload.snapshot_stretch))
    assert seen == [(True, 4), (False, 4)]


def test_strain_of_a_crowd_keeps_the_level_and_says_so() -> None:
    crowd = Slice(1.0, ticks=100, behind=50, arrivals=1000)
    assert crowd.strained
    assert crowd.crowded
    assert Overload(level=1).judge(crowd) == 1
