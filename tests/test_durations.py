"""Times as people read them."""

import pytest

from gameserver.durations import duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-3, "0 s"), (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (60, "1 min"), (61, "61 s"),
        (119.5, "2 min"), (120, "2 min"), (121, "3 min"), (3599, "1 h"), (3600, "1 h"),
        (3601, "1 h 1 min"), (5400, "1 h 30 min"), (43_200, "12 h"), (86_399, "1 d"),
        (90_000, "1 d 1 h"), (172_799, "2 d"), (172_801, "2 d 1 h"), (604_800, "7 d"),
        (31_536_000, "365 d"),
    ],
)  # fmt: skip
def test_a_time_has_at_most_two_units_and_is_rounded_up(seconds: float, told: str) -> None:
    assert duration(seconds) == told
