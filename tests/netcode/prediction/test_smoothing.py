"""Corrections are eased in the picture only."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.netcode.prediction.smoothing import EASE_S, Correction

OFFSETS = st.floats(-400, 400)


@given(OFFSETS, OFFSETS)
def test_a_correction_shrinks_from_its_full_size_to_zero_in_a_bounded_time(
    dx: float, dy: float
) -> None:
    correction = Correction(0.0)
    correction.add(dx, dy, now=5.0, snap=1e9)
    assert correction.at(5.0) == (dx, dy)
    sizes = [abs(correction.at(5.0 + step * EASE_S / 10)[0]) for step in range(11)]
    assert sizes == sorted(sizes, reverse=True)
    for later in (1e-9, 1.0, 1e6):
        assert correction.at(5.0 + EASE_S + later) == (0.0, 0.0)


def test_corrections_add_up_without_a_jump() -> None:
    correction = Correction(0.0)
    correction.add(100, 0, now=0.0, snap=1e9)
    left = correction.at(0.05)[0]
    correction.add(10, 0, now=0.05, snap=1e9)
    assert correction.at(0.05)[0] == left + 10


def test_a_large_correction_is_not_smoothed() -> None:
    correction = Correction(0.0)
    correction.add(30, 40, now=0.0, snap=50)
    assert correction.at(0.0) == (30, 40)
    correction.add(3, 4, now=0.0, snap=54.9)
    assert correction.at(0.0) == (0.0, 0.0)


def test_without_a_correction_nothing_is_off() -> None:
    assert Correction(5.0).at(5.0) == (0.0, 0.0)
