"""A journal holds everything that a match received, and replays it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import GameFaultError
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.schema.dump import world_hash
from gameserver.ids import Seat
from gameserver.match.journal import Journal, replay
from gameserver.match.simulation import Simulation
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish, SkirmishOptions
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.strategies import commands

GAME = Skirmish()
MAP = map_from_rows("..", "..")
PLAYERS = (Player(Seat(0), "Ann", 1), Player(Seat(1), "Bo", 2))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(commands(GAME), commands(GAME)), max_size=60), st.integers(0, 1 << 62))
def test_any_match_replays_to_the_same_world(
    rounds: list[tuple[Command, Command]], seed: int
) -> None:
    options = SkirmishOptions()
    journal = Journal(GAME.name, MAP.digest, options, seed, PLAYERS)
    live = Simulation(GAME, MAP, options, seed, PLAYERS)
    for pair in rounds:
        live.begin()
        given_commands = {Seat(seat): command for seat, command in enumerate(pair)}
        journal.record(live.world.tick, (), (), given_commands)
        live.step(given_commands)
    assert world_hash(GAME, replay(journal, GAME, MAP)) == world_hash(GAME, live.world)


def test_a_live_match_with_joins_and_leaves_replays_to_the_same_world() -> None:
    run = MatchStepper(GAME, MAP, seats=2, bots=2, recorded=True)
    run.enter(Seat(0))
    run.run(40)
    run.match.leave(Seat(2))
    run.match.join(Player(Seat(7), "Late", 1, bot=True))
    run.run(40)
    run.match.leave(Seat(1), bot=Player(Seat(1), "Stand-in", 2, bot=True))
    run.run(40)
    journal = run.journal
    assert journal is not None
    assert len(journal.ticks) == 120
    assert world_hash(GAME, replay(journal, GAME, MAP)) == world_hash(GAME, run.match.world)


def test_a_match_keeps_no_journal_unless_asked() -> None:
    run = MatchStepper(GAME, MAP)
    run.run(3)
    assert run.journal is None


def test_a_journal_of_another_map_is_refused() -> None:
    run = MatchStepper(GAME, MAP, recorded=True)
    run.run(2)
    assert run.journal is not None
    with pytest.raises(GameFaultError, match="another game or map"):
        replay(run.journal, GAME, map_from_rows("...", "..."))
