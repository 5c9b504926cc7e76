"""Token buckets: limits on the rate of actions.

Law: as in `levels`. A token is taken only if at least one whole token is in the bucket.
"""

import attrs

from gameserver.rooms.limits.levels import Level
from gameserver.rooms.limits.tables import Table


@attrs.define
class TokenBucket(Level):
    """Holds up to ``burst`` tokens and regains ``rate`` a second; starts full."""

    def wait(self, now: float, count: float = 1.0) -> float:
        """Return the seconds until the bucket holds ``count`` tokens; 0.0 if it does now."""
        self._refill(now)
        return 0.0 if self._level >= count else (count - self._level) / self.rate

    def take(self, now: float, count: float = 1.0) -> float:
        """Take ``count`` tokens and return 0.0; with fewer take none and return `wait`'s time."""
        missing = self.wait(now, count)
        if missing == 0.0:
            self._level -= count
        return missing


@attrs.define
class BucketTable(Table[TokenBucket]):
    """One bucket for each key."""

    def _new(self) -> TokenBucket:
        return TokenBucket(self.rate, self.burst)

    def take(self, key: str, now: float) -> float:
        """Take one of the key's tokens and return 0.0, or return the seconds to wait for it."""
        return self._touch(key, now).take(now) if key else 0.0
