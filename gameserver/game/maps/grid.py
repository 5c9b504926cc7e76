"""Grids of solid tiles, in the forms in which movement and rays look at them.

Law: a `TileGrid` never changes. It has one tile of wall around the map, so that no search has to
ask where the map ends.
"""

from functools import cached_property
from typing import Final, Self

import attrs

AROUND: Final = ((-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1))
"""The tiles around a tile, row by row, as columns and rows from it; the order of a cell's bits in
`TileGrid.around`."""

SURROUNDED: Final = 255


@attrs.frozen(eq=False)
class TileGrid:
    """Which tiles of a map stop something.

    Attributes:
        width: Columns of the map.
        height: Rows of the map.
        stride: Length of a row of ``cells``: tile ``tx, ty`` is at ``(ty + 1) * stride + tx + 1``.
        cells: One byte for each tile and for the wall around the map, row by row: 1 if it is solid.
    """

    width: int
    height: int
    stride: int
    cells: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, tiles: bytes, width: int, height: int) -> Self:
        """Return the grid of tiles without the wall around the map: one byte for each, 1 or 0."""
        wall = b"\1" * (width + 2)
        inner = (
            b"\1" + tiles[start : start + width] + b"\1" for start in range(0, len(tiles), width)
        )
        return cls(width, height, width + 2, wall + b"".join(inner) + wall)

    @cached_property
    def turned(self) -> Self:
        """The grid with columns and rows exchanged."""
        columns = (self.cells[column :: self.stride] for column in range(self.stride))
        return type(self)(self.height, self.width, self.height + 2, b"".join(columns))

    @cached_property
    def around(self) -> bytes:
        """For each cell the solid tiles around it, one bit each; `SURROUNDED` in a solid cell."""
        # A grid is one long integer here, since a loop over all cells is slow in Python.
        size = len(self.cells)
        solid = int.from_bytes(self.cells, "little")
        seen = solid * SURROUNDED
        for bit, (column, row) in enumerate(AROUND):
            away = 8 * (row * self.stride + column)
            seen |= (solid >> away if away > 0 else solid << -away) << bit
        return (seen & ((1 << 8 * size) - 1)).to_bytes(size, "little")
