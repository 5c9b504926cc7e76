"""Which cell of a large world each entity is in.

Law: an entity changes its cell only when it is well beyond the border, so that one who dances on it
costs nothing; where it is depends on its own path alone, never on who watches.
"""

from collections.abc import Iterable
from typing import Any, Final, NewType

from gameserver.game.entity import Entity, has_place
from gameserver.ids import EntityId, Seat

Cell = NewType("Cell", int)
"""Number of a cell: row times the number of columns, plus column."""

SLACK: Final = 8
"""The border is crossed this part of a cell (an eighth) behind it."""


class Grid:
    """Entities by cell, as of the last `place`.

    Attributes:
        columns: Cells in a row.
        rows: Cells in a column.
        everywhere: Entities that are in no cell.
        cells: Entities of each cell that has any, by rising id.
        eyes: The cell from which each seat looks.
    """

    def __init__(
        self, width: int, height: int, cell: int, eye: type[Entity], every: int = 1
    ) -> None:
        """Cut a world of this size into cells; what is outside counts to the nearest one.

        A cell takes in who comes from another with every ``every``-th `place` only: when those who
        are sent it more rarely are told as well, so that nobody loses sight of one who crosses.
        """
        self.columns: int = max(1, -(-width // cell))
        self.rows: int = max(1, -(-height // cell))
        self._side = cell
        self._eye = eye
        self._slack = cell // SLACK
        self._bounds: dict[EntityId, tuple[Cell, int, int, int, int]] = {}
        self.everywhere: list[Entity] = []
        self.cells: dict[Cell, list[Entity]] = {}
        self.eyes: dict[Seat, Cell] = {}
        self.places: int = 0
        self._every = every

    def takes_in(self, cell: Cell) -> bool:
        """Tell whether a cell took in who came from others with the last `place`."""
        return (self.places + cell) % self._every == 0

    def place(self, entities: Iterable[Entity]) -> None:
        """Look where everything is now."""
        cells: dict[Cell, list[Entity]] = {}
        everywhere: list[Entity] = []
        eyes: dict[Seat, Cell] = {}
        known = self._bounds
        bounds: dict[EntityId, tuple[Cell, int, int, int, int]] = {}
        self.places += 1
        eye = self._eye
        for entity in entities:
            if not has_place(entity.__class__):
                everywhere.append(entity)
                continue
            placed: Any = entity
            x, y = placed.x, placed.y
            bound = known.get(entity.id)
            if bound is None:
                bound = self._bound(x, y)
            elif not (bound[1] <= x < bound[2] and bound[3] <= y < bound[4]):
                crossed = self._bound(x, y)
                if self.takes_in(crossed[0]):
                    bound = crossed
            bounds[entity.id] = bound
            cell = bound[0]
            if cell in cells:
                cells[cell].append(entity)
            else:
                cells[cell] = [entity]
            if entity.__class__ is eye:
                eyes.setdefault(entity.owner, cell)
        self._bounds, self.cells, self.everywhere = bounds, cells, everywhere
        self.eyes = {**self.eyes, **eyes}

    def cell_at(self, x: int, y: int) -> Cell:
        """Return the cell of a place."""
        column = min(max(x // self._side, 0), self.columns - 1)
        row = min(max(y // self._side, 0), self.rows - 1)
        return Cell(row * self.columns + column)

    def ring(self, cell: Cell, least: int, most: int) -> list[Cell]:
        """Return the cells whose distance from ``cell`` is from ``least`` to ``most``, by number.

        Distance counts as a king walks: 0 is the cell itself, 1 its eight neighbours.
        """
        row, column = divmod(cell, self.columns)
        return [
            Cell(r * self.columns + c)
            for r in range(max(0, row - most), min(self.rows, row + most + 1))
            for c in range(max(0, column - most), min(self.columns, column + most + 1))
            if max(abs(r - row), abs(c - column)) >= least
        ]

    def _bound(self, x: int, y: int) -> tuple[Cell, int, int, int, int]:
        cell = self.cell_at(x, y)
        row, column = divmod(cell, self.columns)
        side, slack = self._side, self._slack
        far = 1 << 53
        return (
            cell,
            column * side - slack if column else -far,
            (column + 1) * side + slack if column < self.columns - 1 else far,
            row * side - slack if row else -far,
            (row + 1) * side + slack if row < self.rows - 1 else far,
        )
