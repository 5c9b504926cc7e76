"""Make a good line bad, for tests and demonstrations, between socket and protocol.

Law: order is preserved and nothing is lost, as on a TCP connection; the same seed gives the same
line. What is said here is decided without a clock: a `Lane` tells *when* a message is due.
"""

import random
from collections import deque
from typing import Final

import attrs

_UP, _DOWN = 0, 1

STALL_SPREAD: Final = 0.5
"""Stalls come after ``stall_every_s`` give or take this part of it."""


@attrs.frozen
class Conditions:
    """How bad the line is. The default adds nothing.

    Attributes:
        lag_ms: Added to the round trip, half of it each way.
        jitter_ms: The round trip varies by up to this much to either side, evenly spread.
        stall_s: How long the line stands still when it stalls, both ways.
        stall_every_s: Mean time from one stall to the next; 0 for none.
        seed: The same seed gives the same jitter and stalls.
    """

    lag_ms: float = 0.0
    jitter_ms: float = 0.0
    stall_s: float = 0.0
    stall_every_s: float = 0.0
    seed: int = 0

    @property
    def perfect(self) -> bool:
        """Whether messages pass untouched."""
        stalls = self.stall_s > 0 and self.stall_every_s > 0
        return self.lag_ms <= 0 and self.jitter_ms <= 0 and not stalls


class Lane:
    """One direction of a conditioned line: messages go in now and come out when they are due."""

    def __init__(self, conditions: Conditions, direction: int, began: float) -> None:
        """Start a lane at a time; the lanes of one line stall together."""
        self._half_s = conditions.lag_ms / 2000
        self._spread_s = conditions.jitter_ms / 2000
        self._stalls = _Stalls(conditions, began)
        # S311: a bad line needs no secrets, it needs repeating.
        self._random = random.Random(conditions.seed * 2 + direction)  # noqa: S311
        self._queue: deque[tuple[float, bytes]] = deque()
        self._last_due = began

    def put(self, message: bytes, now: float) -> None:
        """Take a message in."""
        jitter = self._random.uniform(-self._spread_s, self._spread_s)
        due = self._stalls.released(now + max(0.0, self._half_s + jitter))
        self._last_due = max(self._last_due, due)
        self._queue.append((self._last_due, message))

    def __len__(self) -> int:
        """Count the messages under way."""
        return len(self._queue)

    @property
    def next_due(self) -> float | None:
        """When the next message comes out, or None if the lane is empty."""
        return self._queue[0][0] if self._queue else None

    def take_due(self, now: float) -> list[bytes]:
        """Return the messages that are due, in the order in which they went in."""
        due = []
        while self._queue and self._queue[0][0] <= now:
            due.append(self._queue.popleft()[1])
        return due


class _Stalls:
    """The times at which a line stands still."""

    def __init__(self, conditions: Conditions, began: float) -> None:
        self._every = conditions.stall_every_s if conditions.stall_s > 0 else 0.0
        self._length = conditions.stall_s
        self._random = random.Random(conditions.seed)  # noqa: S311  see Lane
        self._start = began
        self._plan()

    def released(self, due: float) -> float:
        """Return when something due at a time gets through."""
        if self._every <= 0:
            return due
        while due >= self._start + self._length:
            self._start += self._length
            self._plan()
        return max(due, self._start + self._length) if due >= self._start else due

    def _plan(self) -> None:
        spread = self._every * STALL_SPREAD
        self._start += self._random.uniform(self._every - spread, self._every + spread)


def lanes(conditions: Conditions, began: float) -> tuple[Lane, Lane]:
    """Return the lanes of a line: up to the server, and down to the client."""
    return Lane(conditions, _UP, began), Lane(conditions, _DOWN, began)
