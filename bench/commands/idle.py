"""``script/bench idle``: the cost of connections that are signed in and idle."""

from typing import Any, Final

import attrs

from bench.commands.common import notes_on
from bench.drive import drive
from bench.memory import watching
from bench.processes import find_cores, serving
from bench.show import Column, bar, finish, table
from bench.stacks import OWN

QUICK: Final = (1000,)
THOROUGH: Final = (1000, 5000)

COLUMNS: Final = (
    Column("connections", "playing"),
    Column("KiB each", "kib_each", 1),
    Column("memory MiB", "memory_mib", 0),
    Column("core", "server_percent", 2, " %"),
    Column("load's core", "load_percent", 2, " %"),
)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    cores, sizes = find_cores(), QUICK if quick else THOROUGH
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    with bar(len(sizes)) as shown:
        for size in sizes:
            load = attrs.evolve(
                OWN.load(size, 10), idle=True, join_s=60.0, warm_s=3.0,
                measure_s=10.0 if quick else 20.0,
            )  # fmt: skip
            with serving(OWN.start(10), cores.server) as server, watching(server.pid) as watch:
                figures = drive(load, server, cores, lambda phase, _: shown.say(phase))
            rows.append({
                "kib_each": watch.growth_kib / max(1, figures.playing),
                "memory_mib": watch.most_kib / 1024,
                "server_percent": figures.server_share * 100,
                "load_percent": figures.load_share * 100,
                **figures.to_json(),
            })  # fmt: skip
            notes += notes_on(figures, OWN, cores)
            shown.step()
    laid = table("signed in, in no lobby and no match", COLUMNS, rows)
    finish("idle", {"quick": quick, "rows": rows}, [laid], notes, as_json=as_json)
