"""Where the maps lie that come with the program."""

from pathlib import Path

import pytest

import gameserver
from gameserver.game.maps.shipped import shipped_maps


def test_maps_lie_inside_of_an_installed_package_and_beside_it_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gameserver"
    package.mkdir()
    monkeypatch.setattr(gameserver, "__file__", str(package / "__init__.py"))
    assert shipped_maps() == tmp_path / "maps"
    (package / "maps").mkdir()
    assert shipped_maps() == package / "maps"
