"""Encoding of Socket.IO packets, and what cannot be a packet."""

from typing import Any

import pytest

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.jsontext import JsonValue
from gameserver.protocol.socketio.packets import (
    RESERVED,
    SocketKind,
    SocketPacket,
    encode_packet,
)
from tests.protocol.socketio.packets_of import EXAMPLES

EVENT, ACK = SocketKind.EVENT, SocketKind.ACK


@pytest.mark.parametrize(("packet", "text", "attachments"), EXAMPLES)
def test_packets_are_written_as_in_the_document(
    packet: SocketPacket, text: str, attachments: list[bytes]
) -> None:
    assert encode_packet(packet) == (text, attachments)


@pytest.mark.parametrize(
    "packet",
    [
        SocketPacket(EVENT),
        SocketPacket(EVENT, "/", []),
        SocketPacket(EVENT, "/", {}),
        SocketPacket(EVENT, "/", "name"),
        SocketPacket(EVENT, "/", [True, "foo"]),
        SocketPacket(EVENT, "/", [None, "bar"]),
        SocketPacket(EVENT, "/", [b"name"]),
        SocketPacket(EVENT, "/", [{"toString": "foo"}]),
        *(SocketPacket(EVENT, "/", [name]) for name in sorted(RESERVED)),
        SocketPacket(EVENT, "/", ["foo"], -1),
        SocketPacket(EVENT, "/", ["foo"], 2**53),
        SocketPacket(EVENT, "", ["foo"]),
        SocketPacket(EVENT, "admin", ["foo"]),
        SocketPacket(EVENT, "/a,b", ["foo"]),
        SocketPacket(EVENT, "/a\x1eb", ["foo"]),
        SocketPacket(EVENT, "/a\n", ["foo"]),
        SocketPacket(EVENT, "/a\x7f", ["foo"]),
        SocketPacket(EVENT, "/\ud800", ["foo"]),
        SocketPacket(ACK, "/", ["no id"]),
        SocketPacket(ACK, "/", None, 1),
        SocketPacket(ACK, "/", {}, 1),
        SocketPacket(SocketKind.CONNECT, "/", []),
        SocketPacket(SocketKind.CONNECT, "/", "token"),
        SocketPacket(SocketKind.CONNECT, "/", None, 1),
        SocketPacket(SocketKind.DISCONNECT, "/", {}),
        SocketPacket(SocketKind.DISCONNECT, "/", None, 1),
        SocketPacket(SocketKind.CONNECT_ERROR),
        SocketPacket(SocketKind.CONNECT_ERROR, "/", ["a"]),
    ],
)
def test_parts_that_do_not_fit_the_kind_are_refused(packet: SocketPacket) -> None:
    with pytest.raises(PacketError) as caught:
        encode_packet(packet)
    assert caught.value.code == Code.BAD_MESSAGE


def test_binary_data_is_taken_out_of_any_depth_in_the_order_of_the_text() -> None:
    data: list[JsonValue] = [
        "e",
        {"a": [b"one"], "b": bytearray(b"two")},
        (b"one", [memoryview(b"")]),
    ]
    text, attachments = encode_packet(SocketPacket(EVENT, "/n", data, 7))
    hole = '{{"_placeholder":true,"num":{}}}'.format
    assert text == (f'54-/n,7["e",{{"a":[{hole(0)}],"b":{hole(1)}}},[{hole(2)},[{hole(3)}]]]')
    assert attachments == [b"one", b"two", b"one", b""]
    assert all(type(each) is bytes for each in attachments)


def test_only_events_and_acks_carry_binary_data() -> None:
    with pytest.raises(ValueError, match="CONNECT cannot have binary data"):
        encode_packet(SocketPacket(SocketKind.CONNECT, "/", {"token": b"123"}))


def test_data_that_looks_like_a_placeholder_is_not_sent_beside_binary_data() -> None:
    fake: JsonValue = {"_placeholder": True, "num": 0}
    with pytest.raises(ValueError, match="mistaken"):
        encode_packet(SocketPacket(EVENT, "/", ["e", fake, b"x"]))
    assert encode_packet(SocketPacket(EVENT, "/", ["e", fake]))[0][0] == "2"
    quoted = '{"_placeholder":true}'
    text, _ = encode_packet(SocketPacket(EVENT, "/", ["e", quoted, {"_placeholder": 1}, b"x"]))
    assert text.startswith("51-")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_does_not_have_are_not_sent(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_packet(SocketPacket(EVENT, "/", ["e", value]))


def test_other_types_are_not_sent() -> None:
    odd: Any = {1}
    with pytest.raises(TypeError, match="set is no value of JSON"):
        encode_packet(SocketPacket(EVENT, "/", ["e", odd]))


def test_text_is_sent_as_utf_8_and_without_half_pairs_and_controls() -> None:
    text, _ = encode_packet(SocketPacket(EVENT, "/", ["e", "é😀\ud83d\x1e"]))
    assert text == '2["e","é😀\ufffd\\u001e"]'
    text.encode()
