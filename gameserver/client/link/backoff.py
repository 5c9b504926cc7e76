"""How long to wait before the next attempt to connect.

Law: never less than the server asked for, and spread so wide that clients who were cut off
together do not come back together (threat 33).

Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
"""

import random
from typing import Final

import attrs

FIRST_CEILING_S: Final = 0.5
LAST_CEILING_S: Final = 15.0


@attrs.define
class Backoff:
    """Counts failed attempts and draws the next wait."""

    random: random.Random
    attempt: int = 0
    """Failed attempts since the last success."""

    def succeeded(self) -> None:
        """Start over."""
        self.attempt = 0

    def next_wait(self, retry_after_s: float | None = None) -> float:
        """Count a failure and return the seconds to wait: full jitter below a doubling ceiling.

        ``retry_after_s`` is the server's wish; the jitter comes on top of it.
        """
        ceiling = min(LAST_CEILING_S, FIRST_CEILING_S * 2 ** min(self.attempt, 16))
        self.attempt += 1
        return (retry_after_s or 0.0) + self.random.uniform(0.0, ceiling)
