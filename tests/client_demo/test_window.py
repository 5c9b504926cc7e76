"""The window on screens of every size."""

import pytest

from client_demo.theme import BASE
from client_demo.window import _fitting


@pytest.mark.parametrize("desktop", [BASE, (1920, 1080), (1280, 2000)])
def test_a_window_has_the_size_of_the_canvas_where_that_fits(desktop: tuple[int, int]) -> None:
    assert _fitting(desktop) == BASE


@pytest.mark.parametrize("desktop", [(960, 540), (1024, 768), (1366, 600), (1, 1)])
def test_a_window_is_never_larger_than_the_screen(desktop: tuple[int, int]) -> None:
    width, height = _fitting(desktop)
    assert (width, height) < BASE
    assert width <= desktop[0]
    assert height <= desktop[1]
