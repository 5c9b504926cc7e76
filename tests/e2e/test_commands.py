"""The other commands of the program, as a person calls them."""

import json
import subprocess
import sys
from pathlib import Path

import trio

from tests.e2e.program import ROOT, environment, program


async def gameserver(*args: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return await trio.run_process(
        [sys.executable, "-m", "gameserver", *args],
        cwd=ROOT,
        env=environment(),
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )


async def test_bots_play_and_print_one_json_object(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        done = await gameserver(
            "bots", "--url", running.url, "--players", "4", "--seconds", "6", "--json"
        )
        assert done.returncode == 0, done.stderr.decode()
        report = json.loads(done.stdout)
        assert report["players"] == 4
        assert report["desyncs"] == 0
        assert report["snapshots"] > 0
        running.assert_same_process_without_faults()


async def test_bots_without_a_server_report_that_in_one_line() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    done = await gameserver("bots", "--url", f"ws://127.0.0.1:{port}", "--seconds", "1")
    assert done.returncode == 1
    assert b"cannot reach" in done.stderr
    assert b"Traceback" not in done.stderr


async def test_bots_name_the_server_whose_answer_they_wait_for() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    there = f"127.0.0.1:{listener.socket.getsockname()[1]}"
    command = [sys.executable, "-m", "gameserver", "bots", "--url", there, "--players", "1"]
    with trio.fail_after(30):
        bots = await trio.lowlevel.open_process(
            command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE
        )
        assert bots.stderr is not None
        try:
            said = b""
            while b"\n" not in said:
                said += await bots.stderr.receive_some()
        finally:
            bots.kill()
            await bots.wait()
            await listener.aclose()
    assert said.decode().startswith(f"waiting for {there} to answer")


async def test_the_shipped_maps_are_valid() -> None:
    done = await gameserver("maps", "check", "maps")
    assert done.returncode == 0, done.stdout.decode()


async def test_a_broken_map_is_reported_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tmj"
    tiled = json.loads((ROOT / "maps" / "courtyard.tmj").read_text("utf-8"))
    broken.write_text(json.dumps(tiled), "utf-8")  # its tileset is not beside it
    done = await gameserver("maps", "check", str(broken))
    assert done.returncode == 1
    assert b"broken.tmj, tileset tiles.tsj" in done.stdout


async def test_a_bad_setting_is_one_line_and_exit_code_2() -> None:
    done = await gameserver("serve", "--port", "99999")
    assert done.returncode == 2
    assert b"--port must be a whole number from 0 to 65535" in done.stderr
    assert b"Traceback" not in done.stderr


async def test_bots_in_a_game_with_a_fault_report_it_and_have_exit_code_1(tmp_path: Path) -> None:
    spec = "tests.e2e.faulty:Doomed"
    async with program(tmp_path, "--game", spec) as running:
        played = ("--url", running.url, "--game", spec, "--players", "2", "--seconds", "5")
        done = await gameserver("bots", *played, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["faults"] > 0
        said = done.stderr.decode()
        assert "error: the server ended" in said
        assert "the game met a fault" in said
        assert "Traceback" not in said


async def test_an_unknown_level_of_the_servers_game_is_reported_in_one_line(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        done = await gameserver("bots", "--url", running.url, "--level", "hrad")
        assert done.returncode == 2
        assert b"--level must be one of" in done.stderr
        assert b"did you mean hard?" in done.stderr
        assert b"Traceback" not in done.stderr


STARTS_THREAD = "tests.testing.faulty_games:StartsThread"


def test_the_check_ends_even_if_the_game_started_a_thread_and_reports_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "gameserver", "check", "--seconds", "2", STARTS_THREAD],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0
    assert "starts threads that go on: forever" in ended.stdout
