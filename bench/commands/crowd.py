"""``script/bench crowd``: many players enter one lobby within seconds, beside a match of others.

Law: each size is measured on a fresh server. A match of `BESIDE` other players runs on it from
before the first arrival until after the crowd is at its full rate; ``bench/load/crowd.c`` says what
the crowd does, and when its rate is full.
"""

import threading
from typing import Any, Final

import attrs

from bench.commands.common import notes_on
from bench.drive import Load, drive
from bench.errors import BenchError
from bench.figures import Figures
from bench.processes import Cores, find_cores, serving
from bench.show import Bar, Column, bar, finish, table
from bench.stacks import CROWD, WIDE, Stack

QUICK: Final = (300,)
THOROUGH: Final = (300, 600, 1000)

ARRIVE_S: Final = 3.0
JOIN_S: Final = 100.0
BESIDE: Final = 10
BESIDE_S: Final = 16.0
"""The match beside is measured for so long: while they come, talk, and the match begins."""

COLUMNS: Final = (
    Column("players", "clients"),
    Column("come", "comes"),
    Column("ended", "refused"),
    Column("all in, s", "in_s", 1),
    Column("lines within 1 s, after s", "quiet_s", 1),
    Column("all play, s", "playing_s", 1),
    Column("full rate, s", "full_s", 1),
    Column("beside: states", "beside_percent", 1, " %"),
    Column("p99, ms", "beside_p99_ms", 0),
    Column("longest, ms", "beside_longest_ms", 0),
    Column("load's core", "load_percent", 0, " %"),
)


def run(names: tuple[str, ...], *, quick: bool, as_json: bool, sizes: tuple[int, ...] = ()) -> None:
    """Measure and print."""
    cores, sizes = find_cores(), sizes or (QUICK if quick else THOROUGH)
    stacks = [stack for stack in (WIDE, CROWD) if not names or stack.key in names]
    rows: dict[str, list[dict[str, Any]]] = {stack.key: [] for stack in stacks}
    notes: list[str] = []
    runs = [(s, size, early) for s in stacks for size in sizes for early in (False, True)]
    with bar(len(runs)) as shown:
        for stack, size, early in runs:
            load = attrs.evolve(
                stack.load(size, size), arrive_s=ARRIVE_S, early=early, join_s=JOIN_S, warm_s=0.0,
                measure_s=3.0,
            )  # fmt: skip
            try:
                crowd, beside = _play(stack, load, cores, shown)
            except BenchError as error:
                notes.append(f"{stack.key}: {error}")
            else:
                rows[stack.key].append(_row(stack, crowd, beside, early=early))
                notes += notes_on(crowd, stack, cores)
            shown.step()
    tables = [table(stack.shown, COLUMNS, rows[stack.key]) for stack in stacks]
    data = {"quick": quick, "stacks": [row for each in rows.values() for row in each]}
    finish("crowd", data, tables, notes, as_json=as_json)


def _play(stack: Stack, load: Load, cores: Cores, shown: Bar) -> tuple[Figures, Figures]:
    others = attrs.evolve(stack.load(BESIDE, BESIDE), warm_s=1.0, measure_s=BESIDE_S)
    runs, found = threading.Event(), list[Figures]()
    with serving(stack.start(load.room_size), cores.server) as server:

        def heard(phase: str, _playing: int) -> None:
            if phase == "measuring":
                runs.set()

        def play_beside() -> None:
            try:
                found.append(drive(others, server, cores, heard))
            finally:
                runs.set()

        thread = threading.Thread(target=play_beside)
        thread.start()
        try:
            runs.wait(others.longest_s)
            what = f"{stack.shown}, {load.clients}"
            crowd = drive(load, server, cores, lambda phase, n: shown.say(f"{what}: {phase} ({n})"))
        finally:
            thread.join()
    if not found:
        raise BenchError("the match beside was not measured")
    return crowd, found[0]


def _row(stack: Stack, crowd: Figures, beside: Figures, *, early: bool) -> dict[str, Any]:
    times = {key: None if at == -1 else at for key, at in crowd.crowd.items() if key != "lines"}
    return {
        "stack": stack.key,
        "comes": "into a running match" if early else "into a lobby",
        "refused": sum(crowd.reasons.values()),
        **times,
        "beside_percent": beside.ratio_delivered * 100,
        "beside_p99_ms": beside.inter_p99_ms,
        "beside_longest_ms": beside.longest_ms,
        "load_percent": crowd.load_share * 100,
        **crowd.to_json(),
    }
