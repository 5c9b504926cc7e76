"""Assign the entities of a large world to the cells of a grid.

Law: an entity changes its cell only well beyond the border (hysteresis), so that movement along the
border causes no changes. Its cell depends on its own path only, never on the viewers.
"""

from collections.abc import Iterable
from typing import Any, Final, NewType

from gameserver.game.entity import Entity, has_place
from gameserver.ids import EntityId, Seat

Cell = NewType("Cell", int)
"""Number of a cell: row times the number of columns, plus column."""

SLACK: Final = 8
"""An entity changes its cell one eighth of a cell's side beyond the border."""

FAR: Final = 1 << 53
"""A position beyond all others: the outermost cells go on to there."""


class Grid:
    """Entities by cell, as of the last `place`.

    Attributes:
        columns: Number of columns.
        rows: Number of rows.
        everywhere: Entities without a position; they are in no cell.
        cells: Entities of each cell that is not empty, by rising id.
        eyes: The cell of each seat's eye entity; a seat without one keeps its last cell.
        places: Number of calls of `place`.
    """

    def __init__(
        self, width: int, height: int, cell: int, eye: type[Entity], every: int = 1
    ) -> None:
        """Divide a world into cells with sides of length ``cell``, all in the world's units.

        Positions outside the world belong to the nearest cell. ``eye`` is the class of the entity
        from which a seat sees.

        A cell accepts entities from other cells only at every ``every``-th `place`. These are the
        snapshots that also go to viewers who receive the cell at a lower rate; so no viewer loses
        sight of an entity that crosses the border.
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
        """Return whether a cell accepted entities from other cells at the last `place`."""
        return (self.places + cell) % self._every == 0

    def place(self, entities: Iterable[Entity]) -> None:
        """Assign all entities to cells by their present positions; call once per snapshot."""
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
        """Return the cell that contains a position; the nearest one outside the world."""
        column = min(max(x // self._side, 0), self.columns - 1)
        row = min(max(y // self._side, 0), self.rows - 1)
        return Cell(row * self.columns + column)

    def ring(self, cell: Cell, least: int, most: int) -> list[Cell]:
        """Return the cells whose distance from ``cell`` is from ``least`` to ``most``, by number.

        Distances are Chebyshev distances: 0 is the cell itself, 1 its eight neighbours.
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
        return (
            cell,
            column * side - slack if column else -FAR,
            (column + 1) * side + slack if column < self.columns - 1 else FAR,
            row * side - slack if row else -FAR,
            (row + 1) * side + slack if row < self.rows - 1 else FAR,
        )
