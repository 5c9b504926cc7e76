"""Move circles through the tile map.

Law: exact integers. A circle that starts clear of walls ends clear of walls, passes through none
on the way at any speed, and never travels farther than it was asked to.

A circle that hits square tiles is the same as a point that hits tiles grown by the radius, with
round corners. Each such shape is convex, so a straight move enters it at most once: the first entry
among the tiles near the move is the place where the circle touches. There the rest of the move
loses its component into the wall and continues along the wall. On a flat side that is sliding; at a
tile's corner the tangent leads around it, so that a circle does not get stuck.

Touching is allowed: a distance equal to the radius is no overlap.

Source: the swept test follows C. Ericson, "Real-Time Collision Detection" (2005), section 5.5,
with rational times in place of floats.
"""

from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Final

from gameserver.game.maps.grid import AROUND, SURROUNDED, TileGrid
from gameserver.game.maps.tilemap import TILE, TILE_BITS, TileMap

_FULL_BITS: Final = 24
FULL: Final = 1 << _FULL_BITS
"""The time at the end of a move; the times of `sweep_circle` are fractions of it."""

_SLIDES: Final = 3
"""Most walls along which one move slides: the two of a corner, and one more after leaving it."""

_BACK_OFFS: Final = 4
"""Most steps back, of one sub-unit each, until a rounded position is clear of walls."""

_IN_TILE: Final = TILE - 1


def _tiles_not_in(column: int | None = None, row: int | None = None) -> int:
    """Return the bits, as in `TileGrid.around`, of the tiles that are not in a column or row."""
    return sum(1 << bit for bit, (i, j) in enumerate(AROUND) if i != column and j != row)


_NOT_LEFT: Final = _tiles_not_in(column=-1)
_NOT_RIGHT: Final = _tiles_not_in(column=1)
_NOT_ABOVE: Final = _tiles_not_in(row=-1)
_NOT_BELOW: Final = _tiles_not_in(row=1)

_CORNERS: Final = tuple(
    tuple((i * TILE, j * TILE) for bit, (i, j) in enumerate(AROUND) if walls >> bit & 1)
    for walls in range(1 << len(AROUND))
)
"""For each set of tiles around a tile, their upper left corners as seen from that of the tile."""


def move_circle(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int, *, flying: bool = False
) -> tuple[int, int]:
    """Return the centre of a circle after a move by ``dx, dy``, sliding along walls.

    All in sub-units; ``radius`` is at least 1. With ``flying``, low tiles do not stop the circle. A
    circle that starts inside a wall does not move.
    """
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    near = _near_way(grid, x, y, radius, dx, dy)
    if not near:
        return x + dx, y + dy
    if _overlaps(grid, x, y, radius):
        return x, y
    reach = dx * dx + dy * dy
    at_x, at_y = x, y
    for _ in range(1 + _SLIDES):
        time, left, top = _first_touch(near, at_x, at_y, radius, dx, dy)
        if time == FULL:
            return at_x + dx, at_y + dy
        step_x, step_y = _clear_step(grid, at_x, at_y, radius, dx, dy, time)
        at_x, at_y = at_x + step_x, at_y + step_y
        dx, dy = _along_wall(at_x - left, at_y - top, dx - step_x, dy - step_y)
        # Rounding at a corner must not make the move longer than it was asked to be.
        too_far = (at_x + dx - x) ** 2 + (at_y + dy - y) ** 2 > reach
        if too_far or not (dx or dy):
            break
        near = _near_way(grid, at_x, at_y, radius, dx, dy)
    return at_x, at_y


def overlaps(tile_map: TileMap, x: int, y: int, radius: int, *, flying: bool = False) -> bool:
    """Return whether a circle overlaps a wall; touching is no overlap."""
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    return _overlaps(grid, x, y, radius)


def sweep_circle(
    tile_map: TileMap, x: int, y: int, radius: int, dx: int, dy: int, *, flying: bool = False
) -> int:
    """Return the time at which a circle moving by ``dx, dy`` first touches a wall.

    It is from 0 to `FULL`; `FULL` means that it touches none.
    """
    grid = tile_map.stops_shots if flying else tile_map.stops_movers
    near = _near_way(grid, x, y, radius, dx, dy)
    return _first_touch(near, x, y, radius, dx, dy)[0]


def _overlaps(grid: TileGrid, x: int, y: int, radius: int) -> bool:
    square = radius * radius
    for left, top in _near_way(grid, x, y, radius, 0, 0):
        off_x = x - min(max(x, left), left + TILE)
        off_y = y - min(max(y, top), top + TILE)
        if off_x * off_x + off_y * off_y < square:
            return True
    return False


def _near_way(
    grid: TileGrid, x: int, y: int, radius: int, dx: int, dy: int
) -> Sequence[tuple[int, int]]:
    """Return the upper left corners of the solid tiles near a circle's move, row by row."""
    tx, ty, reach = x >> TILE_BITS, y >> TILE_BITS, TILE - radius
    short = -reach <= dx <= reach and -reach <= dy <= reach
    if short and 0 <= tx < grid.width and 0 <= ty < grid.height:
        # The usual case: the move stays in the circle's tile and the tiles around it.
        walls = grid.around[(ty + 1) * grid.stride + tx + 1]
        if not walls:
            return ()
        if walls != SURROUNDED:
            return _near_short_way(walls, x, y, radius, dx, dy)
    left, right = (x, x + dx) if dx > 0 else (x + dx, x)
    top, bottom = (y, y + dy) if dy > 0 else (y + dy, y)
    return _tiles_in(grid, left - radius, top - radius, right + radius, bottom + radius)


