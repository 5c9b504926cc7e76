"""The server's figures in the format of Prometheus.

Law: the source is the same as for `gameserver stats`: a `ServerStats`, field by field. Names follow
Prometheus' own rules: base units (seconds, bytes), counters end in ``_total``.

Times are summaries: quantiles of the last 10 to 20 seconds.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import InfoMetricFamily, Metric

from gameserver import __version__
from gameserver.messages.session import Quantiles, ServerStats

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@attrs.frozen
class Figure:
    """The Prometheus name and the help text of one field."""

    name: str
    help: str
    counts_up: bool = False
    scale: float = 1.0
    """Factor from the field's unit to the base unit."""


SERVER: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "uptime_s": Figure("uptime_seconds", "Time since the start."),
        "connections": Figure("connections", "Open connections."),
        "players": Figure("players", "Players who are connected."),
        "sessions": Figure("sessions", "Sessions, with and without a connection."),
        "lobbies": Figure("lobbies", "Open lobbies."),
        "matches": Figure("matches", "Running matches."),
        "matches_started": Figure("matches_started", "Matches begun.", counts_up=True),
        "strain": Figure("strain_level", "0 is well; 1, 2 fewer snapshots; 3 no new matches."),
        "snapshot_stretch": Figure("snapshot_stretch", "One of this many due snapshots is sent."),
        "refuses_matches": Figure("refuses_matches", "1 while no match may begin."),
        "cpu_share": Figure("cpu_share_ratio", "Processors in use, in the last quarter second."),
        "memory_bytes": Figure("memory_bytes", "Memory in use."),
        "loop_lag": Figure("loop_lag_seconds", "How late tasks run after they are due."),
        "loop_passes": Figure("loop_pass_seconds", "Processor time of one pass of the event loop."),
        "gc_pauses": Figure(
            "gc_pause_seconds", "How long Python's garbage collector stopped the server."
        ),
    }
)
"""By field of `ServerStats`."""

TRANSPORTS: Final = Figure("transport_connections", "Open connections by transport.")

OPENED: Final = Figure("opened_connections", "Connections opened by transport.", counts_up=True)
CLOSED: Final = Figure("closed_connections", "Connections that ended by reason.", counts_up=True)

MEMBERS: Final = Figure("namespace_members", "Members of namespaces of authors.")
CERTIFICATE: Final = Figure("certificate_left_seconds", "Time until the certificate ends.")
ROOMS: Final = Figure("namespace_rooms", "Rooms in namespaces of authors.")

GAME: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "matches": Figure("game_matches", "Running matches."),
        "seats": Figure("seats", "Seats in play, bots included."),
        "bots": Figure("bots", "Bots in play."),
        "viewers": Figure("viewers", "Connections that get snapshots."),
        "congested": Figure("congested_viewers", "Viewers who do not keep up."),
        "ticks": Figure("ticks", "Ticks run.", counts_up=True),
        "tick_ms": Figure(
            "tick_period_seconds", "Period of the ticks, which a tick must not exceed.", scale=1e-3
        ),
        "duration": Figure("tick_duration_seconds", "How long ticks took."),
        "lateness": Figure("tick_lateness_seconds", "How late ticks began."),
        "overruns": Figure("tick_overruns", "Ticks longer than their period.", counts_up=True),
        "shed_ticks": Figure("shed_ticks", "Ticks given up.", counts_up=True),
        "inputs": Figure("inputs", "Inputs applied in their tick.", counts_up=True),
        "late_inputs": Figure("late_inputs", "Inputs after their tick.", counts_up=True),
        "missed_inputs": Figure("missed_inputs", "Ticks without an input.", counts_up=True),
        "malformed": Figure(
            "malformed_inputs", "Messages that were no valid input.", counts_up=True
        ),
        "desyncs": Figure(
            "desyncs", "Snapshots whose checksum a client found wrong.", counts_up=True
        ),
        "clamped_views": Figure(
            "clamped_views", "Inputs whose view was older than the server allows.", counts_up=True
        ),
        "snapshot_bytes": Figure("snapshot_bytes", "Snapshots sent, in bytes.", counts_up=True),
        "bytes_per_viewer_s": Figure("viewer_bytes_per_second", "Snapshots to each viewer."),
    }
)
"""By field of `GameStats`."""

_LABELLED: Final = frozenset(
    {"server", "game", "transports", "opened", "closed", "namespaces", "namespace_rooms"}
)
LEFT_OUT: Final = _LABELLED | {
    "certificate_left_s",
    "total",
    "games",
    "duration_ever",
    "lateness_ever",
}
"""Labels, what not every server has, repeated fields, what has labels of its own, and spreads since
the start, since Prometheus keeps old values."""

QUANTILES: Final = (("0.5", "p50_ms"), ("0.99", "p99_ms"), ("0.999", "p999_ms"), ("1", "max_ms"))


def exposition(stats: ServerStats) -> str:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(stats))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry).decode("utf-8")


class _Figures:
    """A collector of one answer."""

    def __init__(self, stats: ServerStats) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        info = {"name": self._stats.server, "version": __version__}
        yield InfoMetricFamily("gameserver", "This server.", value=info)
        for field, figure in SERVER.items():
            yield _metric(figure, [((), getattr(self._stats, field))])
        stats = self._stats
        yield _counts(TRANSPORTS, "transport", stats.transports)
        yield _counts(OPENED, "transport", stats.opened)
        yield _counts(CLOSED, "reason", stats.closed)
        yield _counts(MEMBERS, "namespace", stats.namespaces)
        yield _counts(ROOMS, "namespace", stats.namespace_rooms)
        if stats.certificate_left_s is not None:
            yield _metric(CERTIFICATE, [((), stats.certificate_left_s)])
        for field, figure in GAME.items():
            games = self._stats.games
            yield _metric(figure, [((game.game,), getattr(game, field)) for game in games])


def _counts(figure: Figure, label: str, counts: Mapping[str, int]) -> Metric:
    name = f"gameserver_{figure.name}"
    metric = Metric(name, figure.help, "counter" if figure.counts_up else "gauge")
    for value, count in counts.items():
        metric.add_sample(name + ("_total" if figure.counts_up else ""), {label: value}, count)
    return metric


def _metric(figure: Figure, values: list[tuple[tuple[str, ...], Quantiles | float]]) -> Metric:
    name = f"gameserver_{figure.name}"
    if any(isinstance(value, Quantiles) for _, value in values):
        return _summary(name, figure, values)
    kind = "counter" if figure.counts_up else "gauge"
    metric = Metric(name, figure.help, kind)
    ending = "_total" if figure.counts_up else ""
    for labels, value in values:
        assert not isinstance(value, Quantiles)
        metric.add_sample(name + ending, _labels(labels), float(value) * figure.scale)
    return metric


def _summary(
    name: str, figure: Figure, values: list[tuple[tuple[str, ...], Quantiles | float]]
) -> Metric:
    metric = Metric(name, figure.help, "summary")
    for labels, spread in values:
        assert isinstance(spread, Quantiles)
        for quantile, field in QUANTILES:
            seconds = getattr(spread, field) / 1000
            metric.add_sample(name, {**_labels(labels), "quantile": quantile}, seconds)
    return metric


def _labels(labels: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("game",), labels, strict=False))
