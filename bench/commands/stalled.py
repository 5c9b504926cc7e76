"""``script/bench stalled``: the effect on others of clients that stop reading and go on playing.

Law: the kernel buffers megabytes for a client that does not read, so congestion is noticed only by
the client's acknowledgements. First the same load is measured without stalling clients.
"""

from typing import Any, Final

import attrs

from bench.commands.common import notes_on
from bench.drive import Load, drive
from bench.figures import Figures
from bench.memory import Watch, watching
from bench.processes import Cores, find_cores, serving
from bench.show import Bar, Column, bar, finish, table
from bench.stacks import OWN

CLIENTS: Final = 200
STALLED: Final = 50
RESUMED: Final = 10
RESUME_S: Final = 5.0
MEASURE_S: Final = 22.0
"""Long enough for the eviction of clients that do not read again."""

COLUMNS: Final = (
    Column("clients", "who"),
    Column("playing", "playing"),
    Column("others: p50 ms", "inter_p50_ms", 1),
    Column("others: p99 ms", "inter_p99_ms", 1),
    Column("KiB per stalled", "kib_per_stalled", 0),
    Column("dropped", "dropped"),
    Column("after s, median", "dropped_p50_s", 1),
    Column("last", "dropped_last_s", 1),
    Column("resumed", "resumed"),
    Column("keyframes", "keyframes"),
    Column("ticks behind", "behind"),
)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    cores, notes = find_cores(), []
    plain = attrs.evolve(OWN.load(CLIENTS, 10), measure_s=6.0 if quick else MEASURE_S, warm_s=4.0)
    stall = attrs.evolve(
        plain, stall=STALLED, resume=RESUMED, resume_s=RESUME_S, measure_s=MEASURE_S
    )
    rows: list[dict[str, Any]] = []
    with bar(2) as shown:
        for who, load in (("all read", plain), (f"{STALLED} stop reading", stall)):
            figures, watch = _play(load, cores, shown)
            each = watch.growth_kib / load.stall if load.stall else None
            extra = figures.stalled if load.stall else {}
            rows.append({"who": who, "growth_kib": watch.growth_kib, "kib_per_stalled": each,
                         **figures.to_json(), **extra})  # fmt: skip
            notes += notes_on(figures, OWN, cores)
            shown.step()
    ratio = rows[1]["inter_p99_ms"] / max(rows[0]["inter_p99_ms"], 1e-9)
    notes.append(f"p99 of the others: x {ratio:.2f}")
    laid = table(f"{CLIENTS} clients in rooms of 10, 20 Hz", COLUMNS, rows)
    data = {"quick": quick, "rows": rows, "x_p99": ratio}
    finish("stalled", data, [laid], notes, as_json=as_json)


def _play(load: Load, cores: Cores, shown: Bar) -> tuple[Figures, Watch]:
    with serving(OWN.start(10), cores.server) as server, watching(server.pid) as watch:

        def heard(phase: str, playing: int) -> None:
            shown.say(f"{phase} ({playing})")
            if phase == "measuring":
                watch.mark()

        return drive(load, server, cores, heard), watch
