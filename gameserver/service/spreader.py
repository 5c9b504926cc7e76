"""Hands out what many are told, in slices, so that no telling holds the loop.

Law: a slice is short and a longer rest follows it, so matches keep their ticks whatever is told to
however many (threat 38).
"""

import time
from collections.abc import Callable
from typing import Final

import trio

from gameserver.rooms.calls import Spread
from gameserver.service.logging.logs import get_logger
from gameserver.service.people import People

log = get_logger()

SLICE_S: Final = 0.0015
"""Longest run of handing out; below a tenth of the period of snapshots at 30 Hz."""

REST_S: Final = 0.003
"""What the rest of the server has to itself between two slices: four thousand are told within a
quarter of a second, and cost a third of the loop at the most."""

STEP: Final = 8
"""Listeners between two looks at the time."""


class Spreader:
    """Tells many, a few at a time."""

    def __init__(
        self,
        people: People,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Spread what the people's hall decided. ``stopwatch`` measures cost only."""
        self._people = people
        self._stopwatch = stopwatch
        self._idle = trio.Event()

    async def run(self) -> None:
        """Hand out until cancelled."""
        while True:
            await self._people.spreads.wait()
            try:
                self.slice()
            except Exception:  # a bug, met by one listener; the next slice goes on behind it
                log.exception("telling failed")
            await trio.sleep(REST_S)

    def slice(self) -> None:
        """Hand out for as long as a slice may take."""
        end = self._stopwatch() + SLICE_S
        while self._people.hall.spreads:
            self._people.take(Spread(STEP))
            if self._stopwatch() >= end:
                return
        self._people.spreads = trio.Event()
        self._idle.set()

    async def wait_idle(self) -> None:
        """Wait until nothing is on its way to anybody."""
        while self._people.hall.spreads:
            self._idle = trio.Event()
            await self._idle.wait()
