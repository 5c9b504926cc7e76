"""The group of commands: help, unknown names, and refusals of the system in one line."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gameserver import __version__
from gameserver.cli import check
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


def test_version_is_printed() -> None:
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
def test_an_unknown_command_of_any_group_is_answered_with_the_nearest(
    arguments: tuple[str, ...], complaint: str
) -> None:
    ended = gameserver(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(f"error: {complaint}")


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EMFILE, "too many files are open in this process; raise the limit (ulimit -n)"),
        (errno.EACCES, "/some/where: this user may not do that (permission denied)"),
        (errno.ENOMEM, "there is not enough memory"),
    ],
)
def test_an_error_of_the_operating_system_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, number: int, words: str, grouped: bool
) -> None:
    def refuse(_game: str) -> None:
        name = "/some/where" if number == errno.EACCES else None
        error = OSError(number, os.strerror(number), name)
        if grouped:
            message = "tasks"
            raise ExceptionGroup(message, [error])
        raise error

    monkeypatch.setattr(check, "find_game", refuse)
    ended = gameserver("check", "arena")
    assert (ended.code, ended.out, ended.sentence) == (1, "", f"error: {words}")


@pytest.mark.parametrize("command", ["serve", "check arena", "stats", "--help"])
def test_a_removed_working_folder_is_one_line(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    run = f'rmdir "$PWD"; exec "{sys.executable}" -m gameserver {command}'
    ended = subprocess.run(
        ["/bin/sh", "-c", run], cwd=gone, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    sentence = "error: the working folder is no longer there; change into another one"
    assert ended.stderr.splitlines()[-1] == sentence
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["maps check", "check arena --maps"])
def test_a_folder_without_permission_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    ended = gameserver(*command.split(), str(tmp_path))
    assert ended.code != 0
    assert f"{tmp_path} cannot be read: Permission denied" in ended.sentence


@pytest.mark.parametrize("columns", ["0", "1", "5", "abc", "-3"])
def test_everything_is_printed_on_a_console_of_any_width(columns: str) -> None:
    narrow = os.environ | {"COLUMNS": columns}
    command = [sys.executable, "-m", "gameserver", "maps", "check", "/nowhere.tmj"]
    ended = subprocess.run(
        command, env=narrow, capture_output=True, text=True, encoding="utf-8", check=False
    )
    words = " ".join(ended.stdout.split())
    assert ended.returncode == 1
    assert "/nowhere.tmj" in words
    assert "is not there" in words


def test_the_command_maps_check_imports_neither_server_nor_network() -> None:
    loaded = modules_for("maps", "check", "nowhere.tmj")
    assert "gameserver.game.checking.maps" in loaded
    for heavy in ("gameserver.service.config.settings", "gameserver.transports", "trio"):
        assert heavy not in loaded


def test_the_list_of_commands_imports_none_of_them() -> None:
    loaded = modules_for("--help")
    assert not {f"gameserver.cli.{name}" for name in COMMANDS} & set(loaded)
