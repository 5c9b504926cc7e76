"""A whole server without sockets: peers talk to it over memory streams, in the time of a test.

Law: everything from the accepted stream up is the real thing, so that trio's test clock can move
all of it; only accepting is left out, and with it the kernel.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import attrs
import trio
from trio.testing import MockClock
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.game.game import Game
from gameserver.game.maps.tilemap import MapObject, ObjectKind, TileMap
from gameserver.ids import RequestId
from gameserver.messages.base import Request
from gameserver.messages.session import GetServerInfo, ServerInfo
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    SUBPROTOCOL,
    Goodbye,
    Hello,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
    Welcome,
)
from gameserver.namespaces import Namespace
from gameserver.protocol.codec import decode_server, encode
from gameserver.service.config.settings import Settings
from gameserver.service.middleware import Middleware
from gameserver.service.server import Server
from gameserver.store.worker import InlineWorker, MakeWorker
from gameserver.testing.maps import map_from_rows
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.whole import WholeServer, running, simulated_runtime
from tests.rooms.party import Entropy
from tests.transports.peers import masked

PATIENCE_S = 3600
"""Of the test's clock; ends a test that hangs."""

MAP = map_from_rows(
    *["." * 16] * 16,
    objects=[MapObject(1, ObjectKind.SPAWN, "a", 0, 512 * 4, 512 * 4)],
)


def hello(name: str = "Ann", **more: Any) -> Hello:
    return Hello(PROTOCOL_VERSION, "test", player_name=name, **more)


@attrs.define(eq=False)
class Peer:
    """One end of a connection, which does nothing that it is not told to."""

    websocket: WebSocketConnection
    asked: dict[RequestId, type[Request]] = attrs.field(factory=dict)
    heard: list[Any] = attrs.field(factory=list)
    """Every message so far, in order."""
    _next: int = 0

    async def send(self, *messages: Any) -> None:
        """Send these together as one WebSocket message; bytes go as they are."""
        for message in messages:
            if isinstance(message, RequestEnvelope):
                self.asked[message.id] = type(message.request)
        parts = [each if isinstance(each, bytes) else encode(each) for each in messages]
        await self.websocket.send_message(b"".join(parts))

    async def send_at_once(self, *messages: Any) -> None:
        """Send each as a WebSocket message of its own, all of them in one piece of the stream."""
        for message in messages:
            if isinstance(message, RequestEnvelope):
                self.asked[message.id] = type(message.request)
        parts = [each if isinstance(each, bytes) else encode(each) for each in messages]
        await self.websocket._stream.send_all(b"".join(map(masked, parts)))

    async def hear(self) -> Any:
        """Return the next message.

        Raises:
            ConnectionClosed: There is none, and never will be.
        """
        while self._next == len(self.heard):
            data = await self.websocket.get_message()
            assert isinstance(data, bytes)
            self.heard += decode_server(data, self.asked.get)
        self._next += 1
        return self.heard[self._next - 1]

    async def hear_a(self, *kinds: type) -> Any:
        """Return the next message of these kinds, passing over others."""
        while not isinstance(message := await self.hear(), kinds):
            pass
        return message

    async def hear_out(self) -> list[Any]:
        """Listen until the connection is closed; return what came."""
        came = []
        try:
            while True:
                came.append(await self.hear())
        except ConnectionClosed:
            return came

    async def sign_in(self, name: str = "Ann", **more: Any) -> Welcome:
        await self.send(hello(name, **more))
        welcome = await self.hear()
        assert isinstance(welcome, Welcome)
        return welcome

    async def ask(self, number: int, request: Request) -> ResultEnvelope | Refusal:
        """Ask under this id and return the answer."""
        await self.send(RequestEnvelope(RequestId(number), request))
        while (answer := await self.hear_a(ResultEnvelope, Refusal)).id != number:
            pass
        assert isinstance(answer, ResultEnvelope | Refusal)
        return answer

    async def parted(self) -> tuple[str, str]:
        """Listen to the end; return the codes of the refusal and of the goodbye behind it."""
        *_, refusal, goodbye = await self.hear_out()
        assert isinstance(refusal, Refusal)
        assert isinstance(goodbye, Goodbye)
        assert (refusal.id, refusal.sentence) == (0, goodbye.sentence)
        return refusal.code, goodbye.code


async def assert_serves(peer: Peer, number: int = 1000) -> None:
    """See the server answer somebody."""
    answer = await peer.ask(number, GetServerInfo())
    assert isinstance(answer, ResultEnvelope), answer
    assert isinstance(answer.result, ServerInfo)


@attrs.frozen(eq=False)
class Running:
    """A server and the way in."""

    whole: WholeServer

    @property
    def server(self) -> Server:
        return self.whole.server

    @property
    def nursery(self) -> trio.Nursery:
        return self.whole.nursery

    async def dial(self, address: str = "") -> Peer:
        """Connect somebody who has not said anything yet."""
        websocket = await wrap_client_stream(
            self.nursery,
            self.whole.connect(address).client,
            "127.0.0.1",
            "/",
            subprotocols=[SUBPROTOCOL],
        )
        return Peer(websocket)

    async def guest(self, name: str = "Ann", address: str = "") -> Peer:
        """Connect somebody and sign them in."""
        peer = await self.dial(address)
        await peer.sign_in(name)
        return peer


@asynccontextmanager
async def serving(
    clock: MockClock | None,
    *,
    middleware: Sequence[Middleware] = (),
    entropy: Callable[[int], bytes] | None = None,
    game: Game | None = None,
    maps: Mapping[str, TileMap] | None = None,
    stats_token: str = "",
    stopwatch: Callable[[], float] = lambda: 0.0,
    namespaces: Sequence[type[Namespace]] = (),
    data: Path | str = "",
    threads: bool = False,
    inline: MakeWorker = InlineWorker,
    settings: Settings | None = None,
) -> AsyncIterator[Running]:
    """Run a server in the time of the test's clock, None for real time; what is sent arrives at
    once.
    """
    assert isinstance(clock, MockClock | None)
    net = MemoryNet(Random(5), weather=Weather(0.0, 0.0))
    runtime = attrs.evolve(
        simulated_runtime(5, net),
        entropy=entropy or Entropy(),
        thread_s=stopwatch,
        wall_ms=lambda: 0,
        threads=threads,
        inline=inline,
    )
    with trio.fail_after(PATIENCE_S):
        async with running(
            game or Skirmish(),
            {MAP.name: MAP} if maps is None else maps,
            runtime=runtime,
            net=net,
            settings=settings or Settings(seed=5, stats_token=stats_token, data=str(data)),
            middleware=middleware,
            namespaces=namespaces,
        ) as whole:
            yield Running(whole)
