"""The environment of an attack: its peers, its duration, and the moment at which it begins.

Law: an attack prepares, waits for `Scene.begin`, and then acts as long as `Scene.goes_on`; every
connection that it makes is counted and closed by the scene.
"""

import json
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import Final

import attrs
import trio

from bench.attacks.wire import Peer, PeerRefusedError, Target
from gameserver.messages.wire import Kind

PER_ADDRESS: Final = 60
"""Connections of one address: just below a server's default limit."""

KEEP_ALIVE_S: Final = 3.0

_DIALLING: Final = 32
"""Connections opened at the same time while an attack prepares."""


@attrs.define(eq=False)
class Scene:
    """One attack on one server."""

    target: Target
    seconds: float
    listeners: int
    nursery: trio.Nursery
    attackers: list[Peer] = attrs.field(factory=list)
    crowd: list[Peer] = attrs.field(factory=list)
    """Honest clients that only listen; their bytes are not counted."""
    refused: int = 0
    """Connections that the server refused."""
    notes: dict[str, object] = attrs.field(factory=dict)
    """Further results of this attack; its ``held``, if any, decides whether the server held."""
    sent: int = 0
    received: int = 0
    """Bytes of connections that have ended."""
    half: tuple[int, int] = (0, 0)
    """The same at half of the time."""
    _ends_at: float = float("inf")

    # --- time -----------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Report that the attack is prepared, and wait for the order to begin."""
        self.say(ready=True)
        await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        self.sent = -sum(peer.sent for peer in self.attackers)
        self.received = -sum(peer.received for peer in self.attackers)
        self._ends_at = trio.current_time() + self.seconds
        self.nursery.start_soon(self._note_half)

    async def _note_half(self) -> None:
        """Save the counters at half of the time: the load after it is sustained, without bursts."""
        await trio.sleep(self.seconds / 2)
        self.half = self.counted()

    def counted(self) -> tuple[int, int]:
        """Return the bytes that attackers sent and received since the attack began."""
        return (
            self.sent + sum(peer.sent for peer in self.attackers),
            self.received + sum(peer.received for peer in self.attackers),
        )

    @property
    def goes_on(self) -> bool:
        """Whether there is time left."""
        return trio.current_time() < self._ends_at

    async def wait_over(self) -> None:
        """Wait until the time is over."""
        await trio.sleep_until(self._ends_at)

    async def every(self, period_s: float) -> AsyncIterator[int]:
        """Count up once in each period until the time is over."""
        due, number = trio.current_time(), 0
        while self.goes_on:
            yield number
            number += 1
            due = max(due + period_s, trio.current_time() - 1.0)
            await trio.sleep_until(due)

    @staticmethod
    def say(**words: object) -> None:
        """Print a line for the process that runs the attack."""
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()

    # --- connections ----------------------------------------------------------------------------

    async def dial(self, source: str, *, listening: bool = True) -> Peer | None:
        """Connect an attacker; None if the server refuses it."""
        try:
            peer = await Peer.dial(self.target, source)
        except PeerRefusedError:
            self.refused += 1
            return None
        self.attackers.append(peer)
        if listening:
            self.nursery.start_soon(peer.listen)
        return peer

    async def guest(self, source: str, name: str = "Mallory") -> Peer | None:
        """Connect an attacker and sign in; None if the server refuses it."""
        peer = await self.dial(source, listening=False)
        if peer is not None and await peer.hello(name):
            self.nursery.start_soon(peer.listen)
            return peer
        return None

    async def guests(self, many: int, sources: Iterable[str], name: str = "Mallory") -> list[Peer]:
        """Connect attackers from these addresses in turn; return those that were accepted."""
        made: list[Peer] = []

        async def one(source: str) -> None:
            peer = await self.guest(source, name)
            if peer is not None:
                made.append(peer)

        await side_by_side(one, islice(cycle(sources), many))
        return made

    async def listening(self, many: int, name: str = "Listener") -> list[Peer]:
        """Connect honest clients that only listen, sixty from each address."""

        async def one(source: str) -> None:
            try:
                peer = await Peer.dial(self.target, source)
            except PeerRefusedError:
                self.refused += 1
                return
            if await peer.hello(name):
                self.crowd.append(peer)
                self.nursery.start_soon(peer.drain)

        await side_by_side(one, (f"127.1.{i // PER_ADDRESS}.1" for i in range(many)))
        return self.crowd

    async def keep_alive(self) -> None:
        """Send the pings of all listeners, spread evenly over time."""
        ping = bytes((0x92, Kind.PING, 0))
        while True:
            began = trio.current_time()
            signed_in = [peer for peer in [*self.crowd, *self.attackers] if peer.player_id]
            for number, peer in enumerate(signed_in):
                await peer.send(ping)
                if number % 20 == 0:
                    await trio.sleep_until(began + KEEP_ALIVE_S * number / len(signed_in))
            await trio.sleep_until(began + KEEP_ALIVE_S)

    def leave(self, peer: Peer) -> None:
        """End an attacker's connection; its bytes stay counted."""
        peer.close()
        if peer in self.attackers:
            self.attackers.remove(peer)
            self.sent += peer.sent
            self.received += peer.received


async def side_by_side(act: Callable[[str], Awaitable[None]], sources: Iterable[str]) -> None:
    """Run one act for each address, a bounded number at the same time."""
    limit = trio.CapacityLimiter(_DIALLING)

    async def one(source: str) -> None:
        async with limit:
            await act(source)

    async with trio.open_nursery() as nursery:
        for source in sources:
            nursery.start_soon(one, source)


def address(number: int = 0) -> str:
    """Return one of the addresses that attackers come from."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


@asynccontextmanager
async def scene(target: Target, seconds: float, listeners: int) -> AsyncIterator[Scene]:
    """Make a scene for the block, and close all its connections afterwards."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with trio.open_nursery() as nursery:
        made = Scene(target, seconds, listeners, nursery)
        nursery.start_soon(made.keep_alive)
        try:
            yield made
        finally:
            nursery.cancel_scope.cancel()
            for peer in [*made.attackers, *made.crowd]:
                peer.close()
