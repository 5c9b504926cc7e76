"""Budgets: limits on a cost, in seconds of the loop, bytes sent or deliveries.

Law: a cost is known after the work, so it is subtracted afterwards. A key with a negative level
(debt) waits; no key is refused for a cost that is still ahead. Time is an argument. A debt is never
larger than the burst, so the longest wait is ``burst / rate`` seconds, whatever the work cost.

A `TokenBucket` counts actions; a budget sums up their costs.
"""

import attrs

from gameserver.rooms.limits.levels import Level
from gameserver.rooms.limits.tables import Table


@attrs.define
class Budget(Level):
    """Holds up to ``burst`` units of a cost and regains ``rate`` a second; starts full."""

    def wait(self, now: float) -> float:
        """Return the seconds until the level is above zero; 0.0 if it is now."""
        self._refill(now)
        return 0.0 if self._level > 0.0 else -self._level / self.rate + 1e-6

    def spend(self, cost: float, now: float) -> None:
        """Subtract a cost; the level may fall below zero."""
        self._refill(now)
        self._level = max(self._level - cost, -self.burst)

    def earn(self, amount: float) -> None:
        """Raise the level, up to the burst: bytes received from a peer earn bytes of answers."""
        self._level = min(self._level + amount, self.burst)


@attrs.define
class BudgetTable(Table[Budget]):
    """One budget for each key."""

    def _new(self) -> Budget:
        return Budget(self.rate, self.burst)

    def spend(self, key: str, cost: float, now: float) -> None:
        """Subtract a cost from the key's budget; the empty key is never charged."""
        if key:
            self._touch(key, now).spend(cost, now)

    def earn(self, key: str, amount: float) -> None:
        """Raise a key's level; a key that was never charged has its full level already."""
        budget = self._by_key.get(key)
        if budget is not None:
            budget.earn(amount)
