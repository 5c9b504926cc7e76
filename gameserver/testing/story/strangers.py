"""Peers that are no clients: they send what no client sends, or nothing, or do not read.

Law: none of them may be of any consequence for the players. Their bytes follow from the seed.
"""

import base64
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Final

import trio

from gameserver.messages.wire import SUBPROTOCOL
from gameserver.testing.memorynet import MemoryLink
from gameserver.testing.story.stage import Stage

STAYS_S: Final = (0.1, 12.0)
"""How long a stranger keeps its connection, if the server does."""

STRANGER: Final = "198.51.100.7"
"""The strangers' address; players have another, so that limits of addresses keep them apart."""


def _get(target: str, *headers: str) -> bytes:
    return "\r\n".join(
        [f"GET {target} HTTP/1.1", "Host: simulated:7777", *headers, "", ""]
    ).encode()


def _upgrade(protocol: str = SUBPROTOCOL, target: str = "/") -> bytes:
    key = base64.b64encode(bytes(16)).decode()
    return _get(
        target,
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {protocol}",
    )


def _frame(payload: bytes, opcode: int = 2, *, masked: bool = True) -> bytes:
    """Return a frame with a mask of zeros: the payload stays as it is."""
    assert len(payload) < 126
    mask = bytes(4) if masked else b""
    return bytes([0x80 | opcode, len(payload) | (0x80 if masked else 0)]) + mask + payload


def _post(target: str, body: bytes, kind: str = "application/json") -> bytes:
    head = f"POST {target} HTTP/1.1\r\nHost: simulated:7777\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


SPEECHES: Final[tuple[Callable[[Random], bytes], ...]] = (
    lambda _: b"",
    lambda random: random.randbytes(random.randint(1, 400)),
    lambda random: _get("/")[: random.randint(1, 40)],
    lambda _: _get("/api/v1/info"),
    lambda _: _get("/api/v1/lobbies") + _get("/api/v1/matches"),
    lambda _: _get("/events?topics=lobbies,notices", "Accept: text/event-stream"),
    lambda _: _get("/nowhere", "X: " + "y" * 9000),
    lambda _: b"GET / HTTP/9.9\r\n\r\n",
    lambda _: _post("/poll", b"\xc1", "application/msgpack"),
    lambda random: _post("/poll", random.randbytes(30), "application/msgpack"),
    lambda _: _post("/sse", b'{"name":"S"}'),
    lambda _: _post("/sse/send", b'{"link":"x","number":1}'),
    lambda _: _get("/socket.io/?EIO=4&transport=polling"),
    lambda _: _get("/socket.io/?EIO=3&transport=websocket&sid=none"),
    lambda _: _post("/socket.io/?EIO=4&transport=polling", b"4" * 300, "text/plain"),
    lambda _: b"POST /sse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
    lambda _: _upgrade("another"),
    lambda _: _upgrade(target="/elsewhere"),
    lambda random: _upgrade() + _frame(random.randbytes(random.randint(0, 60))),
    lambda random: _upgrade() + random.randbytes(random.randint(1, 90)),
    lambda _: _upgrade() + _frame(b"hello", 1),
    lambda _: _upgrade() + _frame(b"\x90", masked=False),
    lambda _: _upgrade() + b"\x82\xff\x7f" + b"\xff" * 11,
    lambda _: _upgrade() + _frame(b"", 9) * 200,
    lambda _: _upgrade() + _frame(b"\x03\xe8", 8) + _frame(b"more"),
    lambda _: _upgrade() + _frame(b"\x93\x01\x01" + b"\x91" * 60),
)


async def send_strangers(stage: Stage) -> None:
    """Let strangers come, one after the other and some at the same time, until it is calm."""
    random = stage.random("strangers")
    async with trio.open_nursery() as nursery:
        while not await stage.wait_calm(random.expovariate(1 / stage.cast.strangers_s)):
            speech = random.choice(SPEECHES)(random)
            stays_s, reads = random.uniform(*STAYS_S), random.random() < 0.7
            stage.report.strangers += 1
            nursery.start_soon(_meet, stage, speech, stays_s, reads)


async def _meet(stage: Stage, speech: bytes, stays_s: float, reads: bool) -> None:
    try:
        link: MemoryLink = stage.whole.connect(STRANGER)
    except OSError:
        return  # the server is down
    try:
        with trio.move_on_after(stays_s):
            await _say(stage, link, speech, stays_s, reads=reads)
    finally:
        link.client.close()


async def _say(
    stage: Stage, link: MemoryLink, speech: bytes, stays_s: float, *, reads: bool
) -> None:
    opening, frames = _parts(speech)
    async with trio.open_nursery() as nursery:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await link.client.send_all(opening)
            if frames:
                await link.client.receive_some()
                await link.client.send_all(frames)
            if reads:
                nursery.start_soon(_read, link, nursery)
            await stage.wait_calm(stays_s)
        nursery.cancel_scope.cancel()


def _parts(speech: bytes) -> tuple[bytes, bytes]:
    """Return what is said at once, and what only behind the answer to a WebSocket's handshake.

    A server refuses frames that come before its answer, and would look at none of them.
    """
    head, end, behind = speech.partition(b"\r\n\r\n")
    return (head + end, behind) if b"Upgrade: websocket" in head else (speech, b"")


async def _read(link: MemoryLink, nursery: trio.Nursery) -> None:
    try:
        while await link.client.receive_some():
            pass
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    nursery.cancel_scope.cancel()
