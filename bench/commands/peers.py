"""``script/bench peers``: the same workload on every stack, as ratios to the floor of this run."""

from typing import Any

from bench.commands.common import QUICK, ROOMS, THOROUGH, measure, notes_on
from bench.errors import BenchError
from bench.figures import Figures
from bench.processes import find_cores
from bench.show import Column, bar, finish, table
from bench.stacks import Stack, chosen

COLUMNS = (
    Column("stack", "shown"),
    Column("clients", "playing"),
    Column("µs per client-tick", "us_per_client_tick", 1),
    Column("x floor", "x_floor", 1),
    Column("µs per state", "us_per_state", 1),
    Column("core", "server_percent", 0, " %"),
    Column("bytes per client-s", "bytes_per_client_s", 0),
    Column("on the wire", "wire_bytes_per_client_s", 0),
    Column("delivered", "delivered_percent", 1, " %"),
    Column("between, p99 ms", "inter_p99_ms", 1),
    Column("load's core", "load_percent", 0, " %"),
)


def run(names: tuple[str, ...], *, quick: bool, as_json: bool, command: str = "peers") -> None:
    """Measure all chosen stacks, print the tables and store the result of ``command``."""
    effort, cores = QUICK if quick else THOROUGH, find_cores()
    plan = [
        (stack, clients, size)
        for size in ROOMS
        for clients in effort.clients
        for stack in chosen(names)
        if stack.takes(size)
    ]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    floors: dict[tuple[int, int], float] = {}
    with bar(len(plan)) as shown:
        for stack, clients, size in plan:
            try:
                figures = measure(stack, effort.of(stack.load(clients, size)), cores, shown)
            except BenchError as error:
                notes.append(f"{stack.key}: {error}")
            else:
                if stack.key == "floor":
                    floors[clients, size] = figures.us_per_client_tick
                rows.append(_row(stack, clients, size, figures, floors.get((clients, size))))
                notes += notes_on(figures, stack, cores)
            shown.step()
    tables = [
        table(
            f"rooms of {size}, {clients} clients",
            COLUMNS,
            [row for row in rows if (row["room_size"], row["asked"]) == (size, clients)],
        )
        for size in ROOMS
        for clients in effort.clients
    ]
    unique = list(dict.fromkeys(notes))
    finish(command, {"quick": quick, "stacks": rows}, tables, unique, as_json=as_json)


def _row(
    stack: Stack, clients: int, size: int, figures: Figures, floor: float | None
) -> dict[str, Any]:
    ratio = round(figures.us_per_client_tick / floor, 3) if floor else None
    return {
        "stack": stack.key,
        "shown": stack.shown,
        "style": "bold" if stack.key.startswith("gameserver") else "",
        "asked": clients,
        "room_size": size,
        "hz": stack.hz,
        "x_floor": ratio,
        "server_percent": figures.server_share * 100,
        "load_percent": figures.load_share * 100,
        "delivered_percent": figures.ratio_delivered * 100,
        **figures.to_json(),
    }