def _near_short_way(
    walls: int, x: int, y: int, radius: int, dx: int, dy: int
) -> Sequence[tuple[int, int]]:
    """Return `_near_way` of a move within the tiles around; ``walls`` are bits as in `TileGrid`."""
    in_x, in_y = x & _IN_TILE, y & _IN_TILE
    if in_x - radius + (min(0, dx)) >= 0:
        walls &= _NOT_LEFT
    if in_x + radius + (max(0, dx)) <= TILE:
        walls &= _NOT_RIGHT
    if in_y - radius + (min(0, dy)) >= 0:
        walls &= _NOT_ABOVE
    if in_y + radius + (max(0, dy)) <= TILE:
        walls &= _NOT_BELOW
    if not walls:
        return ()
    at_x, at_y = x - in_x, y - in_y
    return [(at_x + left, at_y + top) for left, top in _CORNERS[walls]]


def _tiles_in(
    grid: TileGrid, left: int, top: int, right: int, bottom: int
) -> list[tuple[int, int]]:
    """Return the upper left corners of the solid tiles that a box overlaps, row by row."""
    cells, stride = grid.cells, grid.stride
    found: list[tuple[int, int]] = []
    first_column = max(left >> TILE_BITS, -1)
    after_column = min((right - 1) >> TILE_BITS, stride - 2) + 1
    last_row = min((bottom - 1) >> TILE_BITS, len(cells) // stride - 2)
    for ty in range(max(top >> TILE_BITS, -1), last_row + 1):
        row = (ty + 1) * stride + 1
        cell = cells.find(1, row + first_column, row + after_column)
        while cell >= 0:
            found.append(((cell - row) << TILE_BITS, ty << TILE_BITS))
            cell = cells.find(1, cell + 1, row + after_column)
    return found


def _first_touch(
    near: Iterable[tuple[int, int]], x: int, y: int, radius: int, dx: int, dy: int
) -> tuple[int, int, int]:
    """Return the time of the first entry, and the upper left corner of the tile entered."""
    best = (FULL, 0, 0)
    for left, top in near:
        time = _entry_of_tile(x - left, y - top, radius, dx, dy)
        if time < best[0]:
            best = (time, left, top)
    return best


def _entry_of_tile(x: int, y: int, radius: int, dx: int, dy: int) -> int:
    """Return the time at which a point enters the tile at 0, 0, grown by ``radius``.

    If the point enters the grown square beside the tile, it touches a flat side there. If it enters
    at a corner of the square, it can touch only the disc around the corner of the tile.
    """
    enter_x, leave_x = _slab(x + radius, TILE + 2 * radius, dx)
    enter_y, leave_y = _slab(y + radius, TILE + 2 * radius, dy)
    enter = max(enter_x, enter_y, 0)
    if enter >= min(leave_x, leave_y, FULL):
        return FULL
    at_x = x + (dx * enter >> _FULL_BITS)
    at_y = y + (dy * enter >> _FULL_BITS)
    # The point is rounded, so a flat side counts as one unit longer at both ends: a touch that is
    # reported too early is safe, one too late is not.
    if -1 <= at_x <= TILE + 1 or -1 <= at_y <= TILE + 1:
        return enter
    corner_x = 0 if at_x < 0 else TILE
    corner_y = 0 if at_y < 0 else TILE
    return _entry_of_disc(x - corner_x, y - corner_y, radius, dx, dy)


def _slab(position: int, size: int, step: int) -> tuple[int, int]:
    """Return the times between which a coordinate is inside 0 to ``size``, rounded up.

    With times rounded up, ``step * time`` rounded down is exactly the border.
    """
    if step > 0:
        return -(position * FULL // step), -((position - size) * FULL // step)
    if step < 0:
        return -((position - size) * FULL // step), -(position * FULL // step)
    return (-FULL, 2 * FULL) if 0 < position < size else (FULL, 0)


def _entry_of_disc(x: int, y: int, radius: int, dx: int, dy: int) -> int:
    """Return the time at which a point enters the disc around 0, 0, rounded down."""
    towards = -(x * dx + y * dy)
    if towards <= 0:
        return FULL
    length_square = dx * dx + dy * dy
    outside = x * x + y * y - radius * radius
    root = towards * towards - length_square * outside
    if root <= 0:
        return FULL
    ahead = (towards << _FULL_BITS) - isqrt(root << (2 * _FULL_BITS)) - 1
    return min(max(ahead // length_square, 0), FULL)


def _clear_step(
    grid: TileGrid, x: int, y: int, radius: int, dx: int, dy: int, time: int
) -> tuple[int, int]:
    """Return the part of a move up to ``time``, shortened until its rounded end is clear."""
    unit = FULL // max(abs(dx), abs(dy)) + 1
    for _ in range(_BACK_OFFS):
        step_x, step_y = _towards_zero(dx * time, FULL), _towards_zero(dy * time, FULL)
        if not _overlaps(grid, x + step_x, y + step_y, radius):
            return step_x, step_y
        time = max(time - unit, 0)
    return 0, 0


def _along_wall(x: int, y: int, rest_x: int, rest_y: int) -> tuple[int, int]:
    """Return the rest of a move without its component into the tile at 0, 0."""
    off_x = x - min(max(x, 0), TILE)
    off_y = y - min(max(y, 0), TILE)
    if off_x == 0 and off_y == 0:
        return 0, 0
    square = off_x * off_x + off_y * off_y
    along = off_x * rest_y - off_y * rest_x
    return _towards_zero(-off_y * along, square), _towards_zero(off_x * along, square)


def _towards_zero(value: int, divisor: int) -> int:
    """Return ``value / divisor``, rounded towards zero."""
    below = value // divisor
    return -(-value // divisor) if below < 0 else below
