"""The comparison of all roads against the whole server, in virtual time."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.client.probes.binary import OverWebSocket
from gameserver.client.probes.comparison import ROADS, TRIPS, Comparison, RoadFigures
from gameserver.client.probes.connection import Connection
from gameserver.errors import ConfigError, ConnectionLostError
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
        assert min(found["event-stream"].overhead) > 50
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


NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnone\n"
CHOICES = b"HTTP/1.1 300 Multiple Choices\r\nContent-Length: 2\r\n\r\n{}"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nno\x1b[2J way"
JUNK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[17]"
NO_HTTP = b"SSH-2.0-x\r\n\r\n"
CUT = b""


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.road)
@pytest.mark.parametrize("said", [NOT_FOUND, CHOICES, FORBIDDEN, JUNK, NO_HTTP, CUT])
async def test_a_server_that_does_not_serve_a_road_ends_it_with_a_sentence(
    autojump_clock: MockClock,  # noqa: ARG001
    road: type[Connection],
    said: bytes,
) -> None:
    async with trio.open_nursery() as nursery:

        async def answer(stream: trio.abc.Stream) -> None:
            while await stream.receive_some():
                if not said:
                    break
                await stream.send_all(said)
            await stream.aclose()

        async def opens(_address: Address) -> trio.abc.Stream:
            await trio.lowlevel.checkpoint()
            near, far = trio.testing.memory_stream_pair()
            nursery.start_soon(answer, far)
            return near

        comparison = Comparison(URL, [road], opens=opens)
        await comparison.run(1)
        (figures,) = comparison.measured
        assert figures.failure
        assert "\x1b" not in figures.failure
        if said == NOT_FOUND and road not in ROADS[:3]:
            assert figures.failure == "localhost:7777 does not serve it (HTTP 404)"
        if said == CHOICES and road not in ROADS[:3]:
            assert "(HTTP 300)" in figures.failure
        nursery.cancel_scope.cancel()


async def test_a_road_that_is_off_does_not_keep_the_others_from_being_measured(
    autojump_clock: MockClock,
) -> None:
    class Off(OverWebSocket):
        road = "off"

        async def open(self, auth: dict[str, object]) -> None:
            del auth
            await trio.lowlevel.checkpoint()
            raise ConnectionLostError("it is off")

    async with serving(autojump_clock) as running:
        found = await compare(running, 1, (Off, *ROADS))
        assert found.pop("off").failure == "it is off"
        assert [each.failure for each in found.values()] == [""] * len(ROADS)
        assert all(each.cuts for each in found.values())
