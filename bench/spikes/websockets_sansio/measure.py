"""Compare the servers of `serve`: processor time for each message, in and out.

Usage: ``python -m bench.spikes.websockets_sansio.measure WORKLOAD [ROUNDS [SECONDS [KIND…]]]``

Workloads are ``both``, ``in``, ``out`` (links alone) and ``server``: the whole server with its
minimal game, rooms of ten.

Law: a round measures every kind once, in sequence, and ratios are computed within a round, so that
a slow drift of the machine cancels out. Server and load have a core each.
"""

import json
import os
import statistics
import sys
from pathlib import Path

import attrs

from bench.cache import ROOT
from bench.drive import Load, drive
from bench.processes import Command, find_cores, serving
from bench.spikes.websockets_sansio.serve import KINDS
from bench.stacks import OWN
from gameserver.messages.wire import SUBPROTOCOL

CLIENTS = 200
HZ = 20.0
FRAME_BYTES = 120
SILENT_HZ = 1.0
"""Lowest rate of the load generator, used where the clients should send nothing."""

WORKLOADS = {"both": (HZ, HZ), "in": (HZ, 0.0), "out": (SILENT_HZ, HZ)}
"""Inputs a second of each client, and frames a second to each."""


EVERYWHERE = f"{Path(__file__).parent / 'everywhere'}{os.pathsep}{ROOT}"

SERVERS = {"server": str(ROOT), "spike-server": EVERYWHERE}
"""``PYTHONPATH`` of the whole server, without and with the spike."""


def once(kind: str, workload: str, seconds: float) -> float:
    """Measure one kind once; return the server's microseconds for each client and tick."""
    if kind in SERVERS:
        command = attrs.evolve(OWN.start(10), environment={"PYTHONPATH": SERVERS[kind]})
        load_hz = server_hz = HZ
        load = attrs.evolve(OWN.load(CLIENTS, 10), warm_s=2.0, measure_s=seconds)
    else:
        load_hz, server_hz = WORKLOADS[workload]
        rates = (f"{server_hz:g}", str(FRAME_BYTES))
        words = (sys.executable, "-m", "bench.spikes.websockets_sansio.serve", kind, *rates)
        command = Command(words, ROOT)
        load = Load(
            "plain", CLIENTS, CLIENTS, load_hz,
            subprotocol=SUBPROTOCOL, warm_s=1.0, measure_s=seconds,
        )  # fmt: skip
    cores = find_cores()
    with serving(command, cores.server) as running:
        figures = drive(load, running, cores)
    assert figures.playing == CLIENTS, figures
    assert figures.ratio_delivered * load_hz >= 0.93 * server_hz, figures
    # The generator counts its own ticks, which may be slower than `HZ`.
    return figures.us_per_client_tick * load_hz / HZ


def main() -> None:
    """Measure one workload; print a table, and everything as JSON."""
    words = sys.argv[1:]
    workload = words[0]
    rounds = int((words[1:] or ["6"])[0])
    seconds = float((words[2:] or ["3"])[0])
    kinds = words[3:] or list(SERVERS if workload == "server" else KINDS)
    got: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        for kind in kinds if turn % 2 == 0 else reversed(kinds):
            got[kind].append(once(kind, workload, seconds))
            sys.stderr.write(".")
            sys.stderr.flush()
    show(workload, got)
    sys.stdout.write(json.dumps({workload: got}) + "\n")


def show(workload: str, figures: dict[str, list[float]]) -> None:
    """Print medians, and ratios to the first kind."""
    base = next(iter(figures.values()))
    sys.stdout.write(f"\n{workload:16} us/client-tick  x first: median  least  most\n")
    for kind, values in figures.items():
        ratios = [value / other for value, other in zip(values, base, strict=True)]
        sys.stdout.write(
            f"{kind:16} {statistics.median(values):14.2f}  {statistics.median(ratios):15.2f}"
            f"  {min(ratios):5.2f}  {max(ratios):4.2f}\n"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
