"""The rules of the small game that tests of the framework play."""

from collections import Counter

import attrs
import pytest

from gameserver.game.command import Command
from gameserver.game.entity import Event, Player
from gameserver.game.fields import METADATA_KEY
from gameserver.game.fixed import TURN
from gameserver.game.options import form_of
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from gameserver.match.simulation import Simulation
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import (
    BOLT_SPEED as FAST,
)
from gameserver.testing.skirmish import (
    BOLT_TICKS,
    REACH,
    SELDOM,
    SIDE,
    SPEED,
    Board,
    Bolt,
    Bout,
    BoutOptions,
    Runner,
    Skirmish,
    SkirmishCommand,
    SkirmishOptions,
    Spark,
    Struck,
    Thrown,
    Wanderer,
    Whispered,
)

MAP = map_from_rows(*["." * 16] * 16)
EAST, SOUTH, WEST, NORTH = 0, TURN // 4, TURN // 2, 3 * TURN // 4
MIDDLE = SIDE // 2


class Round:
    """A skirmish whose runners start at given places, stepped by hand."""

    def __init__(
        self,
        *places: tuple[int, int],
        game: Skirmish | None = None,
        options: SkirmishOptions | None = None,
    ) -> None:
        players = [Player(Seat(i), f"P{i}", i % 2 + 1) for i in range(len(places))]
        self.run = Simulation(game or Skirmish(), MAP, options or SkirmishOptions(), 7, players)
        self.world = self.run.world
        self.runners = self.world.all(Runner)
        for runner, (x, y) in zip(self.runners, places, strict=True):
            runner.x, runner.y = x, y
        self.happened: list[Event] = []

    def step(self, *commands: SkirmishCommand, ticks: int = 1) -> None:
        held: dict[Seat, Command] = {Seat(i): each for i, each in enumerate(commands)}
        for _ in range(ticks):
            self.run.begin()
            self.run.step(held)
            self.happened += self.world.events

    def all_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.happened if isinstance(event, kind)]


def test_a_match_begins_with_a_board_and_a_runner_for_each_player_in_the_room() -> None:
    run = Simulation(
        Skirmish(), MAP, SkirmishOptions(), 7, [Player(Seat(i), f"P{i}", i) for i in range(8)]
    )
    board, runners = run.world.one(Board), run.world.all(Runner)
    facts = [(r.owner, r.name, r.team, r.ammo, r.hits, r.hurt, r.heat) for r in runners]
    assert facts == [(i, f"P{i}", i, 50, 0, False, 0.0) for i in range(8)]
    assert all(0 <= r.x < SIDE and 0 <= r.y < SIDE for r in runners)
    assert len({(r.x, r.y) for r in runners}) == 8
    assert (board.title, board.mood, board.clock, board.strikes) == ("Skirmish", "calm", 0, 0)


@pytest.mark.parametrize(
    ("move", "x", "y"),
    [(0, 0, 0), (1, SPEED, 0), (2, 0, SPEED), (3, -SPEED, 0), (4, 0, -SPEED)],
)
def test_a_runner_walks_and_stops_at_the_wall(move: int, x: int, y: int) -> None:
    one = Round((MIDDLE, MIDDLE), (0, 0), (SIDE, SIDE))
    one.step(*[SkirmishCommand(move, WEST)] * 3)
    assert [(r.x, r.y) for r in one.runners] == [
        (MIDDLE + x, MIDDLE + y),
        (max(0, x), max(0, y)),
        (SIDE + min(0, x), SIDE + min(0, y)),
    ]
    assert {r.aim for r in one.runners} == {WEST}
    assert one.world.one(Board).clock == 2
    # A step to the north is planned, but only in a team.
    assert [r.plan for r in one.runners] == [int(move == 4)] * 3
    one.runners[0].team = 0
    one.step(*[SkirmishCommand(move)] * 3, ticks=2)
    assert [r.plan for r in one.runners] == [int(move == 4), *[3 * (move == 4)] * 2]


@pytest.mark.parametrize(
    ("aim", "x", "y"),
    [(EAST, FAST, 0), (SOUTH, 0, FAST), (WEST, -FAST, 0), (NORTH, 0, -FAST)],
)
def test_a_bolt_flies_from_its_runner_and_ends_after_its_time(aim: int, x: int, y: int) -> None:
    one = Round((MIDDLE, MIDDLE))
    one.step(SkirmishCommand(1, aim, throw=True))
    (bolt,) = one.world.all(Bolt)
    place = (MIDDLE + SPEED, MIDDLE)  # thrown after the step, it flies from the next tick on
    assert (bolt.x, bolt.y, bolt.turn, bolt.owner) == (*place, aim, 0)
    assert one.happened[:1] == [Thrown(0)]
    one.step(SkirmishCommand())
    assert (bolt.x, bolt.y, bolt.turn) == (place[0] + x, place[1] + y, aim + 7)
    bolt.turn = TURN - 1
    one.step(SkirmishCommand())
    assert bolt.turn == 6
    one.step(SkirmishCommand(), ticks=BOLT_TICKS - 3)
    assert one.world.all(Bolt) == [bolt]
    one.step(SkirmishCommand())
    assert one.world.all(Bolt) == []


