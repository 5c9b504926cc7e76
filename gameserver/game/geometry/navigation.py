"""Find ways through the tile map, for bots.

Law: a way depends on the map and the two ends alone; what a `Navigator` remembers makes it
faster and changes no answer.

For each target tile one field of distances is filled (Dial's algorithm, small integer costs on
eight neighbours, never across a blocked corner) and kept: bots that hunt the same player share
it. A bot walks down the field; the tiles it need not touch are skipped as long as its circle can
go straight.

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
"""More than the dearest step, so that a bucket never holds two distances."""

_FAR: Final = 0xFFFFFFFF
_MAX_SKIPPED: Final = 12
_MAX_STRAIGHT: Final = 16 * TILE
"""How far a bot looks along its way, in tiles of the way and straight: half a screen."""

_SNAP_RINGS: Final = 4


class Navigator:
    """Ways on one map for circles of one radius, at most half a tile.

    When full: the distance field that was used longest ago is forgotten.
    """

    def __init__(self, tile_map: TileMap, radius: int, capacity: int = 256) -> None:
        """Prepare the neighbours of all tiles; ``capacity`` is in fields of 4 bytes per tile."""
        if not 1 <= radius <= TILE // 2:
            message = f"a navigator's radius must be 1 to {TILE // 2}, not {radius}"
            raise ValueError(message)
        self._map = tile_map
        self._radius = radius
        self._capacity = capacity
        self._fields: OrderedDict[int, array[int]] = OrderedDict()
        self._steps = _steps(tile_map)

    def next_waypoint(self, x: int, y: int, target_x: int, target_y: int) -> tuple[int, int]:
        """Return the point to walk straight to next, on the way to a target.

        All in sub-units. The target itself once nothing stands between; the own place when there
        is no way. Ends inside walls are taken for the nearest open tile.
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
        """Return the length of the way between two tiles in sub-units; None without one."""
        from_cell, to_cell = self._cell(*start), self._cell(*goal)
        if from_cell is None or to_cell is None:
            return None
        cost = self._field(to_cell)[from_cell]
        return None if cost == _FAR else cost * TILE // _STRAIGHT

    def reachable(self, goal: Tile) -> frozenset[Tile]:
        """Return the tiles from which there is a way to the goal; empty if it is no open tile."""
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
        """Return the last tile down the field that a straight walk reaches.

        That is the next tile at least: on so short a way sliding leads around any corner.
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
        """Return the nearest open tile within a few rings; of equals, the first by row."""
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
    """Return for each padded cell its open neighbours, with the cost of the step there."""
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
