"""The JavaScript client under Node against a real server, over each road."""

from pathlib import Path

import pytest

from tests.client_js.node import needs_node, script
from tests.e2e.program import program

pytestmark = needs_node


@pytest.mark.parametrize("road", ["websocket", "sse", "long-polling"])
async def test_players_sign_in_chat_and_go_on_after_a_cut(tmp_path: Path, road: str) -> None:
    async with program(tmp_path) as server, script("talk.mjs", server.url, road) as node:
        assert await node.line() == {"names": ["Ann", "Bob"], "road": road, "state": "online"}
        assert await node.line() == {"refused": "lobby.unknown", "unfit": "bad_params"}
        after = await node.line()
        assert after["statuses"] == ["reconnecting", "online"]
        assert after["heard"] == ["hello ✓", "are you there?"]
        assert after["same"], "the session goes on"
        assert after["fresh"], "each welcome brings a new token"
        assert after["book"] == ["hello ✓", "are you there?", "I am"]
        assert after["members"] == ["Ann", "Bob"]
        assert after["reconnects"] == 1
        assert await node.line() == {"closed": "closed", "late": "ServerClosedError"}
        assert await node.line() == {"members": ["Ann"], "rtt": True}
        await node.end()
        server.assert_same_process_without_faults()
