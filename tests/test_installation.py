"""What the program tells people to type is what runs it."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from gameserver.installation import server_command

PROGRAM = Path(sysconfig.get_path("scripts")) / "gameserver"


def version_of(command: str, folder: Path) -> str:
    """Run the command as a shell does, without an environment that is activated."""
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    ran = subprocess.run(
        f"{command} --version", shell=True, cwd=folder, env=environ, capture_output=True, check=True
    )
    return ran.stdout.decode()


def test_a_program_that_the_shell_finds_is_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(PROGRAM.parent))
    assert server_command() == "gameserver"


def test_a_program_that_the_shell_does_not_find_is_called_by_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    assert server_command() == str(PROGRAM)
    assert "gameserver" in version_of(server_command(), tmp_path)
    monkeypatch.chdir(PROGRAM.parent.parent.parent)
    assert server_command() == str(PROGRAM.relative_to(Path.cwd()))
    assert "gameserver" in version_of(server_command(), Path.cwd())


def test_another_program_of_that_name_is_not_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "gameserver"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert server_command() == str(PROGRAM)


def test_where_no_program_was_installed_python_runs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    assert server_command() == f"{sys.executable} -m gameserver"
    assert "gameserver" in version_of(server_command(), Path.cwd())
