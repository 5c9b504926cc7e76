"""The tiny game: it keeps its rules, and its players see them exactly."""

from pathlib import Path

import pytest

from examples.tag import RADIUS, Runner, Tag, TagBot, TagCommand, TagOptions
from gameserver.client.link.conditions import Conditions
from gameserver.game.entity import Player
from gameserver.game.geometry.collide import overlaps
from gameserver.game.loading.games import load_game
from gameserver.game.maps.tiled import load_map
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from gameserver.match.simulation import Simulation
from gameserver.testing.stepper import MatchStepper

ROOT = Path(__file__).parents[2]
MAP = load_map(ROOT / "maps" / "courtyard.tmj")


def players(count: int) -> list[Player]:
    return [Player(Seat(i), f"P{i}") for i in range(count)]


def simulation(count: int, length_s: int = 90) -> Simulation:
    return Simulation(Tag(), MAP, TagOptions(length_s=length_s), 3, players(count))


def stand_still(run: Simulation, ticks: int) -> None:
    for _ in range(ticks):
        run.begin()
        run.step({runner.owner: TagCommand() for runner in run.world.all(Runner)})


def test_the_server_loads_the_game_by_its_documented_name() -> None:
    assert isinstance(load_game("examples.tag:Tag"), Tag)


def test_the_game_has_less_than_a_hundred_lines() -> None:
    assert len((ROOT / "examples" / "tag.py").read_text().splitlines()) < 100


def test_one_player_is_it_and_a_touch_passes_that_on_but_not_straight_back() -> None:
    run = simulation(2)
    stand_still(run, 1)
    first, second = run.world.all(Runner)
    first.x, first.y = second.x + 2 * RADIUS, second.y
    stand_still(run, 1)
    assert [first.it, second.it] == [False, True]
    stand_still(run, 29)
    assert [first.it, second.it] == [False, True]
    stand_still(run, 1)
    assert [first.it, second.it] == [True, False]


@pytest.mark.parametrize(
    ("times", "winner", "won"),
    [((5, 9, 7), "P0", [0]), ((0, 9, 0), "", []), ((4, 4, 4), "", []), ((), "", [])],
)
def test_the_shortest_time_wins_and_the_same_shortest_time_is_a_draw(
    times: tuple[int, ...], winner: str, won: list[int]
) -> None:
    run = simulation(len(times) or 1)
    for runner, was_it in zip(run.world.all(Runner), times, strict=False):
        runner.was_it = was_it
    if not times:
        run.world.despawn(run.world.all(Runner)[0])
    outcome = run.game.standings(run.world)
    assert outcome.winner == winner
    assert [line.seat for line in outcome.standings if line.won] == won


def test_if_the_player_who_is_it_leaves_another_becomes_it() -> None:
    run = simulation(3)
    stand_still(run, 1)
    run.begin()
    run.leave(Seat(0))
    run.step({Seat(1): TagCommand(), Seat(2): TagCommand()})
    assert [runner.it for runner in run.world.all(Runner)] == [True, False]


def test_the_player_who_was_it_least_wins_when_time_is_up() -> None:
    run = simulation(2, length_s=10)
    stand_still(run, 299)
    assert run.outcome() is None
    stand_still(run, 1)
    outcome = run.outcome()
    assert outcome is not None
    assert [(line.name, line.score, line.won) for line in outcome.standings] == [
        ("P1", 0, True),
        ("P0", 300, False),
    ]


def test_bots_chase_each_other_and_nobody_runs_into_walls() -> None:
    run = simulation(6)
    bots = {Seat(i): TagBot(Seat(i), Rng.seeded(9, i)) for i in range(6)}
    tags = 0
    for _ in range(1200):
        commands = {seat: bot.command(run.world) for seat, bot in bots.items()}
        run.begin()
        run.step(dict(commands))
        tags += len(run.world.events)
        assert sum(runner.it for runner in run.world.all(Runner)) == 1
        assert not any(overlaps(MAP, r.x, r.y, RADIUS) for r in run.world.all(Runner))
    assert tags >= 5


def test_players_are_predicted_exactly_and_snapshots_are_small() -> None:
    stepper = MatchStepper(Tag(), MAP, seats=2, bots=2, teams=0)
    ann = stepper.enter(Seat(0), Conditions(lag_ms=120, jitter_ms=20, seed=4))
    bot = TagBot(Seat(0), Rng.seeded(1))
    ann.plays(lambda replica: bot.command(replica.world))
    stepper.run(300)
    stats = ann.replica.stats
    assert stats.desyncs == 0
    assert stats.correction_px_p99 <= 2
    assert sum(map(len, ann.sent)) / len(ann.sent) < 40
