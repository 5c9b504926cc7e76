"""Token buckets: how often somebody may do something.

Law: a bucket is a number and the time it was true; nothing runs to refill it. Time never goes
backwards inside one, whatever it is handed.
"""

import attrs

from gameserver.rooms.limits.tables import Table


@attrs.define
class TokenBucket:
    """Holds up to ``burst`` tokens and regains ``rate`` a second; starts full."""

    rate: float
    burst: float
    _level: float = attrs.field(init=False)
    _at: float | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Fill the bucket."""
        self._level = self.burst

    def wait(self, now: float) -> float:
        """Return in how many seconds one token will be there; 0.0 if it is there now."""
        self._refill(now)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / self.rate

    def take(self, now: float) -> float:
        """Take a token if there is one; return as `wait` does, 0.0 for taken."""
        missing = self.wait(now)
        if missing == 0.0:
            self._level -= 1.0
        return missing

    def is_full(self, now: float) -> bool:
        """Tell whether the bucket remembers nothing any more."""
        self._refill(now)
        return self._level >= self.burst

    def _refill(self, now: float) -> None:
        if self._at is not None and now > self._at:
            # A rounding error must not leave a waiter one ulp short at the promised time.
            regained = self._level + (now - self._at) * self.rate + 1e-9
            self._level = min(self.burst, regained)
        self._at = now if self._at is None else max(self._at, now)


@attrs.define
class BucketTable(Table[TokenBucket]):
    """One bucket for each key."""

    def _new(self) -> TokenBucket:
        return TokenBucket(self.rate, self.burst)

    def take(self, key: str, now: float) -> float:
        """Take one of the key's tokens if there is one; return as `wait` does."""
        return self._touch(key, now).take(now) if key else 0.0
