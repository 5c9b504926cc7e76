"""Rays on the tile map: shots and lines of sight.

Law: exact integers. A ray visits exactly the tiles in which its points lie, so a line of sight is
the same in both directions. A shot never ends inside a wall, nor passes between two walls that
touch at a corner.

A ray is followed row by row: the columns that it crosses in a row are looked at in one search. The
crossings are fractions, of which only the whole part and whether there is a rest are used.
"""

from math import isqrt
from typing import Final

from gameserver.game.maps.grid import TileGrid
from gameserver.game.maps.tilemap import TILE, TILE_BITS, TileMap

_FINE_BITS: Final = 8


def raycast(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, bool]:
    """Follow a shot from one point towards another until a wall stops it.

    Low tiles do not stop a shot; the border of the map does. All in sub-units.

    Returns:
        The last point outside walls, as x and y, and whether a wall was hit. A shot that starts
        inside a wall ends at its start.
    """
    stop = _stop(tile_map.stops_shots, x0, y0, x1, y1)
    return (x1, y1, False) if stop is None else (*stop, True)


def line_of_walk(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Return whether a point, without a radius, could walk straight from one place to another."""
    return _stop(tile_map.stops_movers, x0, y0, x1, y1) is None


def line_of_sight(tile_map: TileMap, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Return whether no wall is between two points; low tiles do not block the sight."""
    return _stop(tile_map.stops_shots, x0, y0, x1, y1) is None


def _stop(grid: TileGrid, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int] | None:
    """Return the last point of a ray before a wall; None if no wall is on its way."""
    tx, ty = x0 >> TILE_BITS, y0 >> TILE_BITS
    inside = 0 <= tx < grid.width and 0 <= ty < grid.height
    if not inside or grid.cells[(ty + 1) * grid.stride + tx + 1]:
        return x0, y0
    columns, rows = abs((x1 >> TILE_BITS) - tx), abs((y1 >> TILE_BITS) - ty)
    if not (columns or rows):
        return None
    # The way is searched row by row: of rows and columns it takes the fewer.
    if rows <= columns:
        return _stop_in_rows(grid, x0, y0, x1, y1, rows)
    stop = _stop_in_rows(grid.turned, y0, x0, y1, x1, columns)
    return None if stop is None else (stop[1], stop[0])


def _stop_in_rows(
    grid: TileGrid, x0: int, y0: int, x1: int, y1: int, rows: int
) -> tuple[int, int] | None:
    """Return `_stop` of a ray that starts outside walls and crosses columns, and so many rows."""
    cells, dx, dy = grid.cells, x1 - x0, y1 - y0
    right, down = dx > 0, dy > 0
    step = grid.stride if down else -grid.stride
    row = ((y0 >> TILE_BITS) + 1) * grid.stride + 1
    first = x0 >> TILE_BITS
    # The ray crosses the next grid line at the column ``crossing / unit``, a fraction.
    line = ((y0 >> TILE_BITS) + down) << TILE_BITS
    unit = abs(dy) << TILE_BITS
    crossing = x0 * abs(dy) + dx * abs(line - y0)
    diagonal = False
    while True:
        last = after = crossing // unit if rows else x1 >> TILE_BITS
        # A point on a grid line belongs to the tile right of the line or below it. So a ray through
        # a grid point, to the right and down or to the left and up, goes on in the next column.
        if rows and right is down and last * unit == crossing:
            last, after = (last - 1, after) if right else (last, after - 1)
        if right:
            cell = cells.find(1, row + first, row + last + 1)
        else:
            # A ray that leaves the first row has its next crossing before all cells.
            cell = cells.rfind(1, max(row + last, 0), row + first + 1)
        if cell >= 0:
            break
        if not rows:
            return None
        if last != after and cells[row + after] and cells[row + step + last]:
            return (max(last, after) << TILE_BITS) - right, line - down
        diagonal, first = last != after, after
        row, line, rows = row + step, line + (TILE if down else -TILE), rows - 1
        crossing += dx << TILE_BITS
    if cell == row + first:  # it came from the row before
        line -= TILE if down else -TILE
        return x0 + dx * (line - y0) // dy - (diagonal and right), line - down
    side = (cell - row + (not right)) << TILE_BITS
    return side - right, y0 + dy * (side - x0) // dx


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
