"""The exit code and sentence for each kind of error that a command may end with."""

import errno
import io
import os
import sys
from pathlib import Path

import click
import pytest

from gameserver.cli import check
from gameserver.cli.main import main
from gameserver.errors import ConfigError, ConnectionLostError, GameFaultError
from tests.cli.command import Ended, gameserver


def system(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


def ended_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Ended:
    """Run a command that meets an error."""

    def meet(_game: str) -> None:
        raise error

    monkeypatch.setattr(check, "find_game", meet)
    return gameserver("check", "arena")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ConfigError("the setting is wrong"), 2, "the setting is wrong"),
        (ConnectionLostError("the server is gone"), 1, "the server is gone"),
        (GameFaultError("importing it takes too long"), 2, "importing it takes too long"),
        (ExceptionGroup("tasks", [ConfigError("one"), ConnectionLostError("two")]), 2, "one"),
        (ExceptionGroup("tasks", [ConnectionLostError("two"), ConfigError("one")]), 1, "two"),
        (
            ExceptionGroup("tasks", [ExceptionGroup("inner", [ConfigError("deep")])]),
            2,
            "deep",
        ),
        (click.FileError("a.toml", "odd"), 1, "Could not open file 'a.toml': odd"),
        (system(errno.EPERM), 1, "this user may not do that (not permitted)"),
        (system(errno.ENFILE, "/a"), 1, "/a: too many files are open on this machine"),
        (
            system(errno.ENOSPC),
            1,
            "the output cannot be written: No space left on device",
        ),
    ],
)
def test_expected_error_is_one_sentence_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, sentence: str
) -> None:
    ended = ended_with(monkeypatch, error)
    assert (ended.code, ended.out, ended.sentence) == (code, "", f"error: {sentence}")


@pytest.mark.parametrize(
    ("error", "code"),
    [(click.Abort(), 130), (system(errno.EPIPE), 1), (click.exceptions.Exit(7), 7)],
)
def test_end_without_an_error_of_its_own_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    ended = ended_with(monkeypatch, error)
    assert (ended.code, ended.out, ended.err) == (code, "", "")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("a bug"),
        system(errno.ENOTCONN),
        ExceptionGroup("tasks", [ConfigError("one"), KeyError("a bug")]),
        ExceptionGroup("tasks", [ConfigError("one"), ExceptionGroup("inner", [KeyError("bug")])]),
    ],
)
def test_bug_is_raised_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    with pytest.raises(type(error)) as raised:
        ended_with(monkeypatch, error)
    assert raised.value is error


@pytest.mark.parametrize(("group", "first"), [((), "serve"), (("maps",), "check")])
def test_group_without_a_command_prints_its_help_and_is_exit_code_2(
    group: tuple[str, ...], first: str
) -> None:
    ended = gameserver(*group)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Usage: {' '.join(('gameserver', *group))} ")
    assert f"\n  {first} " in ended.err


def test_help_of_a_command_lists_its_own_flags() -> None:
    assert "--players" in gameserver("bots", "--help").out
    assert "  check " in gameserver("maps", "--help").out
    assert "PATHS..." in gameserver("maps", "check", "--help").out


@pytest.mark.parametrize(
    ("error", "code"), [(PermissionError(), 0), (FileNotFoundError(), 1), (OSError(), 0)]
)
def test_only_a_working_folder_that_is_gone_keeps_commands_from_running(
    monkeypatch: pytest.MonkeyPatch, error: OSError, code: int
) -> None:
    def refuse() -> Path:
        raise error

    monkeypatch.setattr(Path, "cwd", refuse)
    ended = gameserver("--version")
    assert ended.code == code
    assert bool(ended.out) is (code == 0)


def test_output_that_cannot_be_flushed_at_the_end_is_the_exit_code_of_a_good_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gameserver.cli.main.flushed", lambda: 1)
    assert gameserver("--version").code == 1
    assert gameserver("check", "no-such-game").code == 2


def test_console_that_lacks_a_character_gets_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    monkeypatch.setattr(sys, "argv", ["gameserver", "maps", "check", "/nowhere.tmj"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert raw.getvalue().startswith(b"x /nowhere.tmj\n")
