"""Event streams over a conversation that records what it hears, without a server."""

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from math import inf
from typing import Any

import attrs
import msgpack
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.roads.draws import RoadDraws
from gameserver.roads.sse import EventStreams
from gameserver.transports import ConnectionLimits, Link, ListenSettings
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse


class Packed:
    """Encodes rows of plain values as msgpack."""

    def encode(self, message: Any) -> bytes:
        packed: bytes = msgpack.packb(message)
        return packed

    def decode(self, data: bytes) -> list[Any]:
        return [msgpack.unpackb(data)]


@attrs.define
class House:
    """Event streams whose links are served by a conversation that records what it hears."""

    streams: EventStreams = attrs.field(init=False)
    limits: ConnectionLimits = attrs.field(factory=lambda: ConnectionLimits(3, 2))
    links: list[Link] = attrs.field(factory=list)
    heard: list[list[Any]] = attrs.field(factory=list)
    hears: bool = True

    settings: ListenSettings = attrs.field(
        factory=lambda: ListenSettings(queued_messages=4, close_s=2.0)
    )

    def __attrs_post_init__(self) -> None:
        self.streams = EventStreams(
            self.settings, Packed(), self.converse, self.limits, RoadDraws(os.urandom)
        )

    async def converse(self, link: Link) -> None:
        self.links.append(link)
        while self.hears:
            self.heard.append(msgpack.unpackb(await link.receive()))
        await trio.sleep(inf)

    async def ask(
        self, method: str, path: str, body: Any = b"", query: str = "", last: bytes | None = None
    ) -> HttpResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = HeaderFields([(b"last-event-id", last)] if last is not None else [])
        return await self.streams.answer(
            HttpRequest(method, path, query, headers, data, "192.0.2.1")
        )

    async def open(self, **auth: Any) -> tuple[str, str]:
        answer = await self.ask("POST", "/sse", auth or {"name": "Ann"})
        assert answer.status == 201
        ticket = json.loads(answer.body)
        return ticket["ticket"], ticket["link"]

    async def listen(self, ticket: str, last: bytes | None = None) -> AsyncGenerator[bytes, None]:
        answer = await self.ask("GET", "/sse", query=f"ticket={ticket}", last=last)
        assert (answer.status, answer.kind) == (200, "text/event-stream")
        assert answer.stream is not None
        return answer.stream

    @asynccontextmanager
    async def streaming(self) -> AsyncIterator[tuple[AsyncGenerator[bytes, None], str]]:
        """Open a ticket and its stream, behind its first piece; yield it and the link's name."""
        ticket, link = await self.open()
        async with aclosing(await self.listen(ticket)) as stream:
            await anext(stream)
            yield stream, link

    async def link(self) -> Link:
        """Return the only link, once its conversation runs."""
        await wait_all_tasks_blocked()
        (link,) = self.links
        return link

    async def say(self, link: str, number: int, *say: Any, **more: Any) -> int:
        answer = await self.ask(
            "POST", "/sse/send", {"link": link, "number": number, "say": list(say), **more}
        )
        assert answer.status == 200, answer.body
        applied: int = json.loads(answer.body)["applied"]
        return applied


@asynccontextmanager
async def house(clock: MockClock) -> AsyncIterator[House]:
    assert isinstance(clock, MockClock)
    made = House()
    async with trio.open_nursery() as nursery:
        await nursery.start(made.streams.run)
        yield made
        nursery.cancel_scope.cancel()
