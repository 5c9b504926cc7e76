"""Virtual time that jumps to the next deadline as soon as every task waits.

`trio.testing.MockClock` notices that all tasks wait only after an idle pass of trio's loop, so each
step in time costs two passes. Here time moves when the loop asks how long it may sleep.

It is only for programs without threads, sockets and other waits that end from outside: deadlines
would pass before them. What comes from outside are `Happenings`, as a kernel's packets do: no task
of the program brings them.
"""

from math import inf
from typing import Protocol

import trio


class Happenings(Protocol):
    """Events at known times that no task causes, such as the arrival of bytes."""

    def next_due(self) -> float:
        """Return the time of the next event in seconds; infinity if there is none."""
        ...

    def happen(self) -> None:
        """Let all events happen that are due at `trio.current_time`."""
        ...


class LeapClock(trio.abc.Clock):
    """A clock that stands still while a task runs, and jumps to the next deadline when all wait."""

    def __init__(self, happenings: Happenings | None = None) -> None:
        """Begin at 0 seconds; it stops at each of the ``happenings``, too."""
        self._now = 0.0
        self._happenings = happenings

    def start_clock(self) -> None:
        """Do nothing: the time moves only in `deadline_to_sleep_time`."""

    def current_time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Move the time to the deadline, and return 0: trio asks only when no task can run.

        Without a deadline, return infinity: trio sleeps until it is woken.
        """
        happenings = self._happenings
        if happenings is not None and (due := happenings.next_due()) <= deadline and due < inf:
            self._now = max(self._now, due)
            happenings.happen()
            return 0.0
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0
