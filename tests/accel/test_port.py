"""The port is the only way to the hot path: another implementation replaces the whole of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gameserver.accel import VARIABLE, HotPath, implementation, pure

STANDIN = Path(__file__).with_name("standin.py")


def run(*words: str, hot_path: str = "pure") -> list[str]:
    # Without measuring its coverage, which would more than double its time.
    own = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
    own[VARIABLE] = hot_path
    done = subprocess.run(
        [sys.executable, str(STANDIN), *words],
        env=own,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1].split()


def test_a_match_calls_every_function_of_the_port_and_gives_the_same_result() -> None:
    plain, counted = run("as it is"), run("replaced")
    assert counted[0] == plain[0]
    calls = dict(word.split("=") for word in counted[1:])
    # Not `drain`: a simulation has no sockets. tests/transports/test_drain.py drains some.
    assert {name for name, count in calls.items() if int(count) == 0} == set()
    assert set(calls) == {
        "advance",
        "binary_frame",
        "body_writer",
        "bounds",
        "collect",
        "commands",
        "first_unfit",
        "input_buffer",
        "input_queue",
        "input_reader",
        "link_measure",
        "send_batch",
        "sender",
        "take_in",
        "tap",
        "track",
        "unmasked",
    }


def test_a_simulated_server_goes_the_same_way_on_both_implementations(hot: HotPath) -> None:
    assert run("as it is", hot_path=hot.name)[0] == run("as it is")[0]


def test_an_implementation_is_chosen_by_name() -> None:
    assert implementation("pure") is pure
    with pytest.raises(ValueError, match="must be 'pure' or 'native', not 'fast'"):
        implementation("fast")
