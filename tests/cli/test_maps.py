"""``maps check``: every fault with its place, and an exit code that a build can go by."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from gameserver.game.maps.shipped import shipped_maps
from tests.cli.command import gameserver


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped maps, to be spoilt."""
    return copytree(shipped_maps(), tmp_path / "maps")


def layer(tiled: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in tiled["layers"] if each["name"] == name)
    return found


def spoil(path: Path, *, open_at: int = -1, without_spawns: bool = False) -> None:
    """Break a map: take a border tile out of its walls, or all its spawns."""
    tiled = json.loads(path.read_text("utf-8"))
    if open_at >= 0:
        layer(tiled, "walls")["data"][open_at] = 0
    if without_spawns:
        objects = layer(tiled, "objects")
        kept = [item for item in objects["objects"] if "spawn" not in item.values()]
        assert len(kept) < len(objects["objects"])
        objects["objects"] = kept
    path.write_text(json.dumps(tiled), "utf-8")


def test_valid_maps_are_listed_one_by_one_and_have_exit_code_0(folder: Path) -> None:
    ended = gameserver("maps", "check", str(folder))
    maps = sorted(folder.glob("*.tmj"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [f"✓ {path}" for path in maps]


def test_a_fault_is_reported_with_file_layer_and_tile_and_exit_code_1(folder: Path) -> None:
    spoil(folder / "courtyard.tmj", open_at=5)
    ended = gameserver("maps", "check", str(folder / "courtyard.tmj"))
    assert ended.code == 1
    told = next(line for line in ended.out.splitlines() if "error" in line)
    assert "courtyard.tmj, walls, tile 5,0 " in told
    assert "the border is open here" in told
    assert "close it with a wall" in told


def test_every_fault_of_a_map_is_reported(folder: Path) -> None:
    spoil(folder / "courtyard.tmj", open_at=7, without_spawns=True)
    ended = gameserver("maps", "check", str(folder / "courtyard.tmj"))
    assert ended.code == 1
    assert "courtyard.tmj, walls, tile 7,0 " in ended.out
    assert "there is no spawn" in ended.out


def test_one_faulty_map_has_exit_code_1_and_the_others_are_listed_as_valid(
    folder: Path,
) -> None:
    spoil(folder / "courtyard.tmj", open_at=5)
    ended = gameserver("maps", "check", str(folder))
    assert ended.code == 1
    assert f"✗ {folder / 'courtyard.tmj'}" in ended.out
    assert f"✓ {folder / 'orchard.tmj'}" in ended.out
    assert ended.out.count("✗") == 1


def test_a_warning_alone_has_exit_code_0(folder: Path) -> None:
    path = folder / "courtyard.tmj"
    tiled = json.loads(path.read_text("utf-8"))
    most = next(each for each in tiled["properties"] if each["name"] == "max_players")
    most["value"] = 16
    path.write_text(json.dumps(tiled), "utf-8")
    ended = gameserver("maps", "check", str(path))
    assert "warning" in ended.out
    assert "too few" in ended.out
    assert f"! {path}" in ended.out
    assert "✗" not in ended.out
    assert ended.code == 0


def test_file_extensions_in_capitals_are_recognised(folder: Path) -> None:
    (folder / "courtyard.tmj").rename(folder / "courtyard.TMJ")
    (folder / "old.TMX").write_text("<map/>", "utf-8")
    ended = gameserver("maps", "check", str(folder))
    assert f"✓ {folder / 'courtyard.TMJ'}" in ended.out
    assert f"✗ {folder / 'old.TMX'}" in ended.out


@pytest.mark.parametrize(
    ("data", "message"), [(b"{", "is not JSON"), (b"[]", "is not a JSON object")]
)
def test_a_file_that_is_no_map_is_reported(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "odd.tmj"
    path.write_bytes(data)
    ended = gameserver("maps", "check", str(path))
    assert ended.code == 1
    told = next(line for line in ended.out.splitlines() if "error" in line)
    assert "odd.tmj " in told
    assert message in told


def test_a_missing_file_is_reported_with_its_name(tmp_path: Path) -> None:
    ended = gameserver("maps", "check", str(tmp_path / "gone.tmj"))
    assert ended.code == 1
    assert "gone.tmj" in ended.out
    assert "is not there" in ended.out


def test_a_folder_without_maps_is_a_usage_error(tmp_path: Path) -> None:
    ended = gameserver("maps", "check", str(tmp_path))
    assert ended.code == 2
    assert "there is no map file (.tmj, .json) at the given paths" in ended.err


def test_the_command_maps_check_requires_a_path() -> None:
    ended = gameserver("maps", "check")
    assert ended.code == 2
    assert "PATHS is missing: gameserver maps check PATHS" in ended.err


def test_two_maps_of_one_name_are_reported_because_a_server_loads_only_one(folder: Path) -> None:
    (folder / "canal.json").write_bytes((folder / "canal.tmj").read_bytes())
    ended = gameserver("maps", "check", str(folder))
    assert ended.code == 1
    assert "another map here has the same name" in " ".join(ended.out.split())


def test_faults_of_a_map_are_a_table_that_folds_on_a_narrow_terminal(folder: Path) -> None:
    path = folder / "courtyard.tmj"
    spoil(path, open_at=5)
    ended = gameserver("maps", "check", str(path), width=60, terminal=True)
    assert [line.rstrip() for line in ended.out.splitlines()] == [
        f"✗ {path}",
        "                             what is",
        "             place           wrong           what to do",
        "  error      courtyard.tm    the border      close it with",
        "             j, walls,       is open here    a wall",
        "             tile 5,0",
        "  warning    courtyard.tm    the map is      mirror one",
        "             j, walls        not the same    half, or turn",
        "                             for both        it half",
        "                             teams           around",
    ]
    first, heads, error, *_, warning = gameserver(
        "maps", "check", str(path), colours=True
    ).out.splitlines()
    assert first == f"\x1b[31m✗\x1b[0m {path}"
    assert "\x1b[2mplace" in heads
    assert error.startswith("  \x1b[31merror\x1b[0m      courtyard.tmj, walls, tile 5,0    the ")
    assert warning.startswith("  \x1b[33mwarning\x1b[0m    courtyard.tmj, walls              the ")
    path = folder / "orchard.tmj"
    ended = gameserver("maps", "check", str(path), colours=True, width=60)
    assert ended.out == f"\x1b[32m✓\x1b[0m {path}\n"
