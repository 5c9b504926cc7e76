"""Buckets or budgets by key (an address, a channel), made when first needed, bounded in number.

Law: the empty key is nobody in particular (loopback, behind which a proxy may stand for everybody)
and has no limit. A further key costs the same however many there are.
"""

from abc import abstractmethod
from typing import Generic, Protocol, TypeVar

import attrs


class Refilling(Protocol):
    """What is kept for one key: it is used up, and refills with time."""

    def wait(self, now: float) -> float:
        """Return in how many seconds something is there; 0.0 for now."""
        ...

    def is_full(self, now: float) -> bool:
        """Tell whether nothing is lost by forgetting it."""
        ...


RefillingT = TypeVar("RefillingT", bound=Refilling)


@attrs.define
class Table(Generic[RefillingT]):
    """One bucket or budget for each key.

    When full: those that are full again are forgotten; if there is none, the half that was touched
    longest ago.
    """

    rate: float
    burst: float
    limit: int
    _by_key: dict[str, RefillingT] = attrs.field(factory=dict, init=False)

    @abstractmethod
    def _new(self) -> RefillingT:
        """Return a full one."""

    def __len__(self) -> int:
        """Count the remembered keys."""
        return len(self._by_key)

    def wait(self, key: str, now: float) -> float:
        """Return in how many seconds the key has something; 0.0 for now."""
        found = self._by_key.get(key)
        return 0.0 if found is None else found.wait(now)

    def forget(self, key: str) -> None:
        """Forget a key that is no more, such as a closed lobby's channel."""
        self._by_key.pop(key, None)

    def _touch(self, key: str, now: float) -> RefillingT:
        """Return what the key has, as the one that was touched last."""
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
            # Half at once: looking through all of them for each new key would be O(n²).
            for key in list(kept)[: max(1, self.limit // 2)]:
                del kept[key]
