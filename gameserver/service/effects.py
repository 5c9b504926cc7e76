"""Perform the effects of the rooms, in the order in which the rooms made them.

Law: effects are performed here and nowhere else, without awaiting, so no task sees a decision that
is carried out in part.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from gameserver.errors import RequestError
from gameserver.game.entity import Outcome
from gameserver.rooms.calls import Answered, Call, MatchIsOver, MatchRuns
from gameserver.rooms.hall import Hall
from gameserver.rooms.state import effects
from gameserver.service.connections import Connections
from gameserver.service.livematch import BROKEN_GAME, LiveMatch, MatchListener
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.store.records import FAULT

log: Final = get_logger()

NO_OUTCOME = Outcome(())


class Effects:
    """Performs the effects of the hall's decisions, one at a time."""

    def __init__(
        self,
        hall: Hall,
        connections: Connections,
        matches: Matches,
        publish: Callable[[effects.Publish], None] = lambda _: None,
        authors: Callable[[effects.AuthorEffect], None] = lambda _: None,
    ) -> None:
        """Connect with the parts: effects change connections and matches; the hall is only read.

        What is public is given to ``publish``, in the order of deciding, and what concerns the
        namespaces of authors to ``authors``.
        """
        self._hall = hall
        self._publish = publish
        self._authors = authors
        self._connections = connections
        self._matches = matches

    def perform(self, effect: effects.Effect, reports: MatchListener) -> Call[None] | None:
        """Perform an effect; return the call to the hall that follows from it, if there is one.

        A match that is started reports to ``reports``.
        """
        if isinstance(effect, effects.BeginMatch):
            return self._start(effect, reports)
        if isinstance(effect, effects.ReplyLater):
            sent_bytes = self._connections.send(effect.player_id, effect.answer)
            return Answered(effect.player_id, sent_bytes) if sent_bytes else None
        self._perform(effect)
        return None

    def flush(self) -> None:
        """Send the queued messages; all messages to one player go in one send."""
        self._connections.flush()

    def forget(self, live: LiveMatch, reason: str) -> None:
        """Drop a match that is over, and log its figures."""
        self._matches.forget(live.match_id)
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

    def drop(self, live: LiveMatch) -> None:
        """Drop a match whose end has been shown."""
        self._matches.forget(live.match_id)

    # --- one method for each effect ---------------------------------------------------------------

    def _perform(self, effect: effects.Effect) -> None:  # noqa: C901  one case for each effect
        match effect:
            case effects.Deliver():
                self._connections.send(effect.player_id, effect.envelope)
            case effects.Tell():
                self._connections.tell(effect.player_ids, effect.notice)
            case effects.Publish():
                self._connections.later(partial(self._publish, effect))
            case effects.Handle() | effects.AckCame() | effects.Departed() | effects.MemberSeen():
                self._authors(effect)
            case effects.Note():
                log.info(effect.event, **effect.fields)
            case effects.Disconnect():
                self._disconnect(effect)
            case effects.SeatPlayer():
                if live := self._matches.get(effect.match_id):
                    live.match.join(effect.player)
                    live.seated(effect.player.seat, effect.player_id)
            case effects.ClearSeat():
                if live := self._matches.get(effect.match_id):
                    live.match.leave(effect.seat, effect.bot)
            case effects.ExitMatch():
                if live := self._matches.get(effect.match_id):
                    live.unwatch(effect.player_id)
            case effects.StopMatch():
                if live := self._matches.get(effect.match_id):
                    live.end(effect.reason)

    def _start(self, order: effects.BeginMatch, reports: MatchListener) -> Call[None]:
        try:
            self._hall.check_match(order.match_id)
            spared = self._hall.spares_match(order.match_id)
            live = self._matches.start(order, reports, spared=spared)
        except RequestError as error:
            log.info("match refused", match=order.match_id, code=error.code)
            return MatchIsOver(order.match_id, error.code.value, NO_OUTCOME, 0, error.sentence)
        except Exception as fault:  # a bug of the game or ours: the lobby must get an end
            cause = fault.__cause__ or fault
            log.exception("match fault", match=order.match_id, fault=str(fault), exc_info=cause)
            return MatchIsOver(order.match_id, FAULT, NO_OUTCOME, 0, BROKEN_GAME)
        log.info(
            "match started",
            match=order.match_id,
            lobby=order.lobby_id,
            map=order.config.map,
            seats=len(order.players),
        )
        return MatchRuns(order.match_id, live.match.facts())

    def _disconnect(self, effect: effects.Disconnect) -> None:
        line = self._connections.line(effect.player_id)
        if line is not None and line.epoch == effect.epoch:
            # Detached first, so that later effects send nothing after the goodbye.
            self._connections.detach(effect.player_id, effect.epoch)
            self._connections.later(partial(line.part, effect.code, effect.sentence))
