"""Real clients and a whole server joined by a network in memory, in the time of a test's clock."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Client, ClientSettings
from gameserver.client.link import streams
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.service.config.settings import Settings
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.whole import WholeServer
from tests.service.peers import serving

URL = "ws://127.0.0.1:7777"
SETTINGS = ClientSettings(game=Skirmish(), seed=1)


@asynccontextmanager
async def piped(
    clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    game: Game | None = None,
    maps: Mapping[str, TileMap] | None = None,
    data: Path | str = "",
    stopwatch: Callable[[], float] = lambda: 0.0,
    settings: Settings | None = None,
) -> AsyncIterator[WholeServer]:
    """Run a server that every client of this test reaches, whatever address it dials."""
    async with serving(
        clock, game=game, maps=maps, data=data, stopwatch=stopwatch, settings=settings
    ) as house:
        monkeypatch.setattr(streams, "open_stream", house.whole.open_stream)
        yield house.whole


async def play(client: Client) -> None:
    """Send inputs as a game loop does."""
    while True:
        if client.match is not None:
            client.match.advance(client.now())
        await trio.sleep(1 / 30)
