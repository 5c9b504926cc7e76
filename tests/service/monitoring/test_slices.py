"""One slice of the watch, the figures of the process, and their rounding in the statistics."""

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.match.tally import Tally
from gameserver.messages.session import GameStats, Quantiles, ServerStats
from gameserver.rooms.calls import Measured, RefuseMatches
from gameserver.service.monitoring.access import is_loopback_host, may_read
from gameserver.service.monitoring.exposition import GAME, SERVER, exposition
from gameserver.service.monitoring.metrics import HALF_WINDOW_S, Metrics, _spread
from gameserver.service.monitoring.pages import pages
from gameserver.service.monitoring.watch import LOOK_EVERY_S, Watch
from gameserver.service.overload.meters import Percentiles, TickMeter
from gameserver.service.overload.overload import Overload, Slice
from gameserver.service.overload.vitals import Vitals
from gameserver.service.runtime import Collector, Runtime
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import PageRequest


class Tuned(Collector):
    """Notes for how many viewers it was tuned."""

    def __init__(self) -> None:
        self.viewers: list[int] = []

    def tune(self, viewers: int) -> None:
        self.viewers.append(viewers)


class Judge(Overload):
    """Notes the slices; the level is set by a test."""

    slices: list[Slice]

    def judge(self, slice_: Slice) -> int:
        self.slices = [*getattr(self, "slices", []), slice_]
        return self.level


class FakeMatch:
    def __init__(self, name: str, viewers: int, share_s: float) -> None:
        self.match_id = name
        self.viewers = viewers
        self.timetable = SimpleNamespace(lately_s=lambda: share_s)


class FakeMatches(list[Any]):
    def __init__(self, *matches: FakeMatch) -> None:
        super().__init__(matches)
        self.meter = TickMeter()
        self.refused_for_s = 0.0
        self.stretched: list[int] = []

    def stretch_snapshots(self, stretch: int) -> None:
        self.stretched.append(stretch)


class Stand:
    """A watch whose figures are all set by a test."""

    def __init__(self, *matches: FakeMatch) -> None:
        self.spent_s = self.process_s = 0.0
        self.collector = Tuned()
        runtime = Runtime(
            thread_s=lambda: self.spent_s,
            process_s=lambda: self.process_s,
            collector=self.collector,
        )
        self.calls: list[Any] = []
        self.windows: list[float] = []
        self.arrived = 0
        self.matches = FakeMatches(*matches)
        self.overload = Judge()
        self.vitals = Vitals(runtime)
        metrics = SimpleNamespace(
            vitals=self.vitals, keep_window=self.windows.append, collector=self.collector
        )
        people: Any = SimpleNamespace(take=self.calls.append)
        self.watch = Watch(
            people,
            self.matches,
            metrics,
            self.overload,
            lambda: self.arrived,
        )


# --- the watch ------------------------------------------------------------------------------------


def test_a_slice_holds_counts_since_the_last_slice() -> None:
    stand = Stand()
    meter = stand.matches.meter
    meter.ticks, meter.behind, meter.shed, meter.busy_s, stand.arrived = 10, 3, 2, 0.5, 7
    stand.watch.look(100.0, 2.0, 0.25)
    meter.ticks, meter.behind, meter.shed, meter.busy_s, stand.arrived = 15, 4, 2, 1.5, 9
    stand.watch.look(102.0, 4.0, 0.0)
    assert stand.overload.slices == [
        Slice(2.0, 10, 3, 2, 0.25, 0.25, 7),
        Slice(4.0, 5, 1, 0, 0.0, 0.25, 2),
    ]
    assert stand.windows == [100.0, 102.0]


def test_the_busy_share_is_that_of_the_ticks_or_of_the_whole_loop() -> None:
    stand = Stand()
    stand.matches.meter.busy_s, stand.spent_s = 1.0, 1.5
    stand.watch.look(100.0, 2.0, 0.0)
    stand.matches.meter.busy_s, stand.spent_s = 2.0, 1.75
    stand.watch.look(102.0, 2.0, 0.0)
    assert [each.busy_share for each in stand.overload.slices] == [0.75, 0.5]


def test_matches_are_charged_by_their_share_and_viewers_tune_the_collector() -> None:
    stand = Stand(FakeMatch("m1", 3, 0.5), FakeMatch("m2", 4, 0.25))
    stand.watch.look(100.0, 2.0, 0.0)
    assert stand.calls == [Measured((("m1", 0.25), ("m2", 0.125)))]
    assert stand.collector.viewers == [7]


