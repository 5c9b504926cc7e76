"""``script/bench bigroom``: one room, rising players, with and without interest management."""

from typing import Any, Final

import attrs

from bench.commands.common import measure, notes_on
from bench.errors import BenchError
from bench.figures import Figures
from bench.processes import find_cores
from bench.show import Column, bar, finish, table
from bench.stacks import CROWD, WIDE, Stack

QUICK: Final = (100, 300)
THOROUGH: Final = (100, 250, 500, 750, 1000)

JOIN_S: Final = 120.0
"""Longest time for joining: all players join by the lobby, and each is told of all others."""

ENOUGH: Final = 0.8
"""Part of the states that must arrive; below it no larger room is measured for a stack."""

COLUMNS: Final = (
    Column("players", "playing"),
    Column("µs per client-tick", "us_per_client_tick", 1),
    Column("core", "server_percent", 0, " %"),
    Column("bytes per client-s", "bytes_per_client_s", 0),
    Column("delivered", "delivered_percent", 1, " %"),
    Column("late, p99 ms", "late_p99_ms", 1),
    Column("between, p99 ms", "inter_p99_ms", 1),
    Column("load's core", "load_percent", 0, " %"),
)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    cores, sizes = find_cores(), QUICK if quick else THOROUGH
    rows: dict[str, list[dict[str, Any]]] = {WIDE.key: [], CROWD.key: []}
    notes: list[str] = []
    with bar(2 * len(sizes)) as shown:
        for stack in (WIDE, CROWD):
            overwhelmed = False
            for size in sizes:
                if not overwhelmed:
                    load = attrs.evolve(
                        stack.load(size, size),
                        join_s=JOIN_S,
                        warm_s=2.0 if quick else 5.0,
                        measure_s=4.0 if quick else 8.0,
                    )
                    try:
                        figures = measure(stack, load, cores, shown)
                    except BenchError as error:
                        notes.append(f"{stack.key}: {error}")
                        overwhelmed = True
                    else:
                        rows[stack.key].append(_row(stack, figures))
                        notes += notes_on(figures, stack, cores)
                        overwhelmed = figures.ratio_delivered < ENOUGH
                shown.step()
    tables = [table(stack.shown, COLUMNS, rows[stack.key]) for stack in (WIDE, CROWD)]
    data = {"quick": quick, "stacks": rows[WIDE.key] + rows[CROWD.key]}
    finish("bigroom", data, tables, notes, as_json=as_json)


def _row(stack: Stack, figures: Figures) -> dict[str, Any]:
    return {
        "stack": stack.key,
        "hz": stack.hz,
        "server_percent": figures.server_share * 100,
        "load_percent": figures.load_share * 100,
        "delivered_percent": figures.ratio_delivered * 100,
        **figures.to_json(),
    }
