"""What one viewer sees of a large world: the window of cells, and the detail it can be sent.

A world without cells has one window, `WHOLE`.
"""

from typing import Final

import attrs

from gameserver.ids import Tick
from gameserver.netcode.replication.grid import Cell
from gameserver.netcode.replication.sections import Rate

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


WHOLE: Final = ViewWindow(())
"""The window of a world that is not divided into cells."""


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
