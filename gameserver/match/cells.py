"""The chains of a large world's cells, and the windows (sets of cells) that viewers see.

Law: a cell is encoded once per snapshot and rate, however many viewers see it. Viewers in the same
cell share one snapshot. A viewer costs more only in the snapshot in which its window changes.

A cell has up to three chains, which advance at different rates: with every snapshot (near), with
every `Interest.far_every`-th (far), with every `SLOWER`-th of those (slow, for viewers above their
bytes a second). A cell accepts entities that crossed its border only in the snapshots in which its
far chain advances. So an entity that moves from a near cell to a far one is never missing.
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
"""Advances of a far chain from one advance of a slow chain to the next."""

CALM_S: Final = 4
"""Seconds that a viewer must stay below half of its bytes a second before its level falls."""

Watched = tuple[Cell, Rate]
"""A cell, and the rate at which its snapshots come."""


@attrs.frozen(eq=False)
class ViewWindow:
    """The cells that are seen from one cell at one detail level.

    `Cells` makes one object for each cell and level, so windows are compared by identity.
    """

    watched: tuple[Watched, ...]
    """Ordered by rate, then by cell."""


class Cells:
    """The chains of all cells of one match that are seen."""

    def __init__(
        self, table: GameTable, interest: Interest, size: tuple[int, int], checksum_every: int
    ) -> None:
        """Start without chains.

        Args:
            table: Tables of the game.
            interest: Size of the cells, and how many rings of them are seen.
            size: Width and height of the world in the units of ``x`` and ``y``.
            checksum_every: Snapshots from one checksum of a near cell to the next.
        """
        self._table = table
        self._interest = interest
        self._checksum_every = checksum_every
        self._slow_every = SLOWER * interest.far_every
        self._chains: dict[Watched, Chain] = {}
        self._windows: dict[tuple[Cell, int], ViewWindow] = {}
        self.grid: Grid = Grid(*size, interest.cell, interest.eye, interest.far_every)

    @staticmethod
    def fits(interest: Interest, size: tuple[int, int]) -> bool:
        """Tell whether a world of this size has at most `MOST_CELLS` cells."""
        columns, rows = (-(-side // interest.cell) for side in size)
        return columns * rows <= MOST_CELLS

    @property
    def levels(self) -> int:
        """The highest detail level; see `DetailLevels.level`."""
        return 1 + self._interest.near

    def place(self, entities: Iterable[Entity]) -> list[Entity]:
        """Assign all entities to cells, once per snapshot; return those without a place."""
        self.grid.place(entities)
        return self.grid.everywhere

    def window(self, seat: Seat, level: int) -> ViewWindow:
        """Return a seat's window at a detail level; a spectator gets that of the first seat."""
        cell = self.grid.eyes.get(seat)
        if cell is None:
            eyes = self.grid.eyes
            cell = eyes[min(eyes)] if eyes else Cell(0)
        known = self._windows.get((cell, level))
        if known is None:
            known = self._windows[cell, level] = self._window(cell, level)
        return known

    def _window(self, cell: Cell, level: int) -> ViewWindow:
        interest, grid = self._interest, self.grid
        near = interest.near - max(0, level - 1)
        rate = Rate.SLOW if level else Rate.FAR
        return ViewWindow(
            (
                *((c, Rate.NEAR) for c in grid.ring(cell, 0, near)),
                *((c, rate) for c in grid.ring(cell, near + 1, interest.near + interest.far)),
            )
        )

    def encode(self, windows: Iterable[ViewWindow], events: Iterable[Event]) -> None:
        """Advance the chains of all cells of these windows; drop the chains of all other cells.

        The viewers of a new chain get its keyframe, by `changes` or `keyframes`.
        """
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

    def deltas(self, window: ViewWindow) -> list[bytes]:
        """Return the sections for viewers in sync whose window was this one before, too."""
        chains = self._chains
        return [delta for watched in window.watched if (delta := chains[watched].delta)]

    def changes(self, before: ViewWindow, now: ViewWindow) -> list[bytes]:
        """Return the sections for a viewer in sync whose window has changed."""
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

    def keyframes(self, window: ViewWindow) -> list[bytes]:
        """Return the keyframes of all cells of a window, for a viewer out of sync."""
        return [self._chains[watched].keyframe() for watched in window.watched]


@attrs.define
class DetailLevels:
    """How much detail one viewer loses to keep it within its bytes a second.

    Attributes:
        level: 0 loses nothing; at 1 far cells become slow; each further level makes the outermost
            near ring slow, too.
        bytes: Bytes sent since the last call of `judge`.
        due: Tick of the next call of `judge`.
    """

    level: int = 0
    bytes: int = 0
    due: int = 0
    _calm: int = 0

    def judge(self, now: Tick, tick_rate: int, allowed: int, levels: int) -> None:
        """Set the level for the next second; it changes by one at most.

        Args:
            now: The tick, `due` or later.
            tick_rate: Ticks a second.
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
