"""Call the rooms when the time of a session or lobby has come.

Law: the task sleeps until the earliest deadline and is woken for one that comes before it, so a
server without deadlines has nothing to do. Deadlines that are close together are met together.
"""

from typing import Final

import trio

from gameserver.rooms.calls import Expire
from gameserver.service.logging.logs import get_logger
from gameserver.service.people import People

log: Final = get_logger()

TOGETHER_S: Final = 0.05
"""Rest behind the deadlines that were met at one moment, whatever calls are made in it: each time
they are met wakes a task. It is too short to be seen in a countdown."""

LONGEST_S: Final = 1.0
"""Longest time between two looks at the deadlines."""

SHORTEST_S: Final = 0.001
"""Shortest sleep: time passes in it, although it is computed with rounded numbers."""


class Deadlines:
    """Meets the deadlines of the rooms."""

    def __init__(self, people: People) -> None:
        """Meet the deadlines of the hall of ``people``."""
        self._people = people

    async def run(self) -> None:
        """Meet deadlines until cancelled."""
        while True:
            if not self._is_due():
                await self._sleep()
                continue
            # Other tasks run between two deadlines, since ten matches may begin at one moment.
            while self._meet():
                await trio.lowlevel.checkpoint()
            await trio.sleep(TOGETHER_S)

    async def _sleep(self) -> None:
        """Sleep until the earliest deadline, unless an earlier one is set meanwhile."""
        people = self._people
        due, now = people.hall.next_deadline(), people.now()
        last = now + LONGEST_S
        until = last if due is None else min(max(due, now + SHORTEST_S), last)
        people.expect(until)
        with trio.CancelScope(deadline=trio.current_time() + until - now):
            await people.sooner.wait()

    def _is_due(self) -> bool:
        due = self._people.hall.next_deadline()
        return due is not None and due <= self._people.now()

    def _meet(self) -> bool:
        """Call the rooms once; return whether another deadline is due."""
        if not self._is_due():
            return False
        try:
            return self._people.take(Expire())
        except Exception:  # a bug of ours at one deadline; the next ones must be met
            log.exception("deadline failed")
            return True
