"""Find paths through the tile map, for bots.

Law: a path depends only on the map and its two ends; the cache of a `Navigator` saves time and
changes no result.

For each target tile a field of distances is computed (Dial's algorithm, small integer costs on
eight neighbours, never across a blocked corner) and cached: bots that hunt the same player share
it. A bot walks to tiles of falling distance, and skips tiles as long as its circle can move
straight to a later one.

Source: R. B. Dial, "Algorithm 360: Shortest-path forest with topological ordering", CACM 1969.
"""

from array import array
from collections import OrderedDict
from typing import Final

from gameserver.game.geometry.collide import FULL, sweep_circle
from gameserver.game.geometry.raycast import line_of_walk
from gameserver.game.maps.tilemap import TILE, TILE_BITS, TileMap

Tile = tuple[int, int]

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
        self._radius = radius
        self._capacity = capacity
        self._fields: OrderedDict[int, array[int]] = OrderedDict()
        self._steps = _steps(tile_map)

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
        field = self._field(goal)
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
        cost = self._field(to_cell)[from_cell]
        return None if cost == _FAR else cost * TILE // _STRAIGHT

    def reachable(self, goal: Tile) -> frozenset[Tile]:
        """Return the tiles with a path to the goal; empty if the goal is no open tile."""
        cell = self._cell(*goal)
        if cell is None:
            return frozenset()
        stride = self._map.stride
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
        tile_map = self._map
        if not (0 <= tx < tile_map.width and 0 <= ty < tile_map.height):
            return None
        cell = (ty + 1) * tile_map.stride + tx + 1
        return None if tile_map.stops_movers[cell] else cell

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
        row, column = divmod(cell, self._map.stride)
        return ((column - 1) << TILE_BITS) + TILE // 2, ((row - 1) << TILE_BITS) + TILE // 2

    def _field(self, goal: int) -> "array[int]":
        field = self._fields.get(goal)
        if field is None:
            field = self._fields[goal] = _distances(self._steps, goal)
            if len(self._fields) > self._capacity:
                self._fields.popitem(last=False)
        else:
            self._fields.move_to_end(goal)
        return field


def _steps(tile_map: TileMap) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each cell of the padded grid its open neighbours, with the cost of the step."""
    grid, stride = tile_map.stops_movers, tile_map.stride
    return tuple(() if grid[cell] else _steps_from(grid, stride, cell) for cell in range(len(grid)))


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


def _distances(steps: tuple[tuple[tuple[int, int], ...], ...], goal: int) -> "array[int]":
    field = array("I", [_FAR]) * len(steps)
    field[goal] = 0
    buckets: list[list[int]] = [[] for _ in range(_BUCKETS)]
    buckets[0].append(goal)
    cost, waiting = 0, 1
    while waiting:
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
    return field
