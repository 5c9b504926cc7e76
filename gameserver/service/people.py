"""The one door to the rooms: takes a call, lets the hall decide, has the effects performed.

Law: nothing else in the service calls into the hall. A call is a value with the moment it is made
in (`gameserver.rooms.calls`), so whatever passes this door can be written down and replayed. The
effects of a call are performed when it ends; within a `turn` they wait until the turn ends, so that
an answer can be sent ahead of what it brought about.

Performing never awaits, so no task sees half of a decision. It may bring about further calls: a
match that could not start is a call, whose effects come behind those that are being performed.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Final, TypeVar

import trio

from gameserver.game.entity import Outcome
from gameserver.match import TickReport
from gameserver.messages.match import MatchHappened
from gameserver.rooms.calls import (
    Call,
    FellSilent,
    Happened,
    MatchEnded,
    Moment,
    take,
)
from gameserver.rooms.hall import Hall
from gameserver.rooms.state.effects import Effect
from gameserver.service.effects import Effects
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import LiveMatch
from gameserver.service.runtime import Runtime

log: Final = get_logger()

AnswerT = TypeVar("AnswerT")

Record = Callable[[Moment, Call[object]], None]
"""Told of each call before the hall acts on it."""

ENTROPY_BYTES = 32


class People:
    """Takes calls for the hall, one at a time, and has their effects performed."""

    def __init__(
        self,
        hall: Hall,
        effects: Effects,
        runtime: Runtime,
        record: Record | None = None,
    ) -> None:
        """Join who decides with who performs.

        Args:
            hall: Decides. It is looked into freely, and called by `take` alone.
            effects: Performs.
            runtime: Tells when a call is made, and what its random bytes are drawn from.
            record: Where calls are written down.
        """
        self.hall = hall
        self.turn: _Turn = _Turn(self._perform)
        """Context: effects of calls that are taken in it are performed at its end."""
        self.spreads: trio.Event = trio.Event()
        """Set while something is on its way to many; see `gameserver.service.spreader`."""
        self._effects = effects
        self._runtime = runtime
        self._record = record

    def take(self, call: Call[AnswerT]) -> AnswerT:
        """Make a call now; perform what it decided, unless a turn is on.

        Raises:
            RequestError: As the call says; what it decided is performed all the same.
        """
        with self.turn:
            return self._act(call)

    def _act(self, call: Call[AnswerT]) -> AnswerT:
        runtime = self._runtime
        moment = Moment(runtime.now(), runtime.wall_ms(), runtime.entropy(ENTROPY_BYTES))
        if self._record is not None:
            self._record(moment, call)
        return take(self.hall, call, moment)

    def _perform(self) -> None:
        """Perform all effects in the order of deciding, and what follows from them."""
        try:
            while pending := self.hall.take_effects():
                for effect in pending:
                    self._perform_one(effect)
        finally:
            self._effects.flush()
            if self.hall.spreads:
                self.spreads.set()

    def _perform_one(self, effect: Effect) -> None:
        """Perform an effect; a bug in it loses this effect, never those behind it."""
        try:
            follows = self._effects.perform(effect, self)
            if follows is not None:
                self._act(follows)
        except Exception:
            log.exception("effect failed", effect=type(effect).__name__)

    # --- what matches report --------------------------------------------------------------------

    def happened(self, event: MatchHappened) -> None:
        """Pass a reliable game event on, ahead of the snapshot of its tick."""
        self.take(Happened(event))

    def reported(self, report: TickReport) -> None:
        """Tell whose seat fell silent."""
        if report.silent:
            self.take(FellSilent(report.silent))

    def ended(self, live: LiveMatch, reason: str, outcome: Outcome, message: str) -> None:
        """Bring the players of a match that is over back to their lobby."""
        self._effects.forget(live, reason)
        ticks = live.match.tick_number
        self.take(MatchEnded(live.match_id, reason, outcome, ticks, message))


class _Turn:
    """Performs when the outermost of nested turns ends.

    A call that is made while effects are performed only adds to the end of the queue: the loop that
    performs is in a turn of its own.
    """

    def __init__(self, perform: Callable[[], None]) -> None:
        self._perform = perform
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._depth == 1:
                self._perform()  # still within the turn, so that no call performs in between
        finally:
            self._depth -= 1
