"""Compressed messages: inflated whole at any division of the stream, and never beyond a bound."""

import random
import zlib

import pytest

from gameserver.transports.websocket.deflate import Inflater, _header, deflated_frame
from gameserver.transports.websocket.frames import CloseCode, FrameFaultError, FrameWalker
from tests.memory import memory_below
from tests.transports.peers import masked

MOST = 4096
TEXT, BINARY, PING = 1, 2, 9
COMPRESSED = 0x40


def squeezed(payload: bytes, level: int = 6) -> bytes:
    squeezer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (squeezer.compress(payload) + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def frame(payload: bytes, first: int = BINARY | COMPRESSED, *, final: bool = True) -> bytes:
    whole = bytearray(masked(payload, opcode=first & 15, final=final))
    whole[0] |= first & 0x70
    return bytes(whole)


def inflate(stream: bytes, step: int = 0, most: int = MOST) -> bytes:
    """Return what comes out, if the stream comes in pieces of this size."""
    inflater = Inflater(most, 8)
    step = step or len(stream)
    return b"".join(inflater.feed(stream[at : at + step]) for at in range(0, len(stream), step))


def messages(stream: bytes) -> list[tuple[int, bytes]]:
    """Return opcode and payload of the frames that came out, which the walker takes."""
    FrameWalker(MOST, 8, text=True).feed(stream)
    found = []
    while stream:
        length, at = stream[1] & 127, 2
        if length == 126:
            length, at = int.from_bytes(stream[2:4], "big"), 4
        mask, payload = stream[at : at + 4], stream[at + 4 : at + 4 + length]
        plain = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        found.append((stream[0], plain))
        stream = stream[at + 4 + length :]
    return found


def test_an_empty_frame_passes_as_soon_as_its_header_is_whole() -> None:
    for empty in (masked(b"", opcode=PING), masked(b"")):
        inflater = Inflater(MOST, 8)
        assert inflater.feed(empty[:-1]) == b""
        assert inflater.feed(empty[-1:]) == empty


STREAM = (
    frame(squeezed(b"one" * 100))
    + masked(b"two")
    + masked(b"ping", opcode=PING)
    + frame(squeezed(b"three"), final=False)
    + frame(b"", 0, final=False)
    + masked(b"amid", opcode=PING)
    + frame(b"", 0)
    + masked(b"four", final=False)
    + masked(b"five" * 50, opcode=0)
    + frame(squeezed(b"text"), TEXT | COMPRESSED)
    + frame(squeezed(b""))
)
PLAIN = [
    (0x82, b"one" * 100),
    (0x82, b"two"),
    (0x89, b"ping"),
    (0x89, b"amid"),
    (0x82, b"three"),
    (0x02, b"four"),
    (0x80, b"five" * 50),
    (0x81, b"text"),
    (0x82, b""),
]


@pytest.mark.parametrize("step", [0, 1, 2, 3, 5, 7, 64])
def test_a_stream_is_the_same_without_compression_at_any_division(step: int) -> None:
    assert messages(inflate(STREAM, step)) == PLAIN


def test_random_messages_in_fragments_come_back() -> None:
    draws = random.Random(5)
    for _ in range(60):
        payload = draws.randbytes(draws.randrange(200)) * draws.randint(1, 20)
        data = squeezed(payload[:MOST], draws.choice([0, 1, 9]))
        cuts = sorted(draws.randrange(len(data) + 1) for _ in range(draws.randrange(4)))
        parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        stream = b"".join(
            frame(part, 0 if at else BINARY | COMPRESSED, final=at == len(parts) - 1)
            for at, part in enumerate(parts)
        )
        if len(data) > MOST:
            continue
        assert messages(inflate(stream, draws.randint(1, 50))) == [(0x82, payload[:MOST])]


@pytest.mark.parametrize("parts", [1, 3])
def test_compressed_bytes_are_taken_up_to_the_bound(parts: int) -> None:
    """Bytes at random do not shrink: they are longer compressed than not."""
    payload = random.Random(5).randbytes(300)
    data = squeezed(payload)
    assert len(data) > len(payload)
    step = -(-len(data) // parts)
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    stream = b"".join(
        frame(piece, 0 if at else BINARY | COMPRESSED, final=at == len(pieces) - 1)
        for at, piece in enumerate(pieces)
    )
    assert messages(inflate(stream, most=len(data))) == [(0x82, payload)]
    with pytest.raises(FrameFaultError) as caught:
        inflate(stream, most=len(data) - 1)
    assert caught.value.code is CloseCode.TOO_BIG


@pytest.mark.parametrize("level", [1, 9])
@pytest.mark.parametrize("size", [MOST + 1, 100_000, 3_000_000])
def test_a_bomb_is_refused_and_not_inflated(level: int, size: int) -> None:
    bomb = frame(squeezed(bytes(size), level)[:MOST])
    inflater = Inflater(MOST, 8)
    with memory_below(64 * 1024), pytest.raises(FrameFaultError) as caught:
        inflater.feed(bomb)
    assert caught.value.code is CloseCode.TOO_BIG
    assert messages(inflate(frame(squeezed(bytes(MOST))))) == [(0x82, bytes(MOST))]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (frame(bytes(MOST + 1)), CloseCode.TOO_BIG),
        (frame(bytes(MOST), final=False) + frame(b"x", 0), CloseCode.TOO_BIG),
        (frame(b"", final=False) + frame(b"", 0, final=False) * 8, CloseCode.POLICY),
        (frame(b"\xff\xff\xff"), CloseCode.PROTOCOL_ERROR),
        (frame(b"\x07"), CloseCode.PROTOCOL_ERROR),
        (frame(b"", final=False) + masked(b"new"), CloseCode.PROTOCOL_ERROR),
        (frame(b"", final=False) + frame(b""), CloseCode.PROTOCOL_ERROR),
        (frame(b"", final=False) + frame(b"", 0x40), CloseCode.PROTOCOL_ERROR),
        (frame(b"", final=False) + frame(b"", 0x20), CloseCode.PROTOCOL_ERROR),
        (b"\xc2\xfe\x00\x05mask12345", CloseCode.PROTOCOL_ERROR),
    ],
)
def test_a_compressed_message_that_breaks_a_rule_is_refused(stream: bytes, code: CloseCode) -> None:
    for step in (0, 1):
        with pytest.raises(FrameFaultError) as caught:
            inflate(stream, step)
        assert caught.value.code is code


