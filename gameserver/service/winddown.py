"""The end of a server: no new matches, then no matches, then no connections.

Law: results reach players before the goodbye that ends their connection. A match that is in its
journal is cut off and not ended, if there is no more time for it: the next process goes on with it.
"""

from collections.abc import Mapping
from typing import Final

import trio

from gameserver.errors import Code
from gameserver.messages.lobby import Phase
from gameserver.messages.session import ServerMessage
from gameserver.rooms.server_calls import BeginDrain, Stop
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections
from gameserver.service.conversation import Conversation
from gameserver.service.feeds.feeds import Feeds
from gameserver.service.journals import Journals
from gameserver.service.livematch import STOPPED
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.replays import Replays
from gameserver.service.saving import Saving
from gameserver.service.spreader import Spreader

log: Final = get_logger()

RETRY_AFTER_S = 2.0
"""Seconds after which clients of a stopping server may reconnect."""

LONGEST_TELLING_S = 1.0
"""Longest wait of a stop until all players have been sent the results of their matches."""

LOOK_S: Final = 0.1
"""Time between two looks whether the last match is over."""

RESULTS_S: Final = 20.0
"""How long a drain waits for people who look at results: to watch a replay, or to save it."""

FETCHING_S: Final = 60.0
"""How long it waits at most while replays are fetched."""

RESTARTS: Final = "the last match is over: the server restarts soon"
STOPS: Final = "the server stops"
DRAINS: Final = "the server stops soon: no new matches begin"


class WindDown:
    """Brings a server to its end, in order.

    Attributes:
        cut: Matches that were cut off, and that the next process can go on with.
    """

    def __init__(
        self,
        settings: Settings,
        people: People,
        matches: Matches,
        connections: Connections,
        feeds: Feeds,
        spreader: Spreader,
        journals: Journals,
        saving: Saving,
        replays: Replays,
        conversations: Mapping[Conversation, object],
    ) -> None:
        """Prepare; nothing is ended yet."""
        self._settings = settings
        self._people = people
        self._matches = matches
        self._connections = connections
        self._feeds = feeds
        self._spreader = spreader
        self._journals = journals
        self._saving = saving
        self._replays = replays
        self._conversations = conversations
        self._stop = trio.Event()
        self._drain = trio.Event()
        self._left = trio.Event()
        self.cut: int = 0

    @property
    def stopping(self) -> bool:
        """Whether the stop has begun."""
        return self._stop.is_set()

    @property
    def ending(self) -> bool:
        """Whether the server takes no new matches, and soon no players."""
        return self._stop.is_set() or self._drain.is_set()

    def stop(self) -> None:
        """Stop now, within ``stop_after_s``."""
        self._drain.set()
        self._stop.set()

    def begin_drain(self) -> None:
        """Stop when all matches are over and their results were shown, or ``drain_s`` have passed.

        The second time nothing changes.
        """
        if not self._settings.drain_s:
            self.stop()
        self._drain.set()

    def drain(self) -> None:
        """Begin a drain; the second time stop at once, since a signal can say no more."""
        if self._drain.is_set():
            self.stop()
        self.begin_drain()

    def conversation_left(self) -> None:
        """Note that a connection is gone."""
        self._left.set()

    async def wait(self) -> None:
        """Wait until the time to stop has come."""
        await self._drain.wait()
        if not self.stopping:
            log.info("draining", matches=len(self._matches), seconds=self._settings.drain_s)
            self._people.take(BeginDrain())
            await self._tell(DRAINS, self._settings.drain_s)
            began = trio.current_time()
            with trio.move_on_after(self._settings.drain_s):
                while (len(self._matches) or self._matches.fading) and not self.stopping:
                    await self._rest()
                await self._show_results(began + self._settings.drain_s)
        self.stop()

    async def _rest(self) -> None:
        """Wait until the next look, or until the stop."""
        with trio.move_on_after(LOOK_S):
            await self._stop.wait()

    async def _show_results(self, deadline: float) -> None:
        """Leave time to those who look at the results of their match, if there are any."""
        now = began = trio.current_time()
        if self.stopping or not self._looked_at():
            return
        log.info("results shown", seconds=RESULTS_S)
        await self._tell(RESTARTS, min(RESULTS_S, deadline - now))
        while self._looked_at() and not self._stop.is_set():
            now = trio.current_time()
            most = FETCHING_S if self._replays.fetched else RESULTS_S
            if now >= began + most:
                break
            await self._rest()

    def _looked_at(self) -> bool:
        """Return whether somebody is connected whose lobby shows the results of a match."""
        return any(
            lobby.phase is Phase.RESULTS and any(each.connected for each in lobby.members.values())
            for lobby in self._people.hall.parts.state.lobbies.values()
        )

    async def run(self) -> None:
        """Tell the players, end or cut off the matches, send goodbyes, and flush what is queued."""
        log.info("stopping", players=len(self._connections), matches=len(self._matches))
        await self._tell(STOPS, self._settings.stop_after_s)
        self._cut_off()
        self._people.take(Stop(frozenset(live.match_id for live in self._matches if live.over)))
        for live in list(self._matches.fading.values()):
            live.stop_fading()
        for live in self._matches:
            live.end(STOPPED, STOPS)
            await trio.lowlevel.checkpoint()
        with trio.move_on_after(LONGEST_TELLING_S):
            await self._spreader.wait_idle()
        for conversation in list(self._conversations):
            conversation.part(Code.SERVER_STOPPING, STOPS, RETRY_AFTER_S)
            await trio.lowlevel.checkpoint()
        with trio.move_on_after(self._settings.stop_after_s):
            while self._conversations:
                self._left = trio.Event()
                await self._left.wait()
        await self._journals.close()
        await self._saving.close()

    def _cut_off(self) -> None:
        """Stand still all matches with which the next process can go on."""
        if not self._saving.active:
            return
        for live in self._matches:
            if self._journals.cut_off(live.match_id):
                live.suspend()
                self.cut += 1

    async def _tell(self, text: str, stops_in_s: float) -> None:
        notice = ServerMessage(text, stops_in_s=stops_in_s)
        self._feeds.notify(notice)
        for player_id in self._connections:
            self._connections.tell((player_id,), notice)
            self._connections.flush()
            await trio.lowlevel.checkpoint()  # lets ticks run between thousands of notices
