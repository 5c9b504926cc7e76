"""The group of commands: what it offers, and that a command costs what it needs."""

import os
import subprocess
import sys

import pytest

from gameserver import __version__
from gameserver.cli.main import COMMANDS
from tests.cli.command import gameserver

LOADED = """
import sys
from gameserver.cli.main import main
sys.argv = ["gameserver", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *sorted(sys.modules))
"""


def modules_for(*arguments: str) -> list[str]:
    """Return the modules that a fresh process has loaded after a command."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()[-1].split()


def test_help_lists_every_command_with_its_line() -> None:
    ended = gameserver("--help")
    assert ended.code == 0
    listed = [" ".join(line.split()) for line in ended.out.splitlines()]
    for name, sentence in COMMANDS.items():
        assert f"{name} {sentence}" in listed


@pytest.mark.parametrize("command", [["serve"], ["maps"], ["maps", "check"], ["bots"]])
def test_every_command_has_a_help_of_its_own(command: list[str]) -> None:
    ended = gameserver(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: gameserver {' '.join(command)} ")


def test_version_is_told() -> None:
    ended = gameserver("--version")
    assert (ended.code, ended.out) == (0, f"gameserver, version {__version__}\n")


def test_an_unknown_command_is_named_and_is_exit_code_2() -> None:
    ended = gameserver("mapz")
    assert ended.code == 2
    assert ended.sentence.startswith("error: there is no command 'mapz'; did you mean maps?")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("maps", "chek"), "there is no command 'chek'; did you mean check?"),
        (("maps", "zzz"), "there is no command 'zzz'; commands: check"),
        (("zzz",), "there is no command 'zzz'; commands: serve, check, maps, bots, stats"),
        (("ma\x1bps",), "there is no command 'ma\\x1bps'; did you mean maps?"),
    ],
)
def test_every_group_tells_an_unknown_command_the_nearest(
    arguments: tuple[str, ...], complaint: str
) -> None:
    ended = gameserver(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(f"error: {complaint}")


@pytest.mark.parametrize("columns", ["0", "1", "5", "abc", "-3"])
def test_however_narrow_the_console_is_said_to_be_everything_is_printed(columns: str) -> None:
    narrow = os.environ | {"COLUMNS": columns}
    command = [sys.executable, "-m", "gameserver", "maps", "check", "/nowhere.tmj"]
    ended = subprocess.run(
        command, env=narrow, capture_output=True, text=True, encoding="utf-8", check=False
    )
    words = " ".join(ended.stdout.split())
    assert ended.returncode == 1
    assert "/nowhere.tmj" in words
    assert "is not there" in words


def test_maps_check_loads_no_server_and_no_network() -> None:
    loaded = modules_for("maps", "check", "nowhere.tmj")
    assert "gameserver.game.checking.maps" in loaded
    for heavy in ("gameserver.service.config.settings", "gameserver.transports", "trio"):
        assert heavy not in loaded


def test_the_list_of_commands_loads_none_of_them() -> None:
    loaded = modules_for("--help")
    assert not {f"gameserver.cli.{name}" for name in COMMANDS} & set(loaded)
