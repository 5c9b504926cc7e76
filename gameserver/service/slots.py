"""In which part of their period the ticks of each match are due.

Law: matches of one rate are due together as long as their ticks take no more than `FULL_S` in all,
so a wake-up of the loop serves as many as it can: the first match of it pays for what everything
else has left in the processor's caches. Beyond that the load is spread evenly over the period.
Matches become slower and faster: from a slot that takes much too long one after the other moves.
"""

from collections.abc import Collection
from typing import Final

import attrs

from gameserver.service.timetable import Slot, Timetable

GRID_S: Final = 0.005
"""Time from one slot of a period to the next."""

FULL_S: Final = 0.004
"""What the ticks of a slot may take in all before the next slot is begun: the last match of a slot
is that late, an eighth of a tick at 30 Hz."""

TOO_FULL_S: Final = 2 * FULL_S
"""What they may take before a match is moved: its next tick comes up to a period late for it."""

SEEN_TICKS: Final = 20
"""Ticks by which what a match takes is judged anew."""

SUMMED_FOR_S: Final = 0.00005
"""How long a sum of what the matches take counts, for each match: thousands may begin at once."""


@attrs.define
class _Cost:
    """What the ticks of a match take lately; 0 before the first one was seen."""

    usual_s: float = 0.0
    busy_s: float = 0.0
    done: int = 0

    def look(self, table: Timetable) -> None:
        """Judge anew, if there were enough ticks."""
        ticks = table.done - self.done
        if ticks >= (SEEN_TICKS if self.done else 1):
            self.usual_s = (table.busy_s - self.busy_s) / ticks
            self.busy_s, self.done = table.busy_s, table.done


class Slots:
    """The slots of all periods, and the matches in them."""

    def __init__(self) -> None:
        """Start without matches."""
        self._tables: dict[Slot, dict[Timetable, _Cost]] = {}
        self._loads: dict[Slot, float] = {}
        self._usual: dict[float, float] = {}
        """What a tick takes on average, by period; periods of which none was seen are missing."""
        self._moves: dict[Timetable, Slot] = {}
        self._summed = float("-inf")

    def choose(self, period: float, now: float) -> Slot:
        """Return the slot for a further match."""
        count = sum(map(len, self._tables.values()))
        if now >= self._summed + SUMMED_FOR_S * count:
            self._sum(now)
        with_it = self._usual.get(period)
        if with_it is None:  # nobody knows how long they take: after a crash all may begin at once
            return min(slots_of(period), key=lambda slot: len(self._tables.get(slot, ())))
        loads = {slot: self._loads.get(slot, 0.0) for slot in slots_of(period)}
        open_ = {slot: load for slot, load in loads.items() if 0 < load <= FULL_S - with_it}
        slot = max(open_, key=open_.__getitem__) if open_ else min(loads, key=loads.__getitem__)
        self._loads[slot] = loads[slot] + with_it
        return slot

    def enter(self, table: Timetable) -> None:
        """Count a match for its slot."""
        self._tables.setdefault(table.slot, {})[table] = _Cost()

    def leave(self, table: Timetable) -> None:
        """Count it no more; leaving twice is safe."""
        self._moves.pop(table, None)
        tables = self._tables.get(table.slot, {})
        cost = tables.pop(table, None)
        if cost is not None and tables:
            self._loads[table.slot] = self._loads.get(table.slot, 0.0) - cost.usual_s
        elif cost is not None:
            del self._tables[table.slot]
            self._loads.pop(table.slot, None)

    def balance(self, now: float) -> None:
        """Choose for each period at most one match that `move` moves to another slot."""
        self._sum(now)
        self._moves.clear()
        for period in self._usual:
            loads = {slot: self._loads.get(slot, 0.0) for slot in slots_of(period)}
            full, free = max(loads, key=loads.__getitem__), min(loads, key=loads.__getitem__)
            # What is moved must leave its new slot with less than its old one had.
            gap = loads[full] - loads[free]
            costs = {t: c.usual_s for t, c in self._tables[full].items() if 0 < c.usual_s < gap}
            if loads[full] > TOO_FULL_S and costs and len(self._tables[full]) > 1:
                self._moves[min(costs, key=costs.__getitem__)] = free

    def move(self, table: Timetable) -> None:
        """Move a match, if `balance` has chosen it; call it between two ticks."""
        slot = self._moves.pop(table, None)
        if slot is None:
            return
        cost = self._tables[table.slot][table]
        self.leave(table)
        table.move(slot)
        self._tables.setdefault(slot, {})[table] = cost
        self._loads[slot] = self._loads.get(slot, 0.0) + cost.usual_s

    def _sum(self, now: float) -> None:
        """Sum up what the matches of each slot take."""
        self._summed = now
        for tables in self._tables.values():
            for table, cost in tables.items():
                cost.look(table)
        seen: dict[float, list[float]] = {}
        for (period, _), tables in self._tables.items():
            seen.setdefault(period, []).extend(c.usual_s for c in tables.values() if c.done)
        self._usual = {period: _mean(costs) for period, costs in seen.items() if costs}
        self._loads = {
            slot: sum(cost.usual_s or self._usual.get(slot[0], 0.0) for cost in tables.values())
            for slot, tables in self._tables.items()
        }


def slots_of(period: float) -> list[Slot]:
    """Return the slots of a period: as many as fit on the grid, and one at least."""
    count = max(1, round(period / GRID_S))
    return [(period, each / count) for each in range(count)]


def _mean(costs: Collection[float]) -> float:
    return sum(costs) / len(costs)
