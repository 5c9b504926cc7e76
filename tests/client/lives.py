"""A whole client whose connections are quiet wires: the test is the network and the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.client import Address, Client, ClientSettings, StatusChanged
from gameserver.errors import ConnectionLostError
from gameserver.messages import wire
from gameserver.messages.base import Result
from tests.client.wires import QuietWire

ADDRESS = Address("play.example", 7777)


class FakeRoads:
    """Leads to quiet wires; each attempt may be refused."""

    current = "websocket"
    can_improve = False

    def __init__(self) -> None:
        self.wires: list[QuietWire] = []
        self.attempts: list[tuple[float, float]] = []
        self.refuses: ConnectionLostError | None = None
        self.opens = trio.Event()

    @asynccontextmanager
    async def dial(self, timeout_s: float) -> AsyncIterator[QuietWire]:
        await trio.lowlevel.checkpoint()
        self.attempts.append((trio.current_time(), timeout_s))
        if self.refuses is not None:
            raise self.refuses
        self.wires.append(QuietWire())
        yield self.wires[-1]

    @asynccontextmanager
    async def better(self, timeout_s: float) -> AsyncIterator[QuietWire]:
        assert timeout_s == 4.0
        await self.opens.wait()
        self.opens = trio.Event()
        self.wires.append(QuietWire())
        yield self.wires[-1]

    def take(self, wire: QuietWire) -> None:
        assert wire is self.wires[-1]
        self.can_improve = False


@attrs.define(eq=False)
class Life:
    """A running client and its server, which is the test."""

    client: Client
    roads: FakeRoads
    heard: Any = None
    raised: list[Exception] = attrs.field(factory=list)

    @property
    def line(self) -> QuietWire:
        return self.roads.wires[-1]

    async def say(self, *messages: Any) -> None:
        self.line.say(*messages)
        await wait_all_tasks_blocked()

    async def answer(self, refusal: wire.Refusal | None = None) -> None:
        """Answer the last request."""
        await wait_all_tasks_blocked()
        (asked,) = self.line.take(wire.RequestEnvelope)
        await self.say(
            wire.ResultEnvelope(asked.id, Result())
            if refusal is None
            else attrs.evolve(refusal, id=asked.id)
        )

    def statuses(self) -> list[Any]:
        updates = self.heard.drain()
        return [each.status for each in updates if isinstance(each, StatusChanged)]


@asynccontextmanager
async def living(
    clock: MockClock,
    *said: Any,
    refuses: ConnectionLostError | None = None,
    can_improve: bool = False,
    **settings: Any,
) -> AsyncIterator[Life]:
    assert isinstance(clock, MockClock)
    own = ClientSettings(play=False, seed=1, connect_timeout_s=4.0)
    client = Client(ADDRESS, "Ann", attrs.evolve(own, **settings))
    roads: Any = FakeRoads()
    roads.refuses, roads.can_improve = refuses, can_improve
    client._roads = roads
    life = Life(client, roads, client.updates())

    async def run() -> None:
        try:
            await client.run()
        except ConnectionLostError as error:
            life.raised.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await wait_all_tasks_blocked()
        for each in said:
            await life.say(each)
        try:
            yield life
        finally:
            client._life.cancel()  # it is shielded, so a failed test would never end
