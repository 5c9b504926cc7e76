"""The official Socket.IO client for JavaScript, unmodified, under Node against a real server."""

import re
import shutil
from pathlib import Path

import trio

from tests.client_js.node import FOLDER, NODE, needs_node
from tests.e2e.program import PATIENCE_S, ROOT, program

pytestmark = needs_node


async def test_the_example_for_socketio_signs_in_chats_and_plays(tmp_path: Path) -> None:
    # Node looks for packages beside the file that imports them.
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    example = shutil.copy(ROOT / "examples" / "socketio_client.mjs", tmp_path)
    async with program(tmp_path) as server:
        with trio.fail_after(PATIENCE_S):
            url = server.url.replace("ws", "http", 1)
            done = await trio.run_process(
                [NODE or "node", example, url, "Nora", "2"], capture_stdout=True
            )
        server.assert_same_process_without_faults()
    said = done.stdout.decode()
    assert "signed in as Nora, to play arena" in said
    assert "Nora: hello" in said
    played = re.search(r"(\d+) snapshots, (\d+) inputs applied", said)
    assert played is not None, said
    assert all(int(count) > 10 for count in played.groups()), said
