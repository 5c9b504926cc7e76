"""Lets conversations take turns, so that no number of them that ask at once holds the loop.

Law: in one round of the loop requests take `ROUND_S` at the most, and one more request. Whoever
comes after that waits until everything else that is due has run. `WOKEN` tasks are woken for the
next round in the order in which they came; one that finds no time left waits again, behind others.
All tasks that wake in one round run before any timer is looked at again: a thousand small requests
in one moment would otherwise hold every match's tick (threat 37).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

ROUND_S: Final = 0.002
"""Time for requests in one round of the loop: a sixteenth of a tick at 30 Hz."""

WOKEN: Final = 16
"""Most tasks that are woken in one round, since waking costs time too."""


class Turns:
    """The queue of tasks whose requests wait for a round with time left."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        """Start with a whole round. ``stopwatch`` measures cost only."""
        self._stopwatch = stopwatch
        self._used_s = 0.0
        self._spent = trio.Event()
        self._waiting = trio.lowlevel.ParkingLot()

    async def wait(self) -> None:
        """Wait until this round has time left; return at once as long as it has."""
        while self._used_s >= ROUND_S:
            await self._waiting.park()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Charge the round for the time of the block."""
        began = self._stopwatch()
        try:
            yield
        finally:
            self.spend(self._stopwatch() - began)

    def spend(self, seconds: float) -> None:
        """Charge the round for work that is about to be done in it."""
        self._used_s += seconds
        if self._used_s >= ROUND_S:
            self._spent.set()

    async def run(self) -> None:
        """Begin a new round each time that one is spent, until cancelled."""
        while True:
            await self._spent.wait()
            # All other tasks that are ready run before the next round begins.
            await trio.lowlevel.checkpoint()
            self._used_s = 0.0
            self._spent = trio.Event()
            self._waiting.unpark(count=WOKEN)
            if self._waiting:
                self._spent.set()  # more tasks wait: a further round must follow
