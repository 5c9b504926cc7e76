"""Honest clients on the server under attack: some play, one sends probes; all measure delays.

Law: they come from 127.0.0.1, keep all rules, and stay until the server ends them. Times are those
of arrival in this process, so it does nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import attrs
import msgpack
import trio

from bench.attacks.wire import Peer, Target
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch
from gameserver.messages.session import GetServerStats, SignOut
from gameserver.messages.wire import Kind

HOME: Final = "127.0.0.1"
PROBE_S: Final = 0.01
"""Seconds between two probes: a stall of 20 ms delays two of them."""

MATCH_S: Final = 15.0
"""Longest wait for the start of the observers' matches."""

PLAYERS: Final = 2

GOODBYE_S: Final = 1.0
"""Longest time to sign out."""

SETTLE_S: Final = 90.0
"""Longest wait for the end of other matches before the measurement begins."""


@attrs.define
class Felt:
    """The delays of one phase, in milliseconds."""

    gaps: list[float] = attrs.field(factory=list)
    """Times between two snapshots of a running match."""
    trips: list[float] = attrs.field(factory=list)
    """Times from a probe to its answer: the server's work, its pacing, and the machine's own."""
    held: float = 0.0
    """Longest pass of the server's loop, in processor time as the server measures it."""

    @property
    def gap_p50(self) -> float:
        """Median of the times between snapshots."""
        return quantile(self.gaps, 0.5)

    @property
    def gap_p99(self) -> float:
        """99th percentile of the times between snapshots."""
        return quantile(self.gaps, 0.99)

    @property
    def trip_most(self) -> float:
        """Longest answer time of a probe."""
        return max(self.trips, default=0.0)

    @property
    def trip_p99(self) -> float:
        """99th percentile of the answer times of probes."""
        return quantile(self.trips, 0.99)


def quantile(values: list[float], share: float) -> float:
    """Return a quantile by nearest rank; ``share`` is from 0 to 1; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@attrs.define(eq=False)
class Observers:
    """Players and one prober, and the delays of the present phase."""

    felt: Felt = attrs.field(factory=Felt)
    peers: list[Peer] = attrs.field(factory=list)
    begun: list[trio.Event] = attrs.field(factory=list)
    """Set when their matches begin."""

    def phase(self) -> Felt:
        """Begin a new phase; return the delays of the previous one."""
        before, self.felt = self.felt, Felt()
        return before

    async def measure_passes(self) -> None:
        """Ask the server for the longest pass of its loop in the last 10 to 20 seconds.

        Raises:
            ConnectionError: The server does not tell it.
        """
        stats = await self._stats()
        if stats:
            self.felt.held = max(self.felt.held, stats["loop_passes"]["max_ms"])

    async def settle(self) -> None:
        """Wait until the matches of an earlier attack are over, for a bounded time.

        Raises:
            ConnectionError: The server does not tell it.
        """
        with trio.move_on_after(SETTLE_S):
            while (await self._stats()).get("matches", 0) > PLAYERS:  # noqa: ASYNC110  of the server
                await trio.sleep(1.0)

    async def _stats(self) -> dict[str, Any]:
        """Return the server's statistics; empty if no answer comes: other figures tell of it."""
        answer = await self.peers[0].ask(GetServerStats())
        if not answer:
            return {}
        if answer[0] != Kind.RESULT:
            raise ConnectionError("the server must be asked without a token; unset stats-token")
        stats: dict[str, Any] = answer[2]
        return stats

    @property
    def cut(self) -> int:
        """Number of observers without a connection."""
        return sum(not peer.open for peer in self.peers)

    async def probe(self, peer: Peer) -> None:
        """Send pings at fixed times, whether or not the previous ones were answered."""
        sent: dict[int, float] = {}

        def heard(row: list[Any]) -> None:
            if row[0] == Kind.PONG and row[1] in sent:
                self.felt.trips.append((trio.current_time() - sent.pop(row[1])) * 1000)

        peer.heard = heard
        number, due = 0, trio.current_time()
        while peer.open:
            number += 1
            sent[number] = trio.current_time()
            await peer.send(msgpack.packb([Kind.PING, number]))
            due = max(due + 10 * PROBE_S, trio.current_time())
            await trio.sleep_until(due)

    async def play(self, peer: Peer) -> None:
        """Play a match of one player and bots until it ends."""
        last = [0.0, 0.0]
        started = trio.Event()
        match: list[str] = []

        def heard(row: list[Any]) -> None:
            now = trio.current_time()
            if row[0] == Kind.SNAPSHOT:
                if last[0]:
                    self.felt.gaps.append((now - last[0]) * 1000)
                last[0], last[1] = now, row[1]
            elif row[0] == Kind.EVENT and row[2] == "match.started":
                match[:] = [row[3]["match_id"]]
                started.set()

        peer.heard = heard
        self.begun.append(started)
        form = await peer.ask(GetLobbyForm())
        chosen = form[2]["default"]["map"]
        options = {"time_limit_s": 1800, "score_limit": 0}
        config = LobbyConfig("Honest", chosen, 4, bots=3, options=options)
        answer = await peer.ask(CreateLobby(config))
        if answer and answer[0] == Kind.REFUSAL:  # another game than Arena
            await peer.ask(CreateLobby(LobbyConfig("Honest", chosen, 4, bots=3)))
        await peer.ask(SetReady(ready=True))
        await started.wait()
        await peer.ask(EnterMatch(match[0]))  # type: ignore[arg-type]
        beat = 0
        while peer.open:
            beat += 1
            await peer.send(msgpack.packb([Kind.SEEN, int(last[1])]))
            if beat % 10 == 0:
                await peer.ack()
            await trio.sleep(0.1)


@asynccontextmanager
async def observing(target: Target) -> AsyncIterator[Observers]:
    """Run the observers during the block; their matches have begun when it is entered."""
    made = Observers()
    async with trio.open_nursery() as nursery:
        for number in range(PLAYERS):
            peer = await _come(made, target, f"Player {number}", nursery)
            nursery.start_soon(made.play, peer)
        for number in range(10):  # each probes ten times a second, which is below every limit
            peer = await _come(made, target, f"Asker {number}", nursery)
            nursery.start_soon(made.probe, peer)
            await trio.sleep(PROBE_S)
        with trio.move_on_after(MATCH_S):
            for begun in made.begun:
                await begun.wait()
            await trio.sleep(1.0)
        try:
            yield made
        finally:
            with trio.move_on_after(GOODBYE_S, shield=True):
                for peer in made.peers:
                    await peer.request(SignOut())  # so that their matches end at once
                await trio.sleep(GOODBYE_S / 2)
            for peer in made.peers:
                peer.close()
            nursery.cancel_scope.cancel()


async def _come(made: Observers, target: Target, name: str, nursery: trio.Nursery) -> Peer:
    peer = await Peer.dial(target, HOME)
    if not await peer.hello(name):
        raise ConnectionError("an honest player was not let in before the attack began")
    made.peers.append(peer)
    nursery.start_soon(peer.listen)
    return peer
