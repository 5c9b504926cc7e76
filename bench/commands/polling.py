"""``script/bench polling``: the same players on WebSocket and on long polling, side by side.

Law: the same rooms, inputs and rate on both roads, one after the other in one run, each with a
fresh server; only the ratio of the two is worth comparing between machines.
"""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from bench.cache import ROOT
from bench.commands.profile import by_caller, by_function, read_samples, rows_of, under_sampler
from bench.errors import BenchError
from bench.processes import Cores, environment, find_cores, pinned, serving
from bench.show import Column, bar, finish, table
from bench.stacks import OWN, lobby_config

PLAYERS: Final = 200
ROOM: Final = 50
SLACK_S: Final = 75.0
SHOWN: Final = 24

COLUMNS: Final = (
    Column("way", "way"),
    Column("playing", "playing"),
    Column("ms of processor per player and second", "server_ms_per_player_s", 2),
    Column("core", "server_percent", 0, " %"),
    Column("load's core", "load_percent", 0, " %"),
    Column("requests per player and second", "requests_per_player_s", 1),
    Column("delivered", "delivered_percent", 1, " %"),
    Column("polls not answered in time", "missed_percent", 1, " %"),
    Column("input to snapshot: p50 ms", "effect_p50_ms", 0),
    Column("p99 ms", "effect_p99_ms", 0),
)
PROFILE: Final = (Column("where", "where"), Column("%", "percent", 1), Column("µs", "us", 0))


def run(*, quick: bool, as_json: bool, profiled: bool = False) -> None:
    """Measure and print.

    Raises:
        BenchError: A server or the players could not be started.
    """
    cores, seconds = find_cores(), 6.0 if quick else 20.0
    rows, tables, notes = [], [], []
    with bar(2) as shown:
        for road, way in (("websocket", "WebSocket"), ("poll", "long polling")):
            shown.say(f"{PLAYERS} players on {way}")
            row, more = _play(road, cores, seconds, profiled=profiled)
            rows.append({"way": way, **row})
            tables += more
            notes += [f"{way}: {fault}" for fault in row["faults"]]
            shown.step()
    socket_s, poll_s = (row["server_ms_per_player_s"] for row in rows)
    notes.append(f"long polling costs {poll_s / max(socket_s, 1e-9):.1f} times the WebSocket")
    if not cores.apart:
        notes.append("server and load shared one core: figures are worth little")
    title = f"{PLAYERS} players in rooms of {ROOM}, 10 inputs a second each, 20 Hz"
    result = {"quick": quick, "rows": rows, "ratio": poll_s / max(socket_s, 1e-9)}
    finish("polling", result, [table(title, COLUMNS, rows), *tables], notes, as_json=as_json)


def _play(
    road: str, cores: Cores, seconds: float, *, profiled: bool
) -> tuple[dict[str, Any], list[Table]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples.json"
        command = OWN.start(ROOM)
        with serving(under_sampler(command, file) if profiled else command, cores.server) as server:
            words = (sys.executable, "-m", "bench.pollers", road, str(server.port))
            config = lobby_config("minimal", ROOM)
            more = (str(server.pid), str(PLAYERS), str(ROOM), config, f"{seconds:g}")
            process = subprocess.Popen(
                pinned((*words, *more), cores.load),
                cwd=ROOT,
                env=environment({}),
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            try:
                if process.stdout.readline().strip() == "measuring" and profiled:
                    server.signal(signal.SIGUSR1)
                said, _ = process.communicate(timeout=seconds + SLACK_S)
            finally:
                process.kill()
                process.wait()
            if process.returncode:
                raise BenchError(f"the players ended with {process.returncode}")
            row: dict[str, Any] = json.loads(said)
            if not profiled:
                return row, []
            server.signal(signal.SIGUSR2)
            seen = read_samples(file)
    total = sum(count for _, count in seen)
    us = 1000 * row["server_ms_per_player_s"]
    return row, [
        table(f"{road}: {what}", PROFILE, rows_of(counts, total, us)[:SHOWN])
        for what, counts in (("functions", by_function(seen)), ("with callees", by_caller(seen)))
    ]
