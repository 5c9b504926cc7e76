"""A real client and a real server joined by memory streams, in the time of a test's clock."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
from trio.testing import MemoryReceiveStream, MemorySendStream, MockClock, memory_stream_pair

from gameserver.client import ClientSettings
from gameserver.client.link import dial as dialling
from gameserver.client.link.address import Address
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.testing.skirmish import Skirmish
from tests.service.lines import Running, serving

URL = "ws://127.0.0.1:7777"
SETTINGS = ClientSettings(game=Skirmish(), seed=1)

Stapled = trio.StapledStream[MemorySendStream, MemoryReceiveStream]


class Pipe(trio.abc.Stream):
    """A memory stream that can be cut, and stalled, like a socket."""

    def __init__(self, stream: Stapled) -> None:
        self._stream = stream
        self._flows = trio.Event()
        self._flows.set()
        self.socket = self

    def fileno(self) -> int:
        return 3

    def setsockopt(self, *_args: object) -> None:
        """A memory stream has no options."""

    def close(self) -> None:
        self._stream.send_stream.close()
        self._stream.receive_stream.close()

    def stall(self, *, on: bool) -> None:
        """Let nothing through in either direction, or everything again."""
        if on:
            self._flows = trio.Event()
        else:
            self._flows.set()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._flows.wait()
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self._stream.receive_some(max_bytes)
        await self._flows.wait()
        return data

    async def aclose(self) -> None:
        await self._stream.aclose()


@attrs.define(eq=False)
class Pipes:
    """The way to the server, which a test may close."""

    house: Running
    made: list[Pipe] = attrs.field(factory=list)
    closed: bool = False

    async def stop(self) -> None:
        """Stop the server in order, and let nobody reach it any more."""
        self.house.server.stop()
        await self.house.server.stopped.wait()
        self.closed = True
        for pipe in self.made:
            pipe.close()

    async def open(self, _address: Address) -> Pipe:
        """Connect to the server, in place of a socket."""
        if self.closed:
            raise OSError("no way there")
        ours, theirs = memory_stream_pair()
        self.house.nursery.start_soon(self.house.server.serve, theirs)
        self.made.append(Pipe(ours))
        return self.made[-1]


@asynccontextmanager
async def piped(
    clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    game: Game | None = None,
    maps: Mapping[str, TileMap] | None = None,
) -> AsyncIterator[Pipes]:
    """Run a server that every client of this test reaches, whatever address it dials."""
    async with serving(clock, game=game, maps=maps) as house:
        pipes = Pipes(house)
        monkeypatch.setattr(dialling, "_open_stream", pipes.open)
        yield pipes
