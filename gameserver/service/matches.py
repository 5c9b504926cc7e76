"""The running matches: created for lobbies, stepped by the ticker, reported to the rooms.

Law: calls between a match and the service never await. The report of a tick is passed on at once.
The end of a match, whatever its reason, is always reported to its lobby.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, Protocol

import attrs
import trio

from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.match import Match, TickReport
from gameserver.match.tally import Tally
from gameserver.match.watchers import delay_ticks
from gameserver.messages.match import ReportDesync
from gameserver.rooms.state import effects
from gameserver.service.announcements import Announcements, EventListener
from gameserver.service.connections import PlayerLink
from gameserver.service.inlet import QueueInlet
from gameserver.service.journals import Journals
from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.meters import TickMeter
from gameserver.service.ticker import Ticker, Timetable
from gameserver.store.rebuild import Rebuilt
from gameserver.store.records import FAULT
from gameserver.transports import Drain

log: Final = get_logger()

FINISHED: Final = "finished"

BROKEN_GAME: Final = "the game met a fault and ended the match"
"""Sentence for players; the log has the error."""


TOO_BUSY: Final = "the server is overloaded; new matches are refused until it has caught up"


class MatchListener(EventListener, Protocol):
    """Receives the reports of running matches."""

    def reported(self, report: TickReport) -> None:
        """Handle the report of a tick."""
        ...

    def ended(self, live: "LiveMatch", reason: str, outcome: Outcome, message: str) -> None:
        """Handle the end of a match; called once for each match."""
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
    over: bool = False
    waits_until: float = 0.0
    """Until when, on trio's clock, it stands still at most for its players to come back."""
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

    def tick(self) -> bool:
        """Run one tick and pass on its report; return whether there will be another."""
        if self.over:
            return False
        try:
            self._tick()
        except Exception:  # a bug of ours after the step: the match ends without standings
            log.exception("tick failed", match=self.match_id)
            # If the bug was in `end` itself, `over` is set already: `end` must run once more.
            self.over = False
            self.end(FAULT, BROKEN_GAME, Outcome(()))
        return not self.over

    def _tick(self) -> None:
        self.announcements.tell_due(Tick(self.match.tick_number + 1))
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
        """Abort the line of a viewer that reads no snapshots; the session may resume.

        This is the line over which the viewer entered, never a newer line of the same player.
        """
        line = self._lines.pop(player_id, None)
        if line is not None:
            log.info("too slow", player=player_id, address=line.link.peer)
            line.link.abort()

    def shed(self, ticks: int) -> None:
        """Send the viewers a `Shift`: all later ticks come ``ticks`` periods later."""
        self.match.shifted(ticks)

    def overran(self, seconds: float) -> None:
        """End a match that cannot keep its tick rate, since it delays all other matches."""
        log.error("match too slow", match=self.match_id, seconds=round(seconds, 1))
        self.end(FAULT, f"the game's step was too slow for {seconds:.0f} s")

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
        self.announcements.tell_rest()
        final = outcome if outcome is not None else self.match.standings()
        self.recorded(reason, None if reason == FAULT else self.match, final)
        self.listener.ended(self, reason, final, message)


