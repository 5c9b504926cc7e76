"""Prediction in JavaScript: what the Python client makes of a session, this one makes, too."""

from pathlib import Path
from typing import Any, Final

import pytest

from gameserver.client.link.conditions import Conditions
from tests.client_js.node import needs_node, script
from tests.vectors.prediction import Played, maps, render

pytestmark = needs_node

SECONDS: Final = 12

SESSIONS: Final[dict[str, tuple[str, Conditions, dict[str, Any]]]] = {
    "no lag": ("courtyard", Conditions(), {"options": {"mode": "dm"}, "bots": 5}),
    "lag and jitter": (
        "crossfire",
        Conditions(lag_ms=150, jitter_ms=60, seed=3),
        {"options": {"mode": "tdm", "friendly_fire": True}, "bots": 5, "seed": 3},
    ),
    "stalls and a lost connection": (
        "foundry",
        Conditions(lag_ms=60, jitter_ms=20, stall_s=1.2, stall_every_s=4, seed=4),
        {"options": {"mode": "ctf"}, "bots": 5, "seed": 4, "drops": (6,)},
    ),
    "a long way, and a crash of the server": (
        "canal",
        Conditions(lag_ms=300, jitter_ms=40, seed=5),
        {"options": {"mode": "tdm"}, "bots": 3, "seed": 5, "crashes": (10,)},
    ),
}


@pytest.mark.parametrize("name", SESSIONS)
async def test_each_frame_of_a_session_is_that_of_the_python_client(
    tmp_path: Path, name: str
) -> None:
    map_name, conditions, more = SESSIONS[name]
    session = Played(name, maps()[map_name], conditions, SECONDS, **more).record()
    path = tmp_path / "sessions.json"
    path.write_text(render([session]), "utf-8")
    frames = [step for step in session["steps"] if step[0] == "frame"]
    async with script("sessions.mjs", str(path)) as node:
        made = await node.line()
        await node.end()
    assert made["differs"] is None
    assert made["frames"] == len(frames) > 50 * SECONDS
    assert made["desyncs"] == 0
    assert made["corrections"]["divergences"] == frames[-1][2][9]
    assert made["events"]["predicted"] >= 3
    assert made["events"]["confirmed"] >= 1
