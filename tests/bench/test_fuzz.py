"""The fuzzer repeats itself, reaches every stage, and tells a server that did not hold."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
import trio

from bench.fuzz.__main__ import Honest, _judged
from bench.fuzz.material import Messages, odd_frame, opening
from bench.held import GRACE_S, HeldServer, kept
from gameserver.errors import ProtocolError
from gameserver.protocol.codec import decode_client
from gameserver.rooms.limits.rules import RoomRules
from tests.e2e.program import PATIENCE_S, ROOT, environment

HELD = {"tasks": 10, "descriptors": 10, "memory": 10 << 20}


def made(number: int) -> Iterator[bytes]:
    rng, messages = Random(number), Messages(number, many=100)
    for _ in range(200):
        yield from (opening(rng), odd_frame(rng), messages.one(rng), messages.one(rng, hot=True))


def test_the_same_seed_makes_the_same_bytes_and_another_one_others() -> None:
    assert list(made(1)) == list(made(1)) != list(made(2))


def test_some_messages_are_right_and_some_are_not() -> None:
    rng, messages = Random(1), Messages(1, many=200)
    right = 0
    for _ in range(200):
        try:
            right += bool(decode_client(messages.one(rng)))
        except ProtocolError:
            continue
    assert 20 < right < 180


@pytest.mark.parametrize(
    ("after", "felt"),
    [
        ({"tasks": 11}, {}),
        ({"descriptors": 11}, {}),
        ({"memory": 100 << 20}, {}),
        ({}, {"desyncs": 1}),
        ({}, {"reconnects": 1}),
        ({}, {"longest_s": 9.0}),
        ({}, {"snapshots": 0}),
    ],
)
def test_what_a_server_keeps_and_what_an_honest_player_feels_is_judged(
    after: dict[str, int], felt: dict[str, Any]
) -> None:
    honest = Honest(snapshots=100)
    assert _judged(HELD, HELD, HELD, honest) == []
    assert len(_judged(HELD, HELD, {**HELD, **after}, attrs.evolve(honest, **felt))) == 1


async def test_an_error_in_the_log_and_an_ended_process_are_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [{"event": "tick failed", "level": "error"}, {"event": "signed in", "level": "info"}]
    log.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    process = await trio.lowlevel.open_process([sys.executable, "-c", ""])
    await process.wait()
    first, second = HeldServer(process, 0, log, "plain").faults()
    assert "ended" in first
    assert "tick failed" in second


@pytest.mark.usefixtures("autojump_clock")
async def test_what_a_seat_holds_that_was_lost_before_its_match_is_waited_for(
    tmp_path: Path,
) -> None:
    class Server(HeldServer):
        """Holds a selector as long as a server does."""

        async def held(self) -> dict[str, int]:
            over = trio.current_time() > RoomRules().lobby_grace_s + GRACE_S
            return HELD if over else {**HELD, "descriptors": 11}

    process = await trio.lowlevel.open_process([sys.executable, "-c", ""])
    await process.wait()
    assert await Server(process, 0, tmp_path, "plain").settled(HELD) == HELD


def test_of_what_there_are_more_descriptors_is_told() -> None:
    before = {**HELD, "descriptors: socket": 4}
    after = {**before, "descriptors": 12, "descriptors: socket": 5, "descriptors: pipe": 1}
    assert kept(before, after) == ["descriptors: 10 before, 12 after; more of pipe, socket"]


async def test_a_short_run_reaches_every_stage_and_the_server_holds() -> None:
    with trio.fail_after(PATIENCE_S):
        run = await trio.run_process(
            [sys.executable, "-m", "bench.fuzz", "--frames", "400", "--handshakes", "60"],
            cwd=ROOT,
            env=environment(),
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
    said = run.stdout.decode()
    assert run.returncode == 0, said + run.stderr.decode()
    assert "handshakes: TLS" in said
    assert "frames: after the hello" in said
