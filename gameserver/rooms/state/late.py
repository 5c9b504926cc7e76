"""What a lobby's spectators are told later than its players, since they see its matches later.

Law: a spectator who sees a match later learns how it ended when its end has been shown. Two things
begin to wait: the end of a match, and what its players say in the lobby while it runs. Behind them
waits all else that the lobby tells a spectator for whom something waits, so the order is that of
deciding. Each event waits for the delay, and each listener is told of it once.

The public (`PUBLIC`), who follows the lobby without a session, is told like a spectator.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

import attrs

from gameserver.ids import MatchId, MessageId, PlayerId, Tick
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import ChatSaid
from gameserver.messages.lobby import LobbyChanged, LobbyState, MatchResult
from gameserver.messages.match import MatchEnded, MatchStarted, SeatedPlayer
from gameserver.rooms.state.effects import StartFacts

PUBLIC: Final = PlayerId("")
"""Stands for all who follow a lobby without a session."""

SEEN_S: Final = 0.25
"""Seconds beyond the delay: the last picture of a match comes before its result."""

KEPT: Final = 1024
"""Events of one lobby that wait (37): lines and states of a lobby are limited to some a second."""


@attrs.frozen
class EndedMatch:
    """A match that is over, as those see it who are still shown its end."""

    match_id: MatchId
    facts: StartFacts | None
    players: tuple[SeatedPlayer, ...]
    ticks: Tick
    before: LobbyState
    """The lobby's state in the match."""
    due: float
    """When they are told, in seconds of the hall's clock."""

    @property
    def result(self) -> MatchResult | None:
        """The result that they know, which is that of the match before."""
        return self.before.result


@attrs.define(eq=False)
class LateEvent:
    """An event that waits."""

    due: float
    event: ReliableEvent
    listeners: dict[PlayerId, None]
    """Who is told, in the order of entering."""


@attrs.define(eq=False)
class Late:
    """What waits for the spectators of one lobby.

    Attributes:
        ended: Matches of which not all were told yet that they are over, the first one first.

    When full: the oldest line of chat or state of the lobby is left out; the history has the one,
    and later states replace the other. Begins and ends of matches are kept.
    """

    ended: dict[MatchId, EndedMatch] = attrs.field(factory=dict)
    _waiting: deque[LateEvent] = attrs.field(factory=deque)
    _counts: dict[PlayerId, int] = attrs.field(factory=dict)
    """How much waits for each listener; nobody has 0."""
    _told: LobbyState | None = None
    """The state that was told last, while a newer one waits."""

    def __len__(self) -> int:
        """Count the events that wait."""
        return len(self._waiting)

    @property
    def next(self) -> float | None:
        """When the next event is due; None if none waits."""
        return self._waiting[0].due if self._waiting else None

    @property
    def watched(self) -> EndedMatch | None:
        """The match whose end is still being shown; None if there is none."""
        return next(iter(self.ended.values()), None)

    def waits_for(self, listener: PlayerId) -> bool:
        """Tell whether anything waits for a listener."""
        return listener in self._counts

    def events_for(self, listener: PlayerId) -> list[ReliableEvent]:
        """Return what waits for a listener, in order."""
        if listener not in self._counts:
            return []
        return [each.event for each in self._waiting if listener in each.listeners]

    def who_waits_for_end(self, match_id: MatchId) -> list[PlayerId]:
        """Return those who were not told yet that this match is over, in the order of entering."""
        return [
            listener
            for each in self._waiting
            if isinstance(each.event, MatchEnded) and each.event.result.match_id == match_id
            for listener in each.listeners
        ]

    def lines(self) -> frozenset[MessageId]:
        """Return the ids of the lines of chat that wait."""
        events = (each.event for each in self._waiting)
        return frozenset(each.line.message_id for each in events if isinstance(each, ChatSaid))

    def state_told(self, listener: PlayerId) -> LobbyState | None:
        """Return the state that a listener knows; None if it is the newest one."""
        waits = any(isinstance(event, LobbyChanged) for event in self.events_for(listener))
        return self._told if waits else None

    def add(self, event: ReliableEvent, listeners: Iterable[PlayerId], due: float) -> None:
        """Let an event wait for these listeners."""
        late = LateEvent(due, event, dict.fromkeys(listeners))
        self._waiting.append(late)
        for listener in late.listeners:
            self._counts[listener] = self._counts.get(listener, 0) + 1
        if len(self._waiting) > KEPT:
            self._leave_one_out()

    def changed(self, before: LobbyState | None) -> None:
        """Note that a state is about to wait; ``before`` was told to all before it."""
        if not any(isinstance(each.event, LobbyChanged) for each in self._waiting):
            self._told = before

    def take_due(self, now: float) -> LateEvent | None:
        """Remove the first event, if it is due, and return it with its listeners."""
        if not self._waiting or self._waiting[0].due > now:
            return None
        late = self._waiting.popleft()
        self._gone(late)
        if isinstance(late.event, LobbyChanged):
            self._told = attrs.evolve(late.event.lobby, banned=())
        elif isinstance(late.event, MatchEnded):
            self.ended.pop(late.event.result.match_id, None)
        return late

    def take_all(self, listener: PlayerId) -> list[ReliableEvent]:
        """Remove what waits for a listener, and return it in order."""
        events = self.events_for(listener)
        for each in self._waiting:
            if listener in each.listeners:
                del each.listeners[listener]
        self._counts.pop(listener, None)
        return events

    def _gone(self, late: LateEvent) -> None:
        for listener in late.listeners:
            self._counts[listener] -= 1
            if not self._counts[listener]:
                del self._counts[listener]

    def _leave_one_out(self) -> None:
        for late in self._waiting:
            if isinstance(late.event, ChatSaid | LobbyChanged):
                self._waiting.remove(late)
                self._gone(late)
                return


def starts(event: ReliableEvent, match_id: MatchId) -> bool:
    """Tell whether an event is the begin of this match."""
    return isinstance(event, MatchStarted) and event.match_id == match_id
