"""A server with a console, and operators who ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from trio.testing import MockClock

from gameserver.service.config.settings import Settings
from tests.service.peers import Running, serving
from tests.service.rest.caller import Answer, Asker

SECRET: Final = "correct-horse-battery"
ADMIN: Final = "/api/v1/admin"
AWAY: Final = "198.51.100.9"
"""Address of the operator."""


@asynccontextmanager
async def overseen(
    clock: MockClock | None, *, stats_token: str = "", **more: Any
) -> AsyncIterator[Running]:
    """Run a server whose console is on the game's port."""
    settings = Settings(seed=5, stats_token=stats_token, console_secret=SECRET, **more)
    async with serving(clock, settings=settings) as running:
        yield running


class Operator(Asker):
    """Asks with the secret, from another machine."""

    def __init__(self, running: Running, secret: str = SECRET, address: str = AWAY) -> None:
        super().__init__(running, address, secret)

    async def look(self, path: str, **headers: str) -> Any:
        """Return what a GET answers."""
        answer = await self.call("GET", path, base=ADMIN, **headers)
        assert answer.status == 200, answer
        return answer.value

    async def act(self, path: str, reason: str = "spam", **fields: Any) -> Any:
        """Return how an act was written down."""
        answer = await self.try_to(path, reason=reason, **fields)
        assert answer.status == 200, answer
        return answer.value["entry"]

    async def try_to(self, path: str, **fields: Any) -> Answer:
        return await self.call("POST", path, fields, base=ADMIN)
