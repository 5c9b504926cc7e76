"""``gameserver drain`` ends the server of a folder, and says when there is none."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gameserver.store.lock import FILE, holder, locked
from tests.cli.command import gameserver


def test_a_folder_without_a_server_is_said(tmp_path: Path) -> None:
    ended = gameserver("drain", str(tmp_path))
    assert (ended.code, ended.sentence) == (1, f"error: no server keeps its data in {tmp_path} now")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    ended = gameserver("drain", str(tmp_path / "nowhere"))
    assert ended.code == 2
    assert "is no folder; give the one that serve has as --data" in ended.sentence


def test_a_folder_has_a_holder_as_long_as_its_process_lives(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert (tmp_path / FILE).is_file()
    assert holder(tmp_path) is None


@pytest.mark.parametrize("written", [b"", b"nonsense"])
def test_a_lock_that_names_no_process_has_no_holder(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(written)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert holder(tmp_path) is None


@pytest.mark.parametrize("now", [[], ["--now"]])
def test_the_server_is_told_and_waited_for(tmp_path: Path, now: list[str]) -> None:
    code = (
        "import signal, sys, pathlib; from gameserver.store.lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1])):\n"
        "    signal.signal(signal.SIGTERM, lambda *_: told.append(1))\n"
        "    told = []; print('ready', flush=True)\n"
        "    while len(told) < int(sys.argv[2]): signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(1 + len(now))], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        ended = gameserver("drain", str(tmp_path), *now)
        assert ended.code == 0, ended.err
        assert f"the server (process {process.pid}) has ended" in ended.out
        assert process.wait(10) == 0


def test_a_server_that_has_just_ended_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_process = subprocess.Popen([sys.executable, "-c", ""])
    ended_process.wait()
    holders = iter([ended_process.pid, ended_process.pid, None])
    monkeypatch.setattr("gameserver.cli.drain.holder", lambda _folder: next(holders))
    ended = gameserver("drain", str(tmp_path))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"the server (process {ended_process.pid}) has ended\n"


def test_a_server_of_another_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_process: int, _signal: int) -> None:
        raise PermissionError

    with locked(tmp_path):
        monkeypatch.setattr(os, "kill", refuse)
        ended = gameserver("drain", str(tmp_path))
    expected = f"error: the server (process {os.getpid()}) belongs to another user"
    assert (ended.code, ended.sentence) == (1, expected)
