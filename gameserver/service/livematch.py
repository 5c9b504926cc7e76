"""One running match: stepped by the ticker, reported to the rooms, shown to its end.

Law: calls between a match and the service never await. The report of a tick is passed on at once.
The end of a match, whatever its reason, is always reported to its lobby. Behind it the match fades:
delayed spectators are shown the rest of what players have seen, and nothing is stepped any more.
"""

from collections.abc import Callable
from typing import Final, Protocol

import attrs
import trio

from gameserver.game.entity import Outcome
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.match import Match, TickReport
from gameserver.messages.match import ReportDesync
from gameserver.service.announcements import Announcements, EventListener
from gameserver.service.connections import PlayerLink
from gameserver.service.inlet import QueueInlet
from gameserver.service.logging.logs import get_logger
from gameserver.service.timetable import Timetable
from gameserver.store.records import FAULT

log: Final = get_logger()

FINISHED: Final = "finished"

STOPPED: Final = "stopped"
"""The server stops, or could not go on with the match: there is no later."""

BROKEN_GAME: Final = "the game met a fault and ended the match"
"""Sentence for players; the log has the error."""


class MatchListener(EventListener, Protocol):
    """Receives the reports of running matches."""

    def reported(self, report: TickReport) -> None:
        """Handle the report of a tick."""
        ...

    def ended(self, live: "LiveMatch", reason: str, outcome: Outcome, message: str) -> None:
        """Handle the end of a match; called once for each match.

        If it is ``fading``, its end is still shown to delayed spectators.
        """
        ...

    def faded(self, live: "LiveMatch") -> None:
        """Handle that the end of a match that was ``fading`` has been shown."""
        ...


