"""Compute the wait before the next attempt to connect.

Law: the wait is never shorter than the server asked for, and random: clients that lost their
connections at the same time must not return at the same time (threat 33).

Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
"""

import random
from typing import Final

import attrs

FIRST_CEILING_S: Final = 0.5
"""Longest first wait; it doubles with each failed attempt."""

SOON_CEILING_S: Final = 2.0
"""Longest wait of the first `SOON_ATTEMPTS`: a server that was started again holds the seats of a
match for some seconds only."""

SOON_ATTEMPTS: Final = 8
"""Attempts in the first seconds."""

LAST_CEILING_S: Final = 15.0
"""Longest wait after many failed attempts."""


def ceiling_s(failures: int) -> float:
    """Return the longest wait, in seconds, after this many failed attempts before."""
    if failures < SOON_ATTEMPTS:
        return min(SOON_CEILING_S, FIRST_CEILING_S * 2.0**failures)
    return min(LAST_CEILING_S, SOON_CEILING_S * 2.0 ** min(failures - SOON_ATTEMPTS + 1, 16))


@attrs.define
class Backoff:
    """Counts failed attempts and draws the next wait."""

    random: random.Random
    attempt: int = 0
    """Failed attempts since the last success."""

    def succeeded(self) -> None:
        """Reset the count: the next failure is the first one again."""
        self.attempt = 0

    def next_wait(self, retry_after_s: float | None = None) -> float:
        """Count a failure and return the seconds to wait: full jitter below a rising ceiling.

        ``retry_after_s`` is the time that the server asked for; the jitter is added to it.
        """
        ceiling = ceiling_s(self.attempt)
        self.attempt += 1
        return (retry_after_s or 0.0) + self.random.uniform(0.0, ceiling)
