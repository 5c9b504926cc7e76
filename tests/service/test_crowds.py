"""Crowds: hundreds who do the same thing in one moment are heard some at a time.

Law: the loop runs all tasks that are ready before it looks at its timers, so whatever wakes a task
for each of a crowd holds every match's tick. What is counted here are tasks that run in one pass.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import trio
from trio.testing import MockClock

from gameserver.messages.wire import SUBPROTOCOL
from gameserver.protocol.codec import encode
from gameserver.service.config.settings import Settings
from gameserver.service.overload.turns import ROUND_S, WOKEN
from gameserver.service.resting import RESTING_READS
from gameserver.service.server import Server
from gameserver.testing.memorynet import MemoryLink, MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.whole import running, simulated_runtime
from gameserver.transports.listener import SHAKE_S
from tests.service.peers import MAP, hello
from tests.transports.peers import masked

CROWD = 200

OPENING = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
).encode()


class Passes(trio.abc.Instrument):
    """Counts for each kind of task how many of them ran in one pass of the loop at the most."""

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self._now[task.name.rpartition(".")[2]] += 1

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's signature
        self.most |= self._now
        self._now.clear()


@asynccontextmanager
async def crowd(
    clock: MockClock, opening: bytes = OPENING
) -> AsyncIterator[tuple[Server, list[MemoryLink]]]:
    """Have many connected who have said this, over a network that delays all of them alike."""
    assert isinstance(clock, MockClock)
    net = MemoryNet(Random(1), weather=Weather(0.02, 0.0))
    runtime = simulated_runtime(1, net)
    maps, settings = {MAP.name: MAP}, Settings(seed=5)
    async with running(Skirmish(), maps, runtime=runtime, net=net, settings=settings) as whole:
        links = []
        for number in range(CROWD):
            link = whole.connect(f"192.0.2.{number}")
            await link.client.send_all(opening)
            links.append(link)
        await trio.sleep(1.0)
        yield whole.server, links


async def test_hundreds_of_simultaneous_sign_ins_wake_few_tasks_at_a_time(
    autojump_clock: MockClock,
) -> None:
    async with crowd(autojump_clock) as (server, links):
        passes = Passes()
        trio.lowlevel.add_instrument(passes)
        for number, link in enumerate(links):
            await link.client.send_all(masked(encode(hello(f"Guest {number}"))))
        passes.most.clear()
        await trio.sleep(1.0)
        assert len(server.connections) == CROWD
        assert max(passes.most.values()) <= 2 * max(RESTING_READS, WOKEN), passes.most


async def test_hundreds_of_connections_lost_at_once_wake_few_tasks_at_a_time(
    autojump_clock: MockClock,
) -> None:
    async with crowd(autojump_clock) as (server, links):
        for number, link in enumerate(links):
            await link.client.send_all(masked(encode(hello(f"Guest {number}"))))
        await trio.sleep(1.0)
        assert len(server.connections) == CROWD
        passes = Passes()
        trio.lowlevel.add_instrument(passes)
        for link in links:
            link.client.close()
        await trio.sleep(2.0)
        assert len(server.connections) == 0
        assert max(passes.most.values()) <= 3 * max(RESTING_READS, WOKEN), passes.most


async def test_many_unauthenticated_peers_that_close_at_once_wake_few_tasks_at_a_time(
    autojump_clock: MockClock,
) -> None:
    async with crowd(autojump_clock) as (server, links):
        passes = Passes()
        trio.lowlevel.add_instrument(passes)
        for link in links:
            link.client.close()
        await trio.sleep(2.0)
        assert not server._conversations
        assert max(passes.most.values()) <= 3 * max(RESTING_READS, WOKEN), passes.most


async def test_of_hundreds_of_simultaneous_connections_few_do_their_handshake_at_a_time(
    autojump_clock: MockClock,
) -> None:
    async with crowd(autojump_clock, OPENING[:-2]) as (server, links):
        passes = Passes()
        trio.lowlevel.add_instrument(passes)
        for link in links:
            await link.client.send_all(OPENING[-2:])
        await trio.sleep(1.0)
        assert len(server._conversations) == CROWD

        assert passes.most["_reader_task"] <= 3 * ROUND_S / SHAKE_S, passes.most
