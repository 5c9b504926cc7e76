"""A bot's steps: towards its goal, around an enemy, away when it is stuck; and its dashes."""

from typing import Any

import attrs
import pytest

from gameserver.arena.bots import bot as bot_module
from gameserver.arena.bots.bot import (
    ARRIVED,
    CLOSE,
    DASH_TICKS,
    FAR,
    NEAR,
    PATH_TICKS,
    STRAFE_TICKS,
    STUCK_TICKS,
    THINK_TICKS,
    ArenaBot,
)
from gameserver.arena.bots.goals import Goal
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.entities import Fighter, Rocket
from gameserver.arena.options import ArenaCommand
from gameserver.game.command import Command
from gameserver.game.fixed import SUB
from gameserver.ids import Seat, Tick
from tests.arena.bots.dice import Dice
from tests.arena.field import WEST, Field, centre


class Stage:
    """One bot in the middle of a field, whose goals a test decides."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, seat: int = 0, lucky: bool = False
    ) -> None:
        self.field = Field(seats=seat + 2)
        for each in range(seat + 2):
            self.field.put(each, 2, 2, alive=False, respawns=10**9)
        self.me: Fighter = self.field.put(seat, 11, 7, alive=True)
        self.enemy: Fighter = self.field.fighter(seat + 1)
        self.dice = Dice(lucky=lucky)
        self.bot = ArenaBot(Seat(seat), "hard", self.dice)
        self.goal = Goal(centre(20), centre(7))
        self.thoughts: list[int] = []
        monkeypatch.setattr(bot_module, "choose_goal", self.choose)

    def choose(self, *_: Any) -> Goal:
        self.thoughts.append(self.field.world.tick)
        return self.goal

    def press(self, tick: int, **changes: Any) -> ArenaCommand:
        """Return the bot's command at a tick; it has moved by a pixel unless told otherwise."""
        self.field.world.tick = Tick(tick)
        if changes.pop("moved", True):
            self.me.x += 2 * SUB if tick % 2 else -2 * SUB
        for name, value in changes.items():
            setattr(self.me, name, value)
        command: Command = self.bot.command(self.field.world)
        assert isinstance(command, ArenaCommand)
        return command

    def sees(self, dx: int, dy: int = 0) -> None:
        """Put a living enemy at a distance from the bot."""
        self.enemy.alive = True
        self.enemy.x, self.enemy.y = self.me.x + dx, self.me.y + dy


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


@pytest.mark.parametrize(
    ("tx", "ty", "move"),
    [
        (20, 7, 1),
        (14, 10, 2),
        (11, 13, 3),
        (8, 10, 4),
        (3, 7, 5),
        (8, 4, 6),
        (11, 2, 7),
        (14, 4, 8),
    ],
)
def test_bot_walks_to_its_goal_and_looks_where_it_walks(
    stage: Stage, tx: int, ty: int, move: int
) -> None:
    stage.goal = Goal(centre(tx), centre(ty))
    stage.bot._hands._level = attrs.evolve(LEVELS["hard"], turn=512)
    command = stage.press(1000, moved=False)
    assert (command.move, command.aim) == (move, (move - 1) * 128)
    assert not command.fire
    assert not command.rocket


