"""Honest people on the server under attack: who plays, and who asks. They measure what they feel.

Law: they come from 127.0.0.1, keep all rules, and are given up by nobody but the server. Times are
those of arrival here, so this process does nothing else.
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
from gameserver.messages.wire import Kind

HOME: Final = "127.0.0.1"
PROBE_S: Final = 0.01
"""Between two probes: a hold of 20 ms is met by two."""

MATCH_S: Final = 15.0
"""Longest wait for the observers' own match to begin."""

PLAYERS: Final = 2


@attrs.define
class Felt:
    """What was felt during one phase, in milliseconds."""

    gaps: list[float] = attrs.field(factory=list)
    """Between two snapshots of a running match."""
    trips: list[float] = attrs.field(factory=list)
    """From a probe to its answer: what the loop is held, a probe waits."""

    @property
    def gap_p50(self) -> float:
        """Half of the snapshots came within this time of the one before."""
        return quantile(self.gaps, 0.5)

    @property
    def gap_p99(self) -> float:
        """99 of 100 did."""
        return quantile(self.gaps, 0.99)

    @property
    def hold(self) -> float:
        """The longest that a probe waited."""
        return max(self.trips, default=0.0)

    @property
    def hold_p99(self) -> float:
        """99 of 100 probes waited no longer."""
        return quantile(self.trips, 0.99)


def quantile(values: list[float], share: float) -> float:
    """Return the value below which this share lies (nearest rank); 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@attrs.define(eq=False)
class Observers:
    """Some who play, one who asks, and what they feel in the phase that goes on."""

    felt: Felt = attrs.field(factory=Felt)
    peers: list[Peer] = attrs.field(factory=list)
    begun: list[trio.Event] = attrs.field(factory=list)
    """Set when their matches begin."""

    def phase(self) -> Felt:
        """Begin a new phase; return what was felt in the one before."""
        before, self.felt = self.felt, Felt()
        return before

    @property
    def cut(self) -> int:
        """How many of them the server has lost or sent away."""
        return sum(not peer.open for peer in self.peers)

    async def probe(self, peer: Peer) -> None:
        """Ask for a sign of life without end, each on its time whatever became of the last."""
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
        """Play a match of one person and bots, as long as it goes on."""
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
    """Have honest people on the server for the block's time; they play when it begins."""
    made = Observers()
    async with trio.open_nursery() as nursery:
        for number in range(PLAYERS):
            peer = await _come(made, target, f"Player {number}", nursery)
            nursery.start_soon(made.play, peer)
        for number in range(10):  # each probes ten times a second: no limit of one is met
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
