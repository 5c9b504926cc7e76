"""A hash that must be the same on every machine and in every Python."""

from zlib import crc32

from gameserver.game.fixed import TURN, angle_of, scale_to, sin1024, vector
from gameserver.game.geometry.collide import move_circle, overlaps, sweep_circle
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.geometry.raycast import (
    line_of_sight,
    line_of_walk,
    raycast,
    segment_circle,
)
from gameserver.game.maps.tilemap import TILE
from gameserver.game.rng import Rng
from gameserver.testing.maps import map_from_rows

SIDE = 24
RADIUS = 224


def test_geometry_gives_the_same_numbers_on_every_machine() -> None:
    rng = Rng.seeded(2024)
    rows = ["".join("#=......"[rng.below(8)] for _ in range(SIDE)) for _ in range(SIDE)]
    tile_map = map_from_rows(*rows)
    navigator = Navigator(tile_map, RADIUS)
    seen = [str([sin1024(angle) for angle in range(TURN)]), tile_map.digest]
    for _ in range(400):
        x, y, to_x, to_y = (rng.below(SIDE * TILE) for _ in range(4))
        dx, dy = vector(rng.below(TURN), rng.below(900))
        results = (
            move_circle(tile_map, x, y, RADIUS, dx, dy),
            raycast(tile_map, x, y, to_x, to_y),
            angle_of(dx, dy),
            scale_to(dx, dy, 77),
            navigator.next_waypoint(x, y, to_x, to_y),
        )
        seen.append(str(results))
    assert crc32("\n".join(seen).encode()) == 720429786


def test_circles_and_rays_of_every_kind_give_the_same_numbers_on_every_machine() -> None:
    """Times of touches are fine fractions: every step of the arithmetic is in some of them."""
    rng = Rng.seeded(2026)
    rows = ["".join("#=........"[rng.below(10)] for _ in range(SIDE)) for _ in range(SIDE)]
    tile_map = map_from_rows(*rows)
    seen = []
    for number in range(3000):
        radius = rng.choice([1, 16, 100, RADIUS, TILE // 2, 300])
        flying = rng.chance(1, 2)
        far = rng.choice([1, 3, 90, 900, 5 * TILE])
        x, y, to_x, to_y = (rng.between(-TILE, (SIDE + 1) * TILE) for _ in range(4))
        dx, dy = rng.between(-far, far), rng.between(-far, far)
        if number % 3 == 0:  # along a wall, or straight at it
            x, y = x // TILE * TILE + rng.choice([0, radius, TILE - radius]), y // TILE * TILE
            dx, dy = rng.choice([(dx, 0), (0, dy), (dx, dx), (dx, -dx)])
        beside = move_circle(tile_map, x, y, radius, dx, dy, flying=flying)
        results = (
            beside,
            overlaps(tile_map, x, y, radius, flying=flying),
            sweep_circle(tile_map, x, y, radius, dx, dy, flying=flying),
            sweep_circle(tile_map, *beside, radius, dy, dx, flying=flying),
            sweep_circle(tile_map, *beside, radius, -dx, dy, flying=flying),
            raycast(tile_map, x, y, x + dx, y + dy),
            line_of_sight(tile_map, x, y, to_x, to_y),
            line_of_walk(tile_map, x, y, to_x, to_y),
            segment_circle(x, y, to_x, to_y, x + dx, y + dy, radius),
            segment_circle(x, y, x + dx, y + dy, x + radius, y, radius),
        )
        seen.append(str(results))
    assert crc32("\n".join(seen).encode()) == 1327454255
