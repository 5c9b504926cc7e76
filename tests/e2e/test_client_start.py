"""The pygame client as a program: whatever is missing, and whenever it is stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(folder: Path, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
    clean = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    return subprocess.Popen(
        [sys.executable, "-m", "client_demo", *arguments],
        env={**clean, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("after_s", [0.05, 0.3, 0.8, 2.5])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_at_any_moment_ends_the_client_without_a_word(
    tmp_path: Path, after_s: float, number: int
) -> None:
    client = start(tmp_path, "--headless")
    time.sleep(after_s)
    client.send_signal(number)
    out, err = client.communicate(timeout=30)
    assert (out, err) == ("", "")


def test_a_missing_screen_is_said_in_one_sentence(tmp_path: Path) -> None:
    client = start(tmp_path, SDL_VIDEODRIVER="nowhere", SDL_AUDIODRIVER="nowhere")
    _, err = client.communicate(timeout=30)
    assert client.returncode == 1
    assert err.count("\n") == 1
    assert "no window can be opened" in err


def test_without_sound_with_a_broken_file_and_nothing_to_write_to_it_runs(tmp_path: Path) -> None:
    config = tmp_path / "config" / "gameserver"
    config.mkdir(parents=True)
    (config / "client.json").write_bytes(b'{"name": "\\ud83d", "keys": {"up": -5}}')
    (config / "sessions").write_text("in the way")
    client = start(tmp_path, "--headless", "--autoplay", "--seconds", "1", "--url", "127.0.0.1:9")
    _, err = client.communicate(timeout=60)
    assert "Traceback" not in err
    assert err.count("\n") == 1
    assert "127.0.0.1:9" in err
