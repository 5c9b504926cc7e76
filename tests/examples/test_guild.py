"""The guild of the examples, with clients of the SDK and the snippets of its page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trio

from examples.guild import Guild
from gameserver.client import Client, ClientSettings, Online, open_client
from gameserver.client.link.roads import SSE, WEBSOCKET
from gameserver.errors import Code, RequestError
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.whole import URL, WholeServer, running, simulated_runtime
from tests.client.blocking_proxy import blocking
from tests.service.peers import MAP

PAGE = (Path(__file__).parents[2] / "docs" / "own-events.md").read_text("utf-8")
SNIPPETS = [part.split("```")[0] for part in PAGE.split("```python\n")[1:]]


@asynccontextmanager
async def served(*namespaces: Any) -> AsyncIterator[WholeServer]:
    net = MemoryNet(Random(3))
    async with running(
        Skirmish(),
        {MAP.name: MAP},
        runtime=simulated_runtime(3, net),
        net=net,
        settings=Settings(seed=3),
        namespaces=namespaces or (Guild,),
    ) as whole:
        yield whole


@asynccontextmanager
async def player(whole: WholeServer, name: str) -> AsyncIterator[Client]:
    settings = ClientSettings(open_stream=whole.open_stream, play=False, seed=1)
    async with open_client(URL, name, settings) as client:
        yield client


@pytest.mark.usefixtures("autojump_clock")
async def test_members_invite_talk_and_come_back() -> None:
    heard: list[tuple[Any, ...]] = []
    seen: list[tuple[str, str]] = []
    async with served() as whole, player(whole, "Ann") as ann, player(whole, "Bob") as bob:
        guild, other = ann.namespace("/guild"), bob.namespace("/guild")
        with pytest.raises(RequestError, match="Speak friend") as refused:
            await guild.join()
        assert (refused.value.code, refused.value.told) == (Code.INTERNAL, "guild.closed")
        other.on("invited", lambda by, hall: (by, hall) == ("Ann", "great"))
        guild.on("away", lambda name: seen.append(("away", name)))
        guild.on("back", lambda name: seen.append(("back", name)))
        other.on("*", lambda *args: heard.append(args))
        await other.join({"word": "friend"})
        await guild.join({"word": "friend"})
        assert await guild.emit_with_ack("enter", "great") == ["great"]
        assert await guild.emit_with_ack("invite", "Bob", "great") is True
        assert await guild.emit_with_ack("invite", "Bob", "small") is False
        await guild.emit_with_ack("say", "great", "one")
        bob.drop_connection()
        await guild.emit_with_ack("say", "great", "two")
        await trio.sleep(5)
        assert isinstance(bob.status, Online)
        await guild.emit_with_ack("wave", "great", 0.5, 1.0)
        await trio.sleep(1)
        assert heard == [
            ("came", "Ann"),
            ("said", "great", "Ann", "one"),
            ("said", "great", "Ann", "two"),
            ("waved", "Ann", 0.5, 1.0),
        ]
        other.on("asked", lambda question: question == "Tea?")
        guild.on("asked", lambda _: False)
        votes = await guild.emit_with_ack("vote", "great", "Tea?")
        assert votes == {"yes": 1, "no": 1, "silent": 0}
        assert seen == [("away", "Bob"), ("back", "Bob")]
        with pytest.raises(RequestError, match="not in small"):
            await guild.emit_with_ack("vote", "small", "Tea?")
        with pytest.raises(RequestError, match="no Cid"):
            await guild.emit_with_ack("invite", "Cid", "great")


@pytest.mark.usefixtures("autojump_clock")
async def test_the_snippets_of_the_page_run() -> None:
    made: dict[str, Any] = {}
    exec(SNIPPETS[0], made)
    body = "".join(f"    {line}\n" for line in SNIPPETS[1].splitlines())
    exec(f"async def run(client):\n{body}    return halls\n", made)
    async with served() as whole, player(whole, "Ann") as ann:
        assert await made["run"](ann) == ["great hall"]
    async with served(made["Guild"]) as whole, player(whole, "Ann") as ann:
        guild = ann.namespace("/guild")
        await guild.join({"word": "friend"})
        assert await guild.emit_with_ack("enter", "hall") == ["hall"]


async def test_the_client_has_its_namespace_where_no_websocket_passes_too() -> None:
    server = Server(Settings(port=0, seed=5), Skirmish(), {MAP.name: MAP}, namespaces=[Guild])
    settings = ClientSettings(play=False, seed=1)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            url = await nursery.start(server.run)
            async with (
                blocking(url) as (_, blocked_url),
                open_client(blocked_url, "Ann", settings) as ann,
                open_client(url, "Bob", settings) as bob,
            ):
                assert (ann.road, bob.road) == (SSE, WEBSOCKET)
                guild, other = ann.namespace("/guild"), bob.namespace("/guild")
                told = trio.Event()
                guild.on("invited", lambda by, hall: (by, hall) == ("Bob", "great"))
                guild.on("said", lambda *_: told.set())
                for each in (guild, other):
                    await each.join({"word": "friend"})
                assert await other.emit_with_ack("enter", "great") == ["great"]
                assert await other.emit_with_ack("invite", "Ann", "great") is True
                await other.emit("say", "great", "hello")
                await told.wait()
            nursery.cancel_scope.cancel()