def test_a_bolt_waits_for_its_own_player_s_command() -> None:
    one = Round((MIDDLE, MIDDLE), (0, 0))
    one.step(SkirmishCommand(0, EAST, throw=True), SkirmishCommand())
    (bolt,) = one.world.all(Bolt)
    one.run.begin()
    one.run.step({Seat(1): SkirmishCommand()})
    assert bolt.x == MIDDLE


def test_throwing_costs_ammunition_heats_and_takes_time() -> None:
    one = Round((MIDDLE, MIDDLE))
    (runner,) = one.runners
    runner.ammo = 3
    seen = []
    for _ in range(22):
        one.step(SkirmishCommand(0, EAST, throw=True))
        seen.append((runner.ammo, runner.cooldown, runner.heat))
    first = [(2, 5, 3.0), (2, 4, 2.75), (2, 3, 2.5), (2, 2, 2.25), (2, 1, 2.0)]
    assert seen[:6] == [*first, (1, 5, 4.75)]
    assert seen[10:12] == [(0, 5, 6.5), (0, 4, 6.25)]
    assert seen[15:17] == [(0, 0, 5.25), (0, 0, 5.0)], "without ammunition nothing is thrown"
    assert len(one.all_of(Thrown)) == 3
    one.step(SkirmishCommand(), ticks=40)
    assert (runner.cooldown, runner.heat) == (0, 0.0)


