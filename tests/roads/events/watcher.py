"""A reader of topics by hand: every byte of the request is the test's."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio
from trio.testing import MockClock

from gameserver.messages.lobby import CreateLobby, InLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch, MatchStarted
from gameserver.messages.wire import EventEnvelope, ResultEnvelope
from gameserver.service.config.settings import Settings
from tests.service.peers import MAP, Peer, Running, serving

ALONE = LobbyConfig(title="Den", map=MAP.name, size=4, bots=3)


@attrs.define
class Said:
    """One event of a stream."""

    name: str
    data: Any
    id: str


@attrs.define(eq=False)
class Watcher:
    """One stream, from behind the head of its response."""

    stream: trio.abc.Stream
    status: int
    head: str
    rest: bytes = b""
    last_id: str = ""
    comments: list[str] = attrs.field(factory=list)

    @property
    def chunked(self) -> bool:
        return "chunked" in self.head.lower()

    async def line(self) -> str:
        """Return the next line.

        Raises:
            EOFError: The stream is over.
        """
        while b"\n" not in self.rest:
            data = bytes(await self.stream.receive_some())
            if not data:
                raise EOFError
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode().rstrip("\r")

    async def next(self) -> Said:
        """Return the next event; the sizes of chunks are passed over."""
        name = ""
        while True:
            field, _, value = (line := await self.line()).partition(": ")
            if line.startswith(":"):
                self.comments.append(line)
            elif field == "id":
                self.last_id = value
            elif field == "event":
                name = value
            elif field == "data":
                return Said(name, json.loads(value), self.last_id)

    async def wait(self, name: str, topic: str = "") -> Any:
        """Return the data of the next event of this name, and topic; others are passed over."""
        while True:
            said = await self.next()
            if said.name == name and topic in ("", said.data["topic"]):
                return said.data

    async def body(self) -> Any:
        """Return the whole body, which is JSON."""
        while not self.rest.endswith(b"}\n"):
            self.rest += bytes(await self.stream.receive_some())
        return json.loads(self.rest)

    async def ended(self) -> list[Said]:
        """Read to the end; return what came."""
        came = []
        try:
            while True:
                came.append(await self.next())
        except (EOFError, trio.BrokenResourceError):
            return came


@asynccontextmanager
async def watching(
    house: Running,
    topics: str,
    *headers: str,
    more: str = "",
    address: str = "192.0.2.9",
    method: str = "GET",
    version: str = "1.1",
) -> AsyncIterator[Watcher]:
    link = house.whole.connect(address)
    async with link.client as stream:
        lines = [f"{method} /events?topics={topics}{more} HTTP/{version}", "Host: localhost"]
        await stream.send_all("\r\n".join([*lines, *headers, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            data = bytes(await stream.receive_some())
            assert data, head
            head += data
        text, _, rest = head.partition(b"\r\n\r\n")
        yield Watcher(stream, int(text.split()[1]), text.decode(), rest)


async def refused(house: Running, topics: str, **more: Any) -> tuple[int, str]:
    """Return status and code of a refusal."""
    async with watching(house, topics, **more) as watcher:
        return watcher.status, (await watcher.body())["code"]


async def opened(
    peer: Peer, config: LobbyConfig = ALONE, *, number: int = 1, password: str = ""
) -> str:
    """Let somebody open a lobby; return its id."""
    answer = await peer.ask(number, CreateLobby(config, password))
    assert isinstance(answer, ResultEnvelope), answer
    assert isinstance(answer.result, InLobby)
    return answer.result.lobby.lobby_id


@asynccontextmanager
async def hosting(
    clock: MockClock, settings: Settings | None = None
) -> AsyncIterator[tuple[Running, Peer, str]]:
    """Run a server on which Ann has a lobby; give both, and the lobby's id."""
    async with serving(clock, settings=settings) as house:
        ann = await house.guest("Ann")
        yield house, ann, await opened(ann)


async def started(peer: Peer, number: int = 2) -> MatchStarted:
    """Get ready, and enter the match that begins."""
    await peer.ask(number, SetReady(ready=True))
    while not isinstance(event := (await peer.hear_a(EventEnvelope)).event, MatchStarted):
        pass
    await peer.ask(number + 1, EnterMatch(event.match_id))
    return event