@attrs.define(eq=False)
class LiveMatch:
    """One running match with its inlet and its place in the timetable."""

    match: Match
    inlet: QueueInlet
    listener: MatchListener
    announcements: Announcements
    recorded: Callable[[str, Match | None, Outcome], None] = lambda *_: None
    """Ends the match's journal with this reason and outcome."""
    evidence: Callable[[Match, PlayerId, ReportDesync], str] = lambda *_: ""
    """Keeps a client's report of another world; returns the name of what was kept."""
    seated: Callable[[Seat, PlayerId], None] = lambda *_: None
    """Notes in the match's journal who has a seat."""
    timetable: Timetable = attrs.field(factory=lambda: Timetable(1.0, 0.0), init=False)
    going: bool = False
    """Whether the ticker runs it."""
    over: bool = False
    fading: bool = False
    """Whether it is over and its end is still shown to delayed spectators."""
    waits_until: float = 0.0
    """Until when, on trio's clock, it stands still at most for its players to come back."""
    _report: TickReport | None = attrs.field(default=None, init=False)
    """That of the present tick, until it is passed on."""
    _faded: int = attrs.field(default=0, init=False)
    """Ticks since the end."""
    _lines: dict[PlayerId, PlayerLink] = attrs.field(factory=dict, init=False)
    """The line over which each viewer entered; a player may have another line meanwhile."""

    @property
    def match_id(self) -> MatchId:
        """The match's id."""
        return self.match.match_id

    @property
    def waits_s(self) -> float:
        """For how long it stands still at most; see `waits_until`."""
        return max(0.0, self.waits_until - trio.current_time()) if self.waits_until else 0.0

    @property
    def viewers(self) -> int:
        """Number of players and spectators that receive its snapshots."""
        return len(self._lines)

    def watch(self, player_id: PlayerId, seat: Seat, line: PlayerLink) -> None:
        """Send a player snapshots, and take the player's inputs, over this line from now on."""
        self.match.add_viewer(player_id, seat, line.link)
        self.inlet.attach(player_id, line.link, line.charge)
        self._lines[player_id] = line

    def unwatch(self, player_id: PlayerId) -> None:
        """Stop sending snapshots to a player; the inputs go to the conversation again."""
        self.inlet.detach(player_id)
        self.match.remove_viewer(player_id)
        self._lines.pop(player_id, None)

    def keep_delayed(self) -> None:
        """Let all viewers go but delayed spectators: the match is over."""
        for player_id in list(self._lines):
            viewer = self.match.viewer(player_id)
            if viewer is None or not viewer.delay:
                self.unwatch(player_id)

    def take_in(self) -> None:
        """Take in what the viewers have sent for the next tick."""
        if self.over:
            return
        try:
            self.match.take_in()
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()

    def step(self) -> None:
        """Step the next tick."""
        if self.over:
            return
        try:
            self.announcements.tell_due(Tick(self.match.world.tick + 1))
            self.match.step()
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()

    def send(self) -> None:
        """Hand over the tick's snapshots."""
        if self.over:
            return
        try:
            self._report = self.match.send()
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()

    def finish(self) -> bool:
        """Pass on the tick's report; return whether there will be another.

        Behind the end, show delayed spectators the next tick of it.
        """
        report, self._report = self._report, None
        if report is None or self.over:
            return self.fading and self._fade()
        try:
            self._pass_on(report)
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()
        return self._more

    def tick(self) -> bool:
        """Run a whole tick; return whether there will be another."""
        self.take_in()
        self.step()
        self.send()
        self.match.flush()
        return self.finish()

    @property
    def _more(self) -> bool:
        return not self.over or self.fading

    def _broke(self) -> None:
        """End the match without standings: a part of its tick met a bug of ours."""
        # If the bug was in `end` itself, `over` is set already: `end` must run once more.
        self.over = False
        self.end(FAULT, BROKEN_GAME, Outcome(()))

    def _fade(self) -> bool:
        """Show delayed spectators the next tick of the end; return whether there is more."""
        try:
            self._faded += 1
            self.announcements.tell_due(Tick(self.match.tick_number + self._faded))
            more = self.match.fade() and self._waited_for
        except Exception:  # a bug of ours: the rest is not shown
            log.exception("tick failed", match=self.match_id)
            more = False
        if not more:
            self.stop_fading()
        return self.fading

    @property
    def _waited_for(self) -> bool:
        return self.match.watched_later or self.announcements.waits

    def stop_fading(self) -> None:
        """Show no more of the end; later calls do nothing."""
        if self.fading:
            self.fading = False
            self.announcements.tell_rest()
            self.listener.faded(self)

    def _pass_on(self, report: TickReport) -> None:
        for player_id in report.evicted:
            self._evict(player_id)
        self.listener.reported(report)
        if report.fault is not None:
            log.error(
                "match fault",
                match=self.match_id,
                tick=report.tick,
                fault=str(report.fault),
                exc_info=report.fault.__cause__,
            )
            self.end(FAULT, BROKEN_GAME)
        elif report.outcome is not None:
            self.end(FINISHED, "", report.outcome)

    def _evict(self, player_id: PlayerId) -> None:
        """Abort the line of a viewer that reads no snapshots; the session may resume.

        This is the line over which the viewer entered, never a newer line of the same player.
        """
        line = self._lines.pop(player_id, None)
        if line is not None:
            log.info("too slow", player=player_id, address=line.link.peer)
            line.link.abort()

    def shed(self, ticks: int) -> None:
        """Send the viewers a `Shift`: all later ticks come ``ticks`` periods later."""
        if self.over:
            return
        try:
            self.match.shifted(ticks)
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()

    def overran(self, seconds: float) -> None:
        """End a match that cannot keep its tick rate, since it delays all other matches."""
        log.error("match too slow", match=self.match_id, seconds=round(seconds, 1))
        try:
            self.end(FAULT, f"the game's step was too slow for {seconds:.0f} s")
        except Exception:
            log.exception("tick failed", match=self.match_id)
            self._broke()

    def suspend(self) -> None:
        """Run no further tick, and report no end: the match goes on in another process."""
        self.over = True

    def desync(self, player_id: PlayerId, report: ReportDesync) -> str:
        """Send a viewer a keyframe; return the name of the evidence, empty if none was kept."""
        self.match.desync(player_id)
        return self.evidence(self.match, player_id, report)

    def end(self, reason: str, message: str = "", outcome: Outcome | None = None) -> None:
        """End the match once; later calls do nothing."""
        if self.over:
            return
        # Set first: the listener may call `end` again.
        self.over = True
        self.fading = self.going and reason != STOPPED and self._waited_for
        if not self.fading:
            self.announcements.tell_rest()
        final = outcome if outcome is not None else self.match.standings()
        self.recorded(reason, None if reason == FAULT else self.match, final)
        self.listener.ended(self, reason, final, message)