@pytest.mark.parametrize(
    ("aim", "ahead", "beside"),
    [(EAST, (1, 0), (0, 1)), (SOUTH, (0, 1), (-1, 0)), (TURN // 8, (1, 1), (-1, 1))],
)
def test_a_shot_hits_all_others_near_its_line_ahead(
    aim: int, ahead: tuple[int, int], beside: tuple[int, int]
) -> None:
    def place(along: int, across: int) -> tuple[int, int]:
        straight = aim in (EAST, SOUTH)
        across = across if straight else across * 1000 // 1414  # one step askew is longer
        return (
            MIDDLE + along * ahead[0] + across * beside[0],
            MIDDLE + along * ahead[1] + across * beside[1],
        )

    one = Round(
        place(0, 0),
        place(900, REACH - 2),
        place(900, REACH + 2),
        place(1, -REACH + 2),
        place(-10, 0),
        place(0, 0),  # in the same place: not ahead
    )
    one.step()  # the shot looks at the past, which must hold these places
    one.step(SkirmishCommand(0, aim, shoot=True))
    assert one.all_of(Struck) == [Struck(0, 1, "P1"), Struck(0, 3, "P3")]
    assert [r.hurt for r in one.runners] == [False, True, False, True, False, False]
    assert [r.hits for r in one.runners] == [2, 0, 0, 0, 0, 0]
    assert one.world.one(Board).strikes == 2
    one.step(SkirmishCommand(0, aim, shoot=True))
    assert [r.hurt for r in one.runners] == [False] * 6, "a second hit heals"
    assert one.world.one(Board).strikes == 4


def test_exactly_at_its_reach_a_shot_misses() -> None:
    one = Round((MIDDLE, MIDDLE), (MIDDLE + 5, MIDDLE + REACH), (MIDDLE + 5, MIDDLE + REACH - 1))
    one.step()
    one.step(SkirmishCommand(0, EAST, shoot=True))
    assert one.all_of(Struck) == [Struck(0, 2, "P2")]


def test_a_shot_looks_at_the_past_that_its_player_saw() -> None:
    one = Round((0, 0), (2000, 0))
    one.step()
    one.runners[1].y = 4000
    one.step()
    one.step(SkirmishCommand(0, EAST, shoot=True))
    assert one.all_of(Struck) == []
    one.run.begin()
    shot = SkirmishCommand.from_row((0, EAST, 0, 1), 3 * 16)
    one.run.step({Seat(0): shot})
    assert one.runners[0].hits == 1


def test_who_has_no_runner_neither_walks_nor_shoots() -> None:
    one = Round((MIDDLE, MIDDLE), (MIDDLE + 500, MIDDLE))
    one.run.begin()
    one.run.leave(Seat(0))
    assert [r.owner for r in one.world.all(Runner)] == [1]
    assert one.world.all(Board), "what nobody owns stays"
    one.step(SkirmishCommand(1, EAST, throw=True, shoot=True), SkirmishCommand())
    assert (one.all_of(Struck), one.all_of(Thrown)) == ([], [])
    assert [one.run.game.group_of(one.world, Seat(i)) for i in range(2)] == [0, 2]


def test_sparks_live_for_up_to_nine_ticks_and_moods_change() -> None:
    one = Round((0, 0))
    born: Counter[int] = Counter()
    ages: dict[tuple[int, int], int] = {}
    for tick in range(1, 601):
        one.step()
        sparks = one.world.all(Spark)
        born[sum(spark.born == tick for spark in sparks)] += 1
        for spark in sparks:
            ages[spark.id, spark.born] = tick - spark.born + 1
    assert sorted(born) == [0, 1, 2]
    assert min(born.values()) > 150
    ended = Counter(age for (_, tick), age in ages.items() if tick < 580)
    assert sorted(ended) == list(range(1, 10))
    whispers = [event for event in one.happened if isinstance(event, Whispered)]
    assert len(whispers) == 29, "one in twenty ticks"
    assert {w.text for w in whispers} == {"calm", "wild", "größer 🌩"}
    assert {w.loud for w in whispers} == {True, False}
    assert 10 < sum(w.loud for w in whispers) * 40 / len(whispers) < 30
    assert one.world.one(Board).mood == whispers[-1].text
    assert 1 << 19 < max(w.number for w in whispers) < 1 << 20


def test_a_bout_has_the_same_sparks_more_seldom() -> None:
    one = Round((0, 0), game=Bout())
    changes = []
    for tick in range(1, 201):
        before = [(s.id, s.left) for s in one.world.all(Spark)]
        one.step()
        if before != [(s.id, s.left) for s in one.world.all(Spark)]:
            changes.append(tick)
    assert len(changes) > 20
    assert all(tick % SELDOM == 0 for tick in changes)


@pytest.mark.parametrize(("options", "at"), [(SkirmishOptions(3), 3), (BoutOptions(), 200)])
def test_a_match_ends_on_time_ranked_by_hits(options: SkirmishOptions, at: int) -> None:
    one = Round(*[(0, 0)] * 3, options=options)
    one.runners[2].hits = 5
    one.step(ticks=at - 1)
    assert one.run.outcome() is None
    one.step()
    outcome = one.run.outcome()
    assert outcome is not None
    assert outcome.winner == "P2"
    lines = [(line.seat, line.name, line.team, line.score) for line in outcome.standings]
    assert lines == [(2, "P2", 1, 5), (0, "P0", 1, 0), (1, "P1", 2, 0)]
    for seat in range(3):
        one.run.leave(Seat(seat))
    assert one.run.game.standings(one.world).winner == ""


def test_a_match_without_a_length_has_no_end_and_breaks_only_when_told() -> None:
    one = Round((0, 0), options=SkirmishOptions(break_at=3))
    one.step(ticks=2)
    assert (one.run.outcome(), one.runners[0].x) == (None, 0)
    one.run.begin()
    one.run.game.step(one.world, {})
    assert one.runners[0].x == SIDE + 1


@pytest.mark.parametrize(("game", "throws"), [(Skirmish(), 198), (Bout(), 20)])
def test_bots_walk_everywhere_and_throw_as_seldom_as_their_game_wants(
    game: Skirmish, throws: int
) -> None:
    bot = game.bot(Seat(0), "random", Rng.seeded(3))
    assert isinstance(bot, Wanderer)
    world = Round().world
    commands = [bot.command(world) for _ in range(1600)]
    assert {each.move for each in commands} == set(range(5))
    assert min(each.aim for each in commands) < 10
    assert TURN - 10 < max(each.aim for each in commands) < TURN
    assert sum(each.throw for each in commands) == throws
    assert sum(each.shoot for each in commands) == 178


def test_what_is_declared_to_lobbies_and_clients() -> None:
    bounds = [(field.name, field.lo, field.hi) for field in SkirmishCommand.fields()]
    assert bounds == [("move", 0, 4), ("aim", 0, TURN - 1), ("throw", 0, 1), ("shoot", 0, 1)]
    for options, length in ((SkirmishOptions, 0), (BoutOptions, 200)):
        form = [(field.name, field.default, field.lo, field.hi) for field in form_of(options)]
        assert sorted(form) == [("break_at", 0, 0, 100_000), ("ticks", length, 0, 100_000)]
    assert [event.reliable for event in Skirmish.events] == [False, True, False]
    assert [kind.rewindable for kind in Skirmish.entities] == [False, True, False, False]
    sent_once = [
        f"{kind.__name__}.{field.name}"
        for kind in Skirmish.entities
        for field in attrs.fields(kind)
        if METADATA_KEY in field.metadata and field.metadata[METADATA_KEY].once
    ]
    assert sent_once == ["Board.title", "Runner.name"]