class Matches:
    """All live matches by id.

    Attributes:
        started: Number of matches started so far.
        past: Sums of the counters of matches that are over.
        meter: Times of all matches' ticks.
        refused_for_s: While it is above 0, new matches are refused with this time to wait.
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
        journals: Journals | None = None,
        spectator_delay_s: float = 0.0,
    ) -> None:
        self._game = game
        self._maps = maps
        self._ticker = ticker
        self._most = most
        self._seeds = seeds
        self._drain = drain
        self._journals = journals
        self._spectator_delay_s = spectator_delay_s
        self._live: dict[MatchId, LiveMatch] = {}
        self._stretch = 1
        self.started: int = 0
        self.past: Tally = Tally()
        self.meter: TickMeter = TickMeter()
        self.refused_for_s: float = 0.0

    def __len__(self) -> int:
        """Return the number of live matches."""
        return len(self._live)

    def __iter__(self) -> Iterator[LiveMatch]:
        """Iterate over a copy, so that matches may end during the iteration."""
        return iter(list(self._live.values()))

    def get(self, match_id: MatchId) -> LiveMatch | None:
        """Return a live match; None if there is none of this id."""
        return self._live.get(match_id)

    def stretch_snapshots(self, stretch: int) -> None:
        """Send one of ``stretch`` due snapshots in all present and future matches."""
        self._stretch = stretch
        for live in self._live.values():
            live.match.snapshot_stretch = stretch

    def start(
        self, order: effects.BeginMatch, listener: MatchListener, *, spared: bool = False
    ) -> LiveMatch:
        """Create a match and give it to the ticker; it reports to ``listener``.

        Args:
            order: The lobby's order, with players and configuration.
            listener: Receives the match's reports.
            spared: Whether to start the match even while the server is overloaded.

        Raises:
            RequestError: ``server_busy`` or ``server_full``.
            GameFaultError: The game could not start.
        """
        self._check_open(spared=spared)
        tile_map = self._maps[order.config.map]
        options: Any = build_options(self._game.options, order.config.options)
        seed, players, journals = self._seeds(), list(order.players), self._journals
        recorder = None
        if journals is not None:
            recorder = journals.begin(order.match_id, tile_map, options, seed, players)
        try:
            live = self._live_match(
                listener,
                match_id=order.match_id,
                map=tile_map,
                options=options,
                seed=seed,
                players=players,
                bot_level=order.config.bot_level,
                recorder=recorder,
            )
        except GameFaultError:
            if journals is not None:
                journals.forget(order.match_id)
            raise
        for seat, player_id in order.people.items():
            live.seated(seat, player_id)
        self.set_going(live)
        return live

    def adopt(self, rebuilt: Rebuilt, bot_level: str, listener: MatchListener) -> LiveMatch:
        """Take over the match of an earlier process; it stands still until `set_going`.

        Args:
            rebuilt: The match, from its journal, in which it goes on.
            bot_level: Level of its bots, which begin without memory.
            listener: Receives the match's reports.

        Raises:
            GameFaultError: The game could not make a bot.
        """
        world, match_id = rebuilt.simulation.world, MatchId(rebuilt.header.match_id)
        journals = self._journals
        assert journals is not None  # the match comes from there
        return self._live_match(
            listener,
            match_id=match_id,
            map=world.map,
            options=world.options,
            seed=rebuilt.header.seed,
            players=rebuilt.players,
            bot_level=bot_level,
            recorder=journals.go_on(rebuilt),
            simulation=rebuilt.simulation,
            epoch=rebuilt.epoch,
        )

    def _live_match(self, listener: MatchListener, *, match_id: MatchId, **more: Any) -> LiveMatch:
        """Make a match with its inlet; ``more`` are arguments of `Match`."""
        inlet = QueueInlet(self._drain())
        delay = delay_ticks(self._spectator_delay_s, self._game.tick_rate)
        announcements = Announcements(listener, delay)
        match = Match(
            match_id=match_id,
            game=self._game,
            inlet=inlet,
            announce=announcements.happened,
            spectator_delay_s=self._spectator_delay_s,
            **more,
        )
        match.snapshot_stretch = self._stretch
        live = LiveMatch(match, inlet, listener, announcements)
        if self._journals is not None:
            live.recorded = partial(self._journals.end, match_id)
            live.evidence = self._journals.keep_evidence
            live.seated = partial(self._journals.seated, match_id)
        self._live[match_id] = live
        self.started += 1
        return live

    def set_going(self, live: LiveMatch) -> None:
        """Run the ticks of a match from now on."""
        live.waits_until = 0.0
        live.timetable = self._ticker.add(live, self._game.tick_rate, self.meter)

    def _check_open(self, *, spared: bool) -> None:
        if self.refused_for_s > 0 and not spared:
            details = {"retry_after_s": self.refused_for_s}
            raise RequestError(Code.SERVER_BUSY, TOO_BUSY, details)
        if len(self._live) >= self._most:
            raise RequestError(Code.SERVER_FULL, "the server runs as many matches as it may")

    def forget(self, match_id: MatchId) -> None:
        """Remove a match that is over; its counters are added to `past`."""
        live = self._live.pop(match_id, None)
        if live is not None:
            self.past.add_past(live.match.tally())
            live.inlet.close()
