"""The time of all sessions of Engine.IO: one task for all of them.

A task for each would be most of the memory of a session that is opened and abandoned (threat 3).
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from math import inf
from typing import Final

import structlog
import trio
from structlog.typing import FilteringBoundLogger

from gameserver.roads.socketio.connection import EngineConnection

log: FilteringBoundLogger = structlog.get_logger()

AT_ONCE: Final = 50
"""Sessions whose time is kept before other tasks run: each may be sent a ping."""


class Beats:
    """Calls `EngineConnection.beat` when it is due."""

    def __init__(self, connections: Mapping[str, EngineConnection]) -> None:
        """Keep the time of these sessions, by id; each must be told to `note`."""
        self._connections = connections
        self._due: list[tuple[float, str]] = []
        """A heap of times and ids; an entry may be too early, and of a session that is over."""
        self._earlier: trio.lowlevel.ParkingLot = trio.lowlevel.ParkingLot()

    def note(self, connection: EngineConnection) -> None:
        """Note when a session is due, if that is earlier than it was; an open one."""
        at = connection.next_s
        if at < connection.due_s:
            connection.due_s = at
            heappush(self._due, (at, connection.sid))
            if self._due[0][0] >= at:
                self._earlier.unpark_all()

    async def run(self) -> None:
        """Keep the time until cancelled."""
        while True:
            with trio.move_on_at(self._due[0][0] if self._due else inf):
                await self._earlier.park()
            now, due = trio.current_time(), list[str]()
            while self._due and self._due[0][0] <= now:
                due.append(heappop(self._due)[1])
            for number, sid in enumerate(due, 1):
                connection = self._connections.get(sid)
                if connection is not None and not connection.session.closed:
                    self._beat(connection)
                if number % AT_ONCE == 0:
                    await trio.lowlevel.checkpoint()

    def _beat(self, connection: EngineConnection) -> None:
        connection.due_s = inf
        try:
            if trio.current_time() >= connection.next_s:
                connection.beat()
        except Exception:  # a bug of ours at one session; the others go on
            log.exception("connection failed", address=connection.peer)
            connection.session.close()
            connection.wake()
        if not connection.session.closed:
            self.note(connection)
