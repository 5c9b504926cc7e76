"""Virtual time that jumps to the next deadline as soon as every task waits.

`trio.testing.MockClock` notices that all tasks wait only after an idle pass of trio's loop, so each
step in time costs two passes. Here time moves when the loop asks how long it may sleep.

It is only for programs without threads, sockets and other waits that end from outside: deadlines
would pass before them.
"""

from math import inf

import trio


class LeapClock(trio.abc.Clock):
    """A clock that stands still while a task runs, and jumps to the next deadline when all wait."""

    def __init__(self) -> None:
        """Begin at 0 seconds."""
        self._now = 0.0

    def start_clock(self) -> None:
        """Do nothing: the time moves only in `deadline_to_sleep_time`."""

    def current_time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Move the time to the deadline, and return 0: trio asks only when no task can run.

        Without a deadline, return infinity: trio sleeps until it is woken.
        """
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0
