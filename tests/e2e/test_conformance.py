"""Autobahn's cases of WebSocket conformance, against the port of the real program."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from gameserver.service.config.settings import Conformance, Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.e2e.program import PATIENCE_S, ROOT, environment, program
from tests.service.peers import MAP
from tests.transports.harness import answer_to, close_code, send_and_read
from tests.transports.peers import masked


async def test_no_case_of_autobahn_fails_and_the_public_limits_stay(tmp_path: Path) -> None:
    async with program(tmp_path, "--conformance", "echo") as running:
        with trio.fail_after(PATIENCE_S):
            asked = await trio.run_process(
                [sys.executable, "script/conformance.py", "--url", running.url],
                cwd=ROOT,
                env=environment(),
                capture_stdout=True,
                stderr=subprocess.STDOUT,
                check=False,
            )
        assert asked.returncode == 0, asked.stdout.decode()
        too_long = await send_and_read(running.port, masked(bytes(8192)))
        assert close_code(too_long) == 1009
        running.assert_same_process_without_faults()


@pytest.mark.parametrize(("conformance", "status"), [("off", b"404"), ("echo", b"426")])
async def test_the_echo_is_there_only_if_it_is_asked_for(conformance: str, status: bytes) -> None:
    server = Server(
        Settings(port=0, conformance=Conformance(conformance)), Skirmish(), {MAP.name: MAP}
    )
    async with trio.open_nursery() as nursery:
        port = int((await nursery.start(server.run)).rpartition(":")[2])
        asked = b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = await answer_to(port, asked)
        assert answer.split()[1] == status
        server.stop()
