"""The forms of a grid of solid tiles against looking at its tiles one by one."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.maps.grid import AROUND, SURROUNDED, TileGrid


@st.composite
def grids(draw: st.DrawFn) -> TileGrid:
    width, height = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    tiles = draw(st.lists(st.integers(0, 1), min_size=width * height, max_size=width * height))
    return TileGrid.of(bytes(tiles), width, height)


def cell_of(grid: TileGrid, tx: int, ty: int) -> int:
    return (ty + 1) * grid.stride + tx + 1


@given(grids())
def test_around_a_cell_are_the_solid_ones_of_its_eight_neighbours(grid: TileGrid) -> None:
    for ty in range(grid.height):
        for tx in range(grid.width):
            cell = cell_of(grid, tx, ty)
            solid = [grid.cells[cell_of(grid, tx + i, ty + j)] for i, j in AROUND]
            bits = sum(wall << bit for bit, wall in enumerate(solid))
            assert grid.around[cell] == (SURROUNDED if grid.cells[cell] else bits)


@given(grids())
def test_a_turned_grid_has_columns_and_rows_exchanged(grid: TileGrid) -> None:
    turned = grid.turned
    assert (turned.width, turned.height) == (grid.height, grid.width)
    for ty in range(-1, grid.height + 1):
        for tx in range(-1, grid.width + 1):
            assert turned.cells[cell_of(turned, ty, tx)] == grid.cells[cell_of(grid, tx, ty)]
