import pytest

from gameserver.arena.events import Dashed
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
