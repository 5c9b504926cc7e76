"""Probes of the roads that carry msgpack: what they say and hear over a wire."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio
from trio.testing import wait_all_tasks_blocked

from gameserver.client.link.wire import Wire
from gameserver.client.probes.binary import OverWebSocket
from gameserver.client.probes.connection import Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.ids import EventNumber, LobbyId, PlayerId
from gameserver.messages import lobby, wire
from gameserver.messages.base import Result
from gameserver.messages.chat import Channel, ChatTyping
from tests.client.probes.webserver import ADDRESS
from tests.client.wires import WELCOME, QuietWire


class Quiet(OverWebSocket):
    """A probe over a wire whose other end is the test."""

    def __init__(self, nursery: trio.Nursery) -> None:
        super().__init__(ADDRESS, Meter(), nursery)
        self.far = QuietWire()

    def _dial(self) -> AbstractAsyncContextManager[Wire]:
        @asynccontextmanager
        async def dial() -> AsyncIterator[Wire]:
            await trio.lowlevel.checkpoint()
            yield self.far.wire

        return dial()


async def test_a_probe_says_hello_answers_pings_and_tells_what_it_hears() -> None:
    async with trio.open_nursery() as nursery:
        probe = Quiet(nursery)
        await probe.open({"name": "Ann"})
        (hello,) = probe.far.take(wire.Hello)
        assert hello.player_name == "Ann"
        said = (
            WELCOME,
            wire.Ping(7),
            wire.ResultEnvelope(1, Result()),
            wire.EventEnvelope(EventNumber(5), lobby.LobbyLeft(LobbyId("l"), "left")),
            wire.NoticeEnvelope(ChatTyping(Channel.GLOBAL, PlayerId("p"), "Bob")),
        )
        probe.far.say(*said)
        await wait_all_tasks_blocked()
        assert probe.far.take() == [wire.Pong(7, 0)]
        heard = [await probe.hear() for _ in range(4)]
        assert [(each.name, each.number) for each in heard] == [
            ("welcome", 0), ("answer", 1), ("lobby.left", 5), ("chat.typing", 0),
        ]  # fmt: skip
        assert heard[1] == Heard("answer", {"result": {}}, 1)
        assert probe._meter.counts[1:] == (probe.far.bytes_out + probe.far.bytes_in, 3)
        nursery.cancel_scope.cancel()


async def test_a_probe_says_requests_again_as_they_were_and_confirms() -> None:
    async with trio.open_nursery() as nursery:
        probe = Quiet(nursery)
        await probe.open({"name": "Ann"})
        probe.far.take()
        asked = [ProbeRequest(3, "server.info"), ProbeRequest(4, "lobby.leave")]
        await probe.say(asked)
        first = probe.far.take(wire.RequestEnvelope)
        assert [(each.id, each.request.name) for each in first] == [
            (3, "server.info"), (4, "lobby.leave"),
        ]  # fmt: skip
        await probe.repeat(asked, 99)
        assert probe.far.take(wire.RequestEnvelope) == first
        await probe.confirm(8, 4)
        assert probe.far.take() == [wire.Ack(EventNumber(8), 4)]
        probe.far.lose()
        await probe.say(asked)
        nursery.cancel_scope.cancel()
