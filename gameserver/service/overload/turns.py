"""Lets conversations take turns, so that many simultaneous requests do not hold the loop.

Law: in one round of the loop, requests take at most `ROUND_S` and the time of one more request.
Later requests wait until all other tasks that are ready have run. For the next round `WOKEN` tasks
are woken in the order in which they came; a task that finds no time left waits again, at the end.
Without turns, trio would run all woken tasks before it checks timers: a thousand small requests
would delay every match's tick (threat 37).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

ROUND_S: Final = 0.002
"""Time for requests in one round of the loop: a sixteenth of a tick at 30 Hz."""

WOKEN: Final = 16
"""Most tasks that are woken in one round, since waking a task takes time, too."""


class Turns:
    """The queue of tasks whose requests wait for a round that has time left."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        """Start with an unused round. ``stopwatch`` returns seconds and measures cost only."""
        self._stopwatch = stopwatch
        self._used_s = 0.0
        self._spent = trio.Event()
        self._waiting = trio.lowlevel.ParkingLot()

    async def wait(self) -> None:
        """Wait for a round that has time left; return without a checkpoint if this one has."""
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
        """Charge the round for work of this duration."""
        self._used_s += seconds
        if self._used_s >= ROUND_S:
            self._spent.set()

    async def run(self) -> None:
        """Begin a new round whenever the present one is used up, until cancelled."""
        while True:
            await self._spent.wait()
            # All other tasks that are ready run before the next round begins.
            await trio.lowlevel.checkpoint()
            self._used_s = 0.0
            self._spent = trio.Event()
            self._waiting.unpark(count=WOKEN)
            if self._waiting:
                self._spent.set()  # more tasks wait: a further round must follow
