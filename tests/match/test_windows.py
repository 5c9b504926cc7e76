"""How much detail a viewer loses: by one level a second, and back after a calm time."""

import pytest

from gameserver.match.windows import CALM_S, DetailLevels

RATE = 30
ALLOWED = 1000


def judged(detail: DetailLevels, *sent: int, levels: int = 3) -> list[int]:
    """Return the level after each of these seconds."""
    found = []
    for size in sent:
        detail.bytes += size
        detail.judge(detail.due, RATE, ALLOWED, levels)
        found.append(detail.level)
    return found


def test_exactly_the_allowed_bytes_lose_nothing() -> None:
    assert judged(DetailLevels(), ALLOWED, ALLOWED) == [0, 0]
    assert judged(DetailLevels(), ALLOWED + 1) == [1]


def test_the_level_rises_by_one_a_second_up_to_the_highest() -> None:
    assert judged(DetailLevels(), *[5000] * 5, levels=3) == [1, 2, 3, 3, 3]


@pytest.mark.parametrize(("sent", "falls"), [(499, True), (500, False), (ALLOWED, False)])
def test_calm_is_below_half_of_the_allowed_bytes(sent: int, falls: bool) -> None:
    after = judged(DetailLevels(level=2), *[sent] * CALM_S)
    assert after == [2] * (CALM_S - 1) + [1 if falls else 2]


@pytest.mark.parametrize("broken", [ALLOWED, ALLOWED + 1])
def test_a_second_that_is_not_calm_begins_the_count_again(broken: int) -> None:
    detail = DetailLevels(level=3)
    after = judged(detail, *[0] * (CALM_S - 1), broken, *[0] * (CALM_S - 1))
    assert after == [3] * (2 * CALM_S - 1)
    assert judged(detail, 0) == [2]


def test_each_further_level_takes_as_long_to_fall() -> None:
    after = judged(DetailLevels(level=2), *[0] * (3 * CALM_S))
    assert after == [2] * (CALM_S - 1) + [1] * CALM_S + [0] * (CALM_S + 1)


def test_calm_seconds_at_full_detail_are_not_saved_up() -> None:
    detail = DetailLevels()
    assert judged(detail, *[0] * 10, ALLOWED + 1) == [0] * 10 + [1]
    assert judged(detail, *[0] * CALM_S) == [1] * (CALM_S - 1) + [0]


def test_the_bytes_of_one_second_are_judged_once_and_the_next_time_is_a_second_later() -> None:
    detail = DetailLevels()
    detail.bytes = ALLOWED + 1
    detail.judge(90, RATE, ALLOWED, 3)
    assert (detail.bytes, detail.due, detail.level) == (0, 120, 1)
    detail.judge(125, RATE, ALLOWED, 3)
    assert (detail.bytes, detail.due, detail.level) == (0, 155, 1)
