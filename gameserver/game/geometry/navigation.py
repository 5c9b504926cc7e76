"""Find paths through the tile map, for bots.

Law: a path depends only on the map and its two ends; the cache of a `Navigator` saves time and
changes no result.

For each target tile a field of distances is computed (Dial's algorithm, small integer costs on
eight neighbours, never across a blocked corner) and cached: bots that hunt the same player share
it. It is computed only as far as the bots that ask are away, and goes on when one is farther. A bot
walks to tiles of falling distance, and skips tiles as long as its circle can move straight to a
later one.

Source: R. B. Dial, "Algorithm 360: Shortest-path forest with topological ordering", CACM 1969.
"""

from array import array
from collections import OrderedDict
from typing import Final

from gameserver.game.geometry.collide import FULL, sweep_circle
from gameserver.game.geometry.raycast import line_of_walk
from gameserver.game.maps.grid import TileGrid
from gameserver.game.maps.tilemap import TILE, TILE_BITS, TileMap

Tile = tuple[int, int]
_Steps = tuple[tuple[tuple[int, int], ...], ...]
"""For each cell of the padded grid its open neighbours, with the cost of the step."""

_STRAIGHT: Final = 5
_DIAGONAL: Final = 7
_BUCKETS: Final = 8
"""More than the greatest cost of a step, so that a bucket never holds two distances."""

_FAR: Final = 0xFFFFFFFF
"""Distance of a tile without a path to the target."""
_MAX_SKIPPED: Final = 12
"""Most tiles of the path that one waypoint skips."""
_MAX_STRAIGHT: Final = 16 * TILE
"""Longest straight way to a waypoint, in sub-units: about half a screen."""

_SNAP_RINGS: Final = 4
"""Rings of tiles around a blocked tile in which the nearest open tile is searched."""