def test_a_change_of_the_level_is_applied_and_logged_once() -> None:
    stand = Stand()
    with capture_logs() as logs:
        for level in (0, 1, 1, 3, 2):
            before = stand.overload.level

            def judge(slice_: Slice, level: int = level) -> int:
                del slice_
                stand.overload.level = level
                return level

            stand.overload.judge = judge  # type: ignore[method-assign]
            stand.matches.meter.busy_s += 0.25 * 0.3456
            stand.watch.look(100.0, 0.25, 0.0125)
            assert (stand.watch.level, before <= 3) == (level, True)
    assert stand.matches.stretched == [2, 4, 4]
    said = [(line["event"], line["log_level"], line["level"], line["snapshots"]) for line in logs]
    assert said == [
        ("strained", "warning", 1, "1/2"),
        ("strained", "warning", 3, "1/4"),
        ("relieved", "info", 2, "1/4"),
    ]
    assert [line["refuses_matches"] for line in logs] == [False, True, False]
    assert {(line["lag_ms"], line["busy_share"]) for line in logs} == {(12, 0.35)}


def test_the_rooms_are_told_how_long_matches_are_refused_when_that_changes() -> None:
    stand = Stand()
    stand.overload.level = 3
    for calm_s in (0.0, 0.0, 1.0):
        stand.overload._calm_s = calm_s
        stand.watch.look(100.0, 0.25, 0.0)
    needed = stand.overload.calm_needed_s
    assert stand.matches.refused_for_s == needed - 1
    stand.overload.level = 2
    stand.watch.look(100.0, 0.25, 0.0)
    assert stand.matches.refused_for_s == 0
    assert stand.calls == [
        RefuseMatches(needed), RefuseMatches(needed - 1), RefuseMatches(0.0),
    ]  # fmt: skip


async def test_the_watch_looks_at_its_times_and_measures_its_delay(mock_clock: MockClock) -> None:
    stand = Stand()
    looks: list[tuple[float, float, float]] = []
    failures = [ZeroDivisionError("a bug")]

    def look(now: float, seconds: float, lag_s: float) -> None:
        looks.append((now, seconds, lag_s))
        if failures:
            raise failures.pop()

    stand.watch.look = look  # type: ignore[method-assign]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stand.watch.run)
        with capture_logs() as logs:
            for seconds in (LOOK_EVERY_S, 2 * LOOK_EVERY_S, LOOK_EVERY_S):
                await trio.testing.wait_all_tasks_blocked()
                mock_clock.jump(seconds)
            await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert looks == [(0.25, 0.25, 0.0), (0.75, 0.5, 0.25), (1.0, 0.25, 0.0)]
    assert [line["event"] for line in logs] == ["measuring failed"]


# --- vitals ---------------------------------------------------------------------------------------


def test_shares_of_processor_time_are_those_of_the_last_slice() -> None:
    times = {"process": 5.0, "thread": 3.0}
    vitals = Vitals(Runtime(process_s=lambda: times["process"], thread_s=lambda: times["thread"]))
    times.update(process=6.0, thread=3.5)
    vitals.sliced(2.0, 0.001)
    assert (vitals.cpu_share, vitals.loop_share) == (0.5, 0.25)
    times.update(process=6.25)
    vitals.sliced(0.5, 0.003)
    assert (vitals.cpu_share, vitals.loop_share) == (0.5, 0.0)
    assert vitals.loop_lag.lately().count == 2
    assert vitals.loop_lag.lately().most == pytest.approx(0.003, rel=0.04)


def test_pauses_of_the_collector_are_timed_and_leave_the_window_with_all_other_figures() -> None:
    now = 10.0
    vitals = Vitals(Runtime(stopwatch=lambda: now))
    vitals._collected("start")
    now += 0.25
    vitals._collected("stop")
    assert vitals.gc_pauses.lately().count == 1
    assert vitals.gc_pauses.lately().most == pytest.approx(0.25, rel=0.04)
    every = (vitals.gc_pauses, vitals.loop_lag, vitals.loop_passes)
    for times in every[1:]:
        times.record(0.1)
    for _ in range(2):
        vitals.turn()
    assert [times.lately().count for times in every] == [0, 0, 0]
    assert [times.since_start().count for times in every] == [1, 1, 1]


