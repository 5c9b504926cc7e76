"""The service's two clocks, in one place so that simulations can replace them."""

import time
from typing import Protocol

import trio


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Return monotonic seconds, for deadlines and limits."""
        ...

    def wall_ms(self) -> int:
        """Return Unix time in milliseconds, for times that are shown to people."""
        ...


class SystemClock:
    """Trio's clock for deadlines, so that trio's test clocks move it; the system's time to show."""

    def now(self) -> float:
        """Return the seconds of trio's clock."""
        return trio.current_time()

    def wall_ms(self) -> int:
        """Return the system's Unix time in milliseconds."""
        return time.time_ns() // 1_000_000