@pytest.mark.parametrize(
    ("dx", "dy", "walks"),
    [
        (CLOSE, 0, True),
        (CLOSE - 1, 0, False),
        (0, -CLOSE, True),
        (CLOSE // 2, CLOSE // 2 - 1, False),
    ],
)
def test_bot_does_not_overshoot_its_waypoint(stage: Stage, dx: int, dy: int, walks: bool) -> None:
    stage.press(1000)
    stage.bot._waypoint = stage.me.x + dx, stage.me.y + dy
    assert bool(stage.press(1001, moved=False).move) is walks


def test_bot_thinks_again_after_a_random_time(stage: Stage) -> None:
    for tick in range(1000, 1000 + 3 * THINK_TICKS):
        stage.press(tick)
    first, second = stage.thoughts
    assert (first, second - first) == (1000, 2 * THINK_TICKS - 1)
    assert ("below", THINK_TICKS, 0) in stage.dice.asked


@pytest.mark.parametrize(
    ("dx", "dy", "near"),
    [
        (ARRIVED - 1, 0, True),
        (ARRIVED, 0, False),
        (0, 1 - ARRIVED, True),
        (ARRIVED // 2, ARRIVED, False),
    ],
)
def test_bot_thinks_again_near_its_goal(stage: Stage, dx: int, dy: int, near: bool) -> None:
    stage.press(1000)
    assert stage.bot._goal is not None
    stage.bot._goal = Goal(stage.me.x + dx, stage.me.y + dy)
    stage.press(1001, moved=False)
    assert len(stage.thoughts) == 1 + near


def test_bot_looks_for_its_way_now_and_then_and_after_each_thought(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Ways:
        def next_waypoint(self, *_: int) -> tuple[int, int]:
            asked.append(stage.field.world.tick)
            return centre(20), centre(7)

    monkeypatch.setattr(bot_module, "navigator_of", lambda _map: Ways())
    for tick in range(1000, 1000 + 2 * PATH_TICKS + 1):
        stage.press(tick)
    assert asked == [1000, 1000 + PATH_TICKS, 1000 + 2 * PATH_TICKS]
    stage.bot._goal = None
    stage.press(1000 + 2 * PATH_TICKS + 1)
    assert asked[-1] == 1000 + 2 * PATH_TICKS + 1


# --- in a fight -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "move"),
    [(NEAR - 1, 4), (NEAR, 3), (FAR, 3), (FAR + 1, 2)],
)
def test_bot_circles_around_an_enemy_at_the_preferred_distance(
    stage: Stage, distance: int, move: int
) -> None:
    stage.sees(distance)
    assert stage.press(1000, moved=False).move == move
    stage.bot._strafe = -1
    assert stage.press(1000, moved=False).move == {2: 8, 3: 7, 4: 6}[move]


def test_enemy_below_is_circled_as_well(stage: Stage) -> None:
    stage.sees(0, NEAR - 1)
    assert stage.press(1000, moved=False).move == 6


def test_urgent_goal_goes_before_a_fight(stage: Stage) -> None:
    stage.sees(NEAR)
    stage.goal = Goal(centre(20), centre(7), urgent=True)
    assert stage.press(1000).move == 1


@pytest.mark.parametrize("seat", [0, 5])
@pytest.mark.parametrize("lucky", [False, True])
def test_side_changes_by_chance_at_the_bots_own_ticks(
    monkeypatch: pytest.MonkeyPatch, seat: int, lucky: bool
) -> None:
    stage = Stage(monkeypatch, seat=seat, lucky=lucky)
    stage.sees(NEAR)
    turned = []
    before = stage.bot._strafe
    for tick in range(50 * STRAFE_TICKS, 51 * STRAFE_TICKS):
        stage.press(tick)
        if stage.bot._strafe != before:
            turned.append(tick % STRAFE_TICKS)
            before = stage.bot._strafe
    assert turned == ([seat] if lucky else [])
    assert stage.dice.asked.count(("chance", 1, 2)) == 1


def test_bot_aims_and_fires_at_the_nearest_enemy(stage: Stage) -> None:
    stage.sees(-NEAR)
    commands = [stage.press(1000 + i, moved=False) for i in range(20)]
    assert abs(commands[-1].aim - WEST) < 40, "hands stray a little"
    assert commands[-1].fire == 1
    assert not commands[0].fire


# --- stuck ----------------------------------------------------------------------------------------


def test_bot_that_stands_still_walks_elsewhere_for_a_time(stage: Stage) -> None:
    stage.press(1000)
    for tick in range(1001, 1000 + STUCK_TICKS):
        assert stage.press(tick, moved=False).move == 1
    assert stage.press(1000 + STUCK_TICKS, moved=False).move == 8
    for tick in range(1001 + STUCK_TICKS, 1000 + 2 * STUCK_TICKS):
        assert stage.press(tick).move == 8
    assert stage.bot._strafe == -1
    assert stage.press(1000 + 2 * STUCK_TICKS).move == 1
    assert stage.thoughts == [1000, 1000 + 2 * STUCK_TICKS]


@pytest.mark.parametrize(
    ("dx", "dy", "stuck"), [(SUB, 0, True), (SUB, 1, False), (0, SUB + 1, False), (-SUB, 0, True)]
)
def test_steps_of_less_than_a_pixel_are_no_movement(
    stage: Stage, dx: int, dy: int, stuck: bool
) -> None:
    for tick in range(1000, 1002 + STUCK_TICKS):
        sign = 1 if tick % 2 else -1
        stage.me.x += sign * dx
        stage.me.y += sign * dy
        stage.press(tick, moved=False)
    assert (stage.bot._wanders_until > 0) is stuck


def test_bot_that_is_still_stuck_tries_again(stage: Stage) -> None:
    for tick in range(1000, 1001 + 2 * STUCK_TICKS):
        stage.press(tick, moved=tick == 1000)
    assert stage.bot._wanders_until == 1000 + 3 * STUCK_TICKS
    assert stage.bot._strafe == 1


# --- dashes ---------------------------------------------------------------------------------------


def dashes(stage: Stage, tick: int, **changes: Any) -> bool:
    return stage.press(tick, **changes).dash


@pytest.mark.parametrize("seat", [0, 7])
def test_walking_bot_dashes_by_chance_at_its_own_ticks(
    monkeypatch: pytest.MonkeyPatch, seat: int
) -> None:
    stage = Stage(monkeypatch, seat=seat, lucky=True)
    begin = 70 * DASH_TICKS
    dashed = [tick % DASH_TICKS for tick in range(begin, begin + DASH_TICKS) if dashes(stage, tick)]
    assert dashed == [seat]
    assert ("chance", LEVELS["hard"].dashes, 100) in stage.dice.asked
    stage.dice.lucky = False
    assert not dashes(stage, begin + DASH_TICKS + seat)


@pytest.mark.parametrize(("early", "dashed"), [(0, True), (1, False)])
def test_dash_waits_until_it_is_ready(
    monkeypatch: pytest.MonkeyPatch, early: int, dashed: bool
) -> None:
    stage = Stage(monkeypatch, lucky=True)
    begin = 70 * DASH_TICKS
    assert dashes(stage, begin, dash_ready=begin + early) is dashed


@pytest.mark.parametrize(
    ("changes", "dashed"),
    [
        ({}, False),
        ({"carrying": 2}, True),
        ({"hp": LEVELS["hard"].retreat - 1}, True),
        ({"hp": LEVELS["hard"].retreat}, False),
    ],
)
def test_in_a_fight_only_carriers_and_the_hurt_dash(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, int], dashed: bool
) -> None:
    stage = Stage(monkeypatch, lucky=True)
    stage.sees(NEAR)
    assert dashes(stage, 70 * DASH_TICKS, **changes) is dashed


def test_standing_bot_does_not_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, lucky=True)
    stage.press(70 * DASH_TICKS - 1)
    stage.bot._waypoint = stage.me.x, stage.me.y
    command = stage.press(70 * DASH_TICKS, moved=False)
    assert (command.move, command.dash) == (0, False)


@pytest.mark.parametrize(("tiles", "dash"), [(3, True), (7, False)])
def test_bot_steps_out_of_a_rockets_lane_and_dashes_at_the_last_moment(
    monkeypatch: pytest.MonkeyPatch, tiles: int, dash: bool
) -> None:
    stage = Stage(monkeypatch, lucky=True)
    rocket = Rocket(x=stage.me.x + tiles * 512, y=stage.me.y + 16, angle=WEST)
    stage.field.world.spawn(rocket, owner=Seat(1))
    command = stage.press(70 * DASH_TICKS + 1, moved=False)
    assert (command.move, command.dash) == (7, dash)


def test_dead_bot_forgets_its_goal(stage: Stage) -> None:
    stage.press(1000)
    stage.press(1001, alive=False)
    stage.press(1002, alive=True)
    assert stage.thoughts == [1000, 1002]
