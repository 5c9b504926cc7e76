"""Packets that crashed other servers, sent to the real program during a match."""

import os
import socket
import struct
from pathlib import Path

import trio

from gameserver.arena import Arena
from gameserver.client import ClientSettings, open_client
from tests.e2e.program import gather, plays, program, start, until
from tests.transports.harness import read_to_end, shake_hands
from tests.transports.peers import masked, request_head

LINGER_RESET = struct.pack("ii", 1, 0)
OVERSIZE = 1 << 20


async def thrown(port: int, data: bytes) -> None:
    """Send bytes and go."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(data)


async def reset(port: int, data: bytes) -> None:
    """Send bytes and reset the connection."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(data)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
    await stream.aclose()


async def in_a_websocket(port: int, message: bytes) -> None:
    """Send what a proper handshake lets in, and read until the server has had enough."""
    async with await shake_hands(port) as stream:
        try:
            await stream.send_all(message)
        except trio.BrokenResourceError:
            return  # closed before it took everything
        await read_to_end(stream)


async def test_hostile_packets_do_not_affect_players(tmp_path: Path) -> None:
    settings = ClientSettings(game=Arena(), seed=1)
    async with (
        program(tmp_path) as running,
        open_client(running.url, "Ann", settings) as ann,
    ):
        await gather(ann, bots=2, time_limit_s=0, score_limit=0)
        await start(ann)
        replica = ann.match
        assert replica is not None
        pid, port = running.process.pid, running.port
        async with trio.open_nursery() as nursery:
            throw = nursery.start_soon
            throw(thrown, port, request_head().replace(b"127.0.0.1", "bücher.example".encode()))
            throw(thrown, port, b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n")
            for _ in range(10):
                throw(thrown, port, os.urandom(500))
                throw(reset, port, request_head()[:40])
            throw(in_a_websocket, port, masked(bytes(OVERSIZE)))
            throw(in_a_websocket, port, masked(os.urandom(200)))
            throw(in_a_websocket, port, masked(b"\xc1" * 40))
        seen = replica.telemetry.snapshots
        await until(lambda: plays(ann) and replica.telemetry.snapshots >= seen + 30)
        assert ann.match is replica
        assert ann.reconnects == 0
        assert replica.telemetry.desyncs == 0
        assert running.process.pid == pid
        running.assert_same_process_without_faults()
