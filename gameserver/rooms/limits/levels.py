"""A level that refills with time: the common base of token buckets and budgets.

Law: a level is a number and the time at which it was true; no task runs to refill it. Time never
goes backwards inside a level, even if the caller's time does.
"""

import attrs


@attrs.define
class Level:
    """Holds up to ``burst`` and regains ``rate`` a second; starts full."""

    rate: float
    burst: float
    _level: float = attrs.field(init=False)
    _at: float | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Start at the burst."""
        self._level = self.burst

    def is_full(self, now: float) -> bool:
        """Tell whether the level is back at the burst."""
        self._refill(now)
        return self._level >= self.burst

    def _refill(self, now: float) -> None:
        if self._at is None:
            self._at = now
        elif now > self._at:
            # A rounding error must not leave a waiter one ulp short at the promised time.
            regained = self._level + (now - self._at) * self.rate + 1e-9
            self._level = min(self.burst, regained)
            self._at = now
