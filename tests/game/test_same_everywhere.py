"""A hash that must be the same on every machine and in every Python."""

from zlib import crc32

from gameserver.game.fixed import TURN, angle_of, scale_to, sin1024, vector
from gameserver.game.geometry.collide import move_circle
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.geometry.raycast import raycast
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
