"""Buckets or budgets by key (an address, a channel), created on first use, bounded in number.

Law: the empty key has no limit. It stands for the loopback address, from which a proxy may connect
for all players. Adding a key takes the same (amortised) time for any number of keys.
"""

from abc import abstractmethod
from typing import Generic, Protocol, TypeVar

import attrs


class Refilling(Protocol):
    """The level of one key: use lowers it, time raises it again."""

    def wait(self, now: float) -> float:
        """Return the seconds until the key may be used again; 0.0 means now."""
        ...

    def is_full(self, now: float) -> bool:
        """Return whether the level is at its burst, so that a new one would be equal."""
        ...


RefillingT = TypeVar("RefillingT", bound=Refilling)


@attrs.define
class Table(Generic[RefillingT]):
    """One bucket or budget for each key.

    When full: keys whose level is full again are forgotten; if there are none, the half of the keys
    that was used longest ago.
    """

    rate: float
    burst: float
    limit: int
    _by_key: dict[str, RefillingT] = attrs.field(factory=dict, init=False)

    @abstractmethod
    def _new(self) -> RefillingT:
        """Return a bucket or budget at its burst."""

    def __len__(self) -> int:
        """Return the number of keys that are kept."""
        return len(self._by_key)

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until the key may be used again; 0.0 means now."""
        found = self._by_key.get(key)
        return 0.0 if found is None else found.wait(now)

    def forget(self, key: str) -> None:
        """Remove a key that is not used any more, such as the channel of a closed lobby."""
        self._by_key.pop(key, None)

    def _touch(self, key: str, now: float) -> RefillingT:
        """Return the key's bucket or budget, and mark the key as used last."""
        touched = self._by_key.pop(key, None)
        if touched is None:
            self._make_room(now)
            touched = self._new()
        self._by_key[key] = touched
        return touched

    def _make_room(self, now: float) -> None:
        if len(self._by_key) < self.limit:
            return
        kept = {key: each for key, each in self._by_key.items() if not each.is_full(now)}
        self._by_key = kept
        if len(kept) >= self.limit:
            # Remove half of them at once: a scan of all keys for each new key would be O(n²).
            for key in list(kept)[: max(1, self.limit // 2)]:
                del kept[key]
