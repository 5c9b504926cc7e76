"""Simulate a bad connection between socket and protocol, for tests and demonstrations.

Law: messages keep their order and none is lost, as on a TCP connection; the same seed gives the
same delays. No code here reads a clock: a `DelayLane` returns *when* each message is due.
"""

import random
from collections import deque
from typing import Final

import attrs

_UP, _DOWN = 0, 1

STALL_SPREAD: Final = 0.5
"""The time between two stalls varies around ``stall_every_s`` by this share of it."""


@attrs.frozen
class Conditions:
    """Simulated conditions of a connection. The defaults add nothing.

    Attributes:
        lag_ms: Added to the round trip, half of it in each direction.
        jitter_ms: The round trip varies by up to this much to either side, uniformly distributed.
        stall_s: Length of a stall, in which no message arrives in either direction.
        stall_every_s: Mean time from the end of one stall to the next; 0 for no stalls.
        seed: Seed of jitter and stalls.
    """

    lag_ms: float = 0.0
    jitter_ms: float = 0.0
    stall_s: float = 0.0
    stall_every_s: float = 0.0
    seed: int = 0

    @property
    def perfect(self) -> bool:
        """Whether messages pass without any added delay."""
        stalls = self.stall_s > 0 and self.stall_every_s > 0
        return self.lag_ms <= 0 and self.jitter_ms <= 0 and not stalls


class DelayLane:
    """One direction of a connection with simulated conditions: a queue of messages by due time."""

    def __init__(self, conditions: Conditions, direction: int, began: float) -> None:
        """Start at time ``began``; both lanes of one connection stall at the same times."""
        self._half_s = conditions.lag_ms / 2000
        self._spread_s = conditions.jitter_ms / 2000
        self._stalls = _Stalls(conditions, began)
        # S311: simulated delays need no secrets; they must be repeatable.
        self._random = random.Random(conditions.seed * 2 + direction)  # noqa: S311
        self._queue: deque[tuple[float, bytes]] = deque()
        self._last_due = began

    def put(self, message: bytes, now: float) -> None:
        """Queue a message that was sent at time ``now``."""
        jitter = self._random.uniform(-self._spread_s, self._spread_s)
        due = self._stalls.released(now + max(0.0, self._half_s + jitter))
        self._last_due = max(self._last_due, due)
        self._queue.append((self._last_due, message))

    def __len__(self) -> int:
        """Return the number of messages that are not yet taken."""
        return len(self._queue)

    @property
    def next_due(self) -> float | None:
        """Due time of the next message; None if the lane is empty."""
        return self._queue[0][0] if self._queue else None

    def take_due(self, now: float) -> list[bytes]:
        """Remove and return the messages that are due, in the order of `put`."""
        due = []
        while self._queue and self._queue[0][0] <= now:
            due.append(self._queue.popleft()[1])
        return due


class _Stalls:
    """The times of the stalls, drawn one after the other."""

    def __init__(self, conditions: Conditions, began: float) -> None:
        self._every = conditions.stall_every_s if conditions.stall_s > 0 else 0.0
        self._length = conditions.stall_s
        self._random = random.Random(conditions.seed)  # noqa: S311  see Lane
        self._start = began
        self._plan()

    def released(self, due: float) -> float:
        """Return the time at which a message with this due time arrives: not during a stall."""
        if self._every <= 0:
            return due
        while due >= self._start + self._length:
            self._start += self._length
            self._plan()
        return max(due, self._start + self._length) if due >= self._start else due

    def _plan(self) -> None:
        spread = self._every * STALL_SPREAD
        self._start += self._random.uniform(self._every - spread, self._every + spread)


def lanes(conditions: Conditions, began: float) -> tuple[DelayLane, DelayLane]:
    """Return the two lanes of a connection: to the server, and from the server."""
    return DelayLane(conditions, _UP, began), DelayLane(conditions, _DOWN, began)
