"""One seat's inputs: addressed to ticks, at most one per tick, bounded in time both ways.

Law: whatever is sent, one command per tick counts (threats 14, 15, 17): an input for a tick that
is past is counted and dropped, one too far ahead is dropped, the first one for a tick wins, a
sequence number is applied at most once. A missing input repeats the last one with its edges
cleared, and after `REPEAT_S` becomes neutral.

Tick 0 means "the next one", for clients that do not predict: the levels of the newest count and
the edges of all that met are joined.
"""

from typing import Final

import attrs

from gameserver.game.command import Command, CommandKind
from gameserver.ids import Tick
from gameserver.netcode.timing.window import NOTHING, Extremes

AHEAD_S: Final = 1.0
"""Farthest into the future an input may be addressed (threat 15)."""

REPEAT_S: Final = 0.5
"""How long a missing input repeats the last one before it counts as neutral (threat 17)."""

MARGIN_S: Final = 3.0
"""Window in which the smallest arrival margin steers the client's lead; half of it at least counts.
"""


@attrs.define
class InputCounts:
    """What became of a seat's inputs."""

    applied: int = 0
    late: int = 0
    early: int = 0
    doubled: int = 0
    malformed: int = 0
    missed: int = 0
    """Ticks stepped without an input of their own, after the first input came."""


class InputBuffer:
    """Commands of one seat for the coming ticks."""

    def __init__(self, command: type[Command], tick_rate: int) -> None:
        """Start with a neutral command."""
        self._neutral = command()
        self._edges = [f.name for f in command.fields() if f.kind is CommandKind.EDGE]
        self._ahead = int(AHEAD_S * tick_rate)
        self._repeat = int(REPEAT_S * tick_rate)
        self._waiting: dict[Tick, Command] = {}
        self._next: Command | None = None
        self._last = self._neutral
        self._last_tick = Tick(0)
        self._margins = Extremes(int(MARGIN_S * tick_rate))
        self.last_seq = 0
        self.counts = InputCounts()

    def put(self, now: Tick, seq: int, tick: Tick, command: Command) -> bool:
        """Take an input that arrived after tick ``now`` was stepped; return whether it counts."""
        if seq <= self.last_seq:
            self.counts.doubled += 1
            return False
        self.last_seq = seq
        if tick == 0:
            self._next = command if self._next is None else self._joined(self._next, command)
            return True
        margin = tick - now - 1
        if margin > self._ahead:
            self.counts.early += 1
            return False
        self._margins.add(now, margin)
        if margin < 0:
            self.counts.late += 1
            return False
        if tick in self._waiting:
            self.counts.doubled += 1
            return False
        self._waiting[tick] = command
        return True

    def take(self, tick: Tick) -> Command:
        """Return the command for a tick; call once per tick, in order."""
        command = self._waiting.pop(tick, None)
        if self._next is not None:
            command = self._next if command is None else self._joined(self._next, command)
            self._next = None
        if command is not None:
            self.counts.applied += 1
            self._last, self._last_tick = command, tick
            return command
        if self._last_tick:
            self.counts.missed += 1
        if tick - self._last_tick > self._repeat:
            return self._neutral
        return self._last.repeated()

    def smallest_margin(self, now: Tick) -> int | None:
        """Return by how many ticks the latest-coming input of the last seconds was early.

        0 is just in time, negative is too late; None where nothing came.
        """
        self._margins.turn(now)
        least = self._margins.least
        return least if least != NOTHING else None

    def forget_margins(self) -> None:
        """Measure anew: after the client was told to change its lead."""
        self._margins.clear()

    def _joined(self, earlier: Command, later: Command) -> Command:
        pressed = {name: True for name in self._edges if getattr(earlier, name)}
        return attrs.evolve(later, **pressed) if pressed else later
