"""The example bot of the JavaScript client, as its readers start it."""

import re
from pathlib import Path

import trio

from tests.client_js.node import FOLDER, NODE, build, needs_node
from tests.e2e.program import PATIENCE_S, program

pytestmark = needs_node


async def test_the_example_bot_signs_in_chats_and_plays(tmp_path: Path) -> None:
    await trio.to_thread.run_sync(build)
    async with program(tmp_path) as server:
        with trio.fail_after(PATIENCE_S):
            done = await trio.run_process(
                [NODE or "node", "examples/bot.mjs", server.url, "Robo", "2"],
                cwd=FOLDER,
                capture_stdout=True,
            )
        server.assert_same_process_without_faults()
    said = done.stdout.decode()
    assert "signed in as Robo over websocket, to play arena" in said
    assert "Robo: hello" in said
    assert re.search(r"[1-9]\d+ snapshots, 0 desyncs", said), said
    assert re.search(r"inputs: [1-9]\d+ applied, \d+ late, 0 malformed", said), said
