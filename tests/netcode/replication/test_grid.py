"""Cells of a large world."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.ids import EntityId, Seat
from gameserver.netcode.replication.grid import SLACK, Cell, Grid
from gameserver.testing.skirmish import Board, Runner

CELL = 100
PLACE = st.integers(-50, 1050)


def grid() -> Grid:
    return Grid(1000, 600, CELL, Runner)


def runner(x: int, y: int, number: int = 1) -> Runner:
    made = Runner(x=x, y=y)
    made.id, made.owner = EntityId(number), Seat(number)
    return made


@given(st.lists(st.tuples(PLACE, PLACE), min_size=1, max_size=30))
def test_every_entity_is_in_one_cell_within_the_slack_of_its_position(
    path: list[tuple[int, int]],
) -> None:
    cells, walker = grid(), runner(0, 0)
    for x, y in path:
        walker.x, walker.y = x, y
        cells.place([walker])
        ((cell, inside),) = cells.cells.items()
        assert inside == [walker]
        assert cells.eyes == {walker.owner: cell}
        row, column = divmod(cell, cells.columns)
        inside_x, inside_y = min(max(x, 0), 999), min(max(y, 0), 599)
        slack = CELL // SLACK
        assert column * CELL - slack <= inside_x < (column + 1) * CELL + slack
        assert row * CELL - slack <= inside_y < (row + 1) * CELL + slack


def test_a_cell_has_all_its_entities_and_those_without_a_place_are_in_none() -> None:
    cells = grid()
    near, beside, far = runner(5, 5, 1), runner(50, 50, 2), runner(150, 5, 3)
    board = Board()
    board.id = EntityId(4)
    cells.place([near, beside, far, board])
    assert cells.cells == {0: [near, beside], 1: [far]}
    assert cells.everywhere == [board]
    assert cells.eyes == {1: 0, 2: 0, 3: 1}


def test_an_entity_that_moves_to_and_fro_on_a_border_stays_in_its_cell() -> None:
    cells, walker = grid(), runner(95, 50)
    for x in [105, 95, 108, 92] * 10:
        cells.place([walker])
        walker.x = x
        assert list(cells.cells) == [0]
    walker.x = 100 + CELL // SLACK
    cells.place([walker])
    assert list(cells.cells) == [1]


@pytest.mark.parametrize(
    ("outside", "along"),
    [((-500, 95), (0, 10)), ((1500, 95), (0, 10)), ((95, -500), (10, 0)), ((95, 1100), (10, 0))],
)
def test_outside_the_world_a_border_is_crossed_as_late_as_inside(
    outside: tuple[int, int], along: tuple[int, int]
) -> None:
    cells, walker = grid(), runner(*outside)
    cells.place([walker])
    (cell,) = cells.cells
    walker.x, walker.y = outside[0] + along[0], outside[1] + along[1]
    cells.place([walker])
    assert list(cells.cells) == [cell]
    walker.x, walker.y = outside[0] + 3 * along[0], outside[1] + 3 * along[1]
    cells.place([walker])
    assert list(cells.cells) != [cell]


def test_a_cell_takes_in_entities_only_at_its_own_ticks() -> None:
    cells, walker = Grid(1000, 600, CELL, Runner, every=4), runner(50, 50)
    cells.place([walker])
    walker.x = 150
    crossed = []
    for _ in range(8):
        cells.place([walker])
        crossed.append(1 in cells.cells)
        if not cells.takes_in(Cell(1)) and not crossed[-1]:
            assert list(cells.cells) == [0]
    assert crossed.index(True) < 4
    assert crossed == sorted(crossed)


def test_rings_of_cells_are_squares_cut_off_at_the_edge() -> None:
    cells = grid()
    middle = cells.cell_at(500, 300)
    assert len(cells.ring(middle, 0, 1)) == 9
    assert len(cells.ring(middle, 2, 2)) == 16
    assert len(cells.ring(cells.cell_at(0, 0), 0, 1)) == 4
    assert set(cells.ring(middle, 0, 1)).isdisjoint(cells.ring(middle, 2, 2))


def test_rings_are_by_number_and_cut_off_at_both_edges() -> None:
    cells = grid()
    assert (cells.columns, cells.rows) == (10, 6)
    assert cells.ring(Cell(0), 0, 1) == [0, 1, 10, 11]
    assert cells.ring(Cell(59), 0, 1) == [48, 49, 58, 59]
    assert cells.ring(Cell(24), 1, 1) == [13, 14, 15, 23, 25, 33, 34, 35]
    assert cells.ring(Cell(24), 0, 0) == [24]


@pytest.mark.parametrize(("width", "columns"), [(1, 1), (100, 1), (101, 2), (200, 2), (201, 3)])
def test_a_part_of_a_cell_is_a_cell(width: int, columns: int) -> None:
    across, along = Grid(width, 50, CELL, Runner), Grid(50, width, CELL, Runner)
    assert (across.columns, across.rows) == (columns, 1)
    assert (along.columns, along.rows) == (1, columns)


@pytest.mark.parametrize(
    ("x", "y", "left"),
    [
        (500 - CELL // SLACK, 350, False),
        (499 - CELL // SLACK, 350, True),
        (599 + CELL // SLACK, 350, False),
        (600 + CELL // SLACK, 350, True),
        (550, 300 - CELL // SLACK, False),
        (550, 299 - CELL // SLACK, True),
        (550, 399 + CELL // SLACK, False),
        (550, 400 + CELL // SLACK, True),
    ],
)
def test_a_cell_is_left_behind_its_slack(x: int, y: int, left: bool) -> None:
    cells, walker = grid(), runner(550, 350)
    cells.place([walker])
    walker.x, walker.y = x, y
    cells.place([walker])
    assert (list(cells.cells) != [35]) is left


def test_cells_take_in_one_after_the_other() -> None:
    cells = Grid(1000, 600, CELL, Runner, every=4)
    for number in range(9):
        assert cells.places == number
        assert [cells.takes_in(Cell(cell)) for cell in range(8)] == [
            (number + cell) % 4 == 0 for cell in range(8)
        ]
        cells.place([])


def test_a_seat_without_an_eye_keeps_its_cell_and_the_first_of_two_eyes_counts() -> None:
    cells = grid()
    first, second = runner(50, 50, 1), runner(250, 50, 1)
    cells.place([first, second])
    assert cells.eyes == {Seat(1): 0}
    cells.place([runner(150, 50, 2)])
    assert cells.eyes == {Seat(1): 0, Seat(2): 1}


def test_an_entity_without_a_position_is_visible_everywhere() -> None:
    board = Board()
    cells = grid()
    cells.place([board, runner(5, 5)])
    assert cells.everywhere == [board]
    assert list(cells.cells) == [0]
