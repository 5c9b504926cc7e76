"""Bots play every map as it is meant to be played, and see no more than a player."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gameserver.arena.bots import LEVELS, ArenaBot
from gameserver.arena.entities import Fighter, Flag, MatchPhase, Pickup, Rocket
from gameserver.arena.events import Dashed, FlagCaptured, Killed, PickedUp, Shot
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.game.command import Command
from gameserver.game.entity import Event, Player
from gameserver.game.fixed import SUB, length
from gameserver.game.maps.tiled import load_map
from gameserver.game.maps.tilemap import TILE, ObjectKind, TileMap
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import Seat
from gameserver.match.simulation import Simulation
from tests.arena.field import EAST, GAME, ROOM, Field, a_map, centre, thing
from tests.arena.test_prediction import as_sent

MAPS = {path.stem: path for path in sorted((Path(__file__).parents[3] / "maps").glob("*.tmj"))}
HELD_UP_TICKS = 150
"""Five seconds."""
HELD_UP_SPACE = 2 * TILE


@cache
def tile_map(name: str) -> TileMap:
    return load_map(MAPS[name])


def played_modes() -> list[tuple[str, str]]:
    return [(name, mode) for name in MAPS for mode in tile_map(name).modes]


class Played:
    """A match of bots, watched for those who get nowhere."""

    def __init__(
        self, name: str, mode: str, levels: tuple[str, ...], ticks: int, seed: int
    ) -> None:
        options = ArenaOptions(mode=mode, score_limit=0, time_limit_s=0)
        seats = [Seat(i) for i in range(len(levels))]
        players = [Player(s, f"B{s}", s % 2 + 1 if mode != "dm" else 0, bot=True) for s in seats]
        self.run = Simulation(GAME, tile_map(name), options, seed, players)
        self.bots = {s: ArenaBot(s, levels[s], Rng.seeded(seed, s)) for s in seats}
        self.happened: list[Event] = []
        self.stuck: list[tuple[Seat, int]] = []
        self._stood: dict[Seat, tuple[int, int, int]] = {}
        for _ in range(ticks):
            self.step()

    def step(self) -> None:
        world = self.run.world
        commands = {seat: bot.command(world) for seat, bot in self.bots.items()}
        self.run.begin()
        self.run.step(commands)
        self.happened += world.events
        for fighter in world.all(Fighter):
            self._watch(fighter, world.tick)

    def _watch(self, fighter: Fighter, tick: int) -> None:
        x, y, since = self._stood.get(fighter.owner, (fighter.x, fighter.y, tick))
        moved = length(fighter.x - x, fighter.y - y) > HELD_UP_SPACE
        if moved or not fighter.alive:
            x, y, since = fighter.x, fighter.y, tick
        elif tick - since == HELD_UP_TICKS:
            self.stuck.append((fighter.owner, tick))
        self._stood[fighter.owner] = x, y, since

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.happened)


@pytest.mark.parametrize(("name", "mode"), played_modes())
def test_bots_fight_on_every_map_and_nobody_gets_stuck(name: str, mode: str) -> None:
    played = Played(name, mode, ("normal", "hard") * 3, 1800, seed=3)
    assert played.count(Killed) >= 8
    assert played.count(PickedUp) >= 4
    assert played.count(Dashed) >= 4
    assert played.stuck == []


@pytest.mark.parametrize("name", [name for name, mode in played_modes() if mode == "ctf"])
def test_bots_capture_flags(name: str) -> None:
    played = Played(name, "ctf", ("normal",) * 8, 3600, seed=1)
    assert played.count(FlagCaptured) >= 1
    board = played.run.world
    assert sum(f.captures for f in board.all(Fighter)) == played.count(FlagCaptured)


def test_two_carriers_who_are_alone_do_not_wait_for_each_other() -> None:
    played = Played("canal", "ctf", ("normal",) * 2, 3600, seed=4)
    assert played.count(FlagCaptured) >= 3


@pytest.mark.parametrize(("better", "worse"), [("hard", "normal"), ("normal", "easy")])
def test_a_higher_level_wins_more_fights(better: str, worse: str) -> None:
    played = Played("courtyard", "dm", (better, worse) * 3, 2700, seed=5)
    kills = {0: 0, 1: 0}
    for fighter in played.run.world.all(Fighter):
        kills[fighter.owner % 2] += fighter.kills
    assert kills[0] > kills[1] * 5 // 4


def test_the_same_seed_gives_the_same_bot() -> None:
    first, second = (Played("canal", "ctf", ("hard",) * 4, 300, seed=9) for _ in range(2))
    assert first.happened == second.happened
    assert first.happened != Played("canal", "ctf", ("hard",) * 4, 300, seed=10).happened


# --- what a bot knows --------------------------------------------------------------------------


def only_what_is_sent(world: World, seat: Seat) -> World:
    known = World(map=world.map, options=world.options, salt=world.salt)
    known.tick = world.tick
    for entity in world:
        known.put(as_sent(entity, seat))
    return known


@pytest.mark.parametrize("mode", ["tdm", "ctf"])
def test_a_bot_decides_the_same_in_the_world_of_its_client(mode: str) -> None:
    played = Played("canal", mode, ("hard",) * 4, 0, seed=4)
    shadow = ArenaBot(Seat(1), "hard", Rng.seeded(4, 1))
    for _ in range(400):
        decided: Command = shadow.command(only_what_is_sent(played.run.world, Seat(1)))
        world = played.run.world
        commands = {seat: bot.command(world) for seat, bot in played.bots.items()}
        assert commands[Seat(1)] == decided
        played.run.begin()
        played.run.step(commands)


def hard_bot() -> ArenaBot:
    return ArenaBot(Seat(0), "hard", Rng.seeded(1))


def hold(field: Field, bot: ArenaBot, ticks: int) -> list[ArenaCommand]:
    """Let the bot of seat 0 play; return what it pressed."""
    pressed: list[Any] = []
    for _ in range(ticks):
        pressed.append(bot.command(field.world))
        field.step({0: pressed[-1]})
    return pressed


def test_a_bot_shoots_at_a_visible_enemy_after_its_reaction_time() -> None:
    field = Field()
    field.put(0, 5, 7)
    field.put(1, 12, 7)
    pressed = hold(field, hard_bot(), 40)
    first = next(i for i, command in enumerate(pressed) if command.fire)
    assert LEVELS["hard"].reaction <= first < LEVELS["hard"].reaction + 12


def test_a_bot_does_not_shoot_at_an_enemy_behind_a_wall() -> None:
    wall = tuple(row[:10] + "#" + row[11:] for row in ROOM)
    field = Field(tile_map=a_map(rows=wall))
    field.put(0, 5, 7)
    bot = hard_bot()
    for _ in range(120):
        field.put(1, 12, 7)
        hold(field, bot, 1)
    assert field.of(Shot) == []


def test_a_bot_that_is_stuck_tries_other_directions() -> None:
    flags = (
        thing(8, ObjectKind.FLAG, 3, 7, "", team=1),
        thing(9, ObjectKind.FLAG, 20, 7, "", team=2),
    )
    field = Field(tile_map=a_map(*flags), mode="ctf")
    field.put(1, 21, 13, alive=False, hp=0, respawns=10**6)
    bot = hard_bot()
    moves = set()
    for _ in range(120):
        field.put(0, 10, 7)
        moves.add(hold(field, bot, 1)[0].move)
    assert len(moves) >= 3


def test_a_bot_steps_out_of_a_rockets_way() -> None:
    stepped = []
    for seed in range(12):
        field = Field()
        field.put(0, 6, 7)
        field.put(1, 20, 7, alive=False, hp=0, respawns=10**6)
        rocket = Rocket(x=centre(9), y=centre(7) + 10 * SUB, angle=512)
        field.world.spawn(rocket, owner=Seat(1))
        (pressed,) = hold(field, ArenaBot(Seat(0), "hard", Rng.seeded(seed)), 1)
        stepped.append((pressed.move, pressed.dash) == (7, True))
    assert sum(stepped) >= 8


def test_a_hurt_bot_goes_for_health() -> None:
    field = Field(tile_map=a_map(thing(9, ObjectKind.PICKUP, 18, 11, "health")))
    field.put(0, 4, 4, hp=20)
    field.put(1, 21, 2, alive=False, hp=0, respawns=10**6)
    bot = hard_bot()
    hold(field, bot, 120)
    assert not field.world.all(Pickup)[0].ready
    assert field.fighter(0).hp > 20


def test_a_carrier_runs_home_past_its_enemies() -> None:
    flags = (
        thing(8, ObjectKind.FLAG, 3, 7, "", team=1),
        thing(9, ObjectKind.FLAG, 20, 7, "", team=2),
    )
    field = Field(tile_map=a_map(*flags), mode="ctf")
    field.put(0, 20, 7)
    field.put(1, 12, 12)
    field.step()
    assert field.fighter(0).carrying == 2
    hold(field, hard_bot(), 150)
    assert len(field.of(FlagCaptured)) == 1


def test_a_bot_picks_up_its_dropped_flag() -> None:
    flags = (
        thing(8, ObjectKind.FLAG, 3, 7, "", team=1),
        thing(9, ObjectKind.FLAG, 20, 7, "", team=2),
    )
    field = Field(tile_map=a_map(*flags), mode="ctf")
    field.put(0, 5, 3)
    field.put(1, 21, 13)
    own = next(flag for flag in field.world.all(Flag) if flag.team == 1)
    own.state, own.x, own.y, own.returns = 2, centre(12), centre(10), 10**6
    hold(field, hard_bot(), 120)
    assert own.state == 0


def test_dead_bots_and_bots_after_the_end_give_neutral_commands() -> None:
    field = Field()
    field.put(0, 5, 7, alive=False, hp=0, respawns=10**6)
    field.put(1, 8, 7)
    assert hold(field, hard_bot(), 20) == [ArenaCommand(aim=EAST)] * 20
    field = Field()
    field.put(0, 5, 7)
    field.board.phase, field.board.phase_ends = MatchPhase.OVER, 10**6
    assert hold(field, hard_bot(), 20) == [ArenaCommand(aim=EAST)] * 20
