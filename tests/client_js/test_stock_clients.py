"""Clients that nobody wrote for this server, unmodified, side by side in one match.

The official client of Socket.IO under Node and in a browser, once with each of its transports; the
browser's own EventSource and WebSocket; and curl, which follows the match. Socket.IO's client for
Python is in ``tests/roads/socketio/test_stock_client.py``.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio

from gameserver.client import ClientSettings, open_client
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, SetReady
from tests.client_js.browser import PAGE, SCRIPT, Pages, browser, needs_chromium
from tests.client_js.node import SCRIPTS, Script, needs_node, script
from tests.e2e.program import PATIENCE_S, program, until

CURL = shutil.which("curl")

pytestmark = [
    needs_node,
    needs_chromium,
    pytest.mark.skipif(CURL is None, reason="needs curl (apt-get install curl)"),
]

MEMBERS = 10
"""A host, three under Node, five in the browser, and curl."""

NODE_WAYS = {
    "Node websocket": "websocket",
    "Node polling": "polling",
    "Node upgraded": "websocket",
}
PAGE_WAYS = {
    "Page websocket": "websocket",
    "Page polling": "polling",
    "Page upgraded": "websocket",
    "EventSource": "event-stream",
    "WebSocket": "gameserver.v1",
}

STOCK_PAGE = """<!doctype html>
<script src="/node_modules/@msgpack/msgpack/dist.umd/msgpack.min.js"></script>
<script type="module" src="/stock_page.mjs"></script>
"""

MORE = {
    "/stock.mjs": (SCRIPT, (SCRIPTS / "stock.mjs").read_bytes()),
    "/stock_page.mjs": (SCRIPT, (SCRIPTS / "stock_page.mjs").read_bytes()),
    "/stock": (PAGE, STOCK_PAGE.encode()),
}


def everybody(fields: dict[str, Any]) -> bool:
    """Whether the lobby in these fields has all members."""
    return len(fields["lobby"]["members"]) == MEMBERS


class Curl:
    """A member of a lobby that has nothing but curl."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("ws", "http", 1)
        self._token = ""

    async def run(self, path: str, *options: str) -> Any:
        more = ["-H", f"Authorization: Bearer {self._token}"] if self._token else []
        command = [CURL or "curl", "-sS", "--fail-with-body", *more, *options, self._url + path]
        return json.loads((await trio.run_process(command, capture_stdout=True)).stdout)

    async def ask(self, request: str, **fields: object) -> Any:
        return await self.run(f"/api/v1/requests/{request}", "-d", json.dumps(fields))

    async def until(self, name: str, fits: Callable[[Any], bool]) -> Any:
        """Return the fields of the session's first event of this name that fits."""
        while True:
            for event in (await self.run("/api/v1/events?after=0"))["events"]:
                if event["name"] == name and fits(event["fields"]):
                    return event["fields"]
            await trio.sleep(0.1)

    async def visit(self, lobby_id: str) -> None:
        """Join, talk and follow the match."""
        opened = await self.run("/api/v1/session", "-d", '{"name": "Curl"}')
        self._token = opened["token"]
        joined = (await self.ask("lobby.join", lobby_id=lobby_id))["result"]
        if not everybody(joined):
            await self.until("lobby.changed", everybody)
        await self.ask("chat.send", channel="lobby", text="hello from Curl")
        await self.ask("lobby.ready", ready=True)
        started = (await self.until("match.started", bool))["match_id"]
        stream = f"/events?topics=world:{lobby_id},scores:{lobby_id}"
        command = [CURL or "curl", "-sN", "--max-time", "2", self._url + stream]
        followed = await trio.run_process(command, capture_stdout=True, check=False)
        said = followed.stdout.decode().splitlines()
        assert said.count("event: state") == 2
        assert said.count("event: world") > 3, said[-20:]
        scores = await self.run(f"/api/v1/matches/{started}/scores")
        assert {"Curl", *NODE_WAYS, *PAGE_WAYS} <= {line["name"] for line in scores["lines"]}


async def test_all_of_them_sign_in_join_chat_and_play_one_match(tmp_path: Path) -> None:
    ways: dict[str, str] = {}

    async def from_node(node: Script) -> None:
        for _ in NODE_WAYS:
            found = await node.line()
            ways[found["name"]] = found["way"]
        await node.end()

    async def from_page(pages: Pages) -> None:
        for _ in PAGE_WAYS:
            found = await pages.report()
            ways[found["name"]] = found["way"]

    with trio.fail_after(PATIENCE_S), Pages(MORE).serving() as pages:
        origin = f"http://127.0.0.1:{pages.port}"
        async with (
            program(tmp_path, "--allow-origin", origin) as server,
            open_client(server.url, "Host", ClientSettings()) as host,
        ):
            form = await host.request(GetLobbyForm())
            config = attrs.evolve(form.default, map="foundry", size=12)
            lobby_id = (await host.request(CreateLobby(config))).lobby.lobby_id
            url = server.url.replace("ws", "http", 1)
            query = f"?server={url}&lobby={lobby_id}&count={MEMBERS}"
            async with (
                browser(f"{origin}/stock{query}", tmp_path / "profile"),
                script("stock_node.mjs", url, lobby_id, str(MEMBERS)) as node,
                trio.open_nursery() as nursery,
            ):
                nursery.start_soon(from_node, node)
                nursery.start_soon(from_page, pages)
                nursery.start_soon(Curl(server.url).visit, lobby_id)
                await until(lambda: host.lobby and len(host.lobby.members) == MEMBERS)
                await host.request(SendChat(Channel.LOBBY, "hello from Host"))
                await host.request(SetReady(ready=True))
            server.assert_same_process_without_faults()
    assert ways == NODE_WAYS | PAGE_WAYS
