"""Ids, order and chance of a world."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import GameFaultError
from gameserver.game.rng import Rng
from gameserver.game.world import RECYCLE_AFTER_TICKS, World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Board, Bolt, Runner, SkirmishOptions, Spark

MAP = map_from_rows("..", "..")


def world() -> World:
    return World(map=MAP, options=SkirmishOptions(), salt=9, rng=Rng.seeded(1))


@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=120))
def test_iteration_is_by_rising_id_and_ids_are_unique(acts: list[int | None]) -> None:
    made = world()
    for act in acts:
        made.tick = Tick(made.tick + 5)
        living = list(made)
        if act is None or not living:
            made.spawn(Spark())
        else:
            made.despawn(living[act % len(living)])
        ids = [entity.id for entity in made]
        assert ids == sorted(set(ids))
        assert len(made) == len(ids)


def test_an_id_is_unused_longer_than_any_rewind_before_it_is_used_again() -> None:
    made = world()
    first, _ = made.spawn(Spark()), made.spawn(Spark())
    made.despawn(first)
    made.tick = Tick(RECYCLE_AFTER_TICKS)
    assert made.spawn(Spark()).id == 3
    made.tick = Tick(RECYCLE_AFTER_TICKS + 1)
    assert made.spawn(Spark()).id == 1


def test_entities_spawned_by_a_seat_have_their_tick_and_ordinal() -> None:
    made = world()
    made.tick = Tick(7)
    with made.caused_by(Seat(2)):
        bolts = [made.spawn(Bolt(), Seat(2)) for _ in range(2)]
        foreign = made.spawn(Bolt(), Seat(3))
    later = made.spawn(Bolt(), Seat(2))
    assert [(b.born, b.ordinal) for b in bolts] == [(7, 0), (7, 1)]
    assert (foreign.ordinal, later.ordinal) == (-1, -1)


def test_predicted_code_cannot_draw_from_the_secret_generator() -> None:
    made = world()
    assert made.rng.below(10) in range(10)
    with made.caused_by(Seat(0)), pytest.raises(GameFaultError):
        made.rng.below(10)
    assert made.rng.below(10) in range(10)


def test_entities_are_found_by_class_and_owner() -> None:
    made = world()
    board = made.spawn(Board())
    mine, other = made.spawn(Runner(), Seat(1)), made.spawn(Runner(), Seat(0))
    assert made.one(Board) is board
    assert made.all(Runner) == [mine, other]
    assert made.owned(Seat(0), Runner) is other
    assert made.owned(Seat(5), Runner) is None
    assert made.get(EntityId(99)) is None
    with pytest.raises(GameFaultError, match="Bolt"):
        made.one(Bolt)


def test_removing_an_entity_twice_frees_its_id_once() -> None:
    made = world()
    spark = made.spawn(Spark())
    made.despawn(spark)
    made.despawn(spark)
    made.tick = Tick(RECYCLE_AFTER_TICKS + 1)
    assert [made.spawn(Spark()).id for _ in range(2)] == [1, 2]
