import pytest

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Dashed
from gameserver.arena.movement import push
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import (
    ACCELERATION,
    DASH_COOLDOWN,
    DASH_SPEED,
    DASH_TICKS,
    HASTE_SPEED,
    RADIUS,
    SPEED,
)
from gameserver.game.fixed import SUB, length
from gameserver.game.maps.tilemap import TILE
from tests.arena.field import EAST, Field, a_map, centre


@pytest.mark.parametrize("move", range(1, 9))
def test_all_eight_directions_have_the_same_speed(move: int) -> None:
    field = Field()
    fighter = field.put(0, 11, 7)
    field.steps(8, {0: ArenaCommand(move=move)})
    assert abs(length(fighter.vx, fighter.vy) - SPEED) <= 1


def test_moves_go_clockwise_from_east_on_a_screen_whose_y_grows_downwards() -> None:
    signs = []
    for move in range(1, 9):
        field = Field()
        fighter = field.put(0, 11, 7)
        field.step({0: ArenaCommand(move=move)})
        signs.append(((fighter.vx > 0) - (fighter.vx < 0), (fighter.vy > 0) - (fighter.vy < 0)))
    assert signs == [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]


def test_speeding_up_and_stopping_take_four_ticks_each() -> None:
    field = Field()
    fighter = field.put(0, 5, 7)
    speeds = []
    for _ in range(5):
        field.step({0: ArenaCommand(move=1)})
        speeds.append(fighter.vx)
    assert speeds == [ACCELERATION, 2 * ACCELERATION, 3 * ACCELERATION, SPEED, SPEED]
    field.steps(4)
    assert fighter.vx == 0


def test_a_dash_covers_120_pixels_in_the_direction_of_movement() -> None:
    field = Field()
    fighter = field.put(0, 5, 7)
    field.steps(DASH_TICKS, {0: ArenaCommand(move=3, aim=EAST, dash=True)})
    assert (fighter.x - centre(5), fighter.y - centre(7)) == (0, DASH_TICKS * DASH_SPEED)
    assert DASH_TICKS * DASH_SPEED == 120 * SUB
    assert fighter.dashing
    field.step({0: ArenaCommand(move=3)})
    assert not fighter.dashing


def test_a_standing_fighter_dashes_in_the_direction_of_its_aim() -> None:
    field = Field()
    fighter = field.put(0, 5, 7)
    field.steps(DASH_TICKS, {0: ArenaCommand(aim=EAST, dash=True)})
    assert (fighter.x - centre(5), fighter.y - centre(7)) == (DASH_TICKS * DASH_SPEED, 0)


def test_the_next_dash_has_to_wait_for_its_cooldown() -> None:
    field = Field()
    field.put(0, 5, 7)
    for _ in range(2 * DASH_COOLDOWN):
        field.step({0: ArenaCommand(move=0, dash=True)})
    assert len(field.of(Dashed)) == 2


def test_a_dash_ends_before_a_wall() -> None:
    field = Field()
    fighter = field.put(0, 3, 7)
    field.steps(DASH_TICKS + 5, {0: ArenaCommand(move=5, dash=True)})
    assert fighter.x == TILE + RADIUS
    assert fighter.vx == 0


def test_running_along_a_wall_at_an_angle_slides() -> None:
    field = Field()
    fighter = field.put(0, 5, 1)
    field.steps(20, {0: ArenaCommand(move=8)})
    assert fighter.y == TILE + RADIUS
    assert fighter.x > centre(5) + 80 * SUB


def test_haste_makes_faster_for_a_limited_time() -> None:
    field = Field(tile_map=a_map())
    fighter = field.put(0, 3, 7, haste_ends=field.world.tick + 12)
    field.steps(10, {0: ArenaCommand(move=1)})
    assert (fighter.hasty, fighter.vx) == (True, HASTE_SPEED)
    field.steps(10, {0: ArenaCommand(move=1)})
    assert (fighter.hasty, fighter.vx) == (False, SPEED)


