"""The JavaScript client fetches the replay of its match from a real server."""

from pathlib import Path

import pytest

from gameserver.arena import Arena
from gameserver.store.reading import journals_in, read_journal
from gameserver.store.verify import verify
from tests.client_js.node import needs_node, script
from tests.e2e.program import program

pytestmark = needs_node


@pytest.mark.parametrize("road", ["websocket", "sse"])
async def test_a_replay_is_fetched_and_verified(tmp_path: Path, road: str) -> None:
    copy, data = tmp_path / "copy.journal.zst", tmp_path / "data"
    async with (
        program(tmp_path, "--data", str(data)) as server,
        script("replay.mjs", server.url, road, str(copy)) as node,
    ):
        assert await node.line() == {"running": "match.running", "whole": True}
        await node.end()
        server.assert_same_process_without_faults()
    (path,) = journals_in(data / "matches")
    assert copy.read_bytes() == path.read_bytes()
    assert verify(read_journal(copy), Arena()).differs_at is None
