"""Whatever a path leads to, every command that takes one ends in a sentence, and never waits.

Law: the cases are made from the commands themselves, so a new flag for a file is tested by being
there.
"""

from pathlib import Path

import click
import pytest

from gameserver.service.config.settings import Holds
from gameserver.service.config.values import FIELDS
from tests.cli.command import gameserver
from tests.cli.test_every_flag import NEEDED, commands
from tests.unreadable import KINDS, make, without_hanging

FILES = (Holds.FILE, Holds.FOLDER)


def takes_a_path(command: str, param: click.Parameter) -> bool:
    field = FIELDS.get(param.name or "") if command == "serve" else None
    held = field.metadata.get("holds") if field is not None else None
    if isinstance(param.type, click.Path) and not param.type.readable:
        return False  # it is written
    return isinstance(param.type, click.Path) or held in FILES or param.name == "config"


FLAGS = [
    (command, param.opts[-1])
    for command, built in commands()
    for param in built.params
    if isinstance(param, click.Option) and takes_a_path(command, param)
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_a_flag_that_names_no_readable_file_is_one_line_with_its_name(
    command: str, flag: str, kind: str, tmp_path: Path
) -> None:
    path = make(kind, tmp_path)
    with without_hanging():
        ended = gameserver(
            *command.split(), *NEEDED.get(command, []), f"{flag}={path}", folder=tmp_path
        )
    assert (ended.code, ended.out) == (2, "")
    assert flag.lstrip("-") in ended.sentence
    assert str(path) in ended.sentence


def test_all_flags_for_files_are_tested() -> None:
    assert {flag for _, flag in FLAGS} == {"--config", "--maps", "--tls-cert", "--tls-key"}


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "huge", "absent"])
def test_an_unreadable_map_is_named(kind: str, tmp_path: Path) -> None:
    path = make(kind, tmp_path)
    with without_hanging():
        ended = gameserver("maps", "check", str(path))
    assert ended.code == 1
    assert KINDS[kind] in ended.out
    assert str(path) in ended.out


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_an_unreadable_settings_file_of_the_working_folder_is_reported_as_well(
    kind: str, tmp_path: Path
) -> None:
    make(kind, tmp_path).rename(tmp_path / "gameserver.toml")
    with without_hanging():
        ended = gameserver("serve", folder=tmp_path)
    assert ended.code == 2
    assert f"gameserver.toml {KINDS[kind]}" in ended.sentence


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_an_unreadable_module_of_a_game_is_one_line(kind: str, tmp_path: Path) -> None:
    make(kind, tmp_path).rename(tmp_path / "mine.py")
    with without_hanging():
        ended = gameserver("serve", "--game", "mine.py", folder=tmp_path)
    assert ended.code == 2
    assert "mine.py" in ended.sentence
