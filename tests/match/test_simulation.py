"""The simulation alone: what it remembers of its ticks, and what it cannot go on from."""

import attrs
import pytest

from gameserver.errors import GameFaultError
from gameserver.game.entity import Entity, Player
from gameserver.game.world import World
from gameserver.ids import Seat, Tick
from gameserver.match import simulation as simulation_module
from gameserver.match.simulation import Simulation
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishCommand, SkirmishOptions, Thrown
from tests.match.play import MAP

PLAYERS = [Player(Seat(0), "Ann"), Player(Seat(1), "Bob")]


def begun() -> Simulation:
    return Simulation(Skirmish(), MAP, SkirmishOptions(), 7, PLAYERS)


def step(simulation: Simulation, **pressed: int | bool) -> None:
    simulation.begin()
    simulation.step({Seat(0): SkirmishCommand(**pressed), Seat(1): SkirmishCommand()})


def test_every_tick_can_be_rewound_to_from_the_start_on() -> None:
    simulation = begun()
    start = [(runner.x, runner.y) for runner in simulation.world.all(Runner)]
    assert [tick for tick, _ in simulation.history.moments] == [0]
    step(simulation, move=1)
    assert [tick for tick, _ in simulation.history.moments] == [0, 1]
    then = [e for e in simulation.history.rewound(simulation.world, 16) if isinstance(e, Runner)]
    assert [(runner.x, runner.y) for runner in then] == start
    assert [runner.x for runner in simulation.world.all(Runner)] != [x for x, _ in start]


def test_each_tick_has_its_own_number_and_events() -> None:
    simulation = begun()
    step(simulation, throw=True)
    assert (simulation.world.tick, simulation.world.events) == (Tick(1), [Thrown(0)])
    step(simulation)
    assert (simulation.world.tick, simulation.world.events) == (Tick(2), [])


def test_the_seed_determines_the_initial_world() -> None:
    same, again = begun(), begun()
    other = Simulation(Skirmish(), MAP, SkirmishOptions(), 8, PLAYERS)
    places = [[(r.x, r.y) for r in each.world.all(Runner)] for each in (same, again, other)]
    assert places[0] == places[1] != places[2]
    assert same.world.salt == again.world.salt != other.world.salt


def test_only_a_world_with_history_can_be_resumed() -> None:
    simulation = begun()
    step(simulation, move=1)
    resumed = Simulation.resumed(simulation.game, simulation.world)
    step(resumed, move=1)
    assert resumed.world.tick == Tick(2)
    assert resumed.history is simulation.history
    with pytest.raises(GameFaultError, match="history"):
        Simulation.resumed(simulation.game, World(map=MAP, options=SkirmishOptions(), salt=1))


@attrs.define(eq=False)
class Strange(Entity):
    """An entity class that the game does not list."""


def test_an_entity_of_a_class_that_the_game_does_not_list_is_named() -> None:
    simulation = begun()
    simulation.world.spawn(Strange())
    with pytest.raises(GameFaultError) as raised:
        step(simulation)
    assert str(raised.value) == "the world holds a Strange, which is not in Skirmish.entities"


def test_a_game_that_rewinds_nothing_remembers_the_ticks_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation_module, "_rewinds", lambda _: False)
    simulation = begun()
    step(simulation)
    step(simulation)
    assert list(simulation.history.moments) == [(0, {}), (1, {}), (2, {})]
