"""A whole server in memory: the real server without its listener, in virtual time.

Law: no part of the server but the listener is left out, and all of its tasks run. Everything that
it takes from its process is one `Runtime`, which is the same in each run. Its connections are
streams of `gameserver.testing.memorynet`, which it uses like sockets. So tests run the code that
serves players.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import count
from random import Random
from typing import Final

import attrs
import trio

from gameserver.client.link.address import Address
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.namespaces import Namespace
from gameserver.service.config.settings import Settings
from gameserver.service.middleware import Middleware
from gameserver.service.people import Record
from gameserver.service.runtime import Collector, Runtime
from gameserver.service.server import Server
from gameserver.testing.memorynet import MemoryLink, MemoryNet

ADDRESS: Final = "192.0.2.1"
"""Default address of players."""

URL: Final = "ws://simulated:7777"
"""URL for a client that connects by `WholeServer.open_stream`; the name is not looked up."""

EPOCH_MS: Final = 1_700_000_000_000
"""Unix time in milliseconds at the beginning of virtual time."""


@attrs.define(eq=False)
class WholeServer:
    """A running server, and the ways to connect to it."""

    net: MemoryNet
    _make: Callable[[], Server]
    _home: trio.Nursery
    server: Server = attrs.field(init=False)
    nursery: trio.Nursery = attrs.field(init=False)
    """Runs the server and its connections."""
    closed: bool = False
    """Whether connecting fails, as if the server's machine was down."""
    _life: trio.CancelScope = attrs.field(factory=trio.CancelScope, init=False)
    _over: trio.Event = attrs.field(factory=trio.Event, init=False)

    async def start(self) -> None:
        """Start a server; another one, after `stop` or `kill`."""
        await self._home.start(self._run)

    async def _run(
        self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED
    ) -> None:
        self._over = trio.Event()
        self.server = self._make()
        try:
            with trio.CancelScope() as self._life:
                async with trio.open_nursery() as self.nursery:
                    await self.nursery.start(partial(self.server.run, listens=False))
                    self.closed = False
                    task_status.started()
        finally:
            self._over.set()

    def connect(self, address: str = ADDRESS) -> MemoryLink:
        """Let the server serve a new connection from this address.

        Raises:
            OSError: The server is closed.
        """
        if self.closed:
            raise OSError("no way there")
        link = self.net.connect()
        self.nursery.start_soon(self.server.serve, link.server, address)
        return link

    async def open_stream(self, _address: Address) -> trio.abc.Stream:
        """Return the client's end of a new connection; for `ClientSettings.open_stream`."""
        await trio.lowlevel.checkpoint()
        return self.connect().client

    async def stop(self) -> None:
        """Stop the server in order; connecting fails from then on."""
        self.server.stop()
        await self.server.stopped.wait()
        self.closed = True

    async def kill(self) -> None:
        """End the server as the end of its process does: nobody is told."""
        self.closed = True
        for link in self.net.links:
            link.cut()
        self._life.cancel()
        await self._over.wait()


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
    namespaces: Sequence[type[Namespace]] = (),
) -> AsyncIterator[WholeServer]:
    """Run a server and its network until the block ends."""

    def make() -> Server:
        return Server(
            game=game,
            maps=maps,
            settings=settings,
            runtime=runtime,
            middleware=middleware,
            record=record,
            namespaces=namespaces,
        )

    async with trio.open_nursery() as nursery:
        whole = WholeServer(net, make, nursery)
        nursery.start_soon(net.run)
        await whole.start()
        yield whole
        nursery.cancel_scope.cancel()


@attrs.define
class WallClock:
    """The wall clock of a simulated machine, in milliseconds; it may jump."""

    offset_ms: int = 0

    def __call__(self) -> int:
        """Return Unix time in milliseconds."""
        return EPOCH_MS + round(trio.current_time() * 1000) + self.offset_ms

    def jump(self, seconds: float) -> None:
        """Set the clock forward, or back if ``seconds`` is negative."""
        self.offset_ms += round(seconds * 1000)


class _NoCollector(Collector):
    """A collector that does nothing: the simulating process controls its own."""

    def settle(self) -> None:
        pass

    def tune(self, viewers: int) -> None:
        del viewers

    @contextmanager
    def watching(self, told: Callable[[str], None]) -> Iterator[None]:
        del told  # collections come at other moments in each run
        yield


def simulated_runtime(
    seed: int, net: MemoryNet, reading_s: float = 0.0, wall: WallClock | None = None
) -> Runtime:
    """Return the runtime of a simulated server, which is the same in each run of a seed.

    Args:
        seed: Seed of the entropy and of the order of tasks.
        net: The network; it reads the sockets.
        reading_s: Seconds by which each reading of a stopwatch advances it. At 0 work takes no
            time, so no budget of processor time runs out; above 0 turns and budgets are waited for.
        wall: The wall clock; None for one that does not jump.
    """
    return Runtime(
        wall_ms=wall or WallClock(),
        stopwatch=_stopwatch(reading_s),
        thread_s=_stopwatch(reading_s),
        process_s=lambda: 0.0,
        memory_bytes=lambda: 1 << 26,
        entropy=Random(seed + 1).randbytes,  # noqa: S311  a simulation must be repeatable
        collector=_NoCollector(),
        drain=net.drain,
        descriptors=lambda: (1 << 20, 0),
        threads=False,
        order=seed,
    )


def _stopwatch(reading_s: float) -> Callable[[], float]:
    """Return a stopwatch that advances by this time with each reading."""
    readings = count()
    return lambda: next(readings) * reading_s
