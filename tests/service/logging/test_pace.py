"""Rate of log lines: one per source and second, with the number of lines held back."""

import pytest

from gameserver.service.logging.pace import LINE_EVERY_S, SOURCES, Pace


class Clock:
    """Shows a time set by a test."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_line_is_admitted_once_a_second_with_the_number_held_back(clock: Clock) -> None:
    pace = Pace(clock)
    assert [pace.admit("a") for _ in range(4)] == [0, None, None, None]
    clock.now += LINE_EVERY_S - 0.01
    assert pace.admit("a") is None
    clock.now += 0.01
    assert [pace.admit("a"), pace.admit("a")] == [4, None]
    clock.now += LINE_EVERY_S
    assert pace.admit("a") == 1
    clock.now += LINE_EVERY_S
    assert pace.admit("a") == 0


def test_the_first_line_of_a_source_is_admitted_at_any_time(clock: Clock) -> None:
    clock.now = 0.0
    pace = Pace(clock)
    assert [pace.admit("a"), pace.admit("b")] == [0, 0]


def test_further_sources_within_a_second_share_one_line(clock: Clock) -> None:
    pace = Pace(clock)
    assert [pace.admit(f"source {n}") for n in range(SOURCES)] == [0] * SOURCES
    assert [pace.admit("new"), pace.admit("newer")] == [0, None]
    assert pace.admit("source 0") is None
    clock.now += LINE_EVERY_S - 0.01
    assert pace.admit("newest") is None
    clock.now += 0.01
    assert pace.admit("newest of all") == 0, "silent sources were removed"
    assert len(pace._sources) == 1


def test_a_source_that_wrote_lately_is_kept_when_silent_ones_are_removed(clock: Clock) -> None:
    pace = Pace(clock)
    for number in range(SOURCES):
        pace.admit(f"source {number}")
    clock.now += LINE_EVERY_S
    pace.admit("source 3")
    pace.admit("source 3")
    pace.admit("new")
    assert set(pace._sources) == {"source 3", "new"}
    clock.now += LINE_EVERY_S
    assert pace.admit("source 3") == 1
