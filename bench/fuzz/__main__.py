"""Fuzz a server: ``script/fuzz --minutes 5``, or ``script/fuzz --frames 1000000``.

Exit codes: 0 the server held; 1 it did not; the table says where.
"""

import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

import attrs
import click
import trio
import trustme
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.attacks.wire import Target
from bench.fuzz.material import Messages
from bench.fuzz.strike import Counts, Strike, Striker, struck
from bench.held import HeldServer, held_server, kept
from gameserver.arena import Arena
from gameserver.client import ClientSettings, open_client
from gameserver.client.bots import WireBot
from gameserver.game.rng import Rng

AT_ONCE: Final = 12
MEMORY_BYTES: Final = 24 << 20
"""Most growth behind the warm-up: allocators keep what they had at the highest point."""
WARM: Final = 0.2
"""Share of the run after which memory counts."""
STALL_S: Final = 5.0
"""Longest time without a snapshot for the honest player in a running match."""


@attrs.define
class Honest:
    """What an honest player felt."""

    snapshots: int = 0
    desyncs: int = 0
    reconnects: int = 0
    longest_s: float = 0.0
    matches: int = 0


@click.command()
@click.option("--minutes", default=0.0, help="How long; 0: until the numbers are reached.")
@click.option("--frames", default=20_000, show_default=True, help="WebSocket frames to send.")
@click.option("--handshakes", default=1_000, show_default=True, help="First bytes to send.")
@click.option("--seed", default=1, show_default=True, help="Decides what is sent.")
def main(minutes: float, frames: int, handshakes: int, seed: int) -> None:
    """Fuzz a server that is started for it, at every stage of a connection."""
    wanted = (minutes * 60, frames, handshakes)
    sys.exit(trio.run(_run, wanted, seed))


async def _run(wanted: tuple[float, int, int], seed: int) -> int:
    messages, counts, honest = Messages(seed), Counts(), Honest()
    with tempfile.TemporaryDirectory() as folder:
        issued = trustme.CA().issue_cert("localhost")
        certificate, key = Path(folder, "cert.pem"), Path(folder, "key.pem")
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        tls = ("--tls-cert", str(certificate), "--tls-key", str(key))
        async with (
            held_server(folder, "plain") as plain,
            held_server(folder, "tls", *tls) as secret,
        ):
            striker = Striker(Target("127.0.0.1", plain.port), messages, counts, secret.port)
            async with trio.open_nursery() as nursery:
                await nursery.start(_play, plain.port, honest)
                before, before_tls = await plain.held(), await secret.held()
                began = time.monotonic()
                warm = await _strike(striker, wanted, seed, plain)
                seconds = time.monotonic() - began
                after, after_tls = await plain.settled(before), await secret.settled(before_tls)
                nursery.cancel_scope.cancel()
            faults = [*plain.faults(), *secret.faults(), *_judged(before, warm, after, honest)]
            faults += [f"TLS, {each}" for each in kept(before_tls, after_tls)]
    _show(counts, honest, before, warm, after, seconds)
    for fault in faults:
        Console().print(f"[red]{fault}", highlight=False)
    return 1 if faults else 0


def _judged(
    before: dict[str, int], warm: dict[str, int], after: dict[str, int], honest: Honest
) -> list[str]:
    faults = kept(before, after)
    if after["memory"] - warm["memory"] > MEMORY_BYTES:
        faults.append(f"memory grew by {(after['memory'] - warm['memory']) >> 20} MiB")
    if honest.desyncs or honest.reconnects or honest.longest_s > STALL_S or not honest.snapshots:
        faults.append(f"the honest player was disturbed: {honest}")
    return faults


# --- the run --------------------------------------------------------------------------------------


