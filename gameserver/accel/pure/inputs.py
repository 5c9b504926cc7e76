"""Inputs of one seat: parsed from bytes, and kept until their tick.

Law: whatever a client sends, exactly one command per tick is applied (threats 14, 15, 17). An input
for a past tick or too far ahead is counted and dropped; the first input for a tick wins; each
sequence number counts once. A missing input repeats the last one with its edges cleared; after
``BufferRules.repeat`` ticks the command is neutral.

Tick 0 means "the next tick", for clients that do not predict. Of several inputs for the same next
tick the newest gives the levels, and the edges of all are joined.
"""

from functools import cache
from typing import Any

import msgpack

from gameserver.accel.port import BufferRules, InputCounts, InputRow, InputTable, ReadInput
from gameserver.accel.pure.window import NOTHING, Extremes
from gameserver.game.codegen.generated import build
from gameserver.ids import Tick


@cache
def input_reader(table: InputTable) -> ReadInput:
    """Return a function that reads one message as an input of this table."""
    names = [f"f{index}" for index in range(len(table.bounds))]
    whole = " is ".join(f"type({name})" for name in ("kind", "seq", "tick", "seen", "view", *names))
    tests = [
        f"{whole} is int",
        f"kind == {table.kind}",
        *(
            f"0 <= {name} < {bound}"
            for name, bound in zip(("seq", "tick", "seen", "view"), table.below, strict=True)
        ),
        *(f"{lo} <= {name} <= {hi}" for (lo, hi), name in zip(table.bounds, names, strict=True)),
    ]
    lines = [
        "def read(message):",
        f"    if len(message) > {table.longest}:",
        "        return None",
        "    try:",
        "        row = unpack(message)",
        "        if type(row) is not list:",  # bytes would yield integers, too
        "            return None",
        f"        {', '.join(['kind, seq, tick, seen, view', *names])} = row",
        "    except wrong:",
        "        return None",
        f"    if {' and '.join(tests)}:",
        f"        return seq, tick, seen, view, ({', '.join(names)}{',' if names else ''})",
        "    return None",
    ]
    wrong = (ValueError, TypeError, msgpack.UnpackException)
    read: ReadInput = build("read", lines, unpack=msgpack.unpackb, wrong=wrong)
    return read


class PureInputBuffer:
    """The inputs of one seat for the coming ticks."""

    def __init__(self, table: InputTable, rules: BufferRules) -> None:
        """Start with a neutral command."""
        self._make = table.make
        self._edges = table.edges
        self._neutral = table.make(table.neutral, 0)
        self._ahead = rules.ahead
        self._repeat = rules.repeat
        self._waiting: dict[Tick, tuple[InputRow, int]] = {}
        self._next: tuple[InputRow, int] | None = None
        self._last: tuple[InputRow, int] = (table.neutral, 0)
        self._last_tick = Tick(0)
        self._margins = Extremes(rules.margins)
        self.last_seq: int = 0
        self.counts: InputCounts = InputCounts()

    def put(self, now: Tick, seq: int, tick: Tick, row: InputRow, view: int = 0) -> bool:
        """Store an input that arrived after tick ``now`` was stepped; return False if dropped."""
        if seq <= self.last_seq:
            self.counts.doubled += 1
            return False
        self.last_seq = seq
        if tick == 0:
            given = (row, view)
            self._next = given if self._next is None else self._joined(self._next, given)
            return True
        margin = tick - now - 1
        if margin > self._ahead:
            margin = self._ahead + 1
        self._margins.add(now, margin)  # also of early inputs: else a long lead is never cut
        if margin > self._ahead:
            self.counts.early += 1
            return False
        if margin < 0:
            self.counts.late += 1
            return False
        if tick in self._waiting:
            self.counts.doubled += 1
            return False
        self._waiting[tick] = (row, view)
        return True

    def take(self, tick: Tick) -> Any:
        """Return the command for a tick; must be called once per tick, in order."""
        given = self._waiting.pop(tick, None)
        if self._next is not None:
            given = self._next if given is None else self._joined(self._next, given)
            self._next = None
        if given is not None:
            self.counts.applied += 1
            self._last, self._last_tick = given, tick
            row, view = given
            return self._make(row, view)
        if self._last_tick:
            self.counts.missed += 1
        if tick - self._last_tick > self._repeat:
            return self._neutral
        row, view = self._last
        return self._make(self._released(row), view)

    def smallest_margin(self, now: Tick) -> int | None:
        """Return the smallest arrival margin of the window in ticks; None without inputs."""
        self._margins.turn(now)
        least = self._margins.least
        return least if least != NOTHING else None

    def forget_margins(self) -> None:
        """Clear the margins: they were measured with the lead before a correction."""
        self._margins.clear()

    def _joined(
        self, earlier: tuple[InputRow, int], later: tuple[InputRow, int]
    ) -> tuple[InputRow, int]:
        """Return the later input with the edges of the earlier one."""
        row = list(later[0])
        for index in self._edges:
            row[index] |= earlier[0][index]
        return tuple(row), later[1]

    def _released(self, row: InputRow) -> InputRow:
        """Return a row with its edges cleared."""
        if not self._edges:
            return row
        cleared = list(row)
        for index in self._edges:
            cleared[index] = 0
        return tuple(cleared)


def input_buffer(table: InputTable, rules: BufferRules) -> PureInputBuffer:
    """Return an empty buffer for one seat."""
    return PureInputBuffer(table, rules)
