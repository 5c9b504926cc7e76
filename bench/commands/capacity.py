"""``script/bench capacity``: players per core.

Law: a number of players is held if every one of them plays, at least `DELIVERED` of the states
arrive, and 99 of 100 come less than one tick later than they should. Each number is tried on a
fresh server; the search begins where the processor time of a small run says the end is.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs

from bench.commands.common import Effort, measure, notes_on
from bench.errors import BenchError
from bench.figures import Figures
from bench.processes import Cores, find_cores
from bench.show import Column, bar, finish, table
from bench.stacks import Stack, chosen

DELIVERED: Final = 0.97
MOST: Final = 8000
"""Most players: with more sockets, the load generator itself may be the limit."""

FIRST: Final = 60
STEP: Final = 1.3
QUICK: Final = Effort((), 15.0, 1.5, 3.0)
THOROUGH: Final = Effort((), 40.0, 20.0, 8.0)
ROOM: Final = 10
USUAL: Final = ("gameserver", "gameserver-arena")
"""Stacks that are measured by default."""

COLUMNS = (
    Column("stack", "shown"),
    Column("players held", "held"),
    Column("refused from", "broke"),
    Column("because", "because"),
    Column("µs per client-tick", "us_per_client_tick", 1),
    Column("core", "server_percent", 0, " %"),
    Column("load's core", "load_percent", 0, " %"),
    Column("x floor of 300", "x_floor", 1),
)


@attrs.define
class Search:
    """Searches for the greatest number of players that is held, by bisection.

    Attributes:
        held: The greatest number that was held, and its figures.
        broke: The smallest number that was not held, and why.
    """

    room: int
    step: float
    precision: float
    held: int = 0
    broke: int = 0
    because: str = ""
    figures: Figures | None = None

    def rooms(self, players: float) -> int:
        """Return a number of players, rounded to whole rooms."""
        return max(1, min(MOST, int(players)) // self.room) * self.room

    def next(self) -> int:
        """Return the next number of players to try; 0 when the result is exact enough."""
        if not self.broke:
            up = self.rooms(self.held * self.step)
            return up if up > self.held else 0
        if not self.held:
            down = self.rooms(self.broke / self.step)
            return down if down < self.broke else 0
        middle = self.rooms((self.held * self.broke) ** 0.5)
        close = self.broke <= self.held * self.precision
        return 0 if close or middle <= self.held else middle

    def tried(self, players: int, figures: Figures, fault: str) -> None:
        """Record the result of a number of players; an empty fault means that it was held."""
        if not fault:
            if players > self.held:
                self.held, self.figures = players, figures
        elif not self.broke or players < self.broke:
            self.broke, self.because = players, fault


def fault_of(figures: Figures, hz: float) -> str:
    """Return why a number of players was not held; empty if it was."""
    fault = _fault_of(figures, hz)
    if fault and figures.load_was_the_bottleneck:
        return f"{fault}, with the load at {figures.load_share:.0%} of its core"
    return fault


def _fault_of(figures: Figures, hz: float) -> str:
    if figures.playing < figures.clients:
        return f"{figures.clients - figures.playing} never played"
    if figures.ratio_delivered < DELIVERED:
        return f"{figures.ratio_delivered:.0%} delivered"
    if figures.late_p99_ms > 1000 / hz:
        return f"p99 {figures.late_p99_ms:.0f} ms late"
    return ""


def run(names: tuple[str, ...], *, quick: bool, as_json: bool) -> None:
    """Search and print."""
    effort, cores = QUICK if quick else THOROUGH, find_cores()
    stacks = [stack for stack in chosen(names or USUAL) if stack.key != "floor"]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    with bar(len(stacks) + 1) as shown:
        (floor_stack,) = (stack for stack in chosen(("floor",)) if stack.key == "floor")
        floor = measure(floor_stack, effort.of(floor_stack.load(300, ROOM)), cores, shown)
        shown.step()
        for stack in stacks:
            try:
                search = _search(stack, effort, cores, shown.say, quick=quick)
            except BenchError as error:
                notes.append(f"{stack.key}: {error}")
            else:
                rows.append(_row(stack, search, floor.us_per_client_tick))
                if search.figures:
                    notes += notes_on(search.figures, stack, cores)
            shown.step()
    laid = table(f"players per core in rooms of {ROOM}", COLUMNS, rows)
    result = {"quick": quick, "room_size": ROOM, "floor": floor.to_json(), "stacks": rows}
    finish("capacity", result, [laid], notes, as_json=as_json)


def _search(
    stack: Stack, effort: Effort, cores: Cores, say: Callable[[str], None], *, quick: bool
) -> Search:
    search = Search(ROOM, STEP, 1.15 if quick else 1.06)
    players = FIRST
    while players:
        figures = measure(stack, effort.of(stack.load(players, ROOM)), cores, say)
        search.tried(players, figures, fault_of(figures, stack.hz))
        first = players == FIRST and not search.broke
        # Many clients share wake-ups, so more are held than the figures of few clients predict.
        guess = search.rooms(players / max(figures.server_share, 0.01))
        players = guess if first and guess > players else search.next()
    return search


def _row(stack: Stack, search: Search, floor: float) -> dict[str, Any]:
    figures = search.figures
    row: dict[str, Any] = {"stack": stack.key, "shown": stack.shown, "held": search.held}
    row |= {"broke": search.broke or None, "because": search.because or "not reached"}
    if figures is None:
        return row
    return {
        **row,
        "server_percent": figures.server_share * 100,
        "load_percent": figures.load_share * 100,
        "x_floor": figures.us_per_client_tick / floor if floor else None,
        **figures.to_json(),
    }
