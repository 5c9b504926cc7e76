"""Let hundreds of players come, play, lose their lines and start again: ``script/soak``.

Law: the players are thin clients that send what a real one sends and read all that comes, so that
one process can be many of them; the server is the real one, and is asked what it holds.

Exit codes: 0 the server held; 1 it did not; the last lines say why.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from random import Random
from typing import Any, Final

import attrs
import click
import trio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.attacks.wire import Peer, PeerRefusedError, Target
from bench.held import HeldServer, held_server
from gameserver.ids import MatchId, Tick
from gameserver.messages.lobby import LeaveLobby, QuickPlay
from gameserver.messages.match import EnterMatch
from gameserver.messages.wire import Input, Kind
from gameserver.protocol.codec import encode

INPUTS_HZ: Final = 10.0
LIFE_S: Final = 30.0
"""Mean time until a line is cut, or a client starts again."""
LOOK_S: Final = 5.0
WARM: Final = 0.3
"""Share of the run after which memory counts."""
DRIFT_BYTES: Final = 2 << 20
"""Most growth behind the warm-up."""


@attrs.define
class Felt:
    """What happened to all players."""

    events: Counter[str] = attrs.field(factory=Counter)


class Player:
    """One person: several clients and connections, one after the other."""

    def __init__(
        self, number: int, target: Target, felt: Felt, rng: Random, life_s: float = LIFE_S
    ) -> None:
        """Begin without a session; ``life_s`` is the mean time of a connection."""
        self._life_s = life_s
        self._name = f"Soak {number}"
        self._target = target
        self._felt = felt
        self._rng = rng
        self._token = b""
        self._sequence = count(1)

    async def live(self) -> None:
        """Connect, play and lose the line, until cancelled."""
        await trio.sleep(self._rng.uniform(0, self._life_s / 6))
        while True:
            try:
                peer = await Peer.dial(self._target)
            except PeerRefusedError:
                self._felt.events["refused"] += 1
                await trio.sleep(1)
                continue
            try:
                await self._connected(peer)
            finally:
                peer.close()
            self._felt.events["cuts"] += 1
            if self._rng.random() < 0.5:  # the client starts again and knows of nothing
                self._felt.events["restarts"] += 1
                self._token = b""
            await trio.sleep(self._rng.uniform(0, 2))

    async def _connected(self, peer: Peer) -> None:
        match = ""
        tick = 0
        started = trio.Event()

        def heard(row: list[Any]) -> None:
            nonlocal match, tick, started
            match row[0]:
                case Kind.WELCOME:
                    peer.go_on_from(row[1].get("next_request", 1))
                    self._felt.events["resumes" if row[1]["resumed"] else "sessions"] += 1
                case Kind.SNAPSHOT:
                    tick = row[1]
                    self._felt.events["snapshots"] += 1
                case Kind.EVENT if row[2] == "match.started":
                    match = row[3]["match_id"]
                    started.set()
                case Kind.EVENT if row[2] == "match.ended":
                    match, started = "", trio.Event()
                    self._felt.events["results"] += 1

        peer.heard = heard
        with trio.move_on_after(self._rng.expovariate(1 / self._life_s)):
            if not await peer.hello(self._name, token=self._token):
                self._token = b""
                return
            self._token = peer.token
            async with trio.open_nursery() as nursery:
                nursery.start_soon(peer.listen)
                nursery.start_soon(self._acknowledge, peer)
                while peer.open:
                    if not match:
                        await peer.ask(LeaveLobby())
                        await peer.ask(QuickPlay())
                        with trio.move_on_after(20):
                            await started.wait()
                        continue
                    await peer.ask(EnterMatch(MatchId(match)))
                    self._felt.events["entered"] += 1
                    await self._play(peer, lambda: tick if match else -1)
                nursery.cancel_scope.cancel()

    async def _play(self, peer: Peer, seen: Callable[[], int]) -> None:
        """Send inputs until the match or the connection ends; ``seen`` is -1 behind the match."""
        while (tick := seen()) >= 0:
            if not await peer.send(encode(self._input(tick))):
                return
            await trio.sleep(1 / INPUTS_HZ)

    def _input(self, tick: int) -> Input:
        row = (self._rng.randrange(9), self._rng.randrange(256), self._rng.randrange(2), 0, 0)
        return Input(next(self._sequence), Tick(0), Tick(tick), 0, row)

    async def _acknowledge(self, peer: Peer) -> None:
        while peer.open:
            await trio.sleep(1)
            await peer.ack()


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
@click.option("--bots", default=200, show_default=True, help="How many players.")
@click.option("--seed", default=1, show_default=True, help="Of the players' decisions.")
def main(minutes: float, bots: int, seed: int) -> None:
    """Watch a server under hundreds of players whose lines are cut and who start again."""
    sys.exit(trio.run(_run, minutes * 60, bots, seed))


async def _run(seconds: float, bots: int, seed: int) -> int:
    felt, samples = Felt(), []
    with tempfile.TemporaryDirectory() as folder:
        async with held_server(folder, "soak", "--data", f"{folder}/data") as server:
            before = await server.held()
            target = Target("127.0.0.1", server.port)
            async with trio.open_nursery() as nursery:
                for number in range(bots):
                    rng = Random(f"{seed} {number}")  # noqa: S311  repeatable on purpose
                    player = Player(number, target, felt, rng)
                    nursery.start_soon(player.live)
                samples = await _watch(server, seconds, felt)
                nursery.cancel_scope.cancel()
            after = await server.settled(before)
            faults = [*server.faults(), *_judged(before, samples, after)]
    _show(felt, before, samples, after)
    for fault in faults:
        Console().print(f"[red]{fault}", highlight=False)
    return 1 if faults else 0


async def _watch(server: HeldServer, seconds: float, felt: Felt) -> list[dict[str, int]]:
    """Ask what the server holds, again and again."""
    samples: list[dict[str, int]] = []
    began = time.monotonic()
    columns = (TextColumn("soaking"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[said]}")) as shown:
        task = shown.add_task("", total=seconds, said="")
        while (passed := time.monotonic() - began) < seconds:
            await trio.sleep(min(LOOK_S, seconds - passed))
            samples.append(await server.held())
            held = samples[-1]
            said = f"{held['memory'] >> 20} MiB, {held['tasks']} tasks, {felt.events['cuts']} cuts"
            shown.update(task, completed=passed, said=said)
    return samples


def drift_of(samples: Sequence[dict[str, int]]) -> int:
    """Return by how many bytes memory grew from the first half behind the warm-up to the last."""
    counted = [each["memory"] for each in samples[int(len(samples) * WARM) :]]
    half = len(counted) // 2
    if not half:
        return 0
    return round(statistics.median(counted[-half:]) - statistics.median(counted[:half]))


def _judged(
    before: dict[str, int], samples: Sequence[dict[str, int]], after: dict[str, int]
) -> list[str]:
    faults = [
        f"{name}: {before[name]} before, {after[name]} after"
        for name in ("tasks", "descriptors")
        if after[name] > before[name] + 2  # the writers of journals and people, once they have work
    ]
    if (drift := drift_of(samples)) > DRIFT_BYTES:
        faults.append(f"memory drifted by {drift / 2**20:.1f} MiB")
    return faults


def _show(
    felt: Felt, before: dict[str, int], samples: Sequence[dict[str, int]], after: dict[str, int]
) -> None:
    table = Table("what", "figure", title="Soak")
    for name, number in sorted(felt.events.items()):
        table.add_row(name, f"{number:,}")
    table.add_section()
    for name in ("tasks", "descriptors"):
        most = max((each[name] for each in samples), default=0)
        table.add_row(f"{name} before, most, after", f"{before[name]}, {most}, {after[name]}")
    warm = samples[int(len(samples) * WARM)] if samples else before
    said = [f"{each['memory'] / 2**20:.1f}" for each in (before, warm, samples[-1], after)]
    table.add_row("MiB before, warmed up, at the end, after", ", ".join(said))
    table.add_row("drift of MiB behind the warm-up", f"{drift_of(samples) / 2**20:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
