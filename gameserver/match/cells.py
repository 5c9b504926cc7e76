"""The chains of a large world's cells, and the windows (sets of cells) that viewers see.

Law: a cell is encoded once per snapshot and rate, however many viewers see it. Viewers in the same
cell share one snapshot. A viewer costs more only in the snapshot in which its window changes.

A cell has up to three chains, which advance at different rates: with every snapshot (near), with
every `Interest.far_every`-th (far), with every `SLOWER`-th of those (slow, for viewers above their
bytes a second). A cell accepts entities that crossed its border only in the snapshots in which its
far chain advances. So an entity that moves from a near cell to a far one is never missing.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from gameserver.game.entity import Entity, Event, has_place
from gameserver.game.fields import Audience
from gameserver.game.interest import Interest
from gameserver.game.schema.table import GameTable
from gameserver.ids import Seat, Tick
from gameserver.match.chain import Chain, forgotten
from gameserver.match.viewers import Viewer
from gameserver.match.windows import ViewWindow, Watched
from gameserver.netcode.replication.grid import Cell, Grid
from gameserver.netcode.replication.sections import MOST_CELLS, Rate, cell_section

SLOWER: Final = 3
"""Advances of a far chain from one advance of a slow chain to the next."""


class Cells:
    """The chains of all cells of one match that are seen."""

    def __init__(
        self, table: GameTable, interest: Interest, size: tuple[int, int], tick_rate: int
    ) -> None:
        """Start without chains.

        Args:
            table: Tables of the game.
            interest: Size of the cells, and how many rings of them are seen.
            size: Width and height of the world in the units of ``x`` and ``y``.
            tick_rate: Ticks a second; each near cell has a checksum once a second.
        """
        self._table = table
        self._interest = interest
        self._tick_rate = tick_rate
        self._encoded = Tick(0)
        """Tick of the last snapshot."""
        self._local: list[Event] = []
        self._slow_every = SLOWER * interest.far_every
        self._chains: dict[Watched, Chain] = {}
        self._windows: dict[tuple[Cell, int], ViewWindow] = {}
        self.grid: Grid = Grid(*size, interest.cell, interest.eye, interest.far_every)

    @staticmethod
    def fits(interest: Interest, size: tuple[int, int]) -> bool:
        """Tell whether a world of this size has at most `MOST_CELLS` cells."""
        columns, rows = ((side + interest.cell - 1) // interest.cell for side in size)
        return columns * rows <= MOST_CELLS

    @property
    def levels(self) -> int:
        """The highest detail level; see `DetailLevels.level`."""
        return 1 + self._interest.near

    # --- the port `Sight` -----------------------------------------------------------------------

    def place(
        self, entities: list[Entity], events: list[Event]
    ) -> tuple[list[Entity], list[Event]]:
        """Assign entities and events to cells, once per snapshot; return those without a place."""
        self.grid.place(entities)
        self._local = [event for event in events if has_place(event.__class__)]
        return self.grid.everywhere, [e for e in events if not has_place(e.__class__)]

    def grouped(
        self, tick: Tick, viewers: Collection[Viewer]
    ) -> tuple[Mapping[ViewWindow, Collection[Viewer]], list[tuple[Viewer, ViewWindow]]]:
        """Return the viewers in sync by their window, and those who need more than its changes."""
        settled: dict[ViewWindow, list[Viewer]] = {}
        moved: list[tuple[Viewer, ViewWindow]] = []
        allowed, levels = self._interest.bytes_per_s, self.levels
        for viewer in viewers:
            in_step = viewer.in_sync and viewer.last_sent - viewer.seen <= viewer.patience
            if not (in_step or viewer.may_receive(tick)):
                continue
            detail = viewer.detail
            if tick >= detail.due:
                detail.judge(tick, self._tick_rate, allowed, levels)
            window = self.window(viewer.seat, detail.level)
            # There is one window object for each cell and level, so `is not` compares windows.
            if viewer.window is not window or not viewer.in_sync:
                moved.append((viewer, window))
            elif window in settled:
                settled[window].append(viewer)
            else:
                settled[window] = [viewer]
        return settled, moved

    def encode(
        self,
        tick: Tick,
        settled: Collection[ViewWindow],
        moved: Collection[tuple[Viewer, ViewWindow]],
    ) -> None:
        """Advance the chains of all cells of these windows; drop the chains of all other cells.

        The viewers of a new chain get its keyframe, by `changes` or `keyframes`.
        """
        grid, chains = self.grid, self._chains
        here: dict[Cell, list[Event]] = {}
        for event in self._local:
            here.setdefault(grid.cell_at(event.x, event.y), []).append(event)  # type: ignore[attr-defined]
        windows = {*settled, *(window for _, window in moved)}
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
                checksum = self._ends_second(cell, tick)
                chain.encode(inside, here.get(cell, ()), checksum=checksum)
            elif begins or self._goes_on(cell, rate):
                chain.encode(inside, always=len(chain) > 0)
            else:
                chain.rest()
        self._encoded = tick

    def _ends_second(self, cell: Cell, tick: Tick) -> bool:
        """Return whether a second of this cell ended since the last snapshot.

        The seconds of neighbouring cells end at different ticks, so that the sums of all cells are
        not computed in one tick.
        """
        rate = self._tick_rate
        return (tick + cell) // rate != (self._encoded + cell) // rate

    def _goes_on(self, cell: Cell, rate: Rate) -> bool:
        if rate is Rate.FAR:
            return self.grid.takes_in(cell)
        return (self.grid.places + cell) % self._slow_every == 0

    def deltas(self, window: ViewWindow) -> list[bytes]:
        """Return the changes for viewers in sync whose window was this one before, too."""
        seen = map(self._chains.__getitem__, window.watched)
        return [chain.change() for chain in seen if chain.body is not None]

    def changes(self, before: ViewWindow, now: ViewWindow) -> list[bytes]:
        """Return the sections for a viewer in sync whose window has changed."""
        held = frozenset(before.watched)
        kept = frozenset(now.watched)
        gone = [
            forgotten(cell_section(*watched)) for watched in before.watched if watched not in kept
        ]
        seen = [(self._chains[watched], watched in held) for watched in now.watched]
        parts = [
            chain.section() if knows else chain.keyframe()
            for chain, knows in seen
            if not knows or chain.body is not None
        ]
        return [*gone, *parts]

    def keyframes(self, window: ViewWindow) -> list[bytes]:
        """Return the keyframes of all cells of a window, for a viewer out of sync."""
        return [self._chains[watched].keyframe() for watched in window.watched]

    def sent(self, size: int, viewers: Iterable[Viewer], others: Iterable[Viewer] = ()) -> None:
        """Count the bytes that were sent to each viewer, for its detail."""
        for viewer in viewers:
            viewer.detail.bytes += size
        for viewer in others:
            viewer.detail.bytes -= size

    # --- windows --------------------------------------------------------------------------------

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
