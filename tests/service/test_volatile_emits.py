"""Volatile emits over a real socket whose reader is slow: the newest of each event comes."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio
from trio.testing import MockClock
from trio_websocket import wrap_client_stream

from gameserver.ids import RequestId
from gameserver.messages.namespaces import EmitEvent, EmittedLatest, JoinNamespace
from gameserver.messages.wire import SUBPROTOCOL, NoticeEnvelope, RequestEnvelope
from gameserver.namespaces import Namespace, Participant, on
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP, Peer, assert_serves
from tests.service.peers import serving as serving_in_memory

LAST = 300


class Radar(Namespace):
    """Tells two positions, again and again."""

    name = "/radar"

    @on("sweep")
    async def sweep(self, _client: Participant) -> int:
        for number in range(1, LAST + 1):
            self.everybody.volatile.emit("ship", number, bytes(2_000))
            self.everybody.volatile.emit("buoy", number)
            await trio.lowlevel.checkpoint()
        return LAST

    @on("burst")
    async def burst(self, _client: Participant) -> None:
        for number in range(1, LAST + 1):
            self.everybody.volatile.emit("ship", number)


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    settings = Settings(port=0, seed=5)
    server = Server(settings, Skirmish(), {MAP.name: MAP}, namespaces=[Radar])
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            address = await nursery.start(server.run)
            yield int(address.rpartition(":")[2])
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def member(port: int, name: str) -> AsyncIterator[Peer]:
    """A client that reads only when it is asked to."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    async with stream, trio.open_nursery() as nursery:
        websocket = await wrap_client_stream(
            nursery,
            stream,
            "localhost",
            "/",
            subprotocols=[SUBPROTOCOL],
            message_queue_size=1,
            receive_buffer_size=16 * 1024,
        )
        peer = Peer(websocket)
        await peer.sign_in(name)
        await peer.ask(1, JoinNamespace("/radar"))
        yield peer
        nursery.cancel_scope.cancel()


def told(peer: Peer) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for each in peer.heard:
        if isinstance(each, NoticeEnvelope) and isinstance(each.notice, EmittedLatest):
            found.setdefault(each.notice.event, []).append(each.notice.args[0])
    return found


async def test_a_slow_reader_gets_the_newest_of_each_event_and_few_others() -> None:
    async with serving() as port, member(port, "Ann") as slow, member(port, "Bob") as quick:
        await quick.ask(2, EmitEvent("/radar", "sweep", (), ack=True))
        await assert_serves(quick)
        while [each[-1] for each in told(slow).values()] != [LAST, LAST]:
            await slow.hear()
        for numbers in told(slow).values():
            assert numbers == sorted(set(numbers)), "an older one never follows"
            assert len(numbers) < LAST // 2, "those between were replaced"
        await assert_serves(slow)


async def test_of_unsent_volatile_events_to_a_crowd_the_newest_is_kept(
    autojump_clock: MockClock,
) -> None:
    async with serving_in_memory(autojump_clock, namespaces=[Radar]) as house:
        house.server.hall.parts.state.rules = attrs.evolve(
            house.server.hall.parts.state.rules, wide=1
        )
        peers = [await house.guest(name) for name in ("Ann", "Bob")]
        for peer in peers:
            await peer.ask(1, JoinNamespace("/radar"))
        await peers[0].send(RequestEnvelope(RequestId(2), EmitEvent("/radar", "burst")))
        for peer in peers:
            await trio.sleep(1)
            await assert_serves(peer)
            assert told(peer) == {"ship": [LAST]}