@pytest.mark.parametrize(
    "stream",
    [
        frame(b"x", PING | COMPRESSED),
        frame(b"x", COMPRESSED),
        frame(b"x", BINARY | 0x20),
        frame(squeezed(b"x"), BINARY | COMPRESSED | 0x10),
        b"\xc2\x03abc",
        masked(b"x", final=False) + frame(b"x"),
        masked(b"x", final=False) + frame(b"x", COMPRESSED),
    ],
)
def test_what_is_no_compressed_message_is_left_to_the_walker_which_refuses_it(
    stream: bytes,
) -> None:
    found = inflate(stream, 1)
    with pytest.raises(FrameFaultError):
        FrameWalker(MOST, 8, text=True).feed(found)


def test_the_bytes_that_are_kept_are_bounded() -> None:
    inflater = Inflater(MOST, 8)
    part = frame(bytes(MOST // 4), final=False)
    inflater.feed(part + frame(bytes(MOST // 4), 0, final=False)[:-1])
    kept = len(inflater._rest) + sum(map(len, inflater._parts))
    assert kept <= MOST
    with pytest.raises(FrameFaultError):
        inflater.feed(b"x" + frame(bytes(MOST // 2 + 1), 0))


@pytest.mark.parametrize("bits", [9, 12, 15])
@pytest.mark.parametrize("size", [1024, 40_000, 200_000])
def test_our_own_frame_is_inflated_by_its_reader(bits: int, size: int) -> None:
    payload = (random.Random(1).randbytes(200) * (size // 200 + 1))[:size]
    found = deflated_frame(payload, bits)
    assert found is not None
    assert found[0] == 0xC2
    length, at = found[1], 2
    if length >= 126:
        at = 4 if length == 126 else 10
        length = int.from_bytes(found[2:at], "big")
    assert length == len(found) - at < size
    reader = zlib.decompressobj(-bits)
    assert reader.decompress(found[at:] + b"\x00\x00\xff\xff") == payload


def test_what_does_not_shrink_is_not_compressed() -> None:
    assert deflated_frame(random.Random(2).randbytes(2000), 15) is None


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (125, b"\xc2\xfd"),
        (126, b"\xc2\xfe\x00\x7e"),
        (65_535, b"\xc2\xfe\xff\xff"),
        (65_536, b"\xc2\xff\0\0\0\0\0\1\0\0"),
    ],
)
def test_the_length_of_a_frame_has_the_shortest_form(length: int, header: bytes) -> None:
    assert _header(BINARY | 0xC0, 0x80, length) == header