# --- exact bounds ---------------------------------------------------------------------------------


def test_dash_is_ready_exactly_after_its_cooldown_and_its_event_has_its_position() -> None:
    field = Field()
    fighter = field.put(0, 5, 7)
    tick = field.world.tick + 1
    field.step({0: ArenaCommand(aim=EAST, dash=True)})
    (dashed,) = field.of(Dashed)
    assert (dashed.seat, dashed.x, dashed.y) == (0, centre(5), centre(7))
    assert (fighter.dash_ends, fighter.dash_ready) == (tick + DASH_TICKS, tick + DASH_COOLDOWN)
    for early, count in ((1, 1), (0, 2)):
        fighter.dash_ready = field.world.tick + 1 + early
        field.step({0: ArenaCommand(aim=EAST, dash=True)})
        assert len(field.of(Dashed)) == count


@pytest.mark.parametrize(
    ("speed", "move", "expected"),
    [
        (SPEED - 1, 1, SPEED),
        (HASTE_SPEED, 1, HASTE_SPEED - ACCELERATION),
        (HASTE_SPEED + 1, 0, HASTE_SPEED + 1 - 2 * ACCELERATION),
        (DASH_SPEED, 0, DASH_SPEED - 2 * ACCELERATION),
        (-HASTE_SPEED, 0, -HASTE_SPEED + ACCELERATION),
        (-HASTE_SPEED - 1, 0, -HASTE_SPEED - 1 + 2 * ACCELERATION),
        (ACCELERATION - 1, 0, 0),
        (1 - ACCELERATION, 0, 0),
        (SPEED, 5, SPEED - ACCELERATION),
    ],
)
def test_speed_goes_to_the_wanted_one_in_steps(speed: int, move: int, expected: int) -> None:
    for along in ("vx", "vy"):
        field = Field()
        fighter = field.put(0, 11, 7, **{along: speed})
        turned = {0: 0, 1: 3, 5: 7}[move] if along == "vy" else move
        field.step({0: ArenaCommand(move=turned)})
        assert getattr(fighter, along) == expected


def test_haste_and_dash_end_exactly_at_their_tick() -> None:
    field = Field()
    fighter = field.put(0, 11, 7)
    fighter.haste_ends = fighter.dash_ends = field.world.tick + 2
    field.step()
    assert (fighter.hasty, fighter.dashing) == (True, True)
    field.step()
    assert (fighter.hasty, fighter.dashing) == (False, False)


def test_aim_follows_the_command() -> None:
    field = Field()
    fighter = field.put(0, 11, 7)
    field.step({0: ArenaCommand(aim=77)})
    assert fighter.aim == 77


@pytest.mark.parametrize(("move", "lost", "kept"), [(1, "vx", "vy"), (3, "vy", "vx")])
def test_speed_into_a_wall_is_lost_and_the_other_one_kept(move: int, lost: str, kept: str) -> None:
    field = Field()
    fighter = field.put(0, 22, 14)
    fighter.x, fighter.y = 23 * TILE - RADIUS, 15 * TILE - RADIUS
    setattr(fighter, kept, -64)
    field.step({0: ArenaCommand(move=move)})
    assert getattr(fighter, lost) == 0
    assert getattr(fighter, kept) == -64 + ACCELERATION


def test_push_is_added_and_bounded_to_both_sides() -> None:
    fighter = Fighter(vx=10, vy=-10)
    push(fighter, 5, -5)
    assert (fighter.vx, fighter.vy) == (15, -15)
    push(fighter, 2 * DASH_SPEED, -2 * DASH_SPEED)
    assert (fighter.vx, fighter.vy) == (DASH_SPEED, -DASH_SPEED)
    push(fighter, -3 * DASH_SPEED, 3 * DASH_SPEED)
    assert (fighter.vx, fighter.vy) == (-DASH_SPEED, DASH_SPEED)