# --- statistics -----------------------------------------------------------------------------------


def figures(tally: Tally, meter: TickMeter) -> tuple[Metrics, SimpleNamespace]:
    counts = SimpleNamespace(namespaces={}, connected=3, sessions=4, lobbies=5)
    matches = SimpleNamespace(past=tally, meter=meter, started=8)
    fake: Any = type("Fakes", (list,), {})()
    fake.__dict__.update(vars(matches))
    overload = Overload(level=2)
    metrics = Metrics(
        "den", Skirmish(), SimpleNamespace(counts=lambda: counts), fake, overload,
        runtime=Runtime(now=lambda: 100.0, memory_bytes=lambda: 77),
        transports=lambda: ["websocket"] * 9,
    )  # fmt: skip
    return metrics, fake


def test_every_figure_is_read_from_its_counter() -> None:
    meter = TickMeter()
    for late_s, took_s in ((0.002, 0.004), (0.1, 0.2)):
        meter.ticked(late_s, took_s, 1 / 30)
    meter.shed = 6
    names = ("applied", "late", "missed", "malformed", "desyncs", "clamped_views", "bytes_out")
    metrics, _ = figures(Tally(**{name: n for n, name in enumerate(names, 11)}), meter)
    metrics.vitals.cpu_share = 0.12345
    read = metrics.read(102.26)
    assert read.server.startswith("den (gameserver ")
    assert (read.uptime_s, read.cpu_share, read.memory_bytes) == (2.3, 0.123, 77)
    assert (read.connections, read.players, read.sessions, read.lobbies) == (9, 3, 4, 5)
    assert (read.matches, read.matches_started) == (0, 8)
    assert (read.strain, read.snapshot_stretch, read.refuses_matches) == (2, 4, False)
    game = read.total
    assert read.games == (game,)
    assert (game.game, game.ticks, game.tick_ms) == ("skirmish", 2, 33.333)
    assert (game.overruns, game.shed_ticks) == (1, 6)
    assert (game.inputs, game.late_inputs, game.missed_inputs) == (11, 12, 13)
    assert (game.malformed, game.desyncs, game.clamped_views) == (14, 15, 16)
    assert (game.snapshot_bytes, game.bytes_per_viewer_s) == (17, 0.0)
    assert game.duration.p50_ms == pytest.approx(4, rel=0.04)
    assert game.duration.max_ms == pytest.approx(200, rel=0.04)
    assert game.lateness.p50_ms == pytest.approx(2, rel=0.04)
    assert game.lateness.max_ms == game.lateness.p999_ms == game.lateness.p99_ms
    assert game.duration_ever == game.duration
    assert math.isclose(game.duration.max_ms, round(game.duration.max_ms, 3))


def test_times_are_shown_in_milliseconds_to_the_microsecond() -> None:
    found = Percentiles(7, 0.0011114, 0.0022226, 0.0033337, 0.0044448)
    assert _spread(found) == Quantiles(7, 1.111, 2.223, 3.334, 4.445)


def test_a_window_is_turned_at_its_half_and_not_before() -> None:
    metrics, matches = figures(Tally(), TickMeter())
    matches.meter.ticked(0.0, 0.001, 1.0)
    for _ in range(2):
        metrics.keep_window(100.0 + HALF_WINDOW_S - 0.01)
    assert metrics.read(100.0).total.duration.count == 1
    metrics.keep_window(100.0 + HALF_WINDOW_S)
    metrics.keep_window(100.0 + 2 * HALF_WINDOW_S - 0.01)
    assert metrics.read(100.0).total.duration.count == 1
    metrics.keep_window(100.0 + 2 * HALF_WINDOW_S)
    assert metrics.read(100.0).total.duration.count == 0
    assert metrics.read(100.0).total.duration_ever.count == 1


