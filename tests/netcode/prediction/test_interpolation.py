"""How far in the past others are drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick
from gameserver.netcode.prediction.interpolation import (
    FASTEST,
    GROW,
    JUMP_TICKS,
    KEPT_TICKS,
    MAX_DELAY_TICKS,
    SHRINK,
    SLACK_TICKS,
    Confirmed,
    SnapshotPast,
    SnapshotRing,
    ViewClock,
)
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, SkirmishOptions, Spark


def ring_of(*ticks: int) -> SnapshotRing:
    ring = SnapshotRing()
    for tick in ticks:
        ring.push(Confirmed(tick, {}))
    return ring


@given(st.lists(st.floats(0, 20), min_size=1, max_size=300))
def test_drawn_time_never_goes_back_and_the_delay_moves_smoothly(lateness: list[float]) -> None:
    clock = ViewClock(1)
    drawn, delay = 0, clock.delay
    for tick, late in enumerate(lateness, start=10):
        clock.arrived(late)
        now = clock.drawn_at(float(tick), tick, 1.0)
        assert now >= drawn
        assert -SHRINK - 1e-9 <= clock.delay - delay <= GROW + 1e-9
        assert clock.delay <= MAX_DELAY_TICKS
        drawn, delay = now, clock.delay


def test_the_delay_covers_the_jitter_it_has_seen_and_shrinks_when_it_is_gone() -> None:
    clock = ViewClock(1)
    for tick in range(200):
        clock.arrived(3.0 if tick % 10 == 0 else 0.0)
        clock.drawn_at(float(tick), tick, 1.0)
    assert clock.delay >= 4.0
    grown = clock.delay
    for tick in range(200, 600):
        clock.arrived(0.0)
        clock.drawn_at(float(tick), tick, 1.0)
    assert clock.delay < grown - 2


@given(st.sets(st.integers(1, KEPT_TICKS), min_size=1), st.integers(0, KEPT_TICKS * VIEW_UNITS))
def test_each_drawn_time_lies_between_the_two_snapshots_around_it(
    ticks: set[int], time: int
) -> None:
    found = ring_of(*sorted(ticks)).around(time)
    assert found is not None
    before, after = found
    assert before.tick == max((t for t in ticks if t * VIEW_UNITS <= time), default=min(ticks))
    assert after.tick == min((t for t in ticks if t * VIEW_UNITS > time), default=max(ticks))


def test_old_snapshots_are_dropped() -> None:
    ring = ring_of(*range(1, 200))
    assert ring.at(199 - KEPT_TICKS) is not None
    assert ring.at(199 - KEPT_TICKS - 1) is None
    assert ring.before(150) is ring.at(149)
    assert ring_of().around(5) is None


def test_the_snapshot_before_a_tick_may_be_older_and_there_may_be_none() -> None:
    ring = ring_of(5, 8)
    assert [each and each.tick for each in map(ring.before, range(4, 11))] == [
        None, None, 5, 5, 5, 8, 8,
    ]  # fmt: skip
    assert ring_of().before(5) is None


def test_a_ring_gives_its_snapshots_from_the_oldest_to_the_newest() -> None:
    ring = ring_of(5, 8, 9)
    assert [each.tick for each in ring] == [5, 8, 9]
    assert ring.newest is ring.at(9)
    assert ring_of().newest is None


@pytest.mark.parametrize("snapshot_every", [1, 3])
def test_without_jitter_the_delay_is_one_snapshot_and_some_slack(snapshot_every: int) -> None:
    clock = ViewClock(snapshot_every)
    assert clock.delay == snapshot_every + 2 * SLACK_TICKS
    clock.arrived(-1.0)
    clock.drawn_at(100.0, 100, 1000.0)
    assert clock.delay == snapshot_every + SLACK_TICKS
    assert clock.jitter_ticks == 0.0


def test_the_delay_is_longer_by_the_lateness_of_the_snapshots() -> None:
    clock = ViewClock(1)
    clock.arrived(0.5)
    clock.drawn_at(100.0, 100, 1000.0)
    assert clock.delay == 1 + SLACK_TICKS + 0.5
    assert clock.jitter_ticks == 0.5


def test_nothing_before_tick_zero_and_nothing_too_old_is_drawn() -> None:
    assert ViewClock(1).drawn_at(0.0, 0, 0.0) == 0
    assert ViewClock(1).drawn_at(0.0, 5, 0.0) == 0
    assert ViewClock(1).drawn_at(100.0, 100, 0.0, oldest=99.5) == 99.5 * VIEW_UNITS
    assert ViewClock(1).drawn_at(100.0, 99, 0.0, oldest=99.5) == 99 * VIEW_UNITS


def test_the_drawn_time_jumps_only_above_a_distance() -> None:
    clock = ViewClock(1)
    drawn = clock.drawn_at(100.0, 200, 0.0)
    assert clock.drawn_at(100.0 + JUMP_TICKS, 200, 0.0) == drawn
    assert clock.drawn_at(101.0 + JUMP_TICKS, 200, 0.0) == drawn + (JUMP_TICKS + 1) * VIEW_UNITS


def test_after_a_stall_drawn_time_runs_faster_instead_of_jumping() -> None:
    clock = ViewClock(1)
    start = clock.drawn_at(100.0, 100, 1.0)
    for tick in range(101, 108):
        held = clock.drawn_at(float(tick), 100, 1.0)
    assert held == 100 * VIEW_UNITS > start
    steps = []
    for tick in range(108, 130):
        now = clock.drawn_at(float(tick), tick, 1.0)
        steps.append(now - held)
        held = now
    assert max(steps) <= FASTEST * VIEW_UNITS
    assert held >= (129 - clock.delay) * VIEW_UNITS - 1


def test_a_drawn_time_too_far_behind_is_skipped() -> None:
    clock = ViewClock(1)
    clock.drawn_at(100.0, 100, 1.0)
    assert clock.drawn_at(400.0, 400, 1.0) > 395 * VIEW_UNITS


@pytest.mark.parametrize("tick_rate", [20, 30, 60])
def test_past_states_go_back_twice_as_far_as_a_shot_and_no_further(tick_rate: int) -> None:
    past = SnapshotPast(tick_rate)
    for tick in range(10 * tick_rate):
        past.push(Confirmed(tick, {}))
    ticks = past.moments[-1][0] - past.moments[0][0]
    farthest = tick_rate * REWIND_MS // 1000
    assert 2 * farthest <= ticks <= 2 * farthest + 1


def test_the_past_of_snapshots_is_seen_between_them_by_its_age() -> None:
    past = SnapshotPast(30)
    for tick in (10, 12):
        past.push(Confirmed(tick, {EntityId(1): Runner(x=100 * tick), EntityId(2): Spark()}))
    world = World(map=map_from_rows(".."), options=SkirmishOptions(), salt=1, past=past)
    world.tick = Tick(13)
    for age, x in ((1, 1200), (2, 1100), (3, 1000)):
        (seen,) = past.rewound(world, age * VIEW_UNITS)
        assert isinstance(seen, Runner)
        assert seen.x == x
