"""Flags that are settings: their bounds in the help, lists in one flag, folders."""

from pathlib import Path

import click
import pytest

from gameserver.cli import serve
from gameserver.cli.flags import Folder
from gameserver.service.config.settings import Settings
from tests.cli.command import gameserver
from tests.cli.test_every_flag import commands


def served_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Settings:
    """Return the settings that a server would be started with."""
    taken: list[Settings] = []
    monkeypatch.setattr(serve, "serve", taken.append)
    ended = gameserver("serve", *arguments)
    assert (ended.code, ended.err) == (0, "")
    return taken[0]


def test_help_shows_bounds_choices_and_plain_texts() -> None:
    told = " ".join(gameserver("serve", "--help").out.split())
    assert "--port INTEGER 0..65535 " in told
    assert "--heartbeat-s NUMBER 0.5..60 " in told
    assert "--seed INTEGER 0..9007199254740992 " in told
    assert "--log-level [debug|info|warning|error] " in told
    assert "--name TEXT " in told
    assert "--config TEXT " in told
    assert "--maps PATH " in " ".join(gameserver("check", "--help").out.split())


@pytest.mark.parametrize(
    ("arguments", "hosts"),
    [
        ((), ["127.0.0.1"]),
        (("--host", "::1"), ["::1"]),
        (("--host", "::1,"), ["::1"]),
        (("--host", "::1,127.0.0.1"), ["::1", "127.0.0.1"]),
        (("--host", "::1", "--host", "127.0.0.1"), ["::1", "127.0.0.1"]),
    ],
)
def test_list_is_taken_from_one_flag_or_several(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], hosts: list[str]
) -> None:
    assert served_with(monkeypatch, *arguments).host == hosts


@pytest.mark.parametrize("value", ["", ",", "a:b,,a:c"])
def test_empty_part_of_a_list_is_refused(value: str) -> None:
    ended = gameserver("serve", "--middleware", value)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith("error: --middleware ")


def test_number_is_converted_like_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = served_with(monkeypatch, "--port", "0", "--heartbeat-s", "0.5")
    assert (settings.port, settings.heartbeat_s) == (0, 0.5)


def test_flag_of_other_commands_keeps_its_own_type() -> None:
    assert isinstance(dict(commands())["check"].params[1].type, Folder)


def fault(path: Path) -> str:
    with pytest.raises(click.BadParameter) as raised:
        Folder().convert(path, None, None)
    return str(raised.value)


def test_folder_is_taken_empty_or_not(tmp_path: Path) -> None:
    assert Folder().convert(str(tmp_path), None, None) == tmp_path
    (tmp_path / "a").touch()
    assert Folder().convert(tmp_path, None, None) == tmp_path


def test_path_that_is_no_folder_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.tmj"
    file.touch()
    assert fault(file) == f"{file} is a file; name the folder it is in"
    assert fault(tmp_path / "b") == f"{tmp_path / 'b'} is not there"
    assert fault(file / "b") == f"{file / 'b'} is not there"
    assert fault(Path("a\0b")) == "a\\x00b cannot be read: embedded null byte"
    assert fault(Path("a" * 5000)).endswith(" cannot be read: File name too long")
    monkeypatch.setattr(Path, "iterdir", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # an empty folder and an unreadable one look the same
        Folder().convert(tmp_path, None, None)
