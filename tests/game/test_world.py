"""Ids, order and chance of a world."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import GameFaultError
from gameserver.game.rng import Rng
from gameserver.game.world import RECYCLE_AFTER_TICKS, World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Board, Bolt, Runner, SkirmishOptions, Spark, Thrown

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


def test_a_world_holds_its_limit_of_entities_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.game.world.MOST_ENTITIES", 3)
    made = world()
    for _ in range(3):
        made.spawn(Spark())
    with pytest.raises(GameFaultError, match="4 entities, 3 of them Spark, more than the limit"):
        made.spawn(Board())
    assert len(made) == 3
    made.despawn(made.all(Spark)[1])
    assert made.spawn(Board()).id == 4, "the refused one took no id"


def test_an_entity_that_is_put_has_its_place_by_its_id_and_replaces_another() -> None:
    made = world()
    ids = [4, 2, 9, 2]
    sparks = [Spark(left=number) for number in range(len(ids))]
    seen = []
    for spark, number in zip(sparks, ids, strict=True):
        spark.id = EntityId(number)
        made.put(spark)
        seen.append([(each.id, each.left) for each in made.all(Spark)])
    assert seen[:3] == [[(4, 0)], [(2, 1), (4, 0)], [(2, 1), (4, 0), (9, 2)]]
    assert seen[3] == [(2, 3), (4, 0), (9, 2)]
    assert [each.id for each in made] == [2, 4, 9]
    assert (EntityId(2) in made, EntityId(3) in made) == (True, False)


def test_an_entity_predicted_by_a_client_leaves_no_id_to_rest() -> None:
    made = world()
    spark = Spark()
    spark.id = EntityId(-1)
    made.put(spark)
    made.despawn(spark)
    assert made.identity() == (1, [])
    mine = made.spawn(Spark())
    made.tick = Tick(6)
    made.despawn(mine)
    assert made.identity() == (2, [(1, 6)])


def test_ids_go_on_where_a_restored_world_left_off() -> None:
    made, again = world(), world()
    again.restore_identity(7, [(EntityId(3), Tick(5))])
    assert again.identity() == (7, [(3, 5)])
    again.tick = Tick(5 + RECYCLE_AFTER_TICKS)
    assert again.spawn(Spark()).id == 7
    again.tick = Tick(again.tick + 1)
    assert [again.spawn(Spark()).id for _ in range(2)] == [3, 8]
    assert made.identity() == (1, [])


def test_ordinals_begin_anew_with_each_command_and_end_with_it() -> None:
    made = world()
    ordinals = []
    for seat in (2, 2, 3):
        with made.caused_by(Seat(seat)):
            ordinals += [made.spawn(Bolt(), Seat(seat)).ordinal for _ in range(2)]
    assert ordinals == [0, 1] * 3
    with made.caused_by(Seat(2)):
        assert made.spawn(Bolt()).ordinal == -1, "nobody's"
    with pytest.raises(ZeroDivisionError), made.caused_by(Seat(2)):
        raise ZeroDivisionError
    assert made.rng.below(10) in range(10), "an exception ends the cause, too"


def test_keyed_chance_depends_on_salt_tick_entity_and_number() -> None:
    made = world()
    drawn = {made.keyed(EntityId(1)), made.keyed(EntityId(2)), made.keyed(EntityId(1), 1)}
    made.tick = Tick(1)
    drawn.add(made.keyed(EntityId(1)))
    other = World(map=MAP, options=SkirmishOptions(), salt=10)
    drawn.add(other.keyed(EntityId(1)))
    assert len(drawn) == 5
    made.tick = Tick(0)
    assert made.keyed(EntityId(1), 0) in drawn


def test_a_clients_world_has_no_generator_and_no_past() -> None:
    made = World(map=MAP, options=SkirmishOptions(), salt=1)
    made.spawn(Runner())
    with pytest.raises(GameFaultError, match=r"must draw from world\.keyed"):
        _ = made.rng
    with pytest.raises(GameFaultError, match="a client's world has no generator"):
        made.generator()
    served = world()
    assert served.generator() is served.rng


def test_an_entity_that_is_removed_is_found_no_more() -> None:
    made = world()
    sparks = [made.spawn(Spark()) for _ in range(3)]
    assert made.all(Spark) == sparks
    assert made.get(sparks[1].id) is sparks[1]
    made.despawn(sparks[1])
    assert made.all(Spark) == [sparks[0], sparks[2]]
    assert made.get(sparks[1].id) is None


def test_a_world_knows_its_map_and_options_and_without_a_history_shows_the_present() -> None:
    options = SkirmishOptions()
    made = World(map=MAP, options=options, salt=1)
    assert made.map is MAP
    assert made.options is options
    runner = made.spawn(Runner())
    made.spawn(Spark())
    assert made.rewound(16, Runner) == [runner]
    assert made.rewound(16, Spark) == [], "of a class that cannot be rewound"
    assert made.past.rewound(made, 0) == [runner]


def test_events_of_a_tick_are_kept_in_order() -> None:
    made = world()
    for seat in (3, 1, 2):
        made.emit(Thrown(seat))
    assert made.events == [Thrown(3), Thrown(1), Thrown(2)]