class Navigator:
    """Paths on one map for circles of one radius, at most half a tile.

    When full: the least recently used distance field is dropped.
    """

    def __init__(self, tile_map: TileMap, radius: int, capacity: int = 256) -> None:
        """Compute the neighbours of all tiles.

        Args:
            tile_map: The map.
            radius: Radius of the circle in sub-units.
            capacity: Distance fields in the cache; each takes 4 bytes per tile.

        Raises:
            ValueError: The radius is more than half a tile.
        """
        if not 1 <= radius <= TILE // 2:
            message = f"a navigator's radius must be 1 to {TILE // 2}, not {radius}"
            raise ValueError(message)
        self._map = tile_map
        self._grid = tile_map.stops_movers
        self._radius = radius
        self._capacity = capacity
        self._searches: OrderedDict[int, _Search] = OrderedDict()
        self._steps = _steps(self._grid)

    def next_waypoint(self, x: int, y: int, target_x: int, target_y: int) -> tuple[int, int]:
        """Return the next point to walk to in a straight line, on the path to a target.

        All in sub-units. It is the target if no wall is between, and ``x, y`` if there is no path.
        An end inside a wall is replaced by the nearest open tile.
        """
        if self._clear(x, y, target_x, target_y):
            return target_x, target_y
        start, goal = self._open_cell(x, y), self._open_cell(target_x, target_y)
        if start is None or goal is None:
            return x, y
        field = self._field(goal, start)
        if field[start] == _FAR:
            return x, y
        if start == goal or start != self._cell(x >> TILE_BITS, y >> TILE_BITS):
            return self._centre(start)
        return self._furthest(x, y, start, goal, field)

    def distance(self, start: Tile, goal: Tile) -> int | None:
        """Return the length of the path between two tiles in sub-units; None if there is none."""
        from_cell, to_cell = self._cell(*start), self._cell(*goal)
        if from_cell is None or to_cell is None:
            return None
        cost = self._field(to_cell, from_cell)[from_cell]
        return None if cost == _FAR else cost * TILE // _STRAIGHT

    def reachable(self, goal: Tile) -> frozenset[Tile]:
        """Return the tiles with a path to the goal; empty if the goal is no open tile."""
        cell = self._cell(*goal)
        if cell is None:
            return frozenset()
        stride = self._grid.stride
        return frozenset(
            (at % stride - 1, at // stride - 1)
            for at, cost in enumerate(self._field(cell))
            if cost != _FAR
        )

    def _furthest(
        self, x: int, y: int, start: int, goal: int, field: "array[int]"
    ) -> tuple[int, int]:
        """Return the centre of the last tile of the path that a straight walk reaches.

        It is the next tile at least, even if the circle touches a corner: sliding along walls leads
        around a corner on so short a way.
        """
        cell = self._down(start, field)
        best = self._centre(cell)
        for _ in range(_MAX_SKIPPED):
            if cell == goal:
                break
            cell = self._down(cell, field)
            ahead = self._centre(cell)
            if not self._clear(x, y, *ahead):
                break
            best = ahead
        return best

    def _down(self, cell: int, field: "array[int]") -> int:
        return min((field[there] + cost, there) for there, cost in self._steps[cell])[1]

    def _clear(self, x: int, y: int, to_x: int, to_y: int) -> bool:
        if (to_x - x) ** 2 + (to_y - y) ** 2 > _MAX_STRAIGHT * _MAX_STRAIGHT:
            return False
        if not line_of_walk(self._map, x, y, to_x, to_y):
            return False
        return sweep_circle(self._map, x, y, self._radius, to_x - x, to_y - y) == FULL

    def _cell(self, tx: int, ty: int) -> int | None:
        grid = self._grid
        if not (0 <= tx < grid.width and 0 <= ty < grid.height):
            return None
        cell = (ty + 1) * grid.stride + tx + 1
        return None if grid.cells[cell] else cell

    def _open_cell(self, x: int, y: int) -> int | None:
        """Return the nearest open tile within `_SNAP_RINGS`; of equal ones, the first by row."""
        tx, ty = x >> TILE_BITS, y >> TILE_BITS
        cell = self._cell(tx, ty)
        if cell is not None:
            return cell
        reach = range(-_SNAP_RINGS, _SNAP_RINGS + 1)
        around = sorted((i * i + j * j, j, i) for j in reach for i in reach)
        cells = (self._cell(tx + i, ty + j) for _, j, i in around)
        return next((cell for cell in cells if cell is not None), None)

    def _centre(self, cell: int) -> tuple[int, int]:
        row, column = divmod(cell, self._grid.stride)
        return ((column - 1) << TILE_BITS) + TILE // 2, ((row - 1) << TILE_BITS) + TILE // 2

    def _field(self, goal: int, start: int | None = None) -> "array[int]":
        """Return the distances to a goal, of all tiles or of those no farther than ``start``."""
        search = self._searches.get(goal)
        if search is None:
            search = self._searches[goal] = _Search(self._steps, goal)
            if len(self._searches) > self._capacity:
                self._searches.popitem(last=False)
        else:
            self._searches.move_to_end(goal)
        return search.reach(start)


def _steps(grid: TileGrid) -> _Steps:
    cells, stride = grid.cells, grid.stride
    return tuple(
        () if solid else _steps_from(cells, stride, cell) for cell, solid in enumerate(cells)
    )


def _steps_from(grid: bytes, stride: int, cell: int) -> tuple[tuple[int, int], ...]:
    straight = [
        (cell + step, _STRAIGHT) for step in (-stride, -1, 1, stride) if not grid[cell + step]
    ]
    diagonal = [
        (cell + along + across, _DIAGONAL)
        for along in (-stride, stride)
        for across in (-1, 1)
        if not (grid[cell + along] or grid[cell + across] or grid[cell + along + across])
    ]
    return (*straight, *diagonal)


class _Search:
    """The distances of tiles to one goal, computed as far as somebody has asked.

    All tiles nearer than the next cost have their distance; others have a greater one, or `_FAR`.
    """

    def __init__(self, steps: _Steps, goal: int) -> None:
        self.field = array("I", [_FAR]) * len(steps)
        self.field[goal] = 0
        self._steps = steps
        self._buckets: list[list[int]] = [[] for _ in range(_BUCKETS)]
        self._buckets[0].append(goal)
        self._cost = 0
        self._waiting = 1

    def reach(self, start: int | None) -> "array[int]":
        """Return the field, with the distances of a tile and of all nearer ones; None for all."""
        field, steps, buckets = self.field, self._steps, self._buckets
        cost, waiting = self._cost, self._waiting
        while waiting and (start is None or field[start] >= cost):
            bucket = buckets[cost % _BUCKETS]
            buckets[cost % _BUCKETS] = []
            waiting -= len(bucket)
            for cell in bucket:
                if field[cell] != cost:
                    continue
                for there, step in steps[cell]:
                    if cost + step < field[there]:
                        field[there] = cost + step
                        buckets[(cost + step) % _BUCKETS].append(there)
                        waiting += 1
            cost += 1
        self._cost, self._waiting = cost, waiting
        return field