async def _strike(
    striker: Striker, wanted: tuple[float, int, int], seed: int, server: HeldServer
) -> dict[str, int]:
    """Strike until the numbers are reached; return what the server held after the warm-up."""
    seconds, frames, handshakes = wanted
    counts = striker.counts
    shaking: list[Strike] = [striker.opens, striker.opens, striker.opens_tls, striker.posts]
    framing: list[Strike] = [striker.before_hello, striker.after_hello, striker.after_hello]
    framing += [striker.socketio, striker.in_match]
    began = trio.current_time()
    warm: dict[str, int] = {}

    def done() -> float:
        if seconds:
            return (trio.current_time() - began) / seconds
        shares = [counts.frames.total() / frames] if frames else []
        shares += [counts.handshakes.total() / handshakes] if handshakes else []
        return min(shares, default=1.0)

    async def strikes(number: int) -> None:
        rng = Random(f"{seed} {number}")  # noqa: S311  repeatable on purpose
        while done() < 1:
            frames_done = counts.frames.total() / max(frames, 1)
            shakes_done = counts.handshakes.total() / max(handshakes, 1)
            await struck(rng.choice(framing if frames_done <= shakes_done else shaking), rng)

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[said]}")) as shown:
        task = shown.add_task("fuzzing", total=1.0, said="")
        async with trio.open_nursery() as nursery:
            for number in range(AT_ONCE):
                nursery.start_soon(strikes, number)
            while done() < 1:
                said = f"{counts.frames.total():,} frames, {counts.handshakes.total():,} handshakes"
                shown.update(task, completed=min(done(), 1.0), said=said)
                if not warm and done() > WARM:
                    warm = await server.held()
                await trio.sleep(0.5)
        shown.update(task, completed=1.0)
    return warm or await server.held()


async def _play(
    port: int, honest: Honest, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED
) -> None:
    """Play as an honest player until cancelled, and note what comes."""
    settings = ClientSettings(game=Arena(), seed=1)
    async with open_client(f"ws://127.0.0.1:{port}", "Honest", settings) as client:
        bot = WireBot(client, "", Rng.seeded(1))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bot.play)
            seen, since, replica = 0, trio.current_time(), None
            started = False
            while True:
                await trio.sleep(0.05)
                honest.reconnects = client.reconnects
                now, playing = trio.current_time(), client.match
                if playing is not replica or playing is None or not playing.live:
                    honest.matches += playing is not replica and playing is not None
                    replica, seen, since = playing, 0, now
                    continue
                if playing.telemetry.snapshots > seen:
                    honest.snapshots += playing.telemetry.snapshots - seen
                    seen, since = playing.telemetry.snapshots, now
                    if not started:
                        started = True
                        task_status.started()
                honest.desyncs = max(honest.desyncs, playing.telemetry.desyncs)
                honest.longest_s = max(honest.longest_s, now - since)


def _show(
    counts: Counts,
    honest: Honest,
    before: dict[str, int],
    warm: dict[str, int],
    after: dict[str, int],
    seconds: float,
) -> None:
    table = Table("what", "figure", title="Fuzzing")
    for kind, numbers in (("frames", counts.frames), ("handshakes", counts.handshakes)):
        for stage, number in sorted(numbers.items()):
            table.add_row(f"{kind}: {stage}", f"{number:,}")
        table.add_row(f"[bold]{kind}", f"[bold]{numbers.total():,}")
    table.add_section()
    table.add_row("seconds", f"{seconds:.0f}")
    table.add_row("sign-ins refused", f"{counts.refused:,}")
    for name in ("tasks", "descriptors"):
        table.add_row(f"{name} before, after", f"{before[name]}, {after[name]}")
    mebibytes = [f"{each['memory'] / 2**20:.1f}" for each in (before, warm, after)]
    table.add_row("MiB before, warmed up, after", ", ".join(mebibytes))
    table.add_section()
    table.add_row("honest player's snapshots", f"{honest.snapshots:,}")
    table.add_row("  in matches", f"{honest.matches}")
    table.add_row("  longest pause", f"{honest.longest_s * 1000:.0f} ms")
    table.add_row("  desyncs, reconnects", f"{honest.desyncs}, {honest.reconnects}")
    Console().print(table)


if __name__ == "__main__":
    main()
