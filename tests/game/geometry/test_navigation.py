"""Ways for bots: they exist when they can, are short, and lead there."""

from collections import deque

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gameserver.game.fixed import scale_to
from gameserver.game.geometry.collide import move_circle, overlaps
from gameserver.game.geometry.navigation import _FAR, _SNAP_RINGS, Navigator
from gameserver.game.maps.tilemap import TILE, Solid, TileMap
from gameserver.testing.maps import map_from_rows

SIDE = 9
RADIUS = 224
SPEED = 80
TILES = st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))

grids = st.lists(st.text("#=....", min_size=SIDE, max_size=SIDE), min_size=SIDE, max_size=SIDE).map(
    lambda rows: map_from_rows(*rows)
)

MAZE = map_from_rows(
    ".........",
    ".#######.",
    ".#.....#.",
    ".#.###.#.",
    ".#.#.#.#.",
    ".#.#...#.",
    ".#.#####.",
    ".#.......",
    ".########",
)


def centre(tile: tuple[int, int]) -> tuple[int, int]:
    return tile[0] * TILE + TILE // 2, tile[1] * TILE + TILE // 2


def flooded(tile_map: TileMap, start: tuple[int, int]) -> set[tuple[int, int]]:
    """Find the tiles that can be reached by steps to the four sides."""
    if tile_map.solid_at(*start) is not Solid.OPEN:
        return set()
    seen, waiting = {start}, deque([start])
    while waiting:
        tx, ty = waiting.popleft()
        for tile in ((tx + 1, ty), (tx - 1, ty), (tx, ty + 1), (tx, ty - 1)):
            if tile not in seen and tile_map.solid_at(*tile) is Solid.OPEN:
                seen.add(tile)
                waiting.append(tile)
    return seen


def walk(tile_map: TileMap, navigator: Navigator, x: int, y: int, goal: tuple[int, int]) -> int:
    """Walk to the goal as a bot would; return how many ticks it took, or fail after many."""
    for tick in range(3000):
        if (x, y) == goal:
            return tick
        to_x, to_y = navigator.next_waypoint(x, y, *goal)
        dx, dy = to_x - x, to_y - y
        if dx * dx + dy * dy > SPEED * SPEED:
            dx, dy = scale_to(dx, dy, SPEED - 1)
        x, y = move_circle(tile_map, x, y, RADIUS, dx, dy)
    pytest.fail(f"still at {x},{y} on the way to {goal}")


@given(grids, TILES)
def test_reachable_tiles_are_those_of_a_flood_fill(
    tile_map: TileMap, goal: tuple[int, int]
) -> None:
    assert Navigator(tile_map, RADIUS).reachable(goal) == flooded(tile_map, goal)


@given(grids, TILES, TILES)
def test_distances_are_symmetric_and_not_shorter_than_the_straight_line(
    tile_map: TileMap, start: tuple[int, int], goal: tuple[int, int]
) -> None:
    navigator = Navigator(tile_map, RADIUS)
    away = navigator.distance(start, goal)
    assert away == navigator.distance(goal, start)
    if away is not None:
        straight = max(abs(start[0] - goal[0]), abs(start[1] - goal[1]))
        assert straight * TILE <= away


