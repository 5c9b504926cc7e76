"""The oldest picture that may be drawn, at 20 ticks a second."""

import math

import pytest

from gameserver.game.schema.history import REWIND_MS
from gameserver.netcode.timing.fitting import FRAMES, JudgedView
from gameserver.netcode.timing.steering import DRAWING_TICKS, MAX_JITTER_MS, MAX_RTT_MS

PERIOD = 0.05
MAX_RTT = MAX_RTT_MS / 50
MAX_JITTER = MAX_JITTER_MS / 50
MAX_VIEW = REWIND_MS / 50
NOW = 1000.0


def view(frame: float = 0.5, stale: float = 1.0, snapshot_every: int = 1) -> JudgedView:
    judged = JudgedView(PERIOD, snapshot_every)
    for _ in range(FRAMES):
        judged.framed(frame, stale)
    return judged


@pytest.mark.parametrize("snapshot_every", [1, 2, 3])
def test_the_drawn_world_may_be_older_by_drawing_and_by_rare_snapshots(snapshot_every: int) -> None:
    judged = view(snapshot_every=snapshot_every)
    slack = DRAWING_TICKS + snapshot_every - 1
    assert judged.oldest(NOW, NOW + 2, rtt=2.0) == pytest.approx(NOW + 0.5 - slack)


def test_before_the_first_frame_only_the_time_of_drawing_is_allowed() -> None:
    assert JudgedView(PERIOD, 1).oldest(NOW, NOW, rtt=0.0) == NOW - DRAWING_TICKS


def test_at_a_low_frame_rate_other_entities_are_drawn_newer() -> None:
    slow, fast = view(frame=1.0), view(frame=0.25)
    assert slow.oldest(NOW, NOW, 0.0) - fast.oldest(NOW, NOW, 0.0) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("stale", "older"),
    [(-1.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.5, 0.5), (2.5, 1.5), (9.0, MAX_JITTER)],
)
def test_jitter_beyond_a_tick_allows_an_older_drawn_world_up_to_the_bound(
    stale: float, older: float
) -> None:
    steady = view().oldest(NOW, NOW, 0.0)
    assert steady - view(stale=stale).oldest(NOW, NOW, 0.0) == pytest.approx(older)


@pytest.mark.parametrize(
    ("excess", "newer"), [(-1.0, 0.0), (0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (1.01, -math.inf)]
)
def test_a_round_trip_above_the_bound_requires_a_newer_drawn_world(
    excess: float, newer: float
) -> None:
    judged = view()
    near = judged.oldest(NOW, NOW, 0.0)
    assert judged.oldest(NOW, NOW, MAX_RTT + excess) == pytest.approx(near + newer)


def test_the_drawn_world_is_never_older_than_the_limit_of_rewind() -> None:
    judged = view()
    assert judged.oldest(NOW, NOW + MAX_VIEW, 0.0) == pytest.approx(NOW + 0.5)
    assert judged.oldest(NOW, NOW + MAX_VIEW - 2, 0.0) == pytest.approx(NOW + 0.5 - 2)
    assert judged.oldest(NOW, NOW + MAX_VIEW - 9, 0.0) == pytest.approx(NOW + 0.5 - DRAWING_TICKS)


def test_a_few_long_frames_change_nothing() -> None:
    judged = view()
    before = judged.oldest(NOW, NOW, 0.0)
    for _ in range(FRAMES // 10):
        judged.framed(5.0, 1.0)
    assert judged.oldest(NOW, NOW, 0.0) == before
