"""What is sent: heads, frames and messages, right ones and every way of spoiling them.

Law: a generator is a function of its random numbers. Half-right bytes reach further than random
ones, so most of what is made is right but for one place.
"""

import struct
import warnings
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from gameserver.protocol.codec import encode
from gameserver.protocol.hot import LANE_HEADS
from tests.protocol import shapes

PATHS: Final = (
    "/", "/", "/", "/poll", "/poll/1", "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket", "/sse", "/sse/1", "/events?topics=lobbies", "/api/v1",
    "/api/v1/lobbies", "/api/v1/ready", "/api/v1/sessions", "/health", "/metrics", "/nowhere",
)  # fmt: skip
METHODS: Final = ("GET", "GET", "GET", "POST", "OPTIONS", "HEAD", "PUT", "G\x00T", "")
HEADERS: Final = (
    ("Host", ("127.0.0.1", "localhost", "b\xfccher.example", "", "a" * 300, "x y", "127.0.0.1:1")),
    ("Upgrade", ("websocket", "WebSocket", "h2c", "")),
    ("Connection", ("Upgrade", "keep-alive, Upgrade", "close", "")),
    ("Sec-WebSocket-Version", ("13", "8", "x", "13, 8")),
    ("Sec-WebSocket-Key", ("AAECAwQFBgcICQoLDA0ODw==", "", "AAAA", "\xff" * 24)),
    ("Sec-WebSocket-Protocol", ("gameserver.v1", "a, gameserver.v1", "chat", "," * 50)),
    ("Sec-WebSocket-Extensions", ("permessage-deflate", "permessage-deflate; x=111", ";;;")),
    ("Origin", ("http://127.0.0.1", "null", "https://evil.example", "\xe9")),
    ("Content-Length", ("0", "5", "99999999999", "-1", "5, 5", "0x5")),
    ("Transfer-Encoding", ("chunked", "gzip, chunked", "identity")),
    ("Authorization", ("Bearer x", "Basic " + "A" * 500, "")),
    ("Cookie", ("a" * 9000,)),
    ("X-Forwarded-For", ("1.2.3.4", ", ".join(["1.2.3.4"] * 400))),
    ("Expect", ("100-continue",)),
)  # fmt: skip

Make = Callable[[Random], bytes]


def spoilt(data: bytes, rng: Random) -> bytes:
    """Return bytes that are wrong in one place: changed, cut, doubled or with others between."""
    if not data:
        return rng.randbytes(rng.randrange(8))
    at = rng.randrange(len(data))
    match rng.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:at] + rng.randbytes(rng.randrange(1, 20)) + data[at:]
        case 3:
            return data[:at] + data[at:][:200] * rng.randrange(1, 4)
        case 4:
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    return data[:at] + data[at + 1 :]


def head(rng: Random) -> bytes:
    """Return the head of a request, right or nearly so."""
    lines = [f"{rng.choice(METHODS)} {rng.choice(PATHS)} HTTP/1.{rng.choice('1110')}"]
    usual = rng.random() < 0.7
    for number, (name, values) in enumerate(HEADERS):
        if (number < 6 and usual) or rng.random() < 0.25:
            value = values[0] if rng.random() < 0.8 else rng.choice(values)
            lines.append(f"{name}: {value}")
    end = "\r\n" if rng.random() < 0.95 else "\n"
    whole = (end.join(lines) + end * 2).encode("latin-1") + rng.randbytes(
        rng.choice((0, 0, 5, 300))
    )
    return spoilt(whole, rng) if rng.random() < 0.6 else whole


def noise(rng: Random) -> bytes:
    """Return bytes of no protocol."""
    return rng.randbytes(rng.choice((0, 1, 7, 200, 2000)))


def client_hello(rng: Random) -> bytes:
    """Return a TLS record that looks like the begin of a handshake."""
    body = b"\x01\x00\x01\x00\x03\x03" + rng.randbytes(rng.randrange(300))
    record = b"\x16\x03\x01" + struct.pack("!H", len(body)) + body
    return spoilt(record, rng) if rng.random() < 0.5 else record


def opening(rng: Random) -> bytes:
    """Return the first bytes of a connection."""
    return rng.choices((head, noise, client_hello), (8, 1, 1))[0](rng)


def frame(payload: bytes, rng: Random, opcode: int = 2, first: int = 0x80) -> bytes:
    """Return a masked frame of a client."""
    size = len(payload)
    if size < 126:
        top = bytes((first | opcode, 0x80 | size))
    else:
        top = struct.pack("!BBH", first | opcode, 0x80 | 126, size)
    mask = rng.randbytes(4)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return top + mask + (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")


def odd_frame(rng: Random) -> bytes:
    """Return a frame that breaks a rule, or is nearly right."""
    payload = rng.randbytes(rng.choice((0, 1, 2, 20, 125, 126, 4095, 4097)))
    match rng.randrange(5):
        case 0:
            return frame(payload, rng, rng.randrange(16), rng.choice((0, 0x80, 0xC0, 0xF0)))
        case 1:
            return bytes((0x82, rng.randrange(256))) + rng.randbytes(20)
        case 2:
            return struct.pack("!BBQ", 0x82, 0xFF, rng.choice((0, 5, 1 << 16, 1 << 62, 1 << 63)))
        case 3:
            return frame(rng.randbytes(rng.randrange(126)), rng, rng.choice((8, 9, 10)))
    return spoilt(frame(payload, rng), rng)


class Messages:
    """Messages of a client, drawn from their classes, and spoilt ones."""

    def __init__(self, number: int, many: int = 1500) -> None:
        """Draw a pool of ``many``; the seed is ``number``."""
        pool: list[bytes] = []
        drawn = shapes.from_client | shapes.inputs | shapes.seens

        @seed(number)
        @settings(
            max_examples=many,
            database=None,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(drawn)
        def draw(message: Any) -> None:
            pool.append(encode(message))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            draw()
        self._pool: Sequence[bytes] = pool
        self._hot: Sequence[bytes] = [each for each in pool if each[:2] in LANE_HEADS]

    def one(self, rng: Random, *, hot: bool = False) -> bytes:
        """Return a message: as a client sends it, or wrong in one place; ``hot`` prefers inputs."""
        message = rng.choice(self._hot if hot and self._hot and rng.random() < 0.8 else self._pool)
        return spoilt(message, rng) if rng.random() < 0.4 else message
