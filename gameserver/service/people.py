"""The only access to the rooms: makes calls into the hall and has their effects performed.

Law: no other module of the service makes calls that change the hall. A call is a value with its
moment (`gameserver.rooms.calls`), so all calls can be recorded and replayed. The effects of a call
are performed at its end; within a `turn` they wait for the end of the turn, so that an answer can
be sent before the effects of its request.

Performing never awaits, so no task sees a decision that is carried out in part. It may lead to
further calls, such as for a match that could not start; their effects are performed after the
present ones.
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
    MatchIsOver,
    Moment,
    take,
)
from gameserver.rooms.hall import Hall
from gameserver.rooms.state.effects import Effect, Hearers
from gameserver.rooms.state.sanctions import SanctionKind
from gameserver.service.effects import Effects
from gameserver.service.livematch import LiveMatch
from gameserver.service.logging.logs import get_logger
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.transports import subscriber

log: Final = get_logger()

AnswerT = TypeVar("AnswerT")

Record = Callable[[Moment, Call[object]], None]
"""Called with each call before the hall acts on it."""

ENTROPY_BYTES = 32


class People:
    """Makes calls into the hall, one at a time, and has their effects performed."""

    def __init__(
        self,
        hall: Hall,
        effects: Effects,
        runtime: Runtime,
        saving: Saving,
        record: Record | None = None,
    ) -> None:
        """Connect the hall with the performer of its effects.

        Args:
            hall: Decides. Others may read it, but only `take` makes calls into it.
            effects: Performs the effects of decisions.
            runtime: Gives each call its time and entropy.
            saving: Records each call when it was made, if the operator wants it.
            record: Called with each call, such as for a trace.
        """
        self.hall = hall
        self.turn: _Turn = _Turn(self._perform)
        """Context manager: effects of the calls made in it are performed at its end."""
        self.spreads: trio.Event = trio.Event()
        """Set while sessions have unsent messages; see `gameserver.service.spreader`."""
        self.sooner: trio.Event = trio.Event()
        """Set when a deadline comes before the time of `expect`."""
        self._expected = 0.0
        self._effects = effects
        self._runtime = runtime
        self._saving = saving
        self._record = record
        self._ahead_s = 0.0

    def take(self, call: Call[AnswerT]) -> AnswerT:
        """Make a call and perform its effects, unless a turn is in progress.

        Raises:
            RequestError: See the class of the call; its effects are performed all the same.
        """
        with self.turn:
            return self._act(call)

    def _act(self, call: Call[AnswerT]) -> AnswerT:
        moment = self._moment()
        if self._record is not None:
            self._record(moment, call)
        recorder = self._saving if self._saving.active else None
        return take(self.hall, call, moment, recorder)

    def _moment(self) -> Moment:
        runtime = self._runtime
        random = runtime.entropy(2 * ENTROPY_BYTES)
        secret = random[ENTROPY_BYTES:]
        return Moment(self.now(), runtime.wall_ms(), random[:ENTROPY_BYTES], secret)

    def now(self) -> float:
        """Return the hall's time, in seconds: it goes on where an earlier process has ended."""
        return self._runtime.now() + self._ahead_s

    def go_on_from(self, now: float) -> None:
        """Let the hall's time go on from this moment of a restored hall."""
        self._ahead_s = now - self._runtime.now()

    def expect(self, when: float) -> None:
        """Note when the deadlines are looked at next, in the hall's time; see `sooner`."""
        self._expected = when
        self.sooner = trio.Event()

    async def saved(self) -> None:
        """Wait until what was decided by now is on disk, for answers beside the connections."""
        await self._saving.saved()

    def bars(self, address: str) -> bool:
        """Tell whether an address is banned."""
        bans, now_ms = self.hall.parts.state.sanctions, self._runtime.wall_ms()
        return bans.of_address(SanctionKind.BAN, subscriber(address), now_ms) is not None

    def _perform(self) -> None:
        """Perform all effects in the order of their decisions, and those of further calls."""
        try:
            while pending := self.hall.take_effects():
                for effect in pending:
                    self._perform_one(effect)
        finally:
            self._saving.flush()
            self._effects.flush()
            if self.hall.spreads:
                self.spreads.set()
            due = self.hall.next_deadline()
            if due is not None and due < self._expected:
                self.sooner.set()

    def _perform_one(self, effect: Effect) -> None:
        """Perform an effect; if it raises, only this effect is lost."""
        try:
            follows = self._effects.perform(effect, self)
            if follows is not None:
                self._act(follows)
        except Exception:
            log.exception("effect failed", effect=type(effect).__name__)

    # --- reports of matches: `MatchListener` ------------------------------------------------------

    def happened(self, event: MatchHappened, hearers: Hearers) -> None:
        """Pass a reliable game event to the hall, before the snapshot of its tick is sent."""
        self.take(Happened(event, hearers))

    def reported(self, report: TickReport) -> None:
        """Pass the players whose inputs have stopped, or come again, to the hall."""
        if report.silent:
            self.take(FellSilent(report.silent))

    def ended(self, live: LiveMatch, reason: str, outcome: Outcome, message: str) -> None:
        """Remove a match that is over, and tell the hall its result."""
        self._effects.forget(live, reason)
        ticks = live.match.tick_number
        self.take(MatchIsOver(live.match_id, reason, outcome, ticks, message))

    def faded(self, live: LiveMatch) -> None:
        """Remove a match whose end has been shown to delayed spectators."""
        self._effects.drop(live)


class _Turn:
    """Performs the effects at the end of the outermost of nested turns.

    Effects are performed within the turn. So a call that is made meanwhile only adds its effects to
    the end of the queue.
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
                self._perform()  # before the turn ends, so that nested calls only add effects
        finally:
            self._depth -= 1
