"""Show what a player causes at once, and settle it when the server's word arrives.

Law: each event is told in one of two ways. What was predicted: PREDICTED, then exactly one of
CONFIRMED and TAKEN_BACK. What was not: OBSERVED, once, when the picture reaches its tick.

Reliable events of a tick come before its snapshot, so a snapshot settles both kinds.
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
"""Events of others kept until they are drawn."""


class Phase(StrEnum):
    """How sure an event is."""

    OBSERVED = "observed"
    """The server says so."""
    PREDICTED = "predicted"
    """This client expects it; CONFIRMED or TAKEN_BACK follows."""
    CONFIRMED = "confirmed"
    """A predicted one did happen."""
    TAKEN_BACK = "taken_back"
    """A predicted one did not happen."""


class Told(NamedTuple):
    """One event for the application."""

    event: Event
    phase: Phase


@attrs.define(eq=False)
class Optimism:
    """Events of one match as its viewer gets to know them."""

    seat: Seat
    _pending: dict[int, list[Event]] = attrs.field(factory=dict)
    _waiting: deque[tuple[int, Event]] = attrs.field(factory=deque)
    _told: list[Told] = attrs.field(factory=list)
    _settled_to: int = 0

    def predicted(self, tick: int, events: Iterable[Event]) -> None:
        """Tell what a predicted tick emitted, the first time it is emitted for that tick."""
        if tick <= self._settled_to:
            return
        known = list(self._pending.get(tick, ()))
        for event in events:
            if event in known:
                known.remove(event)
            else:
                self._pending.setdefault(tick, []).append(event)
                self._told.append(Told(event, Phase.PREDICTED))

    def snapshot(self, tick: int, events: Iterable[Event]) -> None:
        """Settle all ticks up to this one with the events that its snapshot brought.

        When full: of the events that wait to be drawn, the oldest is told at once.
        """
        for event in events:
            self._confirm(tick, event)
        self._settled_to = max(self._settled_to, tick)
        for earlier in sorted(t for t in self._pending if t <= tick):
            self._take_back(earlier)

    def reliable(self, tick: int, event: Event) -> None:
        """Settle one event that came beside the snapshots."""
        self._confirm(tick, event)

    def drawn(self, time: int) -> None:
        """Tell what has happened by the time that is drawn now, in 1/16 ticks."""
        while self._waiting and self._waiting[0][0] * VIEW_UNITS <= time:
            self._told.append(Told(self._waiting.popleft()[1], Phase.OBSERVED))

    def restart(self) -> None:
        """Take back what is pending: the connection was lost, and with it the answers.

        What waits to be drawn is told now, since the picture of its tick never comes.
        """
        for tick in sorted(self._pending):
            self._take_back(tick)
        self._told += [Told(event, Phase.OBSERVED) for _, event in self._waiting]
        self._waiting.clear()

    def carry_over(self, told: list[Told]) -> None:
        """Begin with what an earlier connection's events left to tell."""
        self._told = told + self._told

    def take(self) -> list[Told]:
        """Return and forget what there is to tell."""
        told, self._told = self._told, []
        return told

    def _confirm(self, tick: int, event: Event) -> None:
        for pending_tick in sorted(self._pending):
            pending = self._pending[pending_tick]
            if pending_tick <= tick and event in pending:
                pending.remove(event)
                if not pending:
                    del self._pending[pending_tick]
                self._told.append(Told(event, Phase.CONFIRMED))
                return
        if event.shown_at_once_to(self.seat):
            self._told.append(Told(event, Phase.OBSERVED))
            return
        if len(self._waiting) >= WAITING_EVENTS:
            self._told.append(Told(self._waiting.popleft()[1], Phase.OBSERVED))
        self._waiting.append((tick, event))

    def _take_back(self, tick: int) -> None:
        self._told += [Told(event, Phase.TAKEN_BACK) for event in self._pending.pop(tick)]
