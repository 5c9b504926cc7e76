import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.transports.websocket.frames import (
    CloseCode,
    FrameFaultError,
    FrameHead,
    FrameWalker,
    Opcode,
    close_frame,
)
from tests.transports.peers import masked

LIMIT = 4096


def walker() -> FrameWalker:
    return FrameWalker(LIMIT, 8)


def fault_of(data: bytes) -> CloseCode:
    with pytest.raises(FrameFaultError) as caught:
        walker().feed(data)
    return caught.value.code


streams = st.lists(
    st.one_of(
        st.builds(lambda payload: [masked(payload)], st.binary(max_size=300)),
        st.builds(
            lambda parts: [
                masked(part, opcode=2 if i == 0 else 0, final=i == len(parts) - 1)
                for i, part in enumerate(parts)
            ],
            st.lists(st.binary(max_size=40), min_size=2, max_size=8),
        ),
        st.builds(
            lambda payload, opcode: [masked(payload, opcode=opcode)],
            st.binary(max_size=125),
            st.sampled_from([9, 10]),
        ),
    ),
    max_size=6,
).map(lambda groups: [frame for group in groups for frame in group])


@given(streams, st.data())
def test_heads_are_the_same_however_tcp_cuts_the_stream(
    frames: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(frames)
    at_once = walker().feed(whole)
    assert len(at_once) == len(frames)
    one_by_one = walker()
    assert [h for i in range(len(whole)) for h in one_by_one.feed(whole[i : i + 1])] == at_once
    assert one_by_one.at_boundary
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    cut_up = walker()
    assert [head for piece in pieces for head in cut_up.feed(piece)] == at_once


def test_payload_that_looks_like_a_frame_is_not_taken_for_one() -> None:
    inner = masked(b"x" * 10)
    walk = walker()
    outer = masked(inner * 12)
    assert walk.feed(outer[:100]) == [FrameHead(Opcode.BINARY, True, len(inner) * 12)]
    assert not walk.at_boundary
    assert walk.feed(outer[100:] + masked(b"y")) == [FrameHead(Opcode.BINARY, True, 1)]


def test_the_walker_is_at_a_boundary_between_messages_only() -> None:
    walk = walker()
    boundaries = [walk.at_boundary]
    for piece in (
        masked(b"a", final=False),
        masked(b"", opcode=9),
        masked(b"b", opcode=0),
        b"\x82",
    ):
        walk.feed(piece)
        boundaries.append(walk.at_boundary)
    assert boundaries == [True, False, False, True, False]


def test_the_limit_of_a_message_is_exact() -> None:
    assert len(walker().feed(masked(bytes(LIMIT - 1)) + masked(bytes(LIMIT)))) == 2
    assert fault_of(masked(bytes(LIMIT + 1))) is CloseCode.TOO_BIG


def test_the_size_of_a_message_counts_over_all_fragments() -> None:
    half = masked(bytes(LIMIT // 2), final=False)
    assert len(walker().feed(half + masked(bytes(LIMIT // 2), opcode=0))) == 2
    assert fault_of(half + masked(bytes(LIMIT // 2 + 1), opcode=0)) is CloseCode.TOO_BIG


def test_oversize_is_found_in_the_header_before_the_payload_comes() -> None:
    header = bytes((0x82, 0x80 | 127)) + struct.pack("!Q", 2**40) + b"mask"
    assert fault_of(header) is CloseCode.TOO_BIG


def test_the_ninth_fragment_is_one_too_many() -> None:
    first = masked(b"", final=False)
    more = masked(b"", opcode=0, final=False)
    last = masked(b"", opcode=0)
    assert len(walker().feed(first + more * 6 + last)) == 8
    assert fault_of(first + more * 8) is CloseCode.POLICY


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(b"x", opcode=1), CloseCode.UNSUPPORTED),
        (masked(b"x", opcode=0), CloseCode.PROTOCOL_ERROR),
        (masked(b"x", final=False) + masked(b"y"), CloseCode.PROTOCOL_ERROR),
        (masked(b"x", opcode=3), CloseCode.PROTOCOL_ERROR),
        (masked(b"x", opcode=11), CloseCode.PROTOCOL_ERROR),
        (masked(b"x", opcode=9, final=False), CloseCode.PROTOCOL_ERROR),
        (masked(bytes(126), opcode=9), CloseCode.PROTOCOL_ERROR),
        (b"\x82\x01x", CloseCode.PROTOCOL_ERROR),
        (b"\xc2\x81maskx", CloseCode.PROTOCOL_ERROR),
        (b"\x82\xfe\x00\x05mask", CloseCode.PROTOCOL_ERROR),
        (b"\x82\xff" + struct.pack("!Q", 200) + b"mask", CloseCode.PROTOCOL_ERROR),
    ],
    ids=[
        "text",
        "continuation of nothing",
        "message in a message",
        "data opcode",
        "control opcode",
        "ping in parts",
        "long ping",
        "not masked",
        "reserved bit",
        "length 5 in 16 bits",
        "length 200 in 64 bits",
    ],
)
def test_frames_that_a_client_must_not_send_are_faults(data: bytes, code: CloseCode) -> None:
    assert fault_of(data) is code


@given(st.binary(max_size=400))
def test_random_bytes_raise_one_exception_type_only(data: bytes) -> None:
    with contextlib.suppress(FrameFaultError):
        walker().feed(data)


def test_a_long_reason_is_cut_at_a_character() -> None:
    frame = close_frame(CloseCode.POLICY, "ä" * 100)
    assert len(frame) <= 2 + 125
    assert frame[2:4] == b"\x03\xf0"
    assert frame[4:].decode() == "ä" * 61
