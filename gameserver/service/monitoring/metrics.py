"""The only source of the server's statistics, for `gameserver stats` and Prometheus.

Law: frequent events are counted where they happen (`TickMeter`, the matches' own counters). This
module reads the counters only on request, and keeps no data about single players.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from gameserver import __version__
from gameserver.game.game import Game
from gameserver.match.tally import Tally
from gameserver.messages.session import GameStats, Quantiles, ServerStats
from gameserver.rooms.hall import Hall
from gameserver.service.matches import Matches
from gameserver.service.monitoring.traffic import Traffic
from gameserver.service.overload.meters import Percentiles
from gameserver.service.overload.overload import Overload
from gameserver.service.overload.vitals import Vitals
from gameserver.service.runtime import Collector, Runtime

HALF_WINDOW_S: Final = 10.0
"""Half of the window of recent figures: an answer covers between this and twice this time."""


class Metrics:
    """Reads the statistics of one server."""

    def __init__(  # noqa: D107  described by the class
        self,
        name: str,
        game: Game,
        hall: Hall,
        matches: Matches,
        overload: Overload,
        *,
        runtime: Runtime,
        transports: Callable[[], Iterable[str]],
        certificate_left: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.traffic: Traffic = Traffic()
        self.collector: Collector = runtime.collector
        self.vitals: Vitals = Vitals(runtime)
        self._name = name
        self._game = game
        self._hall = hall
        self._matches = matches
        self._overload = overload
        self._transports = transports
        self._certificate_left = certificate_left
        self._started = self._turned = now = runtime.now()
        self._bytes = [(now, 0), (now, 0)]
        """Bytes of snapshots when the two halves of the window began."""

    def keep_window(self, now: float) -> None:
        """Drop figures that are too old; must be called once in each half of the window."""
        if now - self._turned < HALF_WINDOW_S:
            return
        self._turned = now
        self._matches.meter.turn()
        self.vitals.turn()
        self._bytes = [self._bytes[1], (now, self._tally().bytes_out)]

    def read(self, now: float) -> ServerStats:
        """Return the present statistics; ``now`` is in the seconds of `Runtime.now`."""
        game = self._game_stats(now)
        transports = Counter(self._transports())
        counts, vitals, overload = self._hall.counts(), self.vitals, self._overload
        return ServerStats(
            server=f"{self._name} (gameserver {__version__})",
            uptime_s=round(now - self._started, 1),
            connections=transports.total(),
            transports=dict(transports),
            opened=dict(self.traffic.opened),
            closed=dict(self.traffic.closed),
            namespaces={name: each[0] for name, each in counts.namespaces.items()},
            namespace_rooms={name: each[1] for name, each in counts.namespaces.items()},
            certificate_left_s=self._certificate_left(),
            players=counts.connected,
            sessions=counts.sessions,
            lobbies=counts.lobbies,
            matches=len(self._matches),
            matches_started=self._matches.started,
            strain=overload.level,
            snapshot_stretch=overload.snapshot_stretch,
            refuses_matches=overload.refuses,
            cpu_share=round(vitals.cpu_share, 3),
            memory_bytes=vitals.memory_bytes(),
            loop_lag=_spread(vitals.loop_lag.lately()),
            gc_pauses=_spread(vitals.gc_pauses.lately()),
            total=game,
            games=(game,),
            loop_passes=_spread(vitals.loop_passes.lately()),
        )

    def _tally(self) -> Tally:
        whole = Tally()
        whole.add_past(self._matches.past)
        for live in self._matches:
            live.match.tally(whole)
        return whole

    def _game_stats(self, now: float) -> GameStats:
        tally, meter = self._tally(), self._matches.meter
        since, before = self._bytes[0]
        rate = (tally.bytes_out - before) / max(now - since, 1e-3) / max(tally.viewers, 1)
        return GameStats(
            game=self._game.name,
            matches=len(self._matches),
            seats=tally.seats,
            bots=tally.bots,
            viewers=tally.viewers,
            congested=tally.congested,
            ticks=meter.ticks,
            tick_ms=round(1000 / self._game.tick_rate, 3),
            duration=_spread(meter.duration.lately()),
            lateness=_spread(meter.lateness.lately()),
            duration_ever=_spread(meter.duration.since_start()),
            lateness_ever=_spread(meter.lateness.since_start()),
            overruns=meter.overruns,
            shed_ticks=meter.shed,
            inputs=tally.applied,
            late_inputs=tally.late,
            missed_inputs=tally.missed,
            malformed=tally.malformed,
            desyncs=tally.desyncs,
            clamped_views=tally.clamped_views,
            snapshot_bytes=tally.bytes_out,
            bytes_per_viewer_s=round(rate, 1) if tally.viewers else 0.0,
        )


def _spread(found: Percentiles) -> Quantiles:
    return Quantiles(
        found.count,
        round(found.p50 * 1000, 3),
        round(found.p99 * 1000, 3),
        round(found.p999 * 1000, 3),
        round(found.most * 1000, 3),
    )
