"""``script/bench latency``: from an input sent to its effect seen, on loopback.

Law: the first player of each room turns to a unique angle and waits until a state shows it, again
and again. So the whole way through the server is measured, ticks included. Inputs for "the next
tick" are comparable with peers. Inputs for a later tick, as predicting clients send them, wait for
that tick; the player does not notice this wait.
"""

from typing import Any, Final

import attrs

from bench.commands.common import Effort, measure, notes_on
from bench.errors import BenchError
from bench.processes import find_cores
from bench.show import Column, bar, finish, table
from bench.stacks import STACKS, Stack

QUICK: Final = Effort((50,), 15.0, 1.5, 5.0)
THOROUGH: Final = Effort((50, 300), 30.0, 3.0, 15.0)
ROOM: Final = 10

COLUMNS = (
    Column("stack", "shown"),
    Column("inputs for", "addressed"),
    Column("clients", "playing"),
    Column("p50 ms", "effect_p50_ms", 1),
    Column("p99 ms", "effect_p99_ms", 1),
    Column("p50, ticks", "p50_ticks", 2),
    Column("effects", "effects"),
    Column("core", "server_percent", 0, " %"),
    Column("load's core", "load_percent", 0, " %"),
)


def plan(names: tuple[str, ...]) -> list[tuple[Stack, int]]:
    """Return the stacks to measure, each with the number of ticks by which inputs are ahead."""
    able = [s for s in STACKS if s.effects and (not names or s.key in names)]
    return [
        (stack, lead)
        for stack in able
        for lead in ((0, 2) if stack.dialect == "gameserver" else (0,))
    ]


def run(names: tuple[str, ...], *, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    effort, cores = QUICK if quick else THOROUGH, find_cores()
    steps = [(one, clients) for clients in effort.clients for one in plan(names)]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    with bar(len(steps)) as shown:
        for (stack, lead), clients in steps:
            load = attrs.evolve(effort.of(stack.load(clients, ROOM)), probe=True, lead=lead)
            try:
                figures = measure(stack, load, cores, shown)
            except BenchError as error:
                notes.append(f"{stack.key}: {error}")
            else:
                rows.append(
                    {
                        "stack": stack.key,
                        "shown": stack.shown,
                        "addressed": "a later tick" if lead else "the next tick",
                        "lead": lead,
                        "p50_ticks": figures.effect_p50_ms * stack.hz / 1000,
                        "server_percent": figures.server_share * 100,
                        "load_percent": figures.load_share * 100,
                        **figures.to_json(),
                    }
                )
                notes += notes_on(figures, stack, cores)
            shown.step()
    laid = table(f"time from an input to its effect, rooms of {ROOM}", COLUMNS, rows)
    finish("latency", {"quick": quick, "stacks": rows}, [laid], notes, as_json=as_json)
