"""Carry out what the rooms decided, in the order in which they decided it.

Law: this is the only place where an effect becomes an act. It runs to the end without awaiting,
so nobody sees half of a decision.
"""

import trio

from gameserver.errors import RequestError
from gameserver.game.entity import Outcome
from gameserver.match import TickReport
from gameserver.messages.match import MatchHappened
from gameserver.protocol.codec import encode
from gameserver.rooms.hall import Hall
from gameserver.rooms.state import effects
from gameserver.service.clock import Clock
from gameserver.service.connections import Connections, say_goodbye
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import BROKEN_GAME, FAULT, LiveMatch, Matches

log = get_logger()

NO_OUTCOME = Outcome(())


class Effects:
    """Performs effects and brings the matches' reports back to the rooms."""

    def __init__(self, hall: Hall, connections: Connections, clock: Clock) -> None:
        """Join the rooms with the connections; `matches` is set once both exist."""
        self._hall = hall
        self._connections = connections
        self._clock = clock
        self._performing = False
        self.matches: Matches
        self.spreads = trio.Event()
        """Set while something is on its way to many; see `gameserver.service.spreader`."""

    def perform(self) -> None:
        """Carry out everything that the rooms have decided so far, and what follows from it."""
        if self._performing:
            return  # called from within an effect: the loop below carries on in order
        self._performing = True
        try:
            while pending := self._hall.take_effects():
                for effect in pending:
                    self._perform_one(effect)
        finally:
            self._performing = False
            self._connections.flush()
        if self._hall.spreads:
            self.spreads.set()

    # --- what the matches report ----------------------------------------------------------------

    def happened(self, event: MatchHappened) -> None:
        """Pass a reliable game event on, ahead of the snapshot of its tick."""
        self._hall.match_happened(event.match_id, event)
        self.perform()

    def reported(self, report: TickReport) -> None:
        """Drop viewers who fell too far behind, and tell of those who fell silent."""
        if report.silent:
            self._hall.fell_silent(report.silent)
            self.perform()

    def ended(self, live: LiveMatch, reason: str, outcome: Outcome, message: str) -> None:
        """Bring the players of a match that is over back to their lobby."""
        self.matches.forget(live.match_id)
        now = self._clock.now()
        self._hall.match_ended(live.match_id, reason, outcome, live.match.tick_number, message, now)
        counts = live.match.counts
        log.info(
            "match ended",
            match=live.match_id,
            reason=reason,
            ticks=live.match.tick_number,
            shed=live.timetable.shed,
            latest_ms=round(live.timetable.late_max_s * 1000),
            tick_ms=round(live.timetable.busy_s * 1000 / max(1, live.timetable.done), 2),
            malformed=counts.malformed,
            clamped_views=counts.clamped_views,
            desyncs=counts.desyncs,
            overflowed=live.inlet.overflowed,
        )
        self.perform()

    # --- one method for each effect ---------------------------------------------------------------

    def _perform_one(self, effect: effects.Effect) -> None:
        """Perform an effect; a bug in it loses that one, never those behind it."""
        try:
            self._perform(effect)
        except Exception:
            log.exception("effect failed", effect=type(effect).__name__)

    def _perform(self, effect: effects.Effect) -> None:  # noqa: C901  one case for each effect
        match effect:
            case effects.Deliver():
                self._connections.send(effect.player_id, encode(effect.envelope))
            case effects.Tell():
                self._connections.tell(effect.player_ids, effect.notice)
            case effects.Note():
                log.info(effect.event, **effect.fields)
            case effects.Disconnect():
                self._disconnect(effect)
            case effects.StartMatch():
                self._start(effect)
            case effects.SeatPlayer():
                if live := self.matches.get(effect.match_id):
                    live.match.join(effect.player)
            case effects.ClearSeat():
                if live := self.matches.get(effect.match_id):
                    live.match.leave(effect.seat, effect.bot)
            case effects.ExitMatch():
                if live := self.matches.get(effect.match_id):
                    live.unwatch(effect.player_id)
            case effects.StopMatch():
                if live := self.matches.get(effect.match_id):
                    live.end(effect.reason)

    def _start(self, order: effects.StartMatch) -> None:
        now = self._clock.now()
        try:
            self._hall.check_match(order.match_id)
            spared = self._hall.spares_match(order.match_id)
            live = self.matches.start(order, spared=spared)
        except RequestError as error:
            log.info("match refused", match=order.match_id, code=error.code)
            reason, sentence = error.code.value, error.sentence
            self._hall.match_ended(order.match_id, reason, NO_OUTCOME, 0, sentence, now)
            return
        except Exception as fault:  # the game's or ours: its lobby goes on in any case
            cause = fault.__cause__ or fault
            log.exception("match fault", match=order.match_id, fault=str(fault), exc_info=cause)
            self._hall.match_ended(order.match_id, FAULT, NO_OUTCOME, 0, BROKEN_GAME, now)
            return
        self._hall.match_started(order.match_id, live.match.facts(), now)
        log.info(
            "match started",
            match=order.match_id,
            lobby=order.lobby_id,
            map=order.config.map,
            seats=len(order.players),
        )

    def _disconnect(self, effect: effects.Disconnect) -> None:
        line = self._connections.line(effect.player_id)
        if line is not None and line.epoch == effect.epoch:
            self._connections.detach(effect.player_id, effect.epoch)
            say_goodbye(line.connection, effect.code, effect.sentence)
