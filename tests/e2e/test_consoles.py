"""Commands on consoles of every kind: none ends a command, and none is sent what it cannot show.

Each line of a run is one console; several commands share it, since a process costs a second.
"""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
import trio

from tests.e2e.program import ROOT, environment, program

CONSOLES = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"},
    "latin-1": {"PYTHONIOENCODING": "latin-1", "TERM": "dumb"},
    "the C locale": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TERM": ""},
}


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "gameserver", *arguments],
        cwd=ROOT,
        env=environment() | environ,
        capture_output=True,
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize("console", CONSOLES)
def test_maps_are_checked_on_every_console(tmp_path: Path, console: str) -> None:
    odd = tmp_path / os.fsdecode(b"\xd7\x90-\xff-\xe2\x9c\x93.tmj")
    odd.write_text("{", "utf-8")
    ended = run("maps", "check", "maps", str(tmp_path), **CONSOLES[console])
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert b"ok maps/courtyard.tmj" in ended.stdout
    assert b"is not JSON" in ended.stdout
    assert b"\x1b" not in ended.stdout


@pytest.mark.parametrize("console", CONSOLES)
def test_errors_are_printed_on_every_console(console: str) -> None:
    ended = run("bots", "--game", "Ž✓\u202e:Class", "--lag", "0", **CONSOLES[console])
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"error: ")
    assert ended.stderr.count(b"\n") == 1
    ended.stderr.decode("latin-1" if console == "latin-1" else "cp1252")


def test_every_help_text_is_plain_ascii() -> None:
    for command in ([], ["serve"], ["maps"], ["maps", "check"], ["bots"], ["stats"]):
        ended = run(*command, "--help", PYTHONIOENCODING="ascii")
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert ended.stdout.isascii()


def check_maps(output: int | IO[bytes]) -> "subprocess.CompletedProcess[bytes]":
    """Run a command whose output goes to a file of the test's own."""
    return subprocess.run(
        [sys.executable, "-m", "gameserver", "maps", "check", "maps"],
        cwd=ROOT,
        env=environment(),
        stdout=output,
        stderr=subprocess.PIPE,
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [("/dev/full", 1, b"error: the output cannot be written: No space left on device\n")],
)
def test_a_full_disk_is_reported_in_one_line(target: str, code: int, said: bytes) -> None:
    with Path(target).open("wb") as full:
        ended = check_maps(full)
    assert (ended.returncode, ended.stderr) == (code, said)


def test_a_closed_pipe_ends_a_command_silently() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = check_maps(writing)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize("shape", [("--once",), ("--once", "--json"), ("--every", "0.1")])
async def test_unwritable_figures_end_the_command_with_one_line_or_none(
    tmp_path: Path, shape: tuple[str, ...]
) -> None:
    async with program(tmp_path) as running:
        command = [sys.executable, "-m", "gameserver", "stats", "--url", running.url, *shape]
        reading, gone = os.pipe()
        os.close(reading)
        full = os.open("/dev/full", os.O_WRONLY)
        ended = [
            await trio.run_process(
                command,
                cwd=ROOT,
                env=environment(),
                stdout=output,
                capture_stderr=True,
                check=False,
            )
            for output in (full, gone)
        ]
        os.close(full)
        os.close(gone)
        no_space = b"error: the output cannot be written: No space left on device\n"
        assert [(each.returncode, each.stderr) for each in ended] == [(1, no_space), (1, b"")]


def on_a_terminal(*arguments: str, **environ: str) -> bytes:
    """Run a command to its end with a terminal for all it prints; return what came there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gameserver", *arguments],
        cwd=ROOT,
        env=environment() | environ,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 4096):
            said += data
    except OSError:
        pass  # how Linux says that the other end is closed
    finally:
        os.close(ours)
        process.wait(90)
    return said


@pytest.mark.parametrize("dumb", [{"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}])
def test_a_dumb_terminal_gets_no_escape_sequences_and_no_progress_bar(dumb: dict[str, str]) -> None:
    missing = ("--url", "ws://127.0.0.1:9", "--seconds", "1")
    said = on_a_terminal("bots", *missing, **dumb)
    assert said.startswith(b"error: cannot reach")
    assert said.count(b"\n") == 1
    assert b"\x1b" not in on_a_terminal("maps", "check", "maps", **dumb)


def test_a_terminal_with_no_color_set_gets_no_colours() -> None:
    said = on_a_terminal("maps", "check", "maps", "pyproject.toml", TERM="xterm", NO_COLOR="1")
    assert b"\x1b[3" not in said
