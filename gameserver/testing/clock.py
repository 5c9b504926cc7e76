"""Virtual time that goes on at once to the next deadline when every task waits.

`trio.testing.MockClock` sees that all tasks wait only when a pass of trio's loop has found nothing
to do, so each step in time costs two passes, and half of the passes of a simulation were idle ones.
Here the loop's own question, how long it may sleep, moves the time.

It suits only programs without threads, sockets and other waits that end by themselves: time would
run away from them.
"""

from math import inf

import trio


class LeapClock(trio.abc.Clock):
    """A clock that stands while tasks run, and leaps while all of them wait; it begins at 0."""

    def __init__(self) -> None:
        """Begin at 0 seconds."""
        self._now = 0.0

    def start_clock(self) -> None:
        """Do nothing: the time moves only in `deadline_to_sleep_time`."""

    def current_time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Leap to the deadline, since trio asks only where no task can run; sleep for no time.

        Without any deadline there is nothing to leap to, and trio sleeps until it is woken.
        """
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0
