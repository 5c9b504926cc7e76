"""Token buckets: limits on how often something may be done.

Law: as in `levels`. A token is taken only if a whole one is there.
"""

import attrs

from gameserver.rooms.limits.levels import Level
from gameserver.rooms.limits.tables import Table


@attrs.define
class TokenBucket(Level):
    """Holds up to ``burst`` tokens and regains ``rate`` a second; starts full."""

    def wait(self, now: float) -> float:
        """Return in how many seconds one token will be there; 0.0 if it is there now."""
        self._refill(now)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / self.rate

    def take(self, now: float) -> float:
        """Take a token if there is one and return 0.0; if not, return as `wait` does."""
        missing = self.wait(now)
        if missing == 0.0:
            self._level -= 1.0
        return missing


@attrs.define
class BucketTable(Table[TokenBucket]):
    """One bucket for each key."""

    def _new(self) -> TokenBucket:
        return TokenBucket(self.rate, self.burst)

    def take(self, key: str, now: float) -> float:
        """Take one of the key's tokens if there is one; return as `wait` does."""
        return self._touch(key, now).take(now) if key else 0.0
