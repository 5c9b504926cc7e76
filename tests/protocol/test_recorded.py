"""What spoilt messages are taken for is what they were taken for when it was recorded.

The examples for authors of clients, and those of Socket.IO's document, with a byte or two changed.
Where something else is meant, ``python -m tests.protocol.test_recorded`` writes the new rows.

Rows: what was decoded, how many got which code, and the digest of all.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from gameserver.errors import ProtocolError
from gameserver.protocol.codec import decode_client, decode_server
from gameserver.protocol.server_codec import ServerCodec
from gameserver.protocol.socketio.decoder import PacketBounds, PacketDecoder
from tests.protocol.socketio.packets_of import EXAMPLES
from tests.recorded import Recorded, drawn

MESSAGES = json.loads((Path(__file__).parents[1] / "vectors" / "messages.json").read_text("utf-8"))[
    "messages"
]
SIGNS = '0123456789-,/?"[]{}:_ truné\n'


def spoilt(data: bytes, random: Random) -> bytes:
    copy = bytearray(data)
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        at = random.randrange(len(copy))
        match random.randrange(5):
            case 0:
                del copy[at:]
            case 1:
                copy[at:at] = bytes([random.choice((0x90, 0xC0, 0xC3, 0xA0, 0x7F, 0xCF))])
            case 2:
                copy[at] = random.choice((0xC0, 0xC2, 0x90, 0x80, 0xFF, 0x00, 0xC4))
            case _:
                copy[at] ^= 1 << random.randrange(8)
        if not copy:
            break
    return bytes(copy)


def outcome(decode: Callable[[Any], object], given: object) -> Iterator[Any]:
    try:
        found = decode(given)
    except ProtocolError as error:
        yield f"{error.code}"
    else:
        yield "taken"
        yield [found]


def of_clients(random: Random) -> Iterator[Any]:
    codec = ServerCodec()
    for _ in range(4000):
        message = random.choice(MESSAGES)
        data = spoilt(bytes.fromhex(message["hex"]), random)
        if message["from"] == "client":
            yield from outcome(decode_client, data)
            yield from outcome(codec.decode, data)
        else:
            yield from outcome(lambda given: list(decode_server(given, lambda _: None)), data)


def of_packets(random: Random) -> Iterator[Any]:
    bounds = PacketBounds(text=90, depth=4, attachments=2, binary_bytes=9, namespace=8)
    for _ in range(4000):
        _, text, attachments = random.choice(EXAMPLES)
        for _ in range(random.choice((0, 1, 1, 2))):
            at = random.randrange(len(text) + 1)
            text = text[:at] + random.choice((random.choice(SIGNS), "", text[at:])) + text[at + 1 :]
        decoder = PacketDecoder(bounds)
        for piece in (text, *attachments[: random.randrange(4)]):
            yield from outcome(decoder.receive, piece)
        yield decoder.waits_for_attachment


KINDS = {"messages": of_clients, "packets": of_packets}


RECORDED = Recorded(__file__, KINDS, drawn(KINDS))


@RECORDED.each
def test_spoilt_messages_are_taken_for_what_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
