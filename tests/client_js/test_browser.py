"""The example page in a real browser: it signs in, chats, plays, and changes its road."""

from base64 import b64decode
from pathlib import Path

import pytest
import trio

from gameserver.arena import Arena
from gameserver.client.play.tapefile import read_tape, steps_of
from gameserver.messages.wire import Input
from tests.client.blocking_proxy import blocking
from tests.client_js.browser import PAGE, SCRIPT, Pages, browser, needs_chromium
from tests.client_js.node import FOLDER, SCRIPTS, build, needs_node
from tests.client_js.test_playing import PLAYING_S
from tests.e2e.program import PATIENCE_S, program

pytestmark = [needs_node, needs_chromium]

MORE = {
    "/drive.mjs": (SCRIPT, (SCRIPTS / "drive.mjs").read_bytes()),
    "/page": (
        PAGE,
        (FOLDER / "examples" / "page.html").read_bytes()
        + b'<script type="module" src="/drive.mjs"></script>',
    ),
}


@pytest.mark.parametrize(("keeps", "road"), [(False, "sse"), (True, "long-polling")])
async def test_a_page_plays_without_a_websocket_and_goes_over_to_one(
    tmp_path: Path, keeps: bool, road: str
) -> None:
    await trio.to_thread.run_sync(build)
    with trio.fail_after(PATIENCE_S), Pages(MORE).serving() as pages:
        origin = f"http://127.0.0.1:{pages.port}"
        async with (
            program(tmp_path, "--allow-origin", origin) as server,
            blocking(server.url, keeps=keeps) as (proxy, url),
            browser(f"{origin}/page?server={url}", tmp_path / "profile"),
        ):
            playing = await pages.report()
            assert playing["connected"] < PLAYING_S
            assert playing["road"] == road
            assert "Nora" in playing["lobby"]
            assert proxy.refused >= 1
            assert proxy.kept == keeps
            proxy.blocks = False
            saved = (await pages.report())["tape"]
            assert saved["name"].endswith(".tape")
            tape = read_tape(b64decode(saved["data"]))
            assert any(step.reading and step.reading.confirmed for step in steps_of(tape, Arena()))
            assert any(isinstance(entry, Input) for _, entry in tape.entries)
            assert await pages.report() == {"road": "websocket", "state": "online"}
            server.assert_same_process_without_faults()
