"""Whether a server is well, and its figures for Prometheus, over plain HTTP."""

import attrs
import pytest
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock

from gameserver.messages.session import GameStats, ServerStats
from gameserver.service.monitoring.exposition import GAME, LEFT_OUT, SERVER, exposition
from gameserver.service.monitoring.pages import pages
from gameserver.transports import HttpAnswer, PageRequest
from tests.service.peers import serving

HERE = PageRequest("/metrics", "127.0.0.1", "localhost:7777")


async def figures(clock: MockClock) -> ServerStats:
    async with serving(clock) as house:
        await house.guest("Ann")
        return house.server.metrics.read(house.server._runtime.now())


async def test_health_is_ok_until_the_server_stops(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        health = house.server._listen_settings().pages["/health"]
        assert health(PageRequest("/health")).status == 200
        house.server.stop()
        assert health(PageRequest("/health")).status == 503


async def test_every_figure_of_the_stats_is_in_the_metrics_once(autojump_clock: MockClock) -> None:
    stats = await figures(autojump_clock)
    for kind, table in ((ServerStats, SERVER), (GameStats, GAME)):
        assert set(attrs.fields_dict(kind)) - LEFT_OUT == set(table)
    families = list(text_string_to_metric_families(exposition(stats)))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    values = {sample.name: sample.value for family in families for sample in family.samples}
    assert values["gameserver_players"] == stats.players == 1
    assert values["gameserver_ticks_total"] == stats.total.ticks
    assert values["gameserver_tick_period_seconds"] == pytest.approx(stats.total.tick_ms / 1000)
    assert values["process_resident_memory_bytes"] > 0
    spread = next(each for each in families if each.name == "gameserver_loop_lag_seconds")
    assert [sample.labels["quantile"] for sample in spread.samples] == ["0.5", "0.99", "0.999", "1"]
    for family in families:
        if family.name.startswith("gameserver_"):
            assert family.documentation, family.name


async def test_a_name_with_quotes_and_lines_stays_one_label(autojump_clock: MockClock) -> None:
    stats = attrs.evolve(await figures(autojump_clock), server='a"b\\c\nd')
    info = next(
        each
        for each in text_string_to_metric_families(exposition(stats))
        if each.name in ("gameserver_info", "gameserver")
    )
    assert info.samples[0].labels["name"] == 'a"b\\c\nd'


@pytest.mark.parametrize(
    ("token", "request_", "status"),
    [
        ("", HERE, 200),
        ("", attrs.evolve(HERE, host="127.0.0.1:7777"), 200),
        ("", attrs.evolve(HERE, host="[::1]:7777", address="::1"), 200),
        ("", attrs.evolve(HERE, host=""), 200),
        ("", attrs.evolve(HERE, address="192.0.2.1"), 403),
        ("", attrs.evolve(HERE, address=""), 403),
        ("", attrs.evolve(HERE, host="rebound.example:7777"), 403),
        ("", attrs.evolve(HERE, from_page=True), 403),
        ("", attrs.evolve(HERE, address="192.0.2.1", token="hush"), 403),
        ("hush", attrs.evolve(HERE, address="192.0.2.1", host="a.example", token="hush"), 200),
        ("hush", HERE, 401),
        ("hush", attrs.evolve(HERE, token="husk"), 401),
        ("hush", attrs.evolve(HERE, token="h\udcffsh"), 401),
    ],
)
async def test_the_metrics_need_the_same_permission_as_the_stats(
    autojump_clock: MockClock, token: str, request_: PageRequest, status: int
) -> None:
    stats = await figures(autojump_clock)
    answer = pages(token, lambda: stats, lambda: False)["/metrics"](request_)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == status
    assert ("gameserver_players" in answer.sentence) is (status == 200)
