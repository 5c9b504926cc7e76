"""The JavaScript client plays against a real server, over each road and from one to the other."""

import json
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.client.blocking_proxy import blocking
from tests.client_js.node import Script, needs_node, script
from tests.e2e.program import program

pytestmark = needs_node

PLAYING_S = 3.0
"""A client plays over another road within this time where no WebSocket passes."""

QUICK = json.dumps({"improveS": [0.2, 0.4]})


async def figures(node: Script) -> dict[str, Any]:
    """Let the player go on for a while, and return what it counted."""
    await node.tell("enough")
    found: dict[str, Any] = await node.line()
    await node.end()
    assert found["counts"]["desyncs"] == 0
    assert found["stats"].get("malformed", 0) == 0
    assert found["stats"]["applied"] > 15
    assert found["own"] == ["Fighter"]
    assert found["drawn"] >= 2
    assert found["sane"]
    assert 0 < found["view"] < 60
    return found


async def test_a_match_over_a_bad_line_is_predicted_as_the_server_steps_it(tmp_path: Path) -> None:
    line = json.dumps({"lagMs": 150, "jitterMs": 30, "seed": 3})
    async with program(tmp_path) as server, script("predict.mjs", server.url, "12", line) as node:
        found = await node.line()
        await node.end()
        server.assert_same_process_without_faults()
    assert found["counts"]["desyncs"] == 0
    assert found["rttMs"] >= 120
    assert found["stats"].get("malformed", 0) == 0
    # How many agree depends on how many inputs a busy machine lets come in time: the recorded
    # sessions of test_prediction.py are exact about that.
    assert found["corrections"]["judged"] > 10
    assert found["phases"]["confirmed"] >= 1


@pytest.mark.parametrize("road", ["sse", "long-polling"])
async def test_a_match_is_played_without_a_websocket(tmp_path: Path, road: str) -> None:
    settings = json.dumps({"roads": [road]})
    async with program(tmp_path) as server, script("play.mjs", server.url, settings) as node:
        playing = await node.line()
        assert (playing["road"], playing["seat"], playing["map"]) == (road, 0, True)
        found = await figures(node)
        assert found["counts"]["keyframes"] == 1
        server.assert_same_process_without_faults()


@pytest.mark.parametrize(("keeps", "road"), [(False, "sse"), (True, "long-polling")])
async def test_where_websockets_are_swallowed_it_plays_on_and_returns_when_one_passes(
    tmp_path: Path, keeps: bool, road: str
) -> None:
    # A proxy that refuses them, which is noticed sooner, is in the way of the browser's test.
    async with (
        program(tmp_path) as server,
        blocking(server.url, keeps=keeps, silent=True) as (proxy, url),
    ):
        async with script("play.mjs", url, QUICK) as node:
            with trio.fail_after(30):
                before = await node.line()
            assert before["road"] == road
            assert before["connected"] < PLAYING_S
            assert proxy.refused >= 1
            assert proxy.kept == keeps
            proxy.blocks = False
            after = await node.line()
            assert after == {**after, "road": "websocket", "same": True}
            assert (after["player"], after["seat"]) == (before["player"], before["seat"])
            found = await figures(node)
            assert found["statuses"] == [], "nobody sees the change"
            assert found["counts"]["keyframes"] == 2
        server.assert_same_process_without_faults()
