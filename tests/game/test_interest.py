"""How a world is cut into cells is checked when the game is loaded."""

import attrs
import pytest

from gameserver.errors import GameDefinitionError
from gameserver.game.interest import Interest
from gameserver.testing.skirmish import Runner

SMALLEST = Interest(cell=1, eye=Runner, near=0, far=0, far_every=1, bytes_per_s=1)


def test_the_smallest_allowed_numbers_are_accepted() -> None:
    assert attrs.evolve(SMALLEST) == SMALLEST


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cell", "cell and far_every from 1"),
        ("near", "near and far from 0"),
        ("far", "near and far from 0"),
        ("far_every", "cell and far_every from 1"),
        ("bytes_per_s", "bytes_per_s must be above 0"),
    ],
)
def test_numbers_below_the_smallest_allowed_are_refused(name: str, words: str) -> None:
    with pytest.raises(GameDefinitionError, match=words):
        attrs.evolve(SMALLEST, **{name: getattr(SMALLEST, name) - 1})


def test_without_numbers_three_by_three_cells_are_near_and_a_ring_around_them_is_far() -> None:
    plain = Interest(cell=1, eye=Runner)
    assert (plain.near, plain.far) == (1, 1)
