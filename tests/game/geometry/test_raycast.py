"""Rays, looks and hits against slow but plain ways to find them."""

import math
from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, example, given
from hypothesis import strategies as st

from gameserver.game.geometry.raycast import line_of_sight, line_of_walk, raycast, segment_circle
from gameserver.game.maps.tilemap import TILE, TILE_BITS, Solid, TileMap
from gameserver.testing.maps import map_from_rows

SIDE = 8
INSIDE = st.integers(0, SIDE * TILE - 1) | st.integers(0, SIDE - 1).map(lambda tile: tile * TILE)
ANYWHERE = st.integers(-2 * SIDE * TILE, 3 * SIDE * TILE)
NEAR = st.integers(-3000, 3000)

grids = st.lists(
    st.text("#=......", min_size=SIDE, max_size=SIDE), min_size=SIDE, max_size=SIDE
).map(lambda rows: map_from_rows(*rows))


def is_wall(tile_map: TileMap, x: int, y: int) -> bool:
    return tile_map.solid_at(x >> TILE_BITS, y >> TILE_BITS) is Solid.WALL


def tiles_on_the_way(x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int]]:
    """List the tiles that the segment's points lie in, by exact fractions."""
    times = {Fraction(0), Fraction(1)}
    for start, end in ((x0, x1), (y0, y1)):
        lines = range(min(start, end) // TILE, max(start, end) // TILE + 2)
        if start != end:
            times |= {Fraction(line * TILE - start, end - start) for line in lines}
    ordered = sorted(time for time in times if 0 <= time <= 1)
    between = [(a + b) / 2 for a, b in pairwise(ordered)]
    points = [(x0 + (x1 - x0) * time, y0 + (y1 - y0) * time) for time in sorted(ordered + between)]
    return [(math.floor(x / TILE), math.floor(y / TILE)) for x, y in points]


@given(grids, INSIDE, INSIDE, ANYWHERE, ANYWHERE)
def test_a_ray_ends_outside_walls_on_its_own_line(
    tile_map: TileMap, x0: int, y0: int, x1: int, y1: int
) -> None:
    assume(not is_wall(tile_map, x0, y0))
    x, y, hit = raycast(tile_map, x0, y0, x1, y1)
    assert not is_wall(tile_map, x, y)
    assert hit or (x, y) == (x1, y1)
    dx, dy = x1 - x0, y1 - y0
    assert abs((x - x0) * dy - (y - y0) * dx) <= abs(dx) + abs(dy)


@given(grids, INSIDE, INSIDE, ANYWHERE, ANYWHERE)
def test_a_ray_is_stopped_by_exactly_the_walls_that_it_meets(
    tile_map: TileMap, x0: int, y0: int, x1: int, y1: int
) -> None:
    _, _, hit = raycast(tile_map, x0, y0, x1, y1)
    tiles = tiles_on_the_way(x0, y0, x1, y1)
    meets = any(tile_map.solid_at(*tile) is Solid.WALL for tile in tiles)
    slips = any(
        tile_map.solid_at(ax, by) is Solid.WALL and tile_map.solid_at(bx, ay) is Solid.WALL
        for (ax, ay), (bx, by) in pairwise(tiles)
        if ax != bx and ay != by
    )
    assert hit == (meets or slips)


def end_by_tiles(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, bool]:
    """Follow a ray tile by tile; its end is on the line by which it came to a wall."""
    for (ax, ay), (bx, by) in pairwise(tiles_on_the_way(x0, y0, x1, y1)):
        if (ax, ay) == (bx, by):
            continue
        corner = ax != bx and ay != by
        sides = ((ax, by), (bx, ay), (bx, by))
        walls = [tile_map.solid_at(*tile) is Solid.WALL for tile in sides]
        line_x, line_y = max(ax, bx) * TILE, max(ay, by) * TILE
        if corner and (walls[2] or (walls[0] and walls[1])):
            return line_x - (bx > ax), line_y - (by > ay), True
        if not corner and walls[2]:
            if ax != bx:
                return line_x - (bx > ax), y0 + (y1 - y0) * (line_x - x0) // (x1 - x0), True
            return x0 + (x1 - x0) * (line_y - y0) // (y1 - y0), line_y - (by > ay), True
    return x1, y1, False


@given(grids, INSIDE, INSIDE, ANYWHERE, ANYWHERE)
@example(map_from_rows(*["........"] * 8), 164, 0, -1372, -1024)
@example(map_from_rows(*["........"] * 8), 512, 3839, -512, -1281)
@example(map_from_rows("....", "....", "..#.", "...."), TILE, TILE, 3 * TILE, 3 * TILE)
@example(map_from_rows("....", ".#..", "....", "...."), 3 * TILE, 3 * TILE, TILE, TILE)
def test_a_ray_ends_where_it_crosses_into_the_first_wall(
    tile_map: TileMap, x0: int, y0: int, x1: int, y1: int
) -> None:
    assume(not is_wall(tile_map, x0, y0))
    assert raycast(tile_map, x0, y0, x1, y1) == end_by_tiles(tile_map, x0, y0, x1, y1)


@given(grids, INSIDE, INSIDE, INSIDE, INSIDE)
@example(map_from_rows(".#......", *["#......."] * 7), 0, 0, 1023, 1023)
@example(map_from_rows(".#......", *["#......."] * 7), 256, 768, 768, 256)
def test_line_of_sight_is_symmetric(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> None:
    there = line_of_sight(tile_map, x0, y0, x1, y1)
    assert there == line_of_sight(tile_map, x1, y1, x0, y0)


def test_a_ray_stops_just_before_the_wall() -> None:
    hall = map_from_rows("........", "........", "........", "....#...", "........")
    middle = 3 * TILE + 100
    assert raycast(hall, 0, middle, 8 * TILE - 1, middle) == (4 * TILE - 1, middle, True)
    assert raycast(hall, 7 * TILE, middle, 0, middle) == (5 * TILE, middle, True)
    assert raycast(hall, 4 * TILE, 0, 4 * TILE, 5 * TILE - 1) == (4 * TILE, 3 * TILE - 1, True)
    assert raycast(hall, 4 * TILE - 1, 0, 4 * TILE - 1, 5 * TILE - 1)[2] is False


def test_a_shot_does_not_slip_between_walls_that_touch_at_a_corner() -> None:
    corner = map_from_rows("..#.", "..#.", "##..", "....")
    assert raycast(corner, TILE, TILE, 3 * TILE, 3 * TILE) == (2 * TILE - 1, 2 * TILE - 1, True)
    assert raycast(corner, 3 * TILE - 1, 3 * TILE - 1, TILE, TILE)[2]


def test_a_grid_point_belongs_to_the_tile_right_of_it_and_below() -> None:
    rising = (0, 2 * TILE, 2 * TILE, 0)
    assert raycast(map_from_rows("...", ".#.", "..."), *rising) == (TILE - 1, TILE, True)
    assert raycast(map_from_rows("#..", "...", "..."), *rising) == (2 * TILE, 0, False)
    falling = (1, 1, 2 * TILE - 1, 2 * TILE - 1)
    assert not raycast(map_from_rows(".#.", "...", "..."), *falling)[2]


def test_low_tiles_stop_walkers_and_not_shots() -> None:
    pond = map_from_rows("..==..")
    assert line_of_sight(pond, 100, 100, 5 * TILE, 100)
    assert not line_of_walk(pond, 100, 100, 5 * TILE, 100)
    assert line_of_walk(pond, 100, 100, 2 * TILE - 1, 100)


def test_a_shot_from_a_wall_or_from_outside_ends_at_once() -> None:
    wall = map_from_rows("#.")
    assert raycast(wall, 5, 6, 700, 6) == (5, 6, True)
    assert raycast(wall, -1, 6, 700, 6) == (-1, 6, True)
    assert raycast(wall, 700, TILE, 700, 6) == (700, TILE, True)


@given(NEAR, NEAR, NEAR, NEAR, st.integers(1, 600))
def test_a_hit_is_the_first_point_of_the_segment_within_the_radius(
    x0: int, y0: int, x1: int, y1: int, radius: int
) -> None:
    at = segment_circle(x0, y0, x1, y1, 0, 0, radius)
    long = math.dist((x0, y0), (x1, y1))
    if at is None:
        for part in range(65):
            x, y = x0 + (x1 - x0) * part / 64, y0 + (y1 - y0) * part / 64
            assert math.hypot(x, y) > radius - 1e-6
    elif at == 0:
        assert math.hypot(x0, y0) < radius + 2
    else:
        assert at <= long
        x, y = x0 + (x1 - x0) * at / long, y0 + (y1 - y0) * at / long
        assert radius - 1e-6 <= math.hypot(x, y) <= radius + 2.01


def test_distances_of_hits_are_in_sub_units_from_the_start() -> None:
    assert segment_circle(0, 0, 1000, 0, 500, 0, 100) == 400
    assert segment_circle(0, 0, 399, 0, 500, 0, 100) is None
    assert segment_circle(0, 0, 400, 0, 500, 0, 100) == 400
    assert segment_circle(0, 0, -1000, 0, 500, 0, 100) is None
    assert segment_circle(450, 0, -1000, 0, 500, 0, 100) == 0
    assert segment_circle(0, 0, 1000, 0, 500, 100, 100) == 500
    assert segment_circle(0, 0, 1000, 0, 500, 101, 100) is None
    assert segment_circle(0, 0, 0, 0, 500, 0, 100) is None
