"""What strangers' bytes are taken for is what they were taken for when it was recorded.

Frames, heads of requests and origins are drawn and then spoilt: most are almost right. Where
another verdict is meant, ``python -m tests.transports.test_recorded`` writes the new rows.

Rows: what was judged, how many got which verdict, and the digest of all.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from gameserver.transports.answers import HttpAnswer
from gameserver.transports.http.opening import Opening, OpeningReader
from gameserver.transports.http.origins import host_may, origin_may
from gameserver.transports.websocket.frames import FrameFaultError, FrameWalker
from gameserver.transports.websocket.lane import Lane
from tests.recorded import Recorded, counted, digest
from tests.transports.http.test_opening import SETTINGS
from tests.transports.peers import masked, request_head

LENGTHS = (0, 1, 5, 100, 125, 126, 127, 1000, 4095, 4096, 4097, 65_535, 65_536)
OPCODES = (0, 0, 1, 2, 2, 2, 2, 8, 9, 10, 3, 11)
HEADERS = (
    ("Host", ("localhost", "game.example", "GAME.example.:7", "[::1]:7", "x" * 270, "a b", "")),
    ("Origin", ("http://localhost", "https://play.example", "null", "http://evil.example", "")),
    ("Upgrade", ("WebSocket", "h2c", "", None)),
    ("Connection", ("Upgrade", "keep-alive", "close, upgrade", None)),
    ("Sec-WebSocket-Version", ("13", "8", "13, 8", "", None)),
    ("Sec-WebSocket-Key", ("AAAAAAAAAAAAAAAAAAAAAA==", "AAAA", "A" * 24, "", None)),
    ("Sec-WebSocket-Protocol", ("gameserver.v1", "x, gameserver.v1", "x", "", None)),
    ("Sec-WebSocket-Extensions", ("permessage-deflate", "x; a=1", "permessage-deflate; y", None)),
    ("Sec-Fetch-Site", ("same-origin", "cross-site", "none")),
    ("X-Forwarded-For", ("192.0.2.7", "::1, 10.0.0.1", "unknown")),
    ("Content-Length", ("0", "5", "x")),
)  # fmt: skip


def spoilt(data: bytes, random: Random) -> bytes:
    """Return bytes of which one may be changed, missing or doubled."""
    if not data or random.random() < 0.7:
        return data
    at = random.randrange(len(data))
    middle = random.choice(
        (b"", data[at : at + 1] * 2, bytes([data[at] ^ 1 << random.randrange(8)]))
    )
    return data[:at] + middle + data[at + 1 :]


def of_frames(random: Random) -> Iterator[Any]:
    for _ in range(500):
        stream = b""
        for _ in range(random.randrange(1, 5)):
            payload = random.choice((b"\x98\x01", b"")) + bytes(random.choice(LENGTHS))
            final = random.random() < 0.7
            frame = masked(payload, opcode=random.choice(OPCODES), final=final)
            stream += spoilt(frame[:14], random) + frame[14:]
        walker = FrameWalker(4096, 3, text=random.random() < 0.5)
        taken: list[bytes] = []
        lane = Lane(walker, [b"\x98\x01"], taken.append)
        feed = lane.feed if random.random() < 0.5 else walker.feed
        step, said = random.choice((1, 3, 200, len(stream))), list[Any]()
        try:
            for at in range(0, min(len(stream), 9000), step):
                said.append(feed(stream[at : at + step]))
        except FrameFaultError as fault:
            said.append(("fault", fault.code))
        yield str(said[-1][1]) if said and said[-1][0:1] == ("fault",) else "taken"
        yield [said, taken, walker.messages, walker.at_boundary]


def of_heads(random: Random) -> Iterator[Any]:
    for _ in range(1000):
        given = dict(random.choice(HEADERS) for _ in range(random.randrange(3)))
        head = request_head(
            method=random.choice(("GET", "GET", "GET", "GET", "POST", "HEAD")),
            target=random.choice(("/", "/", "/?a=b", "/elsewhere", "//", "*", "/x" * 3000)),
            **{name: random.choice(values) for name, values in given.items()},
        )
        found = OpeningReader(SETTINGS).feed(spoilt(head, random))
        if isinstance(found, Opening):
            yield f"opening, {found.subprotocol}, {found.direct}, {found.deflate_bits}"
        else:
            yield f"{found.status}" if isinstance(found, HttpAnswer) else type(found).__name__


def of_origins(random: Random) -> Iterator[Any]:
    names = (
        "localhost", "127.0.0.1", "[::1]", "0.0.0.0", "192.0.2.1", "game.example", "G.example.",
        "play.example", "dev.example", "evil.example", "x.game.example", "", "a b", "[::",
    )  # fmt: skip
    for _ in range(1000):
        host = random.choice(names) + random.choice(("", "", ":7", ":80", ":443", ":x"))
        origin = random.choice(("http://", "https://", "HTTP://", "", "file://"))
        origin += random.choice(names) + random.choice(("", "", ":7", ":3000", ":443", "/"))
        local = random.choice(("127.0.0.1", "192.0.2.1", "::1", ""))
        yield origin_may(origin, host, local, SETTINGS)
        yield host_may(host, local, SETTINGS)


KINDS = {"frames": of_frames, "heads": of_heads, "origins": of_origins}


def judged(kind: str) -> tuple[dict[str, int], str]:
    found = list(KINDS[kind](Random(kind)))
    return counted(f"{each}" for each in found if isinstance(each, (bool, str))), digest(found)


RECORDED = Recorded(__file__, KINDS, judged)


@RECORDED.each
def test_verdicts_on_bytes_are_as_they_were_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
