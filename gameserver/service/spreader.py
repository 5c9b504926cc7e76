"""Sends messages to many sessions in slices of time, so that no such message holds the loop.

Law: a slice is short and a longer pause follows it, so matches keep their ticks however many
sessions get a message (threat 38).
"""

from collections.abc import Callable
from typing import Final

import trio

from gameserver.rooms.calls import HandOut
from gameserver.service.logging.logs import get_logger
from gameserver.service.people import People

log: Final = get_logger()

SLICE_S: Final = 0.0015
"""Longest slice; below a tenth of the period of snapshots at 30 Hz."""

REST_S: Final = 0.003
"""Pause between two slices: four thousand sessions get a message within a quarter of a second, and
it takes at most a third of the loop's time."""

STEP: Final = 8
"""Sessions between two readings of the stopwatch."""


class Spreader:
    """Sends unsent messages to a few sessions at a time."""

    def __init__(
        self,
        people: People,
        stopwatch: Callable[[], float],
    ) -> None:
        """Send the unsent messages of the hall of ``people``. ``stopwatch`` measures cost only."""
        self._people = people
        self._stopwatch = stopwatch
        self._idle = trio.Event()

    async def run(self) -> None:
        """Run slices while there are unsent messages, until cancelled."""
        while True:
            await self._people.spreads.wait()
            try:
                self.slice()
            except Exception:  # a bug of ours at one session; the next slice continues after it
                log.exception("telling failed")
            await trio.sleep(REST_S)

    def slice(self) -> None:
        """Send unsent messages until there are none, or the slice's time is over."""
        end = self._stopwatch() + SLICE_S
        while self._people.hall.spreads:
            self._people.take(HandOut(STEP))
            if self._stopwatch() >= end:
                return
        self._people.spreads = trio.Event()
        self._idle.set()

    async def wait_idle(self) -> None:
        """Wait until no session has unsent messages."""
        while self._people.hall.spreads:
            self._idle = trio.Event()
            await self._idle.wait()
