"""Two dumps of a tick are compared in words; a field that is sent once must not change."""

from collections.abc import Callable

import pytest

from gameserver.game.checking.found import Found
from gameserver.game.entity import Player
from gameserver.game.schema.dump import dump_world
from gameserver.ids import Seat, Tick
from gameserver.match.simulation import Simulation
from gameserver.testing.difference import difference
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Board, Bolt, Runner, Skirmish, SkirmishOptions, Spark
from gameserver.testing.unchanging import Unchanging

GAME, MAP = Skirmish(), map_from_rows(*["." * 16] * 16)


def run() -> Simulation:
    players = [Player(Seat(i), f"P{i}") for i in range(2)]
    return Simulation(GAME, MAP, SkirmishOptions(), 7, players)


def _set_last_field(each: Simulation) -> None:
    each.world.all(Runner)[0].cooldown = 9


def _set_name(each: Simulation) -> None:
    each.world.all(Runner)[1].name = "Ann"


def _set_owner(each: Simulation) -> None:
    each.world.all(Runner)[1].owner = Seat(5)


def _another_class(each: Simulation) -> None:
    last = each.world.all(Runner)[1]
    other = Bolt()
    other.id, other.owner, other.born = last.id, last.owner, last.born
    each.world.put(other)


def _one_more(each: Simulation) -> None:
    each.world.spawn(Spark())


def _another_id(each: Simulation) -> None:
    each.world.despawn(each.world.spawn(Spark()))


def _draw(each: Simulation) -> None:
    each.world.rng.below(6)


def _other_past(each: Simulation) -> None:
    each.history.moments.clear()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: None, ""),
        (_set_last_field, "Runner.cooldown of entity 2 is 9 and 0"),
        (_set_name, "Runner.name of entity 3 is 'Ann' and 'P1'"),
        (_set_owner, "Runner.owner of entity 3 is 5 and 1"),
        (_another_class, "entity 3 is a Bolt in one world and a Runner in another"),
        (_one_more, "there are 4 entities in one world and 3 in the other"),
        (_another_id, "ids were given out in another order"),
        (_draw, "world.rng was drawn from another number of times"),
        (_other_past, "the past that world.rewound() looks at"),
    ],
)
def test_the_first_difference_is_described(
    change: Callable[[Simulation], None], words: str
) -> None:
    changed, straight = run(), run()
    change(changed)
    one, other = (dump_world(GAME, each.world) for each in (changed, straight))
    assert difference(GAME, one, other) == words


# --- fields that are sent once --------------------------------------------------------------------


def test_a_changed_field_that_is_sent_once_is_one_fault_with_both_values() -> None:
    world, found, once = run().world, Found(), Unchanging()
    first, second = world.all(Runner)
    once.look(found, world)
    first.x, first.hurt = 17, True  # these may change
    once.look(found, world)
    assert found.faults == []
    world.tick = Tick(4)
    first.name = second.name = "Other"
    once.look(found, world)
    once.look(found, world)
    (fault,) = found.faults
    message = "is sent once and changed from 'P0' to 'Other' at tick 4: viewers keep the old value"
    assert (fault.place, fault.message) == ("Runner.name", message)
    assert fault.hint == "take once=True away"
    world.one(Board).title = "New"
    once.look(found, world)
    assert [each.place for each in found.faults] == ["Runner.name", "Board.title"]


def test_a_new_entity_with_the_id_of_an_earlier_one_may_have_another_value() -> None:
    world, found, once = run().world, Found(), Unchanging()
    once.look(found, world)
    successor = Runner(name="Successor")
    successor.id, successor.born = world.all(Runner)[0].id, Tick(9)
    world.put(successor)
    once.look(found, world)
    assert found.faults == []
