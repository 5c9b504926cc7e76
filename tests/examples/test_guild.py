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
from gameserver.errors import RequestError
from gameserver.service.config.settings import Settings
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.whole import URL, WholeServer, running, simulated_runtime
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
    async with served() as whole, player(whole, "Ann") as ann, player(whole, "Bob") as bob:
        guild, other = ann.namespace("/guild"), bob.namespace("/guild")
        with pytest.raises(RequestError, match="Speak friend"):
            await guild.join()
        other.on("invited", lambda by, hall: (by, hall) == ("Ann", "great"))
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
