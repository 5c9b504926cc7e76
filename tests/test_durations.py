"""Times as people read them."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.durations import duration

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def seconds_of(told: str) -> int:
    counts, units = told.split()[::2], told.split()[1::2]
    return sum(int(count) * SECONDS[unit] for count, unit in zip(counts, units, strict=True))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-3, "0 s"), (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (60, "1 min"), (61, "61 s"),
        (119.5, "2 min"), (120, "2 min"), (121, "3 min"), (3599, "1 h"), (3600, "1 h"),
        (3601, "1 h 1 min"), (5400, "1 h 30 min"), (43_200, "12 h"), (86_399, "1 d"),
        (86_400, "1 d"), (86_401, "1 d 1 h"), (89_940, "1 d 1 h"), (90_000, "1 d 1 h"),
        (172_740, "2 d"), (172_799, "2 d"), (172_801, "2 d 1 h"), (604_800, "7 d"),
        (31_536_000, "365 d"),
    ],
)  # fmt: skip
def test_a_time_has_at_most_two_units_and_is_rounded_up(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@given(st.integers(0, 10**6) | st.floats(0.0, 1e9))
def test_a_time_that_is_told_is_never_shorter_and_less_than_a_step_longer(seconds: float) -> None:
    told = duration(seconds)
    step = 1 if seconds < 120 else 60 if seconds <= 86_400 else 3600
    assert ceil(seconds) <= seconds_of(told)
    assert seconds_of(told) - step < seconds
    assert len(told.split()) <= 4
