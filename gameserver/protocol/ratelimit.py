"""A token bucket: a rate in the long run, a burst in the short. Time is an argument.

Source: Turner, "New Directions in Communications" (1986), the leaky bucket as a meter.
"""


class TokenBucket:
    """Counts what somebody may still do now."""

    def __init__(self, per_s: float, burst: float, now: float) -> None:
        """Start full."""
        self._per_s = per_s
        self._burst = burst
        self._level = burst
        self._at = now

    def take(self, now: float, cost: float = 1) -> bool:
        """Take ``cost`` tokens and return true, or take none and return false."""
        self._fill(now)
        if self._level < cost:
            return False
        self._level -= cost
        return True

    def _fill(self, now: float) -> None:
        # A clock that steps back neither takes tokens away nor gives any twice.
        passed = max(0.0, now - self._at)
        self._level = min(self._burst, self._level + passed * self._per_s)
        self._at = max(self._at, now)
