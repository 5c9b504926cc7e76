"""The comparison of all roads against the whole server, in virtual time."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.client.probes.comparison import ROADS, TRIPS, Comparison, RoadFigures
from gameserver.client.probes.connection import Connection
from gameserver.errors import ConfigError
from tests.service.peers import Running, serving

URL = "ws://localhost:7777"


@attrs.frozen(eq=False)
class Ways:
    """Streams to a server in memory; those to a closed one are refused."""

    running: Running
    closed: bool = False

    async def open(self, address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        assert address.host == "localhost"
        if self.closed:
            raise ConnectionRefusedError(111, "refused")
        return self.running.whole.connect("").client


async def compare(
    running: Running, rounds: int, roads: tuple[type[Connection], ...] = ROADS
) -> dict[str, RoadFigures]:
    comparison = Comparison(URL, roads, opens=Ways(running).open)
    await comparison.run(rounds)
    return {each.road: each for each in comparison.measured}


async def test_every_road_is_measured_and_loses_nothing_at_its_cuts(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        found = await compare(running, 6)
        for each in found.values():
            assert each.failure == ""
            assert len(each.trips_s) == 6 * TRIPS
            assert len(each.cuts) == len(each.rates) == 6
            assert [(cut.lost, cut.doubled) for cut in each.cuts] == [(0, 0)] * 6
            assert each.refusals == 0
        assert all(2 <= each <= 8 for each in found["websocket"].overhead)
        assert min(found["long-polling"].overhead) > 100
        await trio.sleep(1)
        assert running.server.hall.counts().sessions == 0


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError):
        Comparison("http:////")


async def test_roads_to_a_server_that_is_not_there_end_with_a_sentence(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        comparison = Comparison(URL, opens=Ways(running, closed=True).open)
        await comparison.run(2)
        for each in comparison.measured:
            assert each.failure.startswith("cannot reach localhost:7777: connection refused")
            assert (each.trips_s, each.cuts) == ([], [])
