"""The times at which sessions and lobbies must be examined: one time per key, earliest first.

Law: an entry means "examine the key then", never "do something then". The code that examines a
session or lobby decides from its state, and sets the key's next time.
"""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

import attrs

KeyT = TypeVar("KeyT", bound=Hashable)

_SPARE = 64
"""Outdated entries that may stay in the heap beyond as many as there are keys."""


@attrs.define
class Agenda(Generic[KeyT]):
    """A heap of times. To set a key again leaves its old entry in the heap, which is skipped."""

    _when: dict[KeyT, tuple[float, int]] = attrs.field(factory=dict, init=False)
    _heap: list[tuple[float, int, KeyT]] = attrs.field(factory=list, init=False)
    _count: int = attrs.field(default=0, init=False)

    def __len__(self) -> int:
        """Count the keys that have a time."""
        return len(self._when)

    def set(self, key: KeyT, when: float | None) -> None:
        """Set the key's only time; None removes it."""
        if when is None:
            self._when.pop(key, None)
            return
        known = self._when.get(key)
        if known is not None and known[0] == when:
            return
        self._count += 1
        self._when[key] = (when, self._count)
        heapq.heappush(self._heap, (when, self._count, key))
        if len(self._heap) > 2 * len(self._when) + _SPARE:
            self._heap = [(t, n, k) for k, (t, n) in self._when.items()]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """Return the earliest time."""
        self._skip_outdated()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> KeyT | None:
        """Take out the earliest key whose time has come, or None."""
        self._skip_outdated()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._when[key]
        return key

    def _skip_outdated(self) -> None:
        while self._heap:
            when, number, key = self._heap[0]
            if self._when.get(key) == (when, number):
                return
            heapq.heappop(self._heap)
