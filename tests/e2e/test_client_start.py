"""The pygame client as a program: whatever is missing, and whenever it is stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest


def start(
    folder: Path, *arguments: str, python: tuple[str, ...] = (), **environ: str
) -> "subprocess.Popen[str]":
    clean = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    return subprocess.Popen(
        [sys.executable, *python, "-m", "client_demo", *arguments],
        env={**clean, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("module", ["click", "gameserver.client", "pygame.base", "client_demo.app"])
def test_ctrl_c_while_the_client_is_still_imported_prints_nothing(
    tmp_path: Path, module: str
) -> None:
    with start(tmp_path, "--headless", python=("-X", "importtime")) as client:
        assert client.stderr is not None
        for line in client.stderr:  # Python tells its imports
            if line.split("|")[-1].strip() == module:
                break
        client.send_signal(signal.SIGINT)
        too_late = Timer(30, client.kill)  # or reading to the end would wait for ever
        too_late.start()
        said = client.stderr.read().splitlines()
        too_late.cancel()
        assert client.wait(timeout=30) in (-signal.SIGINT, 0)
    assert [line for line in said if not line.startswith("import time:")] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_closes_an_open_window_cleanly(tmp_path: Path, number: int) -> None:
    client = start(
        tmp_path, "--headless", "--autoplay", "--seconds", "60", "--screenshot", str(tmp_path)
    )
    for _ in range(600):
        if list(tmp_path.glob("*.png")):
            break
        time.sleep(0.1)
    client.send_signal(number)
    out, err = client.communicate(timeout=30)
    assert out == ""
    assert err.count("\n") <= 1
    assert "Traceback" not in err


def test_a_missing_display_is_reported_in_one_sentence(tmp_path: Path) -> None:
    client = start(tmp_path, SDL_VIDEODRIVER="nowhere", SDL_AUDIODRIVER="nowhere")
    _, err = client.communicate(timeout=30)
    assert client.returncode == 1
    assert err.count("\n") == 1
    assert "no window can be opened" in err


def test_the_client_runs_without_sound_with_a_damaged_file_and_without_a_writable_folder(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config" / "gameserver"
    config.mkdir(parents=True)
    (config / "client.json").write_bytes(b'{"name": "\\ud83d", "keys": {"up": -5}}')
    (config / "sessions").write_text("in the way")
    client = start(tmp_path, "--headless", "--autoplay", "--seconds", "1", "--url", "127.0.0.1:9")
    _, err = client.communicate(timeout=60)
    assert "Traceback" not in err
    assert err.count("\n") == 1
    assert "127.0.0.1:9" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--screenshot", "/proc/nowhere"), "--screenshot"),
        (("--lag", "nan"), "not nan"),
        (("--seconds", "nan"), "not nan"),
        (("--jitter", "x"), "--jitter"),
        (("--bogus",), "--bogus"),
    ],
)
def test_a_bad_option_is_one_line(tmp_path: Path, arguments: tuple[str, str], said: str) -> None:
    client = start(tmp_path, "--headless", *arguments)
    out, err = client.communicate(timeout=30)
    assert (client.returncode, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: ")
    assert said in err
