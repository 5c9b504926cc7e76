"""Show predicted events at once, and confirm or take them back when the server's state arrives.

Law: each event is reported in one of two ways. A predicted event: PREDICTED, then exactly one of
CONFIRMED and TAKEN_BACK. Any other event: OBSERVED, once, when the drawn time reaches its tick.

Reliable events of a tick come before its snapshot, so a snapshot settles both kinds.

A server that goes on behind an earlier tick, after a crash, plays the ticks behind that one again:
what has not been reported of them yet is void.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

import attrs

from gameserver.game.entity import Event
from gameserver.game.schema.history import VIEW_UNITS
from gameserver.ids import Seat

WAITING_EVENTS: Final = 512
"""Events that wait for the drawn time to reach their tick."""


class EventPhase(StrEnum):
    """How certain an event is."""

    OBSERVED = "observed"
    """The event happened on the server; this client had not predicted it."""
    PREDICTED = "predicted"
    """This client expects the event; CONFIRMED or TAKEN_BACK follows."""
    CONFIRMED = "confirmed"
    """A predicted event happened on the server."""
    TAKEN_BACK = "taken_back"
    """A predicted event did not happen on the server."""


class ToldEvent(NamedTuple):
    """One event for the application, with its phase."""

    event: Event
    phase: EventPhase


@attrs.define(eq=False)
class Optimism:
    """The events of one match in the order in which its viewer is told of them."""

    seat: Seat
    _pending: dict[int, list[Event]] = attrs.field(factory=dict)
    _waiting: deque[tuple[int, Event]] = attrs.field(factory=deque)
    _told: list[ToldEvent] = attrs.field(factory=list)
    _settled_to: int = 0
    _paused: bool = False

    def predicted(self, tick: int, events: Iterable[Event]) -> None:
        """Report the events of a predicted tick, except those reported by an earlier run of it."""
        if tick <= self._settled_to:
            return
        known = list(self._pending.get(tick, ()))
        for event in events:
            if event in known:
                known.remove(event)
            else:
                self._pending.setdefault(tick, []).append(event)
                self._told.append(ToldEvent(event, EventPhase.PREDICTED))

    def snapshot(self, tick: int, events: Iterable[Event]) -> None:
        """Settle all ticks up to this one with the events of its snapshot.

        When full: the oldest of the events that wait to be drawn is reported at once.
        """
        for event in events:
            self._confirm(tick, event)
        self._settled_to = max(self._settled_to, tick)
        for earlier in sorted(t for t in self._pending if t <= tick):
            self._take_back(earlier)

    def reliable(self, tick: int, event: Event) -> None:
        """Settle a reliable event, which comes as a message of its own."""
        self._confirm(tick, event)

    def drawn(self, time: int) -> None:
        """Report the waiting events up to the drawn time, in 1/16 ticks."""
        while self._waiting and self._waiting[0][0] * VIEW_UNITS <= time:
            self._told.append(ToldEvent(self._waiting.popleft()[1], EventPhase.OBSERVED))

    def pause(self) -> None:
        """Let all events wait until `restart`: only then it is known which ones are void."""
        self._paused = True

    def restart(self, void_after: int | None = None) -> None:
        """Take back all predicted events: the connection was lost before they were confirmed.

        Waiting events are reported now, since their tick will never be drawn, except those of ticks
        after ``void_after``, if that is given: the server plays these ticks anew.
        """
        for tick in sorted(self._pending):
            self._take_back(tick)
        for tick, event in self._waiting:
            if void_after is None or tick <= void_after:
                self._told.append(ToldEvent(event, EventPhase.OBSERVED))
        self._waiting.clear()
        self._paused = False

    def carry_over(self, told: list[ToldEvent]) -> None:
        """Put the unread reports of an earlier connection before the own ones."""
        self._told = told + self._told

    def take(self) -> list[ToldEvent]:
        """Return and clear the reports since the last call."""
        told, self._told = self._told, []
        return told

    def _confirm(self, tick: int, event: Event) -> None:
        for pending_tick in sorted(self._pending):
            pending = self._pending[pending_tick]
            if pending_tick <= tick and event in pending:
                pending.remove(event)
                self._told.append(ToldEvent(event, EventPhase.CONFIRMED))
                return
        if event.shown_at_once_to(self.seat) and not self._paused:
            self._told.append(ToldEvent(event, EventPhase.OBSERVED))
            return
        if len(self._waiting) >= WAITING_EVENTS:
            self._told.append(ToldEvent(self._waiting.popleft()[1], EventPhase.OBSERVED))
        self._waiting.append((tick, event))

    def _take_back(self, tick: int) -> None:
        self._told += [ToldEvent(event, EventPhase.TAKEN_BACK) for event in self._pending.pop(tick)]
