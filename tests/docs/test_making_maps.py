"""The page for map authors names everything that a map may hold, and nothing else."""

import re
from pathlib import Path

import pytest

from gameserver.game.checking.maps import MODES, PICKUPS
from gameserver.game.maps.tilemap import SOLID_OF, Decor, Ground, ObjectKind, Solid

PAGE = (Path(__file__).parents[2] / "docs" / "making-maps.md").read_text("utf-8")


@pytest.mark.parametrize("name", [kind.name.lower() for kind in [*Ground, *Decor] if kind != 0])
def test_each_tile_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [*ObjectKind, *PICKUPS])
def test_each_kind_of_object_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_table_says_which_tiles_stop_movement_and_shots() -> None:
    rows = {
        tuple(re.findall(r"`(\w+)`", tiles)): (moves, shots)
        for tiles, moves, shots in re.findall(
            r"^\| (`.*?`) \| (yes|no) \| (yes|no) \|$", PAGE, re.MULTILINE
        )
    }
    told = {name: answer for names, answer in rows.items() for name in names}
    yes = {True: "yes", False: "no"}
    assert told == {
        kind.name.lower(): (yes[solid is not Solid.OPEN], yes[solid is Solid.WALL])
        for kind, solid in SOLID_OF.items()
        if kind is not Decor.NONE
    }


def test_each_mode_is_on_the_page() -> None:
    assert ", ".join(MODES) in PAGE
