"""Strain: slow to give up, slower to give back, and never swinging."""

from gameserver.service.overload.overload import (
    CALM_BUSY_SHARE,
    CALM_S,
    EXCUSED_S,
    LONGEST_CALM_S,
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
