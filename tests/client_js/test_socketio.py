"""The official Socket.IO client for JavaScript, unmodified, under Node against a real server."""

import re
import shutil
from pathlib import Path

import trio

from gameserver.client import ClientSettings, open_client
from gameserver.messages.lobby import SetReady
from tests.client_js.node import FOLDER, NODE, needs_node
from tests.e2e.program import PATIENCE_S, ROOT, gather, program, until

pytestmark = needs_node


async def run_example(folder: Path, url: str) -> str:
    """Let the example play for two seconds; return what it printed."""
    # Node looks for packages beside the file that imports them.
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    example = shutil.copy(ROOT / "examples" / "socketio_client.mjs", folder)
    command = [NODE or "node", example, url.replace("ws", "http", 1), "Nora", "2"]
    with trio.fail_after(PATIENCE_S):
        return (await trio.run_process(command, capture_stdout=True)).stdout.decode()


async def test_the_example_for_socketio_signs_in_chats_and_plays(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        said = await run_example(tmp_path, server.url)
        server.assert_same_process_without_faults()
    assert "signed in as Nora, to play arena" in said
    assert "Nora: hello" in said
    played = re.search(r"(\d+) snapshots, (\d+) inputs applied", said)
    assert played is not None, said
    assert all(int(count) > 10 for count in played.groups()), said


async def test_the_example_for_socketio_tells_why_its_match_cannot_begin(tmp_path: Path) -> None:
    async with (
        program(tmp_path, "--max-matches", "1") as server,
        open_client(server.url, "Ann", ClientSettings()) as ann,
    ):
        await gather(ann, bots=1)
        await ann.request(SetReady(ready=True))
        await until(lambda: ann.match)
        said = await run_example(tmp_path, server.url)
        server.assert_same_process_without_faults()
    assert said.splitlines()[-1] == "no match any more: the server runs as many matches as it may"
