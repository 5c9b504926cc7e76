"""A client of Socket.IO without a connection; a test is the service behind its link."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import trio
from trio.testing import wait_all_tasks_blocked

from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import ReliableEvent
from gameserver.messages.wire import (
    EventEnvelope,
    Kind,
    Limits,
    Welcome,
)
from gameserver.protocol.server_codec import ServerCodec
from gameserver.protocol.socketio.handshake import Transport
from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.connection import EngineConnection, EngineSettings
from gameserver.roads.socketio.game import (
    GameSocket,
)
from gameserver.transports import Link, ListenSettings

CLUB, DEN = "/club", "/den"


class Served:
    """A client, and the service's end of its link."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.connection = EngineConnection(
            EngineSettings(),
            Transport.WEBSOCKET,
            "192.0.2.1",
            nursery,
            RoadDraws(os.urandom),
            direct=True,
            changed=lambda _connection: None,
        )
        self.connection.queue.clear()
        self.game = GameSocket(
            self.connection, ListenSettings(), ServerCodec(), self.converse, [CLUB, DEN]
        )
        self.connection.application = self.game
        self.link: Link | None = None
        self.got: list[Any] = []
        """What the service was told."""
        self.events = 0

    async def converse(self, link: Link) -> None:
        self.link = link
        while True:
            self.got.append(msgpack.unpackb(await link.receive()))

    async def say(self, *packets: str) -> None:
        for packet in packets:
            await self.game.receive(packet)
        await wait_all_tasks_blocked()

    def post(self, message: Any) -> None:
        assert self.link is not None
        assert self.link.post(message)

    def tell(self, event: ReliableEvent) -> int:
        self.events += 1
        self.post(EventEnvelope(self.events, event))
        return self.events

    def welcome(self, next_request: int = 1, *, resumed: bool = False) -> None:
        limits = Limits(4096, 20.0, 300, 20)
        self.post(
            Welcome(
                1, "s", PlayerId("p"), "Ann", bytes(16), resumed, 1, "g", 4.5, 60.0, limits,
                RequestId(next_request),
            )
        )  # fmt: skip

    async def heard(self) -> list[str]:
        """Return the packets for the client, with ids replaced."""
        await wait_all_tasks_blocked()
        assert self.game.fill(self.connection.queue)
        found = [str(packet.data) for packet in self.connection.queue]
        self.connection.queue.clear()
        return [_plain(text) for text in found]

    def requests(self) -> list[Any]:
        """Return number, name and fields of each request that the service got."""
        return [row[1:] for row in self.got if row[0] == Kind.REQUEST]

    async def begin(self, namespace: str = "") -> list[str]:
        """Join, and be welcomed; return the packets."""
        await self.say(f"0{namespace},{{}}" if namespace else "0")
        self.welcome()
        return await self.heard()


def _plain(text: str) -> str:
    """Return a packet without the random id of a namespace, and with no more than a welcome."""
    head, brace, _ = text.partition('{"sid":')
    if brace:
        return f"{head}SID"
    at = text.find('["welcome"')
    return f"{text[:at]}WELCOME" if at >= 0 else text


@asynccontextmanager
async def serving() -> AsyncIterator[Served]:
    async with trio.open_nursery() as nursery:
        yield Served(nursery)
        nursery.cancel_scope.cancel()
