"""The sliding window against a list of everything."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel.pure.window import NOTHING, Extremes
from gameserver.ids import Tick

WINDOW = 20
Steps = st.lists(st.tuples(st.integers(0, 30), st.integers(-9, 9)), min_size=1, max_size=60)


@given(Steps)
def test_extremes_cover_at_least_half_and_at_most_all_of_the_window(
    steps: list[tuple[int, int]],
) -> None:
    extremes = Extremes(WINDOW)
    samples: list[tuple[int, int]] = []
    now = 1
    for passed, sample in steps:
        now += passed
        before = extremes.least, extremes.most
        changed = extremes.add(Tick(now), sample)
        samples.append((now, sample))
        recent = [s for at, s in samples if at > now - WINDOW // 2]
        whole = [s for at, s in samples if at >= now - WINDOW]
        assert min(whole) <= extremes.least <= min(recent)
        assert max(recent) <= extremes.most <= max(whole)
        assert changed or before == (extremes.least, extremes.most)


def test_samples_older_than_the_window_are_forgotten_without_new_samples() -> None:
    extremes = Extremes(WINDOW)
    extremes.add(Tick(5), 3)
    assert not extremes.turn(Tick(6))
    extremes.turn(Tick(5 + WINDOW // 2))
    assert (extremes.least, extremes.most) == (3, 3)
    extremes.turn(Tick(5 + WINDOW))
    assert (extremes.least, extremes.most) == (NOTHING, -NOTHING)


def test_adding_a_sample_returns_whether_an_extreme_changed() -> None:
    extremes = Extremes(WINDOW)
    assert extremes.add(Tick(1), 3)
    for sample, changes in [(3, False), (4, True), (4, False), (2, True), (2, False), (3, False)]:
        assert extremes.add(Tick(2), sample) is changes
    assert (extremes.least, extremes.most) == (2, 4)