@st.composite
def journeys(draw: st.DrawFn) -> tuple[TileMap, tuple[int, int], tuple[int, int]]:
    """Draw a map and two tiles of it with a way between them."""
    tile_map = draw(grids)
    goals = [(at % SIDE, at // SIDE) for at, solid in enumerate(tile_map.solid) if not solid]
    assume(goals)
    goal = draw(st.sampled_from(goals))
    return tile_map, draw(st.sampled_from(sorted(flooded(tile_map, goal)))), goal


@given(journeys())
def test_following_the_waypoints_leads_to_the_target(
    journey: tuple[TileMap, tuple[int, int], tuple[int, int]],
) -> None:
    tile_map, start, goal = journey
    navigator = Navigator(tile_map, RADIUS)
    away = navigator.distance(start, goal)
    assert away is not None
    assert walk(tile_map, navigator, *centre(start), centre(goal)) <= 10 + 2 * away // SPEED


@given(journeys(), st.integers(-200, 200), st.integers(-200, 200))
def test_a_bot_away_from_the_centre_of_its_tile_reaches_its_target(
    journey: tuple[TileMap, tuple[int, int], tuple[int, int]], off_x: int, off_y: int
) -> None:
    tile_map, start, goal = journey
    x, y = move_circle(tile_map, *centre(start), RADIUS, off_x, off_y)
    walk(tile_map, Navigator(tile_map, RADIUS), x, y, centre(goal))


@given(grids, TILES, TILES)
def test_a_bot_stays_exactly_if_there_is_no_path_to_its_target(
    tile_map: TileMap, start: tuple[int, int], goal: tuple[int, int]
) -> None:
    if all(tile_map.solid_at(*tile) is Solid.OPEN for tile in (start, goal)):
        stays = goal not in flooded(tile_map, start) or start == goal
        waypoint = Navigator(tile_map, RADIUS).next_waypoint(*centre(start), *centre(goal))
        assert (waypoint == centre(start)) == stays


def test_a_maze_is_walked_from_end_to_end() -> None:
    navigator = Navigator(MAZE, RADIUS)
    away = navigator.distance((0, 8), (4, 4))
    assert away == 44 * TILE
    assert walk(MAZE, navigator, *centre((0, 8)), centre((4, 4))) < 44 * TILE // SPEED + 20


def test_in_the_open_the_waypoint_is_the_target_itself() -> None:
    navigator = Navigator(MAZE, RADIUS)
    assert navigator.next_waypoint(300, 260, 3000, 250) == (3000, 250)


def test_a_target_in_a_wall_is_replaced_by_the_nearest_open_tile() -> None:
    navigator = Navigator(MAZE, RADIUS)
    x, y = centre((0, 0))
    for _ in range(200):
        to_x, to_y = navigator.next_waypoint(x, y, *centre((8, 8)))
        x, y = move_circle(MAZE, x, y, RADIUS, *scale_to(to_x - x, to_y - y, SPEED))
    assert (x // TILE, y // TILE) == (8, 7)


@pytest.mark.parametrize("outside", [(-3, 4), (SIDE + 2, 4), (4, -3), (4, SIDE + 1)])
def test_there_is_no_way_to_a_tile_outside_of_the_map(outside: tuple[int, int]) -> None:
    navigator = Navigator(map_from_rows(*["." * SIDE] * SIDE), RADIUS)
    assert navigator.distance((4, 4), outside) is None
    assert navigator.distance(outside, (4, 4)) is None
    assert navigator.reachable(outside) == frozenset()


def test_a_bot_stays_if_there_is_no_open_tile_near_it_or_its_target() -> None:
    deep = 2 * _SNAP_RINGS + 2
    navigator = Navigator(map_from_rows("." + "#" * (2 * deep)), RADIUS)
    inside, opened = centre((deep, 0)), centre((0, 0))
    assert navigator.next_waypoint(*inside, *opened) == inside
    assert navigator.next_waypoint(*opened, *inside) == opened


def test_diagonals_do_not_cut_blocked_corners() -> None:
    corner = map_from_rows("..#", "...", "...")
    navigator = Navigator(corner, RADIUS)
    assert navigator.distance((1, 0), (2, 1)) == 2 * TILE
    assert navigator.distance((0, 0), (1, 1)) == 7 * TILE // 5


def test_walls_and_positions_outside_have_no_distance() -> None:
    navigator = Navigator(MAZE, RADIUS)
    assert navigator.distance((1, 1), (0, 0)) is None
    assert navigator.distance((0, 0), (1, 1)) is None
    assert navigator.distance((0, 0), (9, 9)) is None
    assert navigator.reachable((-1, 0)) == frozenset()


@given(grids, st.lists(st.tuples(TILES, TILES), max_size=12))
def test_a_full_cache_changes_no_result(
    tile_map: TileMap, asked: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    forgetful, fresh = Navigator(tile_map, RADIUS, capacity=1), Navigator(tile_map, RADIUS)
    for start, goal in asked:
        assert forgetful.distance(start, goal) == fresh.distance(start, goal)
        here, there = centre(start), centre(goal)
        assert forgetful.next_waypoint(*here, *there) == fresh.next_waypoint(*here, *there)


@given(grids, TILES, st.lists(TILES, min_size=1, max_size=6))
def test_a_search_that_goes_on_later_finds_what_a_whole_one_finds(
    tile_map: TileMap, goal: tuple[int, int], starts: list[tuple[int, int]]
) -> None:
    lazy, whole = Navigator(tile_map, RADIUS), Navigator(tile_map, RADIUS)
    whole.reachable(goal)
    for start in starts:
        assert lazy.distance(start, goal) == whole.distance(start, goal)
        way = centre(start), centre(goal)
        assert lazy.next_waypoint(*way[0], *way[1]) == whole.next_waypoint(*way[0], *way[1])


def test_a_search_ends_where_the_one_who_asks_is() -> None:
    navigator = Navigator(MAZE, RADIUS)
    navigator.distance((1, 0), (0, 0))
    near = navigator._searches[navigator._cell(0, 0) or 0].field
    assert near[navigator._cell(4, 4) or 0] == _FAR
    assert navigator.distance((4, 4), (0, 0)) == Navigator(MAZE, RADIUS).distance((4, 4), (0, 0))
    assert near[navigator._cell(4, 4) or 0] != _FAR


def test_a_full_cache_drops_the_oldest_distance_field() -> None:
    navigator = Navigator(MAZE, RADIUS, capacity=2)
    for goal in [(0, 0), (1, 0), (0, 0), (2, 0)]:
        navigator.distance((5, 0), goal)
    assert len(navigator._searches) == 2
    kept = navigator._searches.keys()
    assert kept == {navigator._cell(0, 0), navigator._cell(2, 0)}


@pytest.mark.parametrize("radius", [0, TILE // 2 + 1])
def test_a_radius_that_does_not_fit_a_tile_is_refused(radius: int) -> None:
    with pytest.raises(ValueError, match="radius"):
        Navigator(MAZE, radius)


def test_a_player_fits_through_a_passage_one_tile_wide() -> None:
    assert not overlaps(MAZE, *centre((0, 3)), RADIUS)


@pytest.mark.parametrize("radius", [1, TILE // 2])
def test_the_smallest_and_the_largest_radius_are_taken(radius: int) -> None:
    middle = TILE // 2
    assert Navigator(MAZE, radius).next_waypoint(middle, middle, middle, middle) == (middle, middle)
