"""A whole server in memory: the one that is started, without its listener, in virtual time.

Law: nothing here stands in for a part of the server. All of its tasks run; what it takes from its
process is one value, which is the same in each run; and its connections are streams of
`gameserver.testing.memorynet`, which it reads and writes as it does sockets. So what is tested here
is what is played.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Final

import attrs
import trio

from gameserver.client.link.address import Address
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.service.config.settings import Settings
from gameserver.service.middleware import Middleware
from gameserver.service.people import Record
from gameserver.service.runtime import Collector, Runtime
from gameserver.service.server import Server
from gameserver.testing.memorynet import MemoryLink, MemoryNet

ADDRESS: Final = "192.0.2.1"
"""Where players come from unless they are told otherwise."""

URL: Final = "ws://simulated:7777"
"""What a client dials that connects by `WholeServer.open_stream`; no name is looked up."""

EPOCH_MS: Final = 1_700_000_000_000
"""Unix time at the beginning of virtual time."""


@attrs.define(eq=False)
class WholeServer:
    """A server that runs, and the ways to it."""

    server: Server
    net: MemoryNet
    nursery: trio.Nursery
    closed: bool = False
    """Whether nobody can connect any more, as when its machine is down."""

    def connect(self, address: str = ADDRESS) -> MemoryLink:
        """Let the server serve a new connection from this address.

        Raises:
            OSError: It is closed.
        """
        if self.closed:
            raise OSError("no way there")
        link = self.net.connect()
        self.nursery.start_soon(self.server.serve, link.server, address)
        return link

    async def open_stream(self, _address: Address) -> trio.abc.Stream:
        """Connect a client of the SDK; give this to `ClientSettings`."""
        await trio.lowlevel.checkpoint()
        return self.connect().client

    async def stop(self) -> None:
        """Stop the server in order; then nobody can connect any more."""
        self.server.stop()
        await self.server.stopped.wait()
        self.closed = True


@asynccontextmanager
async def running(
    game: Game,
    maps: Mapping[str, TileMap],
    *,
    runtime: Runtime,
    net: MemoryNet,
    settings: Settings,
    middleware: Sequence[Middleware] = (),
    record: Record | None = None,
) -> AsyncIterator[WholeServer]:
    """Run a server, and the network to it, until the block ends."""
    server = Server(
        game=game,
        maps=maps,
        settings=settings,
        runtime=runtime,
        middleware=middleware,
        record=record,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(net.run)
        await nursery.start(partial(server.run, listens=False))
        yield WholeServer(server, net, nursery)
        nursery.cancel_scope.cancel()


class _NoCollector(Collector):
    """The collector of the process that simulates is left alone."""

    def settle(self) -> None:
        pass

    def tune(self, viewers: int) -> None:
        del viewers


def simulated_runtime(seed: int, net: MemoryNet) -> Runtime:
    """Return what a simulated server takes from its process: nothing that differs between runs.

    Work costs nothing in it, so that no budget of processor time runs out.
    """
    return Runtime(
        wall_ms=lambda: EPOCH_MS + round(trio.current_time() * 1000),
        stopwatch=lambda: 0.0,
        thread_s=lambda: 0.0,
        process_s=lambda: 0.0,
        memory_bytes=lambda: 1 << 26,
        entropy=Random(seed + 1).randbytes,  # noqa: S311  a simulation must be repeatable
        collector=_NoCollector(),
        drain=net.drain,
        descriptors=lambda: (1 << 20, 0),
        order=seed,
    )
