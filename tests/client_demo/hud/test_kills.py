import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_demo import fonts
from client_demo.hud.kills import names_that_fit


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    pygame.font.init()
    fonts.forget()


@given(
    names=st.lists(st.text("aWi ö", min_size=1, max_size=24), min_size=1, max_size=2),
    room=st.integers(120, 260),
)
def test_the_names_of_a_kill_fit_into_its_line(names: list[str], room: int) -> None:
    size, shown = names_that_fit(names, room)
    assert sum(fonts.width(name, size, bold=True) for name in shown) <= room
    assert all(shown)


def test_only_the_longer_of_two_names_is_cut() -> None:
    _, shown = names_that_fit(["W" * 24, "Bartholomew"], 200)
    assert shown[1] == "Bartholomew"
    assert shown[0].endswith("…")
