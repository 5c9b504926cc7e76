"""The running matches: created for lobbies, stepped by the ticker, reported to the rooms.

Law: calls between a match and the service never await. The report of a tick is passed on at once.
The end of a match, whatever its reason, is always reported to its lobby.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.ids import MatchId
from gameserver.match import Match
from gameserver.match.tally import Tally
from gameserver.match.watchers import delay_ticks
from gameserver.rooms.state import effects
from gameserver.service.announcements import Announcements
from gameserver.service.inlet import QueueInlet
from gameserver.service.journals import Journals
from gameserver.service.livematch import LiveMatch, MatchListener
from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.meters import TickMeter
from gameserver.service.ticker import Ticker
from gameserver.store.rebuild import Rebuilt
from gameserver.transports import Drain

log: Final = get_logger()

TOO_BUSY: Final = "the server is overloaded; new matches are refused until it has caught up"


class Matches:
    """All live matches by id.

    Attributes:
        started: Number of matches started so far.
        past: Sums of the counters of matches that are over.
        fading: Matches that are over, whose end is still shown to delayed spectators.
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
        self.fading: dict[MatchId, LiveMatch] = {}
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
        """Return a live match, or one that is `fading`; None if there is none of this id."""
        return self._live.get(match_id) or self.fading.get(match_id)

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
            sends=self._ticker.sends,
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
        live.going = True
        live.timetable = self._ticker.add(live, self._game.tick_rate, self.meter)

    def _check_open(self, *, spared: bool) -> None:
        if self.refused_for_s > 0 and not spared:
            details = {"retry_after_s": self.refused_for_s}
            raise RequestError(Code.SERVER_BUSY, TOO_BUSY, details)
        if len(self._live) >= self._most:
            raise RequestError(Code.SERVER_FULL, "the server runs as many matches as it may")

    def forget(self, match_id: MatchId) -> None:
        """Remove a match that is over; its counters are added to `past`.

        If its end is still shown, all but its delayed spectators are let go now, and the rest at
        the second call.
        """
        if (live := self.fading.pop(match_id, None)) is not None:
            live.inlet.close()
        live = self._live.pop(match_id, None)
        if live is None:
            return
        self.past.add_past(live.match.tally())
        if live.fading:
            self.fading[match_id] = live
            live.keep_delayed()
        else:
            live.inlet.close()
