"""In which part of their period the ticks of each match are due.

Law: matches of one rate are due together as long as their ticks take no more than `FULL_S` in all,
so a wake-up of the loop serves as many as it can: the first match of it pays for what everything
else has left in the processor's caches. Beyond that the load is spread evenly over the period.
"""

from collections.abc import Iterable
from typing import Final

from gameserver.service.timetable import Slot, Timetable

GRID_S: Final = 0.005
"""Time from one slot of a period to the next."""

FULL_S: Final = 0.004
"""What the ticks of a slot may take in all before the next slot is begun: the last match of a slot
is that late, an eighth of a tick at 30 Hz."""

GUESS_S: Final = 0.0005
"""What a tick is expected to take while none has been seen."""

SUMMED_FOR_S: Final = 0.00005
"""How long a sum of what the matches take counts, for each match: thousands may begin at once."""


class Slots:
    """The slots of all periods, and the matches in them."""

    def __init__(self) -> None:
        """Start without matches."""
        self._tables: dict[Slot, dict[Timetable, None]] = {}
        self._loads: dict[Slot, float] = {}
        self._usual: dict[float, float] = {}
        self._summed = float("-inf")

    def choose(self, period: float, now: float) -> Slot:
        """Return the slot for a further match."""
        self._sum(now)
        loads = {slot: self._loads.get(slot, 0.0) for slot in slots_of(period)}
        with_it = self._usual.get(period, GUESS_S)
        open_ = {slot: load for slot, load in loads.items() if 0 < load <= FULL_S - with_it}
        slot = max(open_, key=open_.__getitem__) if open_ else min(loads, key=loads.__getitem__)
        self._loads[slot] = loads[slot] + with_it
        return slot

    def enter(self, table: Timetable) -> None:
        """Count a match for its slot."""
        self._tables.setdefault(table.slot, {})[table] = None

    def leave(self, table: Timetable) -> None:
        """Count it no more; leaving twice is safe."""
        tables = self._tables.get(table.slot, {})
        if tables.pop(table, self) is self:
            return
        if tables:
            self._loads[table.slot] -= table.usual_s or self._usual.get(table.period, GUESS_S)
        else:
            del self._tables[table.slot]
            self._loads.pop(table.slot, None)

    def _sum(self, now: float) -> None:
        """Sum up what the matches of each slot have taken, unless that was done just now."""
        count = sum(map(len, self._tables.values()))
        if now < self._summed + SUMMED_FOR_S * count:
            return
        self._summed = now
        self._usual = {
            period: _mean(table for slot, tables in self._tables.items() if slot[0] == period
                          for table in tables)
            for period in {slot[0] for slot in self._tables}
        }  # fmt: skip
        self._loads = {
            slot: sum(table.usual_s or self._usual[slot[0]] for table in tables)
            for slot, tables in self._tables.items()
        }


def slots_of(period: float) -> list[Slot]:
    """Return the slots of a period: as many as fit on the grid, and one at least."""
    count = max(1, round(period / GRID_S))
    return [(period, each / count) for each in range(count)]


def _mean(tables: Iterable[Timetable]) -> float:
    seen = [table.usual_s for table in tables if table.done]
    return sum(seen) / len(seen) if seen else GUESS_S
