"""Attacks on the ways besides the WebSocket: polls, links, streams, sessions of Socket.IO."""

import json
import os
from collections.abc import Callable

import msgpack
import trio

from bench.attacks.registry import attack
from bench.attacks.scene import PER_ADDRESS, Scene, address, side_by_side
from bench.attacks.wire import connect

READ_BYTES = 1 << 16


def _post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _poll(link: bytes, number: int = 1) -> bytes:
    return _post("/poll", msgpack.packb([link, number, 0, 0, []]))


async def _ask(scene: Scene, source: str, request: Callable[[], bytes], pause_s: float) -> None:
    """Send requests, one after the other, each as soon as the last one is answered."""
    while scene.goes_on:
        try:
            async with await connect(scene.target, source) as stream:
                while scene.goes_on:
                    await stream.send_all(request())
                    if not await stream.receive_some(READ_BYTES):
                        break
                    await trio.sleep(pause_s)
        except (OSError, trio.BrokenResourceError):
            scene.refused += 1
        await trio.sleep(0.05)


@attack("poll-flood", seconds=6.0)
async def poll_flood(scene: Scene) -> None:
    """60 connections of one address send empty polls of one link, as fast as they are answered."""
    await scene.begin()
    link = os.urandom(16)

    async def one(source: str) -> None:
        await _ask(scene, source, lambda: _poll(link), 0.0)

    await side_by_side(one, [address()] * PER_ADDRESS)


@attack("abandoned-links", seconds=8.0)
async def abandoned_links(scene: Scene) -> None:
    """Begin links and leave them, from ten addresses, as fast as they are answered."""
    await scene.begin()

    async def one(source: str) -> None:
        await _ask(scene, source, lambda: _poll(os.urandom(16)), 0.0)

    await side_by_side(one, (address(number % 10) for number in range(40)))


@attack("socketio-sessions", seconds=8.0)
async def socketio_sessions(scene: Scene) -> None:
    """Open sessions of Socket.IO and leave them, from ten addresses."""
    await scene.begin()
    request = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    async def one(source: str) -> None:
        await _ask(scene, source, lambda: request, 0.0)

    await side_by_side(one, (address(number % 10) for number in range(40)))


@attack("sse-stalled", seconds=8.0)
async def sse_stalled(scene: Scene) -> None:
    """100 sessions open their event stream, and never read it."""
    await scene.begin()
    opened = 0

    async def one(source: str) -> None:
        nonlocal opened
        try:
            async with await connect(scene.target, source) as stream:
                name = f"Mallory {os.urandom(3).hex()}"
                await stream.send_all(_post("/sse", json.dumps({"name": name}).encode()))
                said = b""
                while not said.rstrip().endswith(b"}"):
                    data = await stream.receive_some(READ_BYTES)
                    if not data:
                        return
                    said += data
                ticket = json.loads(said.partition(b"\r\n\r\n")[2])["ticket"]
                head = f"GET /sse?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                await stream.send_all(head.encode())
                opened += 1
                await scene.wait_over()
        except (OSError, trio.BrokenResourceError, KeyError):
            scene.refused += 1

    await side_by_side(one, (address(number // 50) for number in range(100)))
    scene.notes["streams"] = opened
