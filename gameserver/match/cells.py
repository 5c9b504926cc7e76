"""The chains of a large world's cells, and the windows through which viewers see them.

Law: a cell is encoded once per snapshot and rate, however many watch it; viewers who look from the
same cell share one frame; a viewer costs more only in the snapshot in which its window moves.

A cell has up to three chains, which differ in how often they go on: with every snapshot (near),
every `Interest.far_every` (far), and every `SLOWER` times that (slow, for viewers above their
bytes a second). The last two go on only when their section is in a snapshot. A cell takes in who
crosses its border when its far chain goes on, so that what goes from a near cell to a far one
stays in sight.
"""

from collections.abc import Iterable
from typing import Final

import attrs

from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.interest import Interest
from gameserver.game.schema.table import GameTable
from gameserver.ids import Seat, Tick
from gameserver.match.chain import Chain, forgotten
from gameserver.netcode.replication.grid import Cell, Grid
from gameserver.netcode.replication.sections import MOST_CELLS, Rate, cell_section

SLOWER: Final = 3

CALM_S: Final = 4
"""How long a viewer must be well below its bytes a second before it gets more again."""

Watched = tuple[Cell, Rate]


@attrs.frozen(eq=False)
class Window:
    """What is seen from one cell at one level of thinning; there is one object for each."""

    watched: tuple[Watched, ...]
    """By rate, then by cell."""


class Cells:
    """All chains of one match's cells."""

    def __init__(
        self, table: GameTable, interest: Interest, size: tuple[int, int], checksum_every: int
    ) -> None:
        """Start with nobody watching a world of this size."""
        self._table = table
        self._interest = interest
        self._checksum_every = checksum_every
        self._slow_every = SLOWER * interest.far_every
        self._chains: dict[Watched, Chain] = {}
        self._windows: dict[tuple[Cell, int], Window] = {}
        self.grid: Grid = Grid(*size, interest.cell, interest.eye, interest.far_every)

    @staticmethod
    def fits(interest: Interest, size: tuple[int, int]) -> bool:
        """Tell whether a world of this size has few enough cells."""
        columns, rows = (-(-side // interest.cell) for side in size)
        return columns * rows <= MOST_CELLS

    @property
    def levels(self) -> int:
        """How many levels of thinning there are beyond the first, which thins nothing."""
        return 1 + self._interest.near

    def place(self, entities: Iterable[Entity]) -> list[Entity]:
        """Look where everything is; return what is in no cell."""
        self.grid.place(entities)
        return self.grid.everywhere

    def window(self, seat: Seat, level: int) -> Window:
        """Return what a seat sees at a level of thinning; spectators see what the first does."""
        cell = self.grid.eyes.get(seat)
        if cell is None:
            eyes = self.grid.eyes
            cell = eyes[min(eyes)] if eyes else Cell(0)
        known = self._windows.get((cell, level))
        if known is None:
            known = self._windows[cell, level] = self._window(cell, level)
        return known

    def _window(self, cell: Cell, level: int) -> Window:
        interest, grid = self._interest, self.grid
        near = interest.near - max(0, level - 1)
        rate = Rate.SLOW if level else Rate.FAR
        return Window(
            (
                *((c, Rate.NEAR) for c in grid.ring(cell, 0, near)),
                *((c, rate) for c in grid.ring(cell, near + 1, interest.near + interest.far)),
            )
        )

    def encode(self, windows: Iterable[Window], events: Iterable[Event]) -> None:
        """Advance the chains of all cells that are seen through these windows; drop the others."""
        grid, chains = self.grid, self._chains
        here: dict[Cell, list[Event]] = {}
        for event in events:
            here.setdefault(grid.cell_at(event.x, event.y), []).append(event)  # type: ignore[attr-defined]
        wanted = {watched for window in windows for watched in window.watched}
        for watched in [watched for watched in chains if watched not in wanted]:
            del chains[watched]
        for watched in sorted(wanted):
            cell, rate = watched
            inside = grid.cells.get(cell, ())
            chain = chains.get(watched)
            begins = chain is None
            if chain is None:
                number = cell_section(cell, rate)
                chain = chains[watched] = Chain(self._table, Audience.PUBLIC, number)
            if rate is Rate.NEAR:
                checksum = (grid.places + cell) % self._checksum_every == 0
                chain.encode(inside, here.get(cell, ()), checksum=checksum)
            elif begins or self._goes_on(cell, rate):
                chain.encode(inside, always=len(chain) > 0)
            else:
                chain.rest()

    def _goes_on(self, cell: Cell, rate: Rate) -> bool:
        if rate is Rate.FAR:
            return self.grid.takes_in(cell)
        return (self.grid.places + cell) % self._slow_every == 0

    def deltas(self, window: Window) -> list[bytes]:
        """Return the sections for viewers who have been looking through this window."""
        chains = self._chains
        return [delta for watched in window.watched if (delta := chains[watched].delta)]

    def changes(self, before: Window, now: Window) -> list[bytes]:
        """Return the sections for a viewer in step whose window has moved."""
        held = frozenset(before.watched)
        kept = frozenset(now.watched)
        gone = [
            forgotten(cell_section(*watched)) for watched in before.watched if watched not in kept
        ]
        parts = [
            self._chains[watched].delta if watched in held else self._chains[watched].keyframe()
            for watched in now.watched
        ]
        return [*gone, *(part for part in parts if part)]

    def keyframes(self, window: Window) -> list[bytes]:
        """Return the sections for a viewer who knows nothing."""
        return [self._chains[watched].keyframe() for watched in window.watched]


@attrs.define
class DetailLevels:
    """How much one viewer's world is thinned to keep it within its bytes a second.

    Attributes:
        level: 0 thins nothing.
        bytes: Sent since the last judgement.
        due: When to judge next.
    """

    level: int = 0
    bytes: int = 0
    due: int = 0
    _calm: int = 0

    def judge(self, now: Tick, tick_rate: int, allowed: int, levels: int) -> None:
        """Set the level for the next second; it changes by one at most.

        Args:
            now: The tick, `due` or later.
            tick_rate: Ticks a second; that often this is to be called.
            allowed: Bytes a second.
            levels: The highest level.
        """
        sent, self.bytes, self.due = self.bytes, 0, now + tick_rate
        if sent > allowed:
            self._calm = 0
            self.level = min(levels, self.level + 1)
        elif self.level and sent < allowed / 2:
            self._calm += 1
            if self._calm >= CALM_S:
                self._calm = 0
                self.level -= 1
        else:
            self._calm = 0