@pytest.mark.parametrize("viewers", [1, 4])
def test_bytes_of_a_viewer_are_those_of_the_window_by_time_and_viewers(
    viewers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics, _ = figures(Tally(), TickMeter())
    sent = 30
    monkeypatch.setattr(metrics, "_tally", lambda: Tally(bytes_out=sent, viewers=viewers))
    assert metrics.read(101.0).total.bytes_per_viewer_s == 30 / viewers
    for half in range(1, 5):
        sent = 1000 * half
        metrics.keep_window(100.0 + half * HALF_WINDOW_S)
    sent, now = 4501, 100.0 + 4 * HALF_WINDOW_S + 5.0
    rate = (4501 - 3000) / (HALF_WINDOW_S + 5.0) / viewers
    assert metrics.read(now).total.bytes_per_viewer_s == round(rate, 1)


# --- Prometheus -----------------------------------------------------------------------------------


def test_each_figure_has_its_own_value_in_base_units() -> None:
    number = iter(range(1, 1000))

    def spread() -> Quantiles:
        return Quantiles(next(number), *(float(next(number)) for _ in range(4)))

    def made(kind: type[Any], **fixed: object) -> Any:
        values = {}
        for name in kind.__annotations__:
            figure = name.startswith(("loop_", "gc_pauses", "duration", "lateness"))
            values[name] = spread() if figure else next(number)
        return kind(**{**values, **fixed})

    game: GameStats = made(GameStats, game="skirmish")
    labelled = ("transports", "opened", "closed", "namespaces", "namespace_rooms")
    more: Any = {"total": game, "games": (game,), "server": "den"} | {each: {} for each in labelled}
    stats: ServerStats = made(ServerStats, **more)
    samples, kinds = dict[tuple[str, str], float](), dict[str, str]()
    for family in text_string_to_metric_families(exposition(stats)):
        kinds[family.name] = family.type
        for sample in family.samples:
            samples[sample.name, sample.labels.get("quantile", "")] = sample.value
            if sample.name.startswith("gameserver_game"):
                assert sample.labels["game"] == "skirmish"
    for source, named in ((stats, SERVER), (game, GAME)):
        for field, figure in named.items():
            value, name = getattr(source, field), f"gameserver_{figure.name}"
            if isinstance(value, Quantiles):
                assert kinds[name] == "summary"
                found = [samples[name, part] for part in ("0.5", "0.99", "0.999", "1")]
                parts = [value.p50_ms, value.p99_ms, value.p999_ms, value.max_ms]
                assert found == [part / 1000 for part in parts]
            else:
                assert kinds[name] == ("counter" if figure.counts_up else "gauge")
                ending = "_total" if figure.counts_up else ""
                scale = 1e-3 if field == "tick_ms" else 1
                assert samples[name + ending, ""] == pytest.approx(value * scale)


# --- access ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("", True), ("localhost", True), ("LocalHost:7777", True), ("127.0.0.1", True),
        ("127.0.0.1:80", True), ("[::1]", True), ("[::1]:7777", True),
        ("127.8.8.8:1", True), ("play.example", False), ("play.example:80", False),
        ("192.0.2.1", False), ("[2001:db8::1]:80", False), ("localhost.example", False),
    ],
)  # fmt: skip
def test_the_host_header_of_a_page_tells_loopback(host: str, is_here: bool) -> None:
    assert is_loopback_host(host) is is_here


def test_a_token_with_half_a_character_is_wrong_and_raises_nothing() -> None:
    assert not may_read("hush", "hus\ud83d", "127.0.0.1")
    assert not may_read("hush", "hushh", "127.0.0.1")


# --- pages ----------------------------------------------------------------------------------------


def test_the_health_page_is_sent_even_by_a_full_server() -> None:
    stopping = False
    health = pages("", lambda: cast(Any, None), lambda: stopping)["/health"]
    answers = [health(PageRequest("/health"))]
    stopping = True
    answers.append(health(PageRequest("/health")))
    assert [(each.status, each.sentence, each.always) for each in answers] == [
        (200, "ok", True), (503, "the server stops", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("token", "status", "headers"),
    [("hush", 401, (("WWW-Authenticate", "Bearer"),)), ("", 403, ())],
)
def test_a_refusal_of_the_metrics_is_logged_once_a_second(
    token: str, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    metrics = pages(token, lambda: cast(Any, None), lambda: False)["/metrics"]
    with capture_logs() as logs:
        for _ in range(3):
            answer = metrics(PageRequest("/metrics", "192.0.2.1", "a.example"))
            assert (answer.status, answer.headers, answer.always) == (status, headers, False)
    (line,) = logs
    assert (line["event"], line["address"]) == ("metrics refused", "192.0.2.1")
    assert line["held_back"] == 0
