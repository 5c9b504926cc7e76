"""A ban holds on every road: whoever is in is out within five seconds, and does not come back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.client.probes.comparison import ROADS
from gameserver.client.probes.connection import Connection
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.probe import Probe
from gameserver.errors import ConnectionLostError
from gameserver.rooms.state.sanctions import SanctionedBy
from gameserver.testing.whole import URL
from tests.service.admin.desk import Operator, overseen
from tests.service.peers import Running
from tests.service.rest.caller import Asker
from tests.transports.polling.poller import Caller

ADDRESS = "203.0.113.7"

WITHIN_S = 5.0


class Home:
    """Probes of one address over one road."""

    def __init__(self, running: Running, road: type[Connection], nursery: trio.Nursery) -> None:
        self.running, self.road, self.nursery = running, road, nursery

    async def opens(self, _address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        return self.running.whole.connect(ADDRESS).client

    async def probe(self) -> Probe:
        meter = Meter(self.opens)
        probe = Probe(self.road(Address.parse(URL), meter, self.nursery), meter)
        await probe.sign_in()
        return probe


async def asks_on(probe: Probe) -> None:
    """Ask until the connection is lost."""
    while True:
        await probe.round_trip()
        await trio.sleep(0.2)


async def comes_back(probe: Probe) -> None:
    """Resume the session, and ask, since plain requests have no other welcome."""
    probe._connection = probe._connection.again()
    await probe._enter(probe._connection, {"token": probe._token, "last_event": 0})
    await probe.round_trip()


@asynccontextmanager
async def home(clock: MockClock, road: type[Connection]) -> AsyncIterator[Home]:
    async with overseen(clock) as running, trio.open_nursery() as nursery:
        yield Home(running, road, nursery)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("known_by", list(SanctionedBy))
@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.road)
async def test_a_ban_holds_within_five_seconds_on_every_road(
    road: type[Connection], known_by: SanctionedBy, autojump_clock: MockClock
) -> None:
    async with home(autojump_clock, road) as house:
        probe = await house.probe()
        await probe.round_trip()
        operator = Operator(house.running)
        ((session,)) = (await operator.look("/sessions"))["sessions"]
        assert session["address"] == ADDRESS
        entry = await operator.act(
            "/sanctions",
            kind="ban",
            known_by=known_by.value,
            value=session["player_id"],
            seconds=3600,
        )
        assert entry["affected"] == 1
        with trio.fail_after(WITHIN_S), pytest.raises(ConnectionLostError, match="banned"):
            await asks_on(probe)
        state = house.running.server.hall.parts.state
        assert not any(each.connected for each in state.sessions.values())
        with pytest.raises(ConnectionLostError, match="banned"):
            await comes_back(probe)
        if known_by is SanctionedBy.ADDRESS:
            with pytest.raises(ConnectionLostError, match="banned"):
                await house.probe()


async def test_streams_and_answers_for_everybody_are_closed_to_a_banned_address(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        stream = running.whole.connect(ADDRESS).client
        await stream.send_all(b"GET /events?topics=lobbies HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await stream.receive_some()
        await Operator(running).act(
            "/sanctions", kind="ban", known_by="address", value="203.0.113.0/24", seconds=60
        )
        with trio.fail_after(WITHIN_S):
            while await stream.receive_some():
                pass
        refused = await Asker(running, ADDRESS).call("GET", "?topics=lobbies", base="/events")
        assert refused.code == (403, "session.banned")
        refused = await Asker(running, ADDRESS).get("/lobbies")
        assert refused.code == (403, "session.banned")
        others = await Asker(running, "192.0.2.4").get("/lobbies")
        assert others.status == 200
        other = Caller(running.whole.connect("192.0.2.4").client)
        await other.stream.send_all(b"GET /events?topics=lobbies HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await other.stream.receive_some()


async def test_an_operator_in_a_banned_network_keeps_the_console_and_is_warned(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running, address="203.0.113.200")
        fields = {"kind": "ban", "known_by": "address", "value": "203.0.113.0/24", "seconds": 60}
        answer = await operator.try_to("/sanctions", **fields)
        assert "your own network" in answer.value["warning"]
        assert (await operator.look("/me"))["name"] == "operator"
        other = await Operator(running).try_to("/sanctions", **{**fields, "value": "192.0.2.1"})
        assert other.value["warning"] == ""
