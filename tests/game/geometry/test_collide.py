"""Collisions of circles and walls: invariants for every place and speed."""

import attrs
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from gameserver.game.geometry.collide import (
    FULL,
    _along_wall,
    _clear_step,
    _near_way,
    _towards_zero,
    move_circle,
    overlaps,
    sweep_circle,
)
from gameserver.game.maps.tilemap import TILE, Solid, TileMap
from gameserver.testing.maps import map_from_rows

SIDE = 10
RADIUS = 224
PLACES = st.integers(0, SIDE * TILE - 1)
STEPS = st.integers(-5 * TILE, 5 * TILE) | st.integers(-90, 90)
RADII = st.sampled_from([1, 16, 100, RADIUS, TILE // 2, 300])

grids = st.lists(
    st.text("#=......", min_size=SIDE, max_size=SIDE), min_size=SIDE, max_size=SIDE
).map(lambda rows: map_from_rows(*rows))

ROOM = map_from_rows(
    "##########",
    "#........#",
    "#........#",
    "#........#",
    "#...#....#",
    "#........#",
    "#........#",
    "#....=...#",
    "#........#",
    "##########",
)


@attrs.frozen
class Move:
    """A circle that is clear of walls, often against one, and where it wants to go."""

    tile_map: TileMap
    x: int
    y: int
    radius: int
    dx: int
    dy: int
    flying: bool

    def end(self) -> tuple[int, int]:
        """Return where it gets to."""
        return move_circle(
            self.tile_map, self.x, self.y, self.radius, self.dx, self.dy, flying=self.flying
        )

    def touch(self) -> int:
        """Return when it meets a wall."""
        return sweep_circle(
            self.tile_map, self.x, self.y, self.radius, self.dx, self.dy, flying=self.flying
        )

    def is_clear(self, x: int, y: int, smaller: int = 0) -> bool:
        """Return whether it, or one a little smaller, fits at a place."""
        radius = max(self.radius - smaller, 0)
        return not overlaps(self.tile_map, x, y, radius, flying=self.flying)


@st.composite
def moves(draw: st.DrawFn, most: int = 5 * TILE) -> Move:
    tile_map, radius, flying = draw(grids), draw(RADII), draw(st.booleans())
    x, y = (draw(st.integers(0, SIDE - 1)) * TILE + TILE // 2 for _ in range(2))
    assume(not overlaps(tile_map, x, y, radius, flying=flying))
    for _ in range(2):
        x, y = move_circle(tile_map, x, y, radius, draw(STEPS), draw(STEPS), flying=flying)
    step = st.integers(-most, most) | st.integers(-90, 90)
    return Move(tile_map, x, y, radius, draw(step), draw(step), flying)


@given(moves())
def test_a_clear_circle_stays_clear_and_goes_no_farther_than_asked(move: Move) -> None:
    x, y = move.end()
    assert move.is_clear(x, y)
    assert (x - move.x) ** 2 + (y - move.y) ** 2 <= move.dx**2 + move.dy**2
    assert (x, y) == move.end()


@given(grids, PLACES, PLACES, RADII, st.integers(-400, 400), st.integers(-400, 400))
@example(ROOM, 4 * TILE - RADIUS, 4 * TILE + 8, RADIUS, 1, 0)
@example(ROOM, 5 * TILE + RADIUS, 4 * TILE + 8, RADIUS, -1, 0)
@example(ROOM, 4 * TILE + 8, 4 * TILE - RADIUS, RADIUS, 0, 1)
@example(ROOM, 4 * TILE + 8, 5 * TILE + RADIUS, RADIUS, 0, -1)
@example(ROOM, 4 * TILE - RADIUS, 4 * TILE + 8, RADIUS, 0, 0)
@example(ROOM, 5 * TILE + RADIUS, 4 * TILE + 8, RADIUS, 0, 0)
@example(ROOM, 4 * TILE + 8, 4 * TILE - RADIUS, RADIUS, 0, 0)
@example(ROOM, 4 * TILE + 8, 5 * TILE + RADIUS, RADIUS, 0, 0)
def test_the_walls_near_a_short_way_are_those_that_its_box_overlaps(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int
) -> None:
    left, right = min(x, x + dx) - radius, max(x, x + dx) + radius
    top, bottom = min(y, y + dy) - radius, max(y, y + dy) + radius
    expected = [
        (tx * TILE, ty * TILE)
        for ty in range(-1, SIDE + 1)
        for tx in range(-1, SIDE + 1)
        if tile_map.solid_at(tx, ty) is not Solid.OPEN
        and tx * TILE < right
        and left < (tx + 1) * TILE
        and ty * TILE < bottom
        and top < (ty + 1) * TILE
    ]
    assert list(_near_way(tile_map.stops_movers, x, y, radius, dx, dy)) == expected


@given(moves())
def test_the_path_is_clear_until_the_time_of_the_first_touch(move: Move) -> None:
    time = move.touch()
    for part in range(33):
        x = move.x + move.dx * time * part // (32 * FULL)
        y = move.y + move.dy * time * part // (32 * FULL)
        # Points between are rounded, so the circle tried there is a little smaller.
        assert move.is_clear(x, y, smaller=2)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(moves())
def test_soon_after_the_touch_a_slightly_larger_circle_is_in_a_wall(move: Move) -> None:
    time = move.touch()
    assume(time < FULL)
    x = move.x + move.dx * time // FULL
    y = move.y + move.dy * time // FULL
    assert not move.is_clear(x, y, smaller=-3)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(moves(most=90))
def test_a_circle_that_meets_no_wall_moves_the_whole_distance(move: Move) -> None:
    assume(move.touch() == FULL)
    assert move.end() == (move.x + move.dx, move.y + move.dy)


@given(moves())
def test_a_circle_that_does_not_move_stays(move: Move) -> None:
    assert attrs.evolve(move, dx=0, dy=0).end() == (move.x, move.y)


@given(grids, PLACES, PLACES, RADII, STEPS, STEPS)
def test_a_circle_inside_a_wall_stays_where_it_is(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int
) -> None:
    assume(overlaps(tile_map, x, y, radius))
    assert move_circle(tile_map, x, y, radius, dx, dy) == (x, y)


@given(moves())
def test_a_mirrored_map_stops_a_mirrored_move_at_the_same_time(move: Move) -> None:
    solid = move.tile_map.solid
    rows = [solid[start : start + SIDE][::-1] for start in range(0, SIDE * SIDE, SIDE)]
    flipped = map_from_rows(*("".join(".#="[tile] for tile in row) for row in rows))
    mirrored = attrs.evolve(move, tile_map=flipped, x=SIDE * TILE - move.x, dx=-move.dx)
    assert abs(mirrored.touch() - move.touch()) <= FULL // max(abs(move.dx), abs(move.dy), 1)


def test_a_circle_stops_exactly_at_a_wall() -> None:
    x, y = 2 * TILE, 2 * TILE
    assert move_circle(ROOM, x, y, RADIUS, -3 * TILE, 0) == (TILE + RADIUS, y)
    assert move_circle(ROOM, x, y, RADIUS, 0, -777) == (x, TILE + RADIUS)


@pytest.mark.parametrize("dy", [-40, -1, 1, 37])
def test_pressing_against_a_wall_slides_along_it_at_full_speed(dy: int) -> None:
    x, y = TILE + RADIUS, 3 * TILE
    assert move_circle(ROOM, x, y, RADIUS, -60, dy) == (x, y + dy)


def test_an_inner_corner_stops_movement_on_both_axes() -> None:
    corner = TILE + RADIUS
    assert move_circle(ROOM, corner + 50, corner + 70, RADIUS, -300, -300) == (corner, corner)
    assert move_circle(ROOM, corner, corner, RADIUS, -80, -80) == (corner, corner)


def test_the_fastest_circle_does_not_pass_through_one_tile() -> None:
    x, y = int(2.5 * TILE), int(4.5 * TILE)
    assert move_circle(ROOM, x, y, RADIUS, 5 * TILE, 0) == (4 * TILE - RADIUS, y)


@pytest.mark.parametrize("offset", [-200, -120, -40, 40 + TILE, 120 + TILE, 200 + TILE])
def test_a_circle_slides_past_a_corner(offset: int) -> None:
    x, y = 3 * TILE, 4 * TILE + offset
    for _ in range(60):
        x, y = move_circle(ROOM, x, y, RADIUS, 80, 0)
    assert x == 9 * TILE - RADIUS


def test_a_player_passes_a_gap_of_one_tile_although_aiming_beside_it() -> None:
    gap = map_from_rows("......", "##.###", "......")
    for beside in range(2 * TILE + 120, 3 * TILE - 120, 8):
        x, y = beside, TILE - RADIUS
        for _ in range(40):
            x, y = move_circle(gap, x, y, RADIUS, 0, 80)
        assert y == 3 * TILE - RADIUS, beside


def test_running_along_a_wall_is_not_stopped_at_the_edges_of_tiles() -> None:
    x, y = TILE + RADIUS, TILE + RADIUS
    for step in range(1, 40):
        x, y = move_circle(ROOM, x, y, RADIUS, 80, -30)
        assert (x, y) == (TILE + RADIUS + 80 * step, TILE + RADIUS)


def test_a_flying_circle_passes_over_low_tiles_but_not_through_walls() -> None:
    x, y = int(3.5 * TILE), int(7.5 * TILE)
    assert move_circle(ROOM, x, y, 50, 4 * TILE, 0) == (5 * TILE - 50, y)
    assert move_circle(ROOM, x, y, 50, 4 * TILE, 0, flying=True) == (x + 4 * TILE, y)
    assert move_circle(ROOM, x, y, 50, 9 * TILE, 0, flying=True) == (9 * TILE - 50, y)


def test_touching_is_not_overlapping() -> None:
    assert not overlaps(ROOM, TILE + RADIUS, 3 * TILE, RADIUS)
    assert overlaps(ROOM, TILE + RADIUS - 1, 3 * TILE, RADIUS)


@pytest.mark.parametrize(("across", "along"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_a_circle_that_has_passed_a_side_before_it_comes_to_the_corner_touches_nothing(
    across: int, along: int
) -> None:
    tile_map = map_from_rows(*["." * 9] * 4, "....#....", *["." * 9] * 4)
    middle = 4 * TILE + TILE // 2
    beside = TILE // 2 + RADIUS
    x, y = middle - across * (beside + 800), middle + along * (beside - 10)
    assert sweep_circle(tile_map, x, y, RADIUS, across * 1000, along * 400) == FULL
    assert sweep_circle(tile_map, y, x, RADIUS, along * 400, across * 1000) == FULL
    for head_on in ((x, middle, RADIUS, across * 1000, 0), (middle, x, RADIUS, 0, across * 1000)):
        assert sweep_circle(tile_map, *head_on) == pytest.approx(0.8 * FULL, abs=2)


def test_inside_of_a_tile_there_is_no_wall_to_slide_along() -> None:
    for x, y in ((TILE // 2, TILE // 2), (0, 0), (TILE, TILE // 3)):
        assert _along_wall(x, y, 5, 7) == (0, 0)
    assert _along_wall(-8, TILE // 2, 5, 7) == (0, 7)
    assert _along_wall(TILE // 2, TILE + 8, 5, 7) == (5, 0)


def test_a_step_of_which_no_part_is_clear_is_no_step() -> None:
    x, y = 4 * TILE + TILE // 2, 4 * TILE + TILE // 2
    assert _clear_step(ROOM.stops_movers, x, y, RADIUS, 40, -40, FULL // 2) == (0, 0)


@pytest.mark.parametrize(
    ("value", "divisor", "quotient"),
    [(7, 2, 3), (-7, 2, -3), (6, 2, 3), (-6, 2, -3), (1, 2, 0), (-1, 2, 0), (0, 2, 0)],
)
def test_parts_of_a_move_are_rounded_towards_zero(value: int, divisor: int, quotient: int) -> None:
    assert _towards_zero(value, divisor) == quotient
