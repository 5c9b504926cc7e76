"""The same recording gives the same world everywhere."""

import os
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gameserver.arena import Arena
from gameserver.game.maps.tiled import load_map
from gameserver.game.options import build_options
from gameserver.game.schema.dump import restore_world
from gameserver.game.world import World
from gameserver.match.journal import Journal
from gameserver.testing import determinism
from gameserver.testing.determinism import (
    OLDEST_PYTHON,
    ReplayOrder,
    checkpoints,
    dump_at,
    other_pythons,
    pack,
    record,
    replay_elsewhere,
    unpack,
)
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish

SPEC = "gameserver.testing.skirmish:Skirmish"
MAP = map_from_rows(*["." * 16] * 16)
GAME = Skirmish()
MAPS = Path(__file__).parents[2] / "maps"


@pytest.fixture(scope="module")
def journal() -> Journal:
    options = build_options(GAME.options, {})
    return record(GAME, MAP, options=options, seed=77, ticks=240)


def test_a_replay_in_the_same_process_gives_the_same_hashes(journal: Journal) -> None:
    hashes = checkpoints(journal, GAME, MAP, restore=False)
    assert len(set(hashes)) == len(hashes) == 8
    assert hashes == checkpoints(journal, GAME, MAP, restore=False)


def test_dump_and_restore_in_the_middle_change_nothing(journal: Journal) -> None:
    straight = checkpoints(journal, GAME, MAP, restore=False)
    assert straight == checkpoints(journal, GAME, MAP, restore=True)


def test_the_world_is_restored_at_each_checkpoint_and_only_if_it_is_wanted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored: list[int] = []

    def noted(*given: Any) -> World:
        world = restore_world(*given)
        restored.append(world.tick)
        return world

    monkeypatch.setattr(determinism, "restore_world", noted)
    checkpoints(journal, GAME, MAP, restore=False)
    assert restored == []
    checkpoints(journal, GAME, MAP, restore=True, every=100)
    assert restored == [100, 200, 240]


def test_one_changed_input_changes_the_hash(journal: Journal) -> None:
    data = pack(journal, SPEC, MAP, restore=False)
    other, *_ = unpack(data)
    assert other == journal
    row = other.ticks[100]
    seat, view, command = row.commands[0]
    changed = (seat, view, ((command[0] + 1) % 5, *command[1:]))
    object.__setattr__(row, "commands", (changed, *row.commands[1:]))
    before = checkpoints(journal, GAME, MAP, restore=False)
    after = checkpoints(other, GAME, MAP, restore=False)
    assert before[:3] == after[:3]
    assert before[3] != after[3]


@pytest.mark.parametrize("hash_seed", [0, 4242])
def test_processes_with_different_hash_seeds_give_the_same_result(
    journal: Journal, hash_seed: int
) -> None:
    expected = checkpoints(journal, GAME, MAP, restore=False)
    data = pack(journal, SPEC, MAP, restore=True)
    assert replay_elsewhere(data, sys.executable, hash_seed) == expected


@pytest.mark.parametrize("python", list(other_pythons()))
def test_every_other_python_of_this_machine_gives_the_same_result(
    journal: Journal, python: str
) -> None:
    expected = checkpoints(journal, GAME, MAP, restore=False)
    data = pack(journal, SPEC, MAP, restore=True)
    assert replay_elsewhere(data, python, 7) == expected


def test_other_pythons_are_one_for_each_minor_version_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(folder: str, name: str, code: int = 0, mode: int = 0o755) -> str:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nexit {code}\n")
        path.chmod(mode)
        return str(path)

    made("one", f"python3.{sys.version_info[1]}")
    made("one", f"python3.{OLDEST_PYTHON[1] - 1}")
    made("one", "python3.97", code=1)  # without its standard library
    made("one", "python3.98", mode=0o644)
    made("one", "python3.96-config")
    made("one", "python3.99-config")
    first, second = made("one", "python3.99"), made("two", "python3.97")
    made("two", "python3.99")
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "one"), str(tmp_path / "two"))))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    assert list(other_pythons()) == [first, second]


@pytest.mark.parametrize("dump", [0, 60])
def test_another_process_prints_what_it_is_asked_for(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], dump: int
) -> None:
    ask = ReplayOrder(restore=True, every=100, dump=dump)
    given = SimpleNamespace(buffer=BytesIO(pack(journal, SPEC, MAP, ask=ask)))
    monkeypatch.setattr(sys, "stdin", given)
    determinism.main()
    hashes = checkpoints(journal, GAME, MAP, restore=True, every=100)
    lines = [dump_at(journal, GAME, MAP, dump).hex()] if dump else hashes
    assert capsys.readouterr().out == "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(("mode", "name"), [("dm", "canal"), ("ctf", "foundry")])
def test_arena_gives_the_same_world_everywhere(mode: str, name: str) -> None:
    game, tile_map = Arena(), load_map(MAPS / f"{name}.tmj")
    options = build_options(game.options, {"mode": mode})
    recorded = record(game, tile_map, options=options, seed=2024, ticks=300)
    expected = checkpoints(recorded, game, tile_map, restore=False)
    assert expected == checkpoints(recorded, game, tile_map, restore=True)
    data = pack(recorded, "gameserver.arena:Arena", tile_map, restore=True)
    for python in [sys.executable, *other_pythons()]:
        assert replay_elsewhere(data, python, 99) == expected
