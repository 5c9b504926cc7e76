"""Move circles through the tile map.

Law: exact integers. A circle that starts clear of walls ends clear of walls, passes through none
on the way at any speed, and never travels farther than it was asked to.

A circle against square tiles is a point against tiles grown by the radius, with round corners.
Each such shape is convex, so a straight move enters it at most once: the first entry among the
tiles near the way is where the circle touches. There the rest of the move loses its part into the
wall and goes on along it. On a flat side that is sliding; on a tile's corner the tangent leads
around it, so nobody sticks on corners.

Touching is free: distance equal to the radius is not an overlap.

Source: the swept test follows C. Ericson, "Real-Time Collision Detection" (2005), section 5.5,
with rational times in place of floats.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Final

from gameserver.game.tilemap import TILE, TILE_BITS, TileMap

FULL: Final = 1 << 24
"""The time at the end of a move; `sweep_circle` answers in this unit."""

_SLIDES: Final = 3
"""Walls that one move may slide along: two make a corner, one more for the way out of it."""

_BACK_OFFS: Final = 4


def move_circle(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int, *, flying: bool = False
) -> tuple[int, int]:
    """Return where a circle gets to that wants to move by ``dx, dy``, sliding along walls.

    ``radius`` is at least 1. What is ``flying`` passes over low tiles. A circle that starts
    inside a wall stays where it is.
    """
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    reach = dx * dx + dy * dy
    at_x, at_y = x, y
    for _ in range(1 + _SLIDES):
        if dx == 0 and dy == 0:
            break
        time, tile_x, tile_y = _first_touch(grid, tile_map.stride, at_x, at_y, radius, dx, dy)
        if time == FULL:
            at_x, at_y = at_x + dx, at_y + dy
            break
        step_x, step_y = _clear_step(grid, tile_map.stride, at_x, at_y, radius, dx, dy, time)
        at_x, at_y = at_x + step_x, at_y + step_y
        dx, dy = _along_wall(at_x, at_y, tile_x, tile_y, dx - step_x, dy - step_y)
        if (at_x + dx - x) ** 2 + (at_y + dy - y) ** 2 > reach:
            break
    return at_x, at_y


def overlaps(tile_map: TileMap, x: int, y: int, radius: int, *, flying: bool = False) -> bool:
    """Return whether a circle is inside a wall."""
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    return _overlaps(grid, tile_map.stride, x, y, radius)


def sweep_circle(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int, *, flying: bool = False
) -> int:
    """Return when a circle moving by ``dx, dy`` first meets a wall, from 0 to `FULL` for never."""
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    return _first_touch(grid, tile_map.stride, x, y, radius, dx, dy)[0]


def _tiles_in(
    grid: bytes, stride: int, left: int, top: int, right: int, bottom: int
) -> Iterator[tuple[int, int]]:
    """Yield the corners of the solid tiles that a box overlaps, row by row."""
    rows = len(grid) // stride
    first_column = max(left >> TILE_BITS, -1)
    after_column = min((right - 1) >> TILE_BITS, stride - 2) + 2
    first_row = max(top >> TILE_BITS, -1)
    last_row = min((bottom - 1) >> TILE_BITS, rows - 2)
    for ty in range(first_row, last_row + 1):
        row = (ty + 1) * stride
        found = grid.find(1, row + first_column + 1, row + after_column)
        while found >= 0:
            yield (found - row - 1) << TILE_BITS, ty << TILE_BITS
            found = grid.find(1, found + 1, row + after_column)


def _overlaps(grid: bytes, stride: int, x: int, y: int, radius: int) -> bool:
    square = radius * radius
    for left, top in _tiles_in(grid, stride, x - radius, y - radius, x + radius, y + radius):
        off_x = x - min(max(x, left), left + TILE)
        off_y = y - min(max(y, top), top + TILE)
        if off_x * off_x + off_y * off_y < square:
            return True
    return False


def _first_touch(
    grid: bytes, stride: int, x: int, y: int, radius: int, dx: int, dy: int
) -> tuple[int, int, int]:
    """Return the time of the first entry, and the corner of the tile that is entered."""
    best = (FULL, 0, 0)
    left, right = (x, x + dx) if dx > 0 else (x + dx, x)
    top, bottom = (y, y + dy) if dy > 0 else (y + dy, y)
    near = _tiles_in(grid, stride, left - radius, top - radius, right + radius, bottom + radius)
    for tile_left, tile_top in near:
        time = _entry_of_tile(x - tile_left, y - tile_top, radius, dx, dy)
        if time < best[0]:
            best = (time, tile_left, tile_top)
    return best


def _entry_of_tile(x: int, y: int, radius: int, dx: int, dy: int) -> int:
    """Return when a point enters the tile with its corner at 0, 0 grown by ``radius``."""
    time = min(
        _entry_of_box(x + radius, y, TILE + 2 * radius, TILE, dx, dy),
        _entry_of_box(x, y + radius, TILE, TILE + 2 * radius, dx, dy),
    )
    for corner_x in (0, TILE):
        for corner_y in (0, TILE):
            time = min(time, _entry_of_disc(x - corner_x, y - corner_y, radius, dx, dy))
    return time


def _entry_of_box(x: int, y: int, width: int, height: int, dx: int, dy: int) -> int:
    """Return when a point enters a box at 0, 0; its border is outside."""
    enter_x, leave_x = _slab(x, width, dx)
    enter_y, leave_y = _slab(y, height, dy)
    enter = max(enter_x, enter_y, 0)
    return enter if enter < min(leave_x, leave_y, FULL) else FULL


def _slab(position: int, size: int, step: int) -> tuple[int, int]:
    """Return the times between which a coordinate is inside 0 to ``size``, rounded up.

    Rounded up, a time times the step and rounded down again is the border itself.
    """
    if step > 0:
        return -(position * FULL // step), -((position - size) * FULL // step)
    if step < 0:
        return -((position - size) * FULL // step), -(position * FULL // step)
    return (-FULL, 2 * FULL) if 0 < position < size else (FULL, 0)


def _entry_of_disc(x: int, y: int, radius: int, dx: int, dy: int) -> int:
    """Return when a point enters a disc around 0, 0, rounded down; its border is outside."""
    towards = -(x * dx + y * dy)
    if towards <= 0:
        return FULL
    length_square = dx * dx + dy * dy
    outside = x * x + y * y - radius * radius
    root = towards * towards - length_square * outside
    if root <= 0:
        return FULL
    if outside < 0:
        return 0
    ahead = (towards << 24) - isqrt(root << 48) - 1
    return min(max(ahead // length_square, 0), FULL)


def _clear_step(
    grid: bytes, stride: int, x: int, y: int, radius: int, dx: int, dy: int, time: int
) -> tuple[int, int]:
    """Return the part of a move up to ``time``, made shorter until rounding leaves it clear."""
    unit = FULL // max(abs(dx), abs(dy)) + 1
    for _ in range(_BACK_OFFS):
        if time <= 0:
            break
        step_x = dx * time // FULL if dx >= 0 else -(-dx * time // FULL)
        step_y = dy * time // FULL if dy >= 0 else -(-dy * time // FULL)
        if not _overlaps(grid, stride, x + step_x, y + step_y, radius):
            return step_x, step_y
        time -= unit
    return 0, 0


def _along_wall(
    x: int, y: int, left: int, top: int, rest_x: int, rest_y: int
) -> tuple[int, int]:
    """Return what is left of a move after its part into the touched tile is taken away."""
    off_x = x - min(max(x, left), left + TILE)
    off_y = y - min(max(y, top), top + TILE)
    if off_x == 0 and off_y == 0:
        return 0, 0
    square = off_x * off_x + off_y * off_y
    along = off_x * rest_y - off_y * rest_x
    slide_x, slide_y = -off_y * along, off_x * along
    return (
        slide_x // square if slide_x >= 0 else -(-slide_x // square),
        slide_y // square if slide_y >= 0 else -(-slide_y // square),
    )
