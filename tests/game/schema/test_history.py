"""Rewinding returns the past, and changes nothing."""

from collections import deque
from collections.abc import Sequence

import attrs
from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.entity import Entity
from gameserver.game.rng import Rng
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS, History, PastTick, moment_at
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, SkirmishOptions, Spark

RATE = 30
MAP = map_from_rows("..", "..")


def world_of(history: History) -> World:
    options = SkirmishOptions()
    return World(map=MAP, options=options, salt=1, rng=Rng.seeded(1), past=history)


def walked(ticks: int, step: int = 32) -> tuple[World, Runner]:
    history = History(RATE)
    world = world_of(history)
    runner = world.spawn(Runner())
    world.spawn(Spark())
    history.record(world)
    for _ in range(ticks):
        world.tick = Tick(world.tick + 1)
        runner.x += step
        history.record(world)
    return world, runner


def only(entities: Sequence[Entity]) -> Runner:
    (runner,) = entities
    assert isinstance(runner, Runner)
    return runner


@given(st.integers(0, REWIND_MS * RATE // 1000 * VIEW_UNITS))
def test_a_view_of_any_age_within_the_limit_is_exact(view: int) -> None:
    world, runner = walked(40)
    seen = only(world.rewound(view, Runner))
    assert seen.x == runner.x - 32 * view // VIEW_UNITS


def test_a_view_older_than_the_history_shows_its_oldest_tick() -> None:
    world, runner = walked(40)
    depth = REWIND_MS * RATE // 1000 + 2
    assert only(world.rewound(10_000, Runner)).x == runner.x - 32 * (depth - 1)


def test_a_moment_without_entities_takes_its_place() -> None:
    history = History(RATE)
    history.record_nothing(Tick(7))
    assert list(history.moments) == [(7, {})]


def test_changing_a_rewound_entity_changes_neither_world_nor_history() -> None:
    world, runner = walked(5)
    only(world.rewound(20, Runner)).x = -1
    only(world.rewound(0, Runner)).x = -1
    assert only(world.rewound(20, Runner)).x == runner.x - 40
    assert runner.x == 160


def test_a_rewound_world_lacks_later_entities_and_holds_removed_ones() -> None:
    world, runner = walked(10)
    other = world.spawn(Runner(x=7))
    past = world.past
    assert isinstance(past, History)
    world.tick = Tick(11)
    world.despawn(runner)
    past.record(world)
    at = [[e.id for e in world.rewound(view, Runner)] for view in (0, 7, 8, 9, 16, 32)]
    assert at == [[other.id], [other.id], [other.id], [runner.id], [runner.id], [runner.id]]


def test_only_rewindable_classes_are_kept() -> None:
    world, _ = walked(3)
    assert world.rewound(16, Spark) == []
    kinds: set[type[Entity]] = {type(e) for e in world.past.rewound(world, 16)}
    assert kinds == {Runner}


@attrs.define(eq=False)
class Other(Runner):
    """Another class that can be rewound."""


def moments(*ticks: tuple[int, dict[int, Entity]]) -> "deque[tuple[Tick, PastTick]]":
    return deque(
        (Tick(tick), {EntityId(number): each for number, each in held.items()})
        for tick, held in ticks
    )


def runner_at(x: int, kind: type[Runner] = Runner) -> Runner:
    made = kind(x=x)
    made.id = EntityId(1)
    return made


def test_the_moments_themselves_are_given_as_they_were_and_between_them_a_mixture() -> None:
    past = moments((10, {1: runner_at(0)}), (12, {1: runner_at(320)}), (13, {1: runner_at(0)}))
    seen = {at: only(moment_at(past, at)).x for at in (0, 159, 160, 176, 192, 200, 208, 999)}
    assert seen == {0: 0, 159: 0, 160: 0, 176: 160, 192: 320, 200: 160, 208: 0, 999: 0}
    assert moment_at(deque(), 5) == []


def test_an_id_that_has_passed_to_another_class_is_not_mixed() -> None:
    past = moments((10, {1: runner_at(0)}), (11, {1: runner_at(320, Other)}))
    seen = [only(moment_at(past, at)) for at in (167, 168)]
    assert [(type(each), each.x) for each in seen] == [(Runner, 0), (Other, 320)]


def test_what_only_one_moment_holds_is_seen_at_the_nearer_half() -> None:
    gone = moments((10, {1: runner_at(7)}), (11, {}))
    assert [len(moment_at(gone, at)) for at in (160, 167, 168, 175, 176)] == [1, 1, 0, 0, 0]
    new = moments((10, {}), (11, {1: runner_at(7)}))
    assert [len(moment_at(new, at)) for at in (160, 167, 168, 175, 176)] == [0, 0, 1, 1, 1]
