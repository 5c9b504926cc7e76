"""The topics that can be followed without a session, fed by the hall's decisions and the matches.

Law: what is public comes from the hall as the effect `Publish`, in the order of deciding, and is
noted here at once; to encode it, to look at matches, and to wake readers is done outside of the
decision and outside of ticks, in short slices with longer rests (threats 37, 38).

::

    lobbies         the list of lobbies            chat:global    the global channel
    notices         what the server says to all
    match:ID        players, events and results of the matches of a lobby
    scores:ID       their scores                   world:ID       their worlds
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import trio

from gameserver.errors import Code, RequestError
from gameserver.game.game import Game
from gameserver.ids import LobbyId
from gameserver.match import Match
from gameserver.messages.lobby import LobbyList, LobbySummary
from gameserver.messages.match import MatchHappened
from gameserver.messages.session import ServerMessage
from gameserver.roads.events.topics import Changes, Topic, TopicLog
from gameserver.rooms.calls import ShowLobbies
from gameserver.rooms.state.effects import Publish
from gameserver.rooms.state.shown import GLOBAL_CHAT, LOBBIES, ShownLobby
from gameserver.service.feeds.lobbyfeed import LobbyFeed
from gameserver.service.feeds.plain import plain
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.people import People

log: Final = get_logger()

NOTICES: Final = "notices"

LOOK_S: Final = 0.02
"""Shortest rest between two slices; the largest rate is ten views a second."""

SLICE_S: Final = 0.0015
"""Longest slice, but for the one lobby with which it ends."""

RESTS: Final = 3
"""Rest after a slice, as a multiple of its length: all feeds take a quarter of the loop at most."""

FAILED: Final = "failed"
"""Reason of the end of a topic: a bug in the server, which the log has."""

KEEP_S: Final = 60.0
"""How long the topics of a lobby are kept without readers, for those that come back."""


class Feeds:
    """The topics of one server."""

    def __init__(
        self,
        people: Callable[[], People],
        matches: Matches,
        game: Game,
        stopwatch: Callable[[], float],
        *,
        later: bool = False,
    ) -> None:
        """Read the hall of ``people``; ``stopwatch`` measures cost only.

        With ``later`` nobody is shown a match's world or scores: spectators see it later.
        """
        self._later = later
        self.changes: Changes = Changes()
        self._people = people
        self._matches = matches
        self._game = game
        self._stopwatch = stopwatch
        self._lobbies = TopicLog(LOBBIES, self.changes, self._lobbies_state)
        self._chat = TopicLog(GLOBAL_CHAT, self.changes, self._chat_state)
        self._notices = TopicLog(NOTICES, self.changes, dict)
        self._listed: dict[LobbyId, LobbySummary] = {}
        self._total = 0
        self._list_stale = True
        self._list_due = 0.0
        self._feeds: dict[LobbyId, LobbyFeed] = {}
        self._idle_since: dict[LobbyId, float] = {}
        self._turns: deque[LobbyId] = deque()
        self._followed = trio.Event()

    # --- readers ----------------------------------------------------------------------------------

    def topic(self, name: str, rate: int) -> Topic:
        """Return a topic for one more reader; ``rate`` is that of worlds, in views a second.

        Raises:
            RequestError: There is no such topic, or it is not for everybody.
        """
        kind, _, about = name.partition(":")
        if name == LOBBIES:
            self._list(trio.current_time())
            self._followed.set()
            return self._lobbies
        if name == GLOBAL_CHAT:
            return self._chat
        if name == NOTICES:
            return self._notices
        if kind == "chat":
            raise RequestError(Code.CHAT_NO_CHANNEL, "only chat:global is for everybody")
        if kind not in ("match", "scores", "world") or not about:
            raise RequestError(Code.UNKNOWN_REQUEST, f"there is no topic {name!r:.60}")
        feed = self._feed(about)
        self._followed.set()
        if kind != "match" and self._later:
            sentence = "spectators see matches later on this server: enter the match to watch"
            raise RequestError(Code.FORBIDDEN, sentence)
        if kind == "world":
            return feed.world(rate)
        feed.refresh()
        return feed.happens if kind == "match" else feed.scores

    def _feed(self, named: str) -> LobbyFeed:
        shown = self._people().hall.strangers.open_lobby(named)
        lobby_id = shown.lobby.lobby_id
        known = self._feeds.get(lobby_id)
        if known is not None and not known.happens.over:
            known.update(shown, self._match(shown))
            return known
        feed = LobbyFeed(shown, self._game, self.changes, self._match(shown))
        if known is None:
            self._turns.append(lobby_id)
        self._feeds[lobby_id] = feed
        return feed

    def _match(self, shown: ShownLobby) -> Match | None:
        live = self._matches.get(shown.match_id)
        return live.match if live is not None and not live.over else None

    # --- what is told -----------------------------------------------------------------------------

    def publish(self, effect: Publish) -> None:
        """Take a decision of the hall; nothing is encoded and nobody is woken here."""
        event = effect.event
        if effect.topic == LOBBIES:
            self._list_stale = True
            for feed in self._feeds.values():
                feed.stale = True
        elif effect.topic == GLOBAL_CHAT and event is not None:
            self._chat.say(event.name, lambda: plain(event))
        elif event is not None and (followed := self._feeds.get(LobbyId(effect.topic))) is not None:
            if not isinstance(event, MatchHappened):  # which is told within a tick
                self._update(followed, LobbyId(effect.topic))
            followed.tell(event)

    def notify(self, notice: ServerMessage) -> None:
        """Tell what the server says to everybody."""
        self._notices.say(notice.name, lambda: plain(notice))

    # --- at their own pace ------------------------------------------------------------------------

    async def run(self) -> None:
        """Look at what is followed, until cancelled."""
        while True:
            await self._followed.wait()
            began = self._stopwatch()
            self._slice(began + SLICE_S)
            if not self._feeds and not self._lobbies.readers:
                self._followed = trio.Event()
            await trio.sleep(max(LOOK_S, RESTS * (self._stopwatch() - began)))

    def _slice(self, end: float) -> None:
        now = trio.current_time()
        try:
            if self._lobbies.readers:
                self._list(now)
        except Exception:  # a bug of ours at the list; it is looked at again when it is due
            log.exception("feed failed")
        for _ in range(len(self._turns)):
            lobby_id = self._turns.popleft()
            try:
                stays = self._look(lobby_id, now)
            except Exception:  # a bug of ours at one lobby; it would come again in each slice
                log.exception("feed failed", lobby=lobby_id)
                self._feeds[lobby_id].close(FAILED)
                stays = False
            if stays:
                self._turns.append(lobby_id)
            else:
                del self._feeds[lobby_id]
                self._idle_since.pop(lobby_id, None)
            if self._stopwatch() >= end:
                return

    def _look(self, lobby_id: LobbyId, now: float) -> bool:
        """Look at one lobby; return whether its topics are kept."""
        feed = self._feeds[lobby_id]
        if feed.stale:
            self._update(feed, lobby_id)
        feed.look(now)
        if feed.followed:
            self._idle_since.pop(lobby_id, None)
            return True
        return not feed.happens.over and now < self._idle_since.setdefault(lobby_id, now) + KEEP_S

    def _update(self, feed: LobbyFeed, lobby_id: LobbyId) -> None:
        shown = self._people().hall.strangers.lobby(lobby_id)
        feed.update(shown, self._match(shown) if shown is not None else None)

    def _list(self, now: float) -> None:
        """Take in the list of lobbies where that is due, and tell how it differs from the last one.

        A thousand lobbies take milliseconds, so not every new reader may ask for it (threat 37).
        """
        if not self._list_stale or now < self._list_due:
            return
        self._list_stale = False
        people = self._people()
        self._list_due = now + people.hall.strangers.list_s  # first: a bug comes no more often
        found: LobbyList = people.take(ShowLobbies())
        before, total, self._total = self._listed, self._total, found.total
        self._listed = {lobby.lobby_id: lobby for lobby in found.lobbies}
        changed = [each for each in found.lobbies if before.get(each.lobby_id) != each]
        removed = [lobby_id for lobby_id in before if lobby_id not in self._listed]
        if changed or removed or total != found.total:
            values = {"lobbies": plain(tuple(changed)), "removed": removed, "total": found.total}
            self._lobbies.say("lobbies.changed", lambda: values)

    # --- states -----------------------------------------------------------------------------------

    def _lobbies_state(self) -> dict[str, object]:
        return {"lobbies": plain(tuple(self._listed.values())), "total": self._total}

    def _chat_state(self) -> dict[str, object]:
        found: dict[str, object] = plain(self._people().hall.strangers.chat())
        return found
