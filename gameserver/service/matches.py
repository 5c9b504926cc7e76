"""The running matches: made for lobbies, stepped by the ticker, reported to the rooms.

Law: calls between a match and the service never await. The report of a tick is passed on at once.
When a match ends, for any reason, its lobby learns of it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.ids import MatchId, PlayerId, Seat
from gameserver.match import Match, TickReport
from gameserver.match.tally import Tally
from gameserver.messages.match import MatchHappened
from gameserver.rooms.state import effects
from gameserver.service.connections import Line
from gameserver.service.inlet import QueueInlet
from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.meters import TickMeter
from gameserver.service.ticker import Ticker, Timetable
from gameserver.transports import Drain

log: Final = get_logger()

FINISHED: Final = "finished"
FAULT: Final = "fault"

BROKEN_GAME: Final = "the game met a fault and ended the match"
"""Told to players; what went wrong is in the log."""


TOO_BUSY: Final = "the server is overloaded; new matches are refused until it has caught up"


class MatchListener(Protocol):
    """What the rest of the service hears of running matches."""

    def happened(self, event: MatchHappened) -> None:
        """Hear of a reliable game event, before the snapshot of its tick is sent."""
        ...

    def reported(self, report: TickReport) -> None:
        """Hear what a tick had to tell besides snapshots."""
        ...

    def ended(self, live: "LiveMatch", reason: str, outcome: Outcome, message: str) -> None:
        """Hear that a match is over."""
        ...


@attrs.define(eq=False)
class LiveMatch:
    """One running match with its inlet and its place in the timetable."""

    match: Match
    inlet: QueueInlet
    listener: MatchListener
    timetable: Timetable = attrs.field(init=False)
    over: bool = False
    _lines: dict[PlayerId, Line] = attrs.field(factory=dict, init=False)
    """The line over which each viewer entered; a player may have another line meanwhile."""

    @property
    def match_id(self) -> MatchId:
        """The match's identity."""
        return self.match.match_id

    @property
    def viewers(self) -> int:
        """How many receive its snapshots."""
        return len(self._lines)

    def watch(self, player_id: PlayerId, seat: Seat, line: Line) -> None:
        """Send a player snapshots, and take the player's inputs, over this line from now on."""
        self.match.add_viewer(player_id, seat, line.link)
        self.inlet.attach(player_id, line.link, line.charge)
        self._lines[player_id] = line

    def unwatch(self, player_id: PlayerId) -> None:
        """Stop to send a player snapshots; their messages go to the conversation again."""
        self.inlet.detach(player_id)
        self.match.remove_viewer(player_id)
        self._lines.pop(player_id, None)

    def tick(self) -> bool:
        """Run one tick; hand on what it reports."""
        if self.over:
            return False
        try:
            self._tick()
        except Exception:  # a bug of ours after the step: the match ends without standings
            log.exception("tick failed", match=self.match_id)
            # The bug may have been met while the match ended; then `end` must run once more.
            self.over = False
            self.end(FAULT, BROKEN_GAME, Outcome(()))
        return not self.over

    def _tick(self) -> None:
        report = self.match.tick()
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
        """Close the line of a viewer who reads no snapshots; the session may resume.

        It closes the line over which the viewer entered, never a newer line of the same player.
        """
        line = self._lines.pop(player_id, None)
        if line is not None:
            log.info("too slow", player=player_id, address=line.link.peer)
            line.link.abort()

    def shed(self, ticks: int) -> None:
        """Tell the viewers that all ticks come later from now on."""
        self.match.shifted(ticks)

    def overran(self, seconds: float) -> None:
        """End a match that cannot keep its tick rate, since it delays all other matches."""
        log.error("match too slow", match=self.match_id, seconds=round(seconds, 1))
        self.end(FAULT, f"the game's step was too slow for {seconds:.0f} s")

    def end(self, reason: str, message: str = "", outcome: Outcome | None = None) -> None:
        """End the match once; later calls do nothing."""
        if self.over:
            return
        # Set first: the listener may call `end` again.
        self.over = True
        final = outcome if outcome is not None else self.match.standings()
        self.listener.ended(self, reason, final, message)


class Matches:
    """All live matches by id.

    Attributes:
        started: Matches begun so far.
        past: Figures of those that are over.
        meter: What their ticks cost.
        refused_for_s: Above 0 no match is begun; whoever asks may ask again after this long.
    """

    def __init__(  # noqa: D107  described by the class
        self,
        game: Game,
        maps: Mapping[str, TileMap],
        ticker: Ticker,
        *,
        most: int,
        seeds: Callable[[], int],
        drain: Callable[[], Drain],
    ) -> None:
        self._game = game
        self._maps = maps
        self._ticker = ticker
        self._most = most
        self._seeds = seeds
        self._drain = drain
        self._live: dict[MatchId, LiveMatch] = {}
        self._stretch = 1
        self.started: int = 0
        self.past: Tally = Tally()
        self.meter: TickMeter = TickMeter()
        self.refused_for_s: float = 0.0

    def __len__(self) -> int:
        """Count the live matches."""
        return len(self._live)

    def __iter__(self) -> Iterator[LiveMatch]:
        """Walk over the live matches; ending some on the way is safe."""
        return iter(list(self._live.values()))

    def get(self, match_id: MatchId) -> LiveMatch | None:
        """Return a live match, or None."""
        return self._live.get(match_id)

    def stretch_snapshots(self, stretch: int) -> None:
        """Send one of this many due snapshots, in all matches, until told otherwise."""
        self._stretch = stretch
        for live in self._live.values():
            live.match.snapshot_stretch = stretch

    def start(
        self, order: effects.StartMatch, listener: MatchListener, *, spared: bool = False
    ) -> LiveMatch:
        """Make a match and give it to the ticker; a ``spared`` one even when overloaded.

        The ``listener`` hears of it for as long as it runs.

        Raises:
            RequestError: ``server_busy`` or ``server_full``; nothing is left behind.
            GameFaultError: The game could not start; nothing is left behind.
        """
        self._check_open(spared=spared)
        inlet = QueueInlet(self._drain())
        match = Match(
            match_id=order.match_id,
            game=self._game,
            map=self._maps[order.config.map],
            options=build_options(self._game.options, order.config.options),
            seed=self._seeds(),
            players=list(order.players),
            bot_level=order.config.bot_level,
            inlet=inlet,
            announce=listener.happened,
        )
        match.snapshot_stretch = self._stretch
        live = LiveMatch(match, inlet, listener)
        live.timetable = self._ticker.add(live, self._game.tick_rate, self.meter)
        self._live[order.match_id] = live
        self.started += 1
        return live

    def _check_open(self, *, spared: bool) -> None:
        if self.refused_for_s > 0 and not spared:
            details = {"retry_after_s": self.refused_for_s}
            raise RequestError(Code.SERVER_BUSY, TOO_BUSY, details)
        if len(self._live) >= self._most:
            raise RequestError(Code.SERVER_FULL, "the server runs as many matches as it may")

    def forget(self, match_id: MatchId) -> None:
        """Drop a match that is over."""
        live = self._live.pop(match_id, None)
        if live is not None:
            self.past.add_past(live.match.tally())
            live.inlet.close()
