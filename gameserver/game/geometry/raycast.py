"""Rays on the tile map: shots and lines of sight.

Law: exact integers. A ray visits exactly the tiles in which its points lie, so a line of sight is
the same in both directions. A shot never ends inside a wall, nor passes between two walls that
touch at a corner.

Source: grid traversal after J. Amanatides and A. Woo, "A Fast Voxel Traversal Algorithm for Ray
Tracing", Eurographics 1987; crossings are compared as fractions, by cross-multiplication.
"""

from math import isqrt
from typing import Final

from gameserver.game.maps.tilemap import TILE, TILE_BITS, TileMap

_FINE_BITS: Final = 8


def raycast(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, bool]:
    """Follow a shot from one point towards another until a wall stops it.

    Low tiles do not stop a shot; the border of the map does. All in sub-units.

    Returns:
        The last point outside walls, as x and y, and whether a wall was hit. A shot that starts
        inside a wall ends at its start.
    """
    return _cast(tile_map, tile_map.stops_shots, x0, y0, x1, y1)


def line_of_walk(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Return whether a point, without a radius, could walk straight from one place to another."""
    return not _cast(tile_map, tile_map.stops_movers, x0, y0, x1, y1)[2]


def _cast(
    tile_map: TileMap, grid: bytes, x0: int, y0: int, x1: int, y1: int
) -> tuple[int, int, bool]:
    stride = tile_map.stride
    tx, ty = x0 >> TILE_BITS, y0 >> TILE_BITS
    inside = 0 <= tx < tile_map.width and 0 <= ty < tile_map.height
    cell = (ty + 1) * stride + tx + 1 if inside else 0
    if grid[cell]:
        return x0, y0, True
    dx, dy = x1 - x0, y1 - y0
    right, down = dx > 0, dy > 0
    step_x, step_y = (1 if right else -1), (stride if down else -stride)
    # Distances to the next crossings, times the other axis' length: comparable without division.
    across_x, across_y = abs(dx), abs(dy)
    left_x = abs((x1 >> TILE_BITS) - tx)
    left_y = abs((y1 >> TILE_BITS) - ty)
    line_x = (tx + right) << TILE_BITS
    line_y = (ty + down) << TILE_BITS
    next_x = abs(line_x - x0) * across_y
    next_y = abs(line_y - y0) * across_x
    every_x, every_y = across_y << TILE_BITS, across_x << TILE_BITS
    while left_x or left_y:
        cross_x = left_x and (not left_y or next_x <= next_y)
        cross_y = left_y and (not left_x or next_y <= next_x)
        if cross_x and cross_y:
            # The ray passes through a grid point. A point on a grid line belongs to the tile right
            # of the line or below it.
            if right != down:
                cross_x, cross_y = right, down
            elif grid[cell + step_x] and grid[cell + step_y]:
                return line_x - right, line_y - down, True
        cell += (step_x if cross_x else 0) + (step_y if cross_y else 0)
        if grid[cell]:
            hit_x = line_x - right if cross_x else x0 + dx * (line_y - y0) // dy
            hit_y = line_y - down if cross_y else y0 + dy * (line_x - x0) // dx
            return hit_x, hit_y, True
        if cross_x:
            left_x -= 1
            line_x += TILE if right else -TILE
            next_x += every_x
        if cross_y:
            left_y -= 1
            line_y += TILE if down else -TILE
            next_y += every_y
    return x1, y1, False


def line_of_sight(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Return whether no wall is between two points; low tiles do not block the sight."""
    return not raycast(tile_map, x0, y0, x1, y1)[2]


def segment_circle(x0: int, y0: int, x1: int, y1: int, cx: int, cy: int, radius: int) -> int | None:
    """Return the distance from a segment's start to its first touch of a disc, in sub-units.

    Rounded down; 0 if the segment starts inside the disc, None if it does not touch the disc.
    """
    from_x, from_y = x0 - cx, y0 - cy
    outside = from_x * from_x + from_y * from_y - radius * radius
    if outside <= 0:
        return 0
    dx, dy = x1 - x0, y1 - y0
    length_square = dx * dx + dy * dy
    towards = -(from_x * dx + from_y * dy)
    if towards <= 0:
        return None
    root = towards * towards - length_square * outside
    if root < 0:
        return None
    ahead = (towards << _FINE_BITS) - isqrt(root << (2 * _FINE_BITS))
    if ahead > length_square << _FINE_BITS:
        return None
    return isqrt(ahead * ahead // length_square) >> _FINE_BITS
