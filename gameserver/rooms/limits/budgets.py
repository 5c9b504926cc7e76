"""Budgets: what somebody may cost, in seconds of the loop, bytes out or deliveries.

Law: a cost is known when the work is done, so it is spent afterwards: whoever is in debt waits,
nobody is refused for what is not spent yet. Time is an argument. A debt is never deeper than the
burst, so the longest wait is ``burst / rate`` seconds, however much a single piece of work cost.

`TokenBucket` counts how often; a budget counts how much.
"""

import attrs

from gameserver.rooms.limits.levels import Level
from gameserver.rooms.limits.tables import Table


@attrs.define
class Budget(Level):
    """Holds up to ``burst`` units of a cost and regains ``rate`` a second; starts full."""

    def wait(self, now: float) -> float:
        """Return in how many seconds the debt is paid; 0.0 without one."""
        self._refill(now)
        return 0.0 if self._level > 0.0 else -self._level / self.rate + 1e-6

    def spend(self, cost: float, now: float) -> None:
        """Take what something cost; the level may fall below zero."""
        self._refill(now)
        self._level = max(self._level - cost, -self.burst)

    def earn(self, amount: float, now: float) -> None:
        """Give some back, up to the burst: what a peer sent allows it to be answered."""
        self._refill(now)
        self._level = min(self._level + amount, self.burst)


@attrs.define
class BudgetTable(Table[Budget]):
    """One budget for each key."""

    def _new(self) -> Budget:
        return Budget(self.rate, self.burst)

    def spend(self, key: str, cost: float, now: float) -> None:
        """Take what something cost from the key's budget."""
        if key:
            self._touch(key, now).spend(cost, now)

    def earn(self, key: str, amount: float, now: float) -> None:
        """Give a key some back; see `Budget.earn`."""
        budget = self._by_key.get(key)
        if budget is not None:
            budget.earn(amount, now)
