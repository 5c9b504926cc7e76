"""Packets of Engine.IO v4: the examples of its document, round trips, and hostile bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, PacketError, ProtocolError
from gameserver.protocol.socketio.engine import (
    SEPARATOR,
    EngineKind,
    EnginePacket,
    decode_frame,
    decode_payload,
    encode_frame,
    encode_payload,
)

MESSAGE = EngineKind.MESSAGE
HELLO = EnginePacket(MESSAGE, "hello")
BINARY = EnginePacket(MESSAGE, bytes([1, 2, 3, 4]))

texts = st.builds(EnginePacket, st.sampled_from(EngineKind), st.text())
lines = st.builds(
    EnginePacket,
    st.sampled_from(EngineKind),
    st.text(st.characters(codec="utf-8", exclude_characters=SEPARATOR)),
)
binaries = st.builds(EnginePacket, st.just(MESSAGE), st.binary())


def decode(body: bytes) -> list[EnginePacket]:
    return decode_payload(body, 16, 1000)


def refused(frame: str | bytes) -> PacketError:
    with pytest.raises(PacketError) as caught:
        decode_frame(frame, 1000)
    assert caught.value.sentence
    return caught.value


@pytest.mark.parametrize(
    ("packets", "body"),
    [
        ([HELLO], b"4hello"),
        (
            [HELLO, EnginePacket(EngineKind.PING), EnginePacket(MESSAGE, "world")],
            b"4hello\x1e2\x1e4world",
        ),
        ([HELLO, BINARY], b"4hello\x1ebAQIDBA=="),
        ([EnginePacket(EngineKind.CLOSE)], b"1"),
        ([EnginePacket(EngineKind.NOOP)], b"6"),
        ([EnginePacket(MESSAGE, "€")], b"4\xe2\x82\xac"),
    ],
)
def test_payloads_are_as_in_the_document(packets: list[EnginePacket], body: bytes) -> None:
    assert encode_payload(packets) == body
    assert decode(body) == packets


@pytest.mark.parametrize(
    ("packet", "frame"),
    [
        (HELLO, "4hello"),
        (BINARY, b"\x01\x02\x03\x04"),
        (EnginePacket(EngineKind.PING, "probe"), "2probe"),
        (EnginePacket(EngineKind.PONG, "probe"), "3probe"),
        (EnginePacket(EngineKind.UPGRADE), "5"),
    ],
)
def test_frames_are_as_in_the_document(packet: EnginePacket, frame: str | bytes) -> None:
    assert encode_frame(packet) == frame
    assert decode_frame(frame, 1000) == packet


def test_base64_in_a_text_frame_is_a_binary_message() -> None:
    assert decode_frame("bAQIDBA==", 1000) == BINARY
    assert decode_frame("b", 1000) == EnginePacket(MESSAGE, b"")


@pytest.mark.parametrize("frame", ["", "abc", "7", "9x", "٤hello", " 4", "-1", "\ud800"])
def test_unknown_kinds_are_refused(frame: str) -> None:
    assert refused(frame).code == Code.BAD_MESSAGE


@pytest.mark.parametrize(
    "text", ["A", "AQI", "AQIDBA", "AQIDBA==A", "A_ID", "AQ ID", "=", "é", "AQID\n"]
)
def test_base64_with_anything_else_is_refused(text: str) -> None:
    assert refused("b" + text).code == Code.BAD_MESSAGE


@pytest.mark.parametrize("body", [b"", b"\x1e", b"4a\x1e", b"\x1e4a", b"4a\x1e\x1e4b", b"4\xff"])
def test_payloads_with_an_empty_packet_or_other_bytes_than_utf_8_are_refused(body: bytes) -> None:
    with pytest.raises(PacketError) as caught:
        decode(body)
    assert caught.value.code == Code.BAD_MESSAGE


def test_payload_of_one_packet_too_many_is_refused() -> None:
    assert len(decode_payload(b"\x1e".join([b"2"] * 3), 3, 100)) == 3
    with pytest.raises(PacketError) as caught:
        decode_payload(b"\x1e".join([b"2"] * 4), 3, 100)
    assert caught.value.code == Code.TOO_LARGE


def test_payload_and_frame_of_one_byte_too_many_are_refused() -> None:
    assert decode_payload(b"4four", 1, 5) == [decode_frame("4four", 5)]
    with pytest.raises(PacketError) as caught:
        decode_payload(b"4four!", 1, 5)
    assert caught.value.code == Code.TOO_LARGE
    for frame in ("4four!", b"abcdef"):
        with pytest.raises(PacketError) as caught:
            decode_frame(frame, 5)
        assert caught.value.code == Code.TOO_LARGE


def test_what_cannot_be_a_packet_is_not_encoded() -> None:
    odd = EnginePacket(EngineKind.PING, b"probe")
    with pytest.raises(ValueError, match="PING cannot be binary"):
        encode_frame(odd)
    with pytest.raises(ValueError, match="PING cannot be binary"):
        encode_payload([odd])
    with pytest.raises(ValueError, match="separator"):
        encode_payload([EnginePacket(MESSAGE, "4a\x1e4b")])
    with pytest.raises(ValueError, match="at least one"):
        encode_payload([])


def test_packet_errors_are_caught_with_those_of_the_protocol() -> None:
    error = refused("x")
    assert isinstance(error, ProtocolError)
    assert isinstance(error, ValueError)


@given(texts | binaries)
def test_every_packet_comes_back_from_its_frame(packet: EnginePacket) -> None:
    assert decode_frame(encode_frame(packet), 1 << 20) == packet


@given(st.lists(lines | binaries, min_size=1))
def test_all_packets_come_back_from_their_payload_in_order(packets: list[EnginePacket]) -> None:
    assert decode_payload(encode_payload(packets), len(packets), 1 << 20) == packets


@given(st.binary() | st.text().map(str.encode), st.integers(1, 20), st.integers(0, 200))
def test_any_bytes_are_packets_or_one_exception_type(body: bytes, packets: int, size: int) -> None:
    with contextlib.suppress(PacketError):
        found = decode_payload(body, packets, size)
        assert len(found) <= packets
        assert decode_payload(encode_payload(found), packets, 1 << 20) == found


@given(st.text(st.characters()) | st.text("b=AQa0123456789\x1e") | st.binary())
def test_any_frame_is_a_packet_or_one_exception_type(frame: str | bytes) -> None:
    with contextlib.suppress(PacketError):
        packet = decode_frame(frame, 100)
        assert decode_frame(encode_frame(packet), 200) == packet
