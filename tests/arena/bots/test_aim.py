"""A bot's aim turns and errs as its level says, and its triggers wait for it."""

import attrs
import pytest

from gameserver.arena.bots.aim import (
    ROCKET_MAX,
    ROCKET_MIN,
    STRAY_TICKS,
    TOLERANCE,
    Hands,
    Triggers,
)
from gameserver.arena.bots.levels import LEVELS, BotLevel
from gameserver.arena.bots.senses import Sighting
from gameserver.arena.entities import Fighter
from gameserver.arena.tuning import ROCKET_SPEED
from gameserver.game.fixed import angle_of
from gameserver.game.world import World
from gameserver.ids import EntityId, Tick
from tests.arena.bots.dice import Dice
from tests.arena.field import EAST, SOUTH, WEST, Field, centre

STEADY = attrs.evolve(LEVELS["hard"], reaction=0, error=0, turn=512, pause=0, rockets=0)
X, Y = centre(10), centre(7)


def fight(
    level: BotLevel = STEADY,
    *,
    dx: int = 0,
    dy: int = 0,
    vx: int = 0,
    vy: int = 0,
    dice: Dice | None = None,
    hands: Hands | None = None,
    since: int = 0,
    tick: int = 100,
    phase: int = 1,
    **changes: int,
) -> tuple[Triggers, int]:
    """Aim at a target at a distance, at a tick; return the triggers and the angle of the aim."""
    field = Field()
    me: Fighter = field.put(0, 10, 7, **changes)
    world: World = field.world
    world.tick = Tick(tick)
    target = Sighting(EntityId(99), X + dx, Y + dy, vx, vy, Tick(since), Tick(tick))
    used = hands or Hands(level, dice or Dice(lucky=False), phase)
    return used.fight(world, me, target), used.angle


@pytest.mark.parametrize(
    ("dx", "dy", "angle"), [(5000, 0, EAST), (0, 3000, SOUTH), (-5000, 0, WEST), (3000, 3000, 128)]
)
def test_steady_hand_aims_at_the_target_and_fires(dx: int, dy: int, angle: int) -> None:
    assert fight(dx=dx, dy=dy) == (Triggers(fire=True), angle)


def test_aim_turns_the_shorter_way_and_no_faster_than_the_level() -> None:
    hands = Hands(attrs.evolve(STEADY, turn=100), Dice(), 0)
    for wanted, expected in ((200, 100), (200, 200), (150, 150), (950, 50), (950, 974), (950, 950)):
        hands.rest(wanted)
        assert hands.angle == expected


@pytest.mark.parametrize(("waited", "fires"), [(6, False), (7, True), (8, True)])
def test_fire_waits_for_the_reaction(waited: int, fires: bool) -> None:
    level = attrs.evolve(STEADY, reaction=7)
    triggers, angle = fight(level, dx=5000, since=100 - waited)
    assert (triggers.fire, angle) == (fires, EAST)


@pytest.mark.parametrize(("off", "fires"), [(TOLERANCE + 5, True), (TOLERANCE + 6, False)])
@pytest.mark.parametrize("side", [1, -1])
def test_fire_waits_until_the_aim_is_near_enough(off: int, side: int, fires: bool) -> None:
    hands = Hands(attrs.evolve(STEADY, error=5, turn=0), Dice(lucky=False), 1)
    hands.angle = side * off % 1024
    triggers, _ = fight(dx=5000, hands=hands)
    assert triggers.fire is fires


def test_fire_pauses_by_the_chance_of_the_level() -> None:
    dice = Dice(lucky=True)
    level = attrs.evolve(STEADY, pause=8)
    assert fight(level, dx=50, dice=dice)[0] == Triggers()
    assert dice.asked == [("chance", 8, 100)]


@pytest.mark.parametrize("high", [False, True])
def test_error_changes_only_at_the_bots_own_ticks(high: bool) -> None:
    level = attrs.evolve(STEADY, error=30)
    dice = Dice(lucky=False, high=high)
    hands = Hands(level, dice, phase=3 + STRAY_TICKS)
    for tick in range(STRAY_TICKS):
        before = hands.angle
        _, angle = fight(hands=hands, dx=5000, tick=5 * STRAY_TICKS + tick)
        changed = [asked for asked in dice.asked if asked[0] == "between"]
        assert (changed == []) is (tick < 3)
        if tick < 3:
            assert angle == before == 0
    assert changed == [("between", -30, 30)]
    assert angle == (30 if high else 1024 - 30)


ROCKETEER = attrs.evolve(STEADY, rockets=40)


@pytest.mark.parametrize(
    ("distance", "good"),
    [(ROCKET_MIN, False), (ROCKET_MIN + 1, True), (ROCKET_MAX - 1, True), (ROCKET_MAX, False)],
)
def test_rockets_are_for_middle_distances(distance: int, good: bool) -> None:
    dice = Dice(lucky=True)
    triggers, _ = fight(ROCKETEER, dx=distance, dice=dice)
    assert (("chance", 40, 100) in dice.asked) is good
    assert triggers.rocket is good


@pytest.mark.parametrize(
    ("changes", "loaded"),
    [
        ({"rockets": 0}, False),
        ({"rockets": 1}, True),
        ({"rocket_ready": 100}, True),
        ({"rocket_ready": 101}, False),
    ],
)
def test_rockets_are_fired_only_if_the_launcher_is_loaded(
    changes: dict[str, int], loaded: bool
) -> None:
    triggers, _ = fight(ROCKETEER, dx=4000, dice=Dice(lucky=True), **changes)
    assert triggers.rocket is loaded


def test_rocket_is_aimed_ahead_of_the_target_and_the_rifle_is_not() -> None:
    ahead = 4480 // ROCKET_SPEED
    _, angle = fight(ROCKETEER, dx=4480, vx=-50, vy=40, dice=Dice(lucky=True))
    assert angle == angle_of(4480 - 50 * ahead, 40 * ahead) != 0
    _, angle = fight(ROCKETEER, dx=4480, vx=-50, vy=40, dice=Dice(lucky=False))
    assert angle == 0
    _, angle = fight(ROCKETEER, dy=4480, vx=40, vy=-50, dice=Dice(lucky=True))
    assert angle == angle_of(40 * ahead, 4480 - 50 * ahead) != SOUTH
