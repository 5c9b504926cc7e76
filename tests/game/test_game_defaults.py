"""What a game need not write, and what it is told that must."""

import pytest

from gameserver.errors import GameDefinitionError
from gameserver.game.command import Command
from gameserver.game.crowd import crowd, too_large, too_many
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import Seat
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Bolt, Spark


class Bare(Game):
    name = "bare"


MAP = map_from_rows("....", "....")


def test_start_step_and_bots_must_be_written_and_are_named() -> None:
    game, world = Bare(), World(map=MAP, options=None, salt=1)
    with pytest.raises(GameDefinitionError, match=r"Bare must define start\(\)"):
        game.start(world, [])
    with pytest.raises(GameDefinitionError, match=r"Bare must define step\(\)"):
        game.step(world, {})
    with pytest.raises(GameDefinitionError, match=r"Bare must define bot\(\)"):
        game.bot(Seat(0), "easy", Rng.seeded(1))


def test_everything_else_has_a_neutral_default() -> None:
    game, world = Bare(), World(map=MAP, options=None, salt=1)
    world.spawn(Spark(left=3), Seat(0))
    assert game.teams(None) == 0
    assert game.map_fits(None, ()) is True
    assert game.group_of(world, Seat(0)) == 0
    assert game.outcome(world) is None
    assert game.standings(world) == Outcome(())
    assert game.area(world) == (4 * 512, 2 * 512)
    game.leave(world, Seat(0))
    game.predict(world, Seat(0), Command())
    assert [spark.left for spark in world.all(Spark)] == [3]


def test_the_fault_about_too_many_entities_names_the_most_frequent_class() -> None:
    many = [Spark(), Bolt(), Spark()]
    assert crowd(many, "entities") == "3 entities, 2 of them Spark"
    assert crowd([], "entities") == "0 entities"
    fault = str(too_many(iter(many), 2))
    assert "3 entities, 2 of them Spark, more than the limit of 2" in fault
    fault = str(too_large(5000, 4096, many, many))
    assert "a snapshot of 5,000 bytes, more than the limit of 4,096" in fault
    assert "events" not in fault
    assert "and 4 events of a tick, 3 of them Spark" in str(
        too_large(5000, 4096, many, [*many, Spark()])
    )
