"""The limits of one session of Engine.IO, and its end beside a peer that reads nothing."""

import os
from math import inf

import pytest
import trio
from trio.testing import MockClock, lockstep_stream_pair

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.handshake import Transport
from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.connection import (
    IDLE_BURST,
    IDLE_PER_S,
    EngineConnection,
    EngineSettings,
)
from gameserver.roads.socketio.echo import SUITE, EngineEcho
from gameserver.roads.socketio.engine import CLOSE_S, Engine
from gameserver.transports import ConnectionLimits, Guard, ListenSettings
from tests.roads.socketio.echoes import ENGINE, WEBSOCKET
from tests.transports.harness import Bytes, echo


def idled(connection: EngineConnection) -> int:
    """Return how many packets that do nothing are taken now; one more is refused."""
    codes: list[str] = []
    count = 0
    while not codes:
        try:
            connection.idle()
            count += 1
        except PacketError as refused:
            codes.append(refused.code)
    assert codes == [Code.RATE_LIMITED]
    return count


@pytest.mark.parametrize("transport", list(Transport))
async def test_packets_that_do_nothing_are_bounded_and_time_forgives_some(
    autojump_clock: MockClock, transport: Transport
) -> None:
    async with trio.open_nursery() as nursery:
        connection = EngineConnection(
            EngineSettings(), transport, "192.0.2.1", nursery, RoadDraws(os.urandom),
            direct=True, changed=lambda _connection: None,
        )  # fmt: skip
        counts = connection.bytes_in, connection.bytes_out, connection.websockets
        assert (*counts, connection.ends, connection.due_s) == (0, 0, 0, False, inf)
        assert not connection.may_upgrade
        connection.websockets = 1
        assert connection.may_upgrade == (transport is Transport.POLLING)
        assert idled(connection) == IDLE_BURST
        await trio.sleep(1)
        assert idled(connection) == IDLE_PER_S - 1, "the refused one counts"
        await trio.sleep(1000)
        assert idled(connection) == IDLE_BURST
    del autojump_clock


async def test_a_websocket_whose_peer_reads_nothing_ends_soon_after_its_session(
    autojump_clock: MockClock,
) -> None:
    limits = ConnectionLimits(10, 10)
    engine = Engine(SUITE, EngineEcho, RoadDraws(os.urandom), limits)
    guard = Guard(ListenSettings(send_s=inf), echo, Bytes(), roads={"/engine.io": engine.road})
    ours, theirs = lockstep_stream_pair()
    ended = trio.Event()

    async def serve() -> None:
        await guard.serve(theirs)
        ended.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(engine.run)
        nursery.start_soon(serve)
        await ours.send_all(
            f"GET {ENGINE}{WEBSOCKET} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        said = b""
        while b'"sid"' not in said:
            said += bytes(await ours.receive_some())
        assert (len(engine), limits.total) == (1, 1)
        began = trio.current_time()
        pings = SUITE.ping_interval_s + SUITE.ping_timeout_s
        await ended.wait()
        assert pings + CLOSE_S <= trio.current_time() - began < pings + CLOSE_S + 3
        assert (len(engine), limits.total) == (0, 0)
        nursery.cancel_scope.cancel()
    del autojump_clock
