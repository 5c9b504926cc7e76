"""Figures of the window are those of lately; figures since the start forget nothing."""

import attrs
import pytest
from trio.testing import MockClock

from gameserver.match.tally import Tally
from gameserver.service.monitoring.exposition import exposition
from gameserver.service.monitoring.metrics import HALF_WINDOW_S, Metrics
from gameserver.service.overload.overload import Overload
from gameserver.service.runtime import Runtime
from tests.service.stage import Stage


@attrs.define
class Figures:
    """Metrics of a stage whose time and figures are set by hand."""

    stage: Stage = attrs.field(factory=Stage)
    now: float = 0.0
    metrics: Metrics = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        stage = self.stage
        self.metrics = Metrics(
            "test",
            stage.hall._state.game,
            stage.hall,
            stage.matches,
            Overload(),
            runtime=Runtime(now=lambda: self.now),
            transports=lambda: ["websocket", "sse", "websocket"],
        )

    def ticked(self, took_s: float) -> None:
        self.stage.matches.meter.ticked(0.001, took_s, 1 / 30)

    def at(self, now: float) -> None:
        """Let the time come, as the watch does: several times in each half of the window."""
        while self.now < now:
            self.now = min(now, self.now + HALF_WINDOW_S / 4)
            self.metrics.keep_window(self.now)


@pytest.fixture
def figures(mock_clock: MockClock) -> Figures:
    del mock_clock
    return Figures()


async def test_a_tick_is_recent_for_at_most_a_window_and_always_in_the_total(
    figures: Figures,
) -> None:
    figures.ticked(0.010)
    figures.metrics.vitals.loop_lag.record(0.002)
    figures.metrics.vitals.loop_passes.record(0.003)
    for now, lately in [(0.0, 1), (HALF_WINDOW_S * 1.5, 1), (HALF_WINDOW_S * 2, 0)]:
        figures.at(now)
        read = figures.metrics.read(now)
        assert (read.total.duration.count, read.total.lateness.count) == (lately, lately), now
        assert read.loop_lag.count == read.loop_passes.count == lately
        assert read.total.duration_ever.count == read.total.lateness_ever.count == 1
        assert read.uptime_s == now


async def test_durations_are_in_milliseconds_and_overruns_are_counted(
    figures: Figures,
) -> None:
    for took_s in (0.010, 0.010, 0.050):
        figures.ticked(took_s)
    read = figures.metrics.read(1.0)
    assert read.total.duration.p50_ms == pytest.approx(10, rel=0.15)
    assert read.total.duration.max_ms == pytest.approx(50, rel=0.15)
    assert (read.total.ticks, read.total.overruns, read.connections) == (3, 1, 3)


async def test_matches_are_counted_from_zero_on(figures: Figures) -> None:
    before = figures.metrics.read(1.0)
    assert (before.matches, before.matches_started, before.lobbies) == (0, 0, 0)
    figures.stage.playing()
    during = figures.metrics.read(2.0)
    assert (during.matches, during.matches_started, during.lobbies) == (1, 1, 1)
    (live,) = figures.stage.matches
    live.end("finished")
    after = figures.metrics.read(3.0)
    assert (after.matches, after.matches_started, after.lobbies) == (0, 1, 1)


async def test_bytes_of_each_viewer_are_recent_ones(
    figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures.stage.playing()
    (live,) = figures.stage.matches

    def tally(whole: Tally) -> None:
        whole.viewers += 2

    monkeypatch.setattr(live.match, "tally", tally)
    past = figures.stage.matches.past
    for half in range(1, 9):
        past.bytes_out += 2 * 500 * int(HALF_WINDOW_S) * (2 if half > 4 else 1)
        figures.at(half * HALF_WINDOW_S)
        rate = figures.metrics.read(figures.now).total.bytes_per_viewer_s
        if half in (3, 4):
            assert rate == pytest.approx(500)
        if half in (7, 8):
            assert rate == pytest.approx(1000)


async def test_connections_are_counted_by_transport(figures: Figures) -> None:
    read = figures.metrics.read(1.0)
    assert (read.connections, read.transports) == (3, {"websocket": 2, "sse": 1})
    text = exposition(read)
    assert 'gameserver_transport_connections{transport="websocket"} 2.0' in text
    assert 'gameserver_transport_connections{transport="sse"} 1.0' in text
