"""Decoding of Socket.IO packets: what is taken, what is refused, and hostile texts."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.decoder import PacketBounds, PacketDecoder
from gameserver.protocol.socketio.packets import SocketKind, SocketPacket, encode_packet
from tests.memory import memory_below
from tests.protocol.socketio.packets_of import EXAMPLES, packets

BOUNDS = PacketBounds()
WIDE = PacketBounds(text=1 << 20, depth=50, attachments=1000, binary_bytes=1 << 20, namespace=100)
HOLE = '{"_placeholder":true,"num":0}'


def decode(text: str, bounds: PacketBounds = BOUNDS) -> SocketPacket | None:
    return PacketDecoder(bounds).receive(text)


def data_of(text: str) -> object:
    packet = decode(text)
    assert packet is not None
    return packet.data


def refused(*messages: str | bytes, bounds: PacketBounds = BOUNDS) -> PacketError:
    """Return the error that the last message, and none before it, is refused with."""
    decoder = PacketDecoder(bounds)
    for message in messages[:-1]:
        decoder.receive(message)
    with pytest.raises(PacketError) as caught:
        decoder.receive(messages[-1])
    assert caught.value.sentence
    assert not decoder.waits_for_attachment
    return caught.value


# --- what is taken -----------------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "text", "attachments"), EXAMPLES)
def test_packets_are_read_as_in_the_document(
    packet: SocketPacket, text: str, attachments: list[bytes]
) -> None:
    decoder = PacketDecoder(BOUNDS)
    found = [decoder.receive(message) for message in [text, *attachments]]
    assert found == [None] * len(attachments) + [packet]
    assert not decoder.waits_for_attachment


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("0/random", SocketPacket(SocketKind.CONNECT, "/random")),
        ("1/custom", SocketPacket(SocketKind.DISCONNECT, "/custom")),
        ('2/,["a"]', SocketPacket(SocketKind.EVENT, "/", ["a"])),
        ('2/a/b?c=1,["a"]', SocketPacket(SocketKind.EVENT, "/a/b?c=1", ["a"])),
        ('2[1,"a",{}]', SocketPacket(SocketKind.EVENT, "/", [1, "a", {}])),
        ("2[1.5]", SocketPacket(SocketKind.EVENT, "/", [1.5])),
        ('2[ "a" ,\n1 ] ', SocketPacket(SocketKind.EVENT, "/", ["a", 1])),
        ('4"Unauthorized"', SocketPacket(SocketKind.CONNECT_ERROR, "/", "Unauthorized")),
        ("30[]", SocketPacket(SocketKind.ACK, "/", [], 0)),
        ('29007199254740991["a"]', SocketPacket(SocketKind.EVENT, "/", ["a"], 2**53 - 1)),
    ],
)
def test_other_forms_of_packets_are_taken(text: str, packet: SocketPacket) -> None:
    assert decode(text) == packet


def test_attachments_belong_to_the_numbers_of_their_placeholders() -> None:
    decoder = PacketDecoder(BOUNDS)
    second, first = HOLE.replace("0", "1"), HOLE
    assert decoder.receive(f'52-["e",{{"b":{second}}},[{first}]]') is None
    assert decoder.waits_for_attachment
    assert decoder.receive(b"one") is None
    packet = decoder.receive(b"two")
    assert packet == SocketPacket(SocketKind.EVENT, "/", ["e", {"b": b"two"}, [b"one"]])


def test_placeholder_in_a_packet_without_attachments_is_plain_data() -> None:
    assert data_of(f'2["e",{HOLE}]') == ["e", {"_placeholder": True, "num": 0}]


def test_numbers_mean_what_they_mean_in_javascript() -> None:
    assert data_of("2[9007199254740991]") == [2**53 - 1]
    data = data_of("2[0,9007199254740993,-100000000000000000000,1e3]")
    assert data == [0, 2.0**53, -1e20, 1000.0]
    assert isinstance(data, list)
    assert [type(each) for each in data] == [int, float, float, float]


def test_half_of_a_surrogate_pair_is_replaced_and_a_pair_is_not() -> None:
    assert data_of(r'2["\ud83d\ude00","\uD83D","\ude00\ud83d",{"\udfff":1}]') == [
        "😀",
        "\ufffd",
        "\ufffd\ufffd",
        {"\ufffd": 1},
    ]
    assert data_of('2["\ud800"]') == ["\ufffd"]
    assert data_of(r'2["\\ud800"]') == [r"\ud800"]


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "digit"),
        ("abc", "digit"),
        ("7", "digit"),
        ("999", "digit"),
        ("٢[]", "digit"),
        ("2", "EVENT"),
        ("2{}", "payload"),
        ("2[]", "EVENT"),
        ('2/admin,"invalid', "payload"),
        ("2/admin,{}", "EVENT"),
        ('2/admin,"invalid"', "EVENT"),
        ('2[{"toString":"foo"}]', "name"),
        ('2[true,"foo"]', "name"),
        ('2[null,"bar"]', "name"),
        ('2["connect"]', "reserved"),
        ('2["disconnect","123"]', "reserved"),
        ('2 ["a"]', "payload"),
        ('2abc["message-with-ack",1]', "payload"),
        ('2-1["a"]', "payload"),
        ('2٣["a"]', "payload"),
        ('21.5["a"]', "payload"),
        ('29007199254740992["a"]', "ack id"),
        ("2" + "9" * 17 + '["a"]', "payload"),
        ('2["a"', "JSON"),
        ('2["a"]]', "JSON"),
        ('2["a"]x', "JSON"),
        ("2[,]", "JSON"),
        ("2['a']", "JSON"),
        ('2["a",NaN]', "NaN"),
        ('2["a",-Infinity]', "Infinity"),
        ('2["a",1e999]', "double"),
        ('2["a",' + "9" * 400 + "]", "double"),
        ('2["a\x1e"]', "JSON"),
        ("3[]", "ack needs"),
        ("31{}", "ACK"),
        ("31", "ACK"),
        ("0[]", "CONNECT"),
        ('0/admin,"invalid"', "CONNECT"),
        ("0null", "payload"),
        ("012", "ack id"),
        ("1/admin,{}", "DISCONNECT"),
        ("4", "CONNECT_ERROR"),
        ("4[1]", "CONNECT_ERROR"),
        ('442["some","data"', "JSON"),
        ("0/a\x1eb", "namespace"),
        ("0/a\nb", "namespace"),
        ("0/\ud800", "namespace"),
        ("5", "number"),
        ("51", "number"),
        ("50-", "number"),
        ("5a-", "number"),
        ("5-1-", "number"),
        ("51.23-", "number"),
        (f'501-["a",{HOLE}]', "number"),
        ('51-["a"]', "more attachments"),
        (f'52-["a",{HOLE}]', "more attachments"),
        (f'51-["a",{HOLE},{HOLE}]', "placeholder"),
        ('51-["a",{"_placeholder":true,"num":1}]', "placeholder"),
        ('51-["a",{"_placeholder":true,"num":-1}]', "placeholder"),
        ('51-["a",{"_placeholder":true,"num":0.0}]', "placeholder"),
        ('51-["a",{"_placeholder":true,"num":false}]', "placeholder"),
        ('51-["a",{"_placeholder":true}]', "placeholder"),
        (f"51-[{HOLE}]", "name"),
        (f'61-["a",{HOLE}]', "ack needs"),
    ],
)
def test_wrong_texts_are_refused_with_a_sentence(text: str, word: str) -> None:
    error = refused(text)
    assert error.code == Code.BAD_MESSAGE
    assert word in error.sentence


def test_text_before_the_last_attachment_is_refused() -> None:
    text = f'52-["e",{HOLE},{HOLE.replace("0", "1")}]'
    assert "before the last attachment" in refused(text, b"one", '2["a"]').sentence
    assert "before the last attachment" in refused(text, text).sentence


def test_attachment_without_a_packet_is_refused() -> None:
    assert "without a packet" in refused(b"one").sentence
    assert "without a packet" in refused(f'51-["e",{HOLE}]', b"one", b"two").sentence
    assert "without a packet" in refused('2["a"]', b"one").sentence


def test_everything_over_a_bound_is_too_large() -> None:
    bounds = PacketBounds(text=80, depth=3, attachments=2, binary_bytes=5, namespace=4)
    two = f'52-["e",{HOLE},{HOLE.replace("0", "1")}]'
    assert len(two) <= 80
    for messages in (
        ['2["' + 76 * "a" + '"]'],
        ["53-[]"],
        ["0/long"],
        [two, b"123456"],
        [two, b"123", b"456"],
    ):
        assert refused(*messages, bounds=bounds).code == Code.TOO_LARGE
    decoder = PacketDecoder(bounds)
    for message in ['2["' + 75 * "a" + '"]', "0/lon", two, b"123", b"45"]:
        decoder.receive(message)


def test_nesting_over_the_bound_is_refused() -> None:
    bounds = PacketBounds(depth=3)
    assert decode('2["a",[[]],{"b":{}},"[[[["]', bounds) is not None
    for text in ('2["a",[[[]]]]', '2["a",{"b":{"c":[]}}]', '0{"a":[[{}]]}'):
        assert "nested more than 3" in refused(text, bounds=bounds).sentence


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nested_bombs_are_refused_whatever_the_bound_of_the_text(opening: str) -> None:
    bounds = PacketBounds(text=1 << 20)
    bomb = "2[" + opening * 100_000
    assert refused(bomb, bounds=bounds).code == Code.BAD_MESSAGE
    closed = "2[" + "[" * 100_000 + "]" * 100_001
    assert "nested" in refused(closed, bounds=bounds).sentence


def test_announced_attachments_cost_nothing_before_they_come() -> None:
    with memory_below(100_000):
        refused('5999999-["a"]', bounds=PacketBounds(attachments=999_999))


# --- chance ------------------------------------------------------------------------------------


@given(st.lists(packets, max_size=4))
def test_packets_come_back_one_after_another(sent: list[SocketPacket]) -> None:
    decoder = PacketDecoder(WIDE)
    found = []
    for packet in sent:
        text, attachments = encode_packet(packet)
        text.encode()
        messages = [text, *attachments]
        results = [decoder.receive(message) for message in messages]
        assert results[:-1] == [None] * len(attachments)
        found.append(results[-1])
    assert found == sent


@given(packets, st.data())
def test_attachments_missing_or_too_many_never_make_a_packet(
    packet: SocketPacket, data: st.DataObject
) -> None:
    text, attachments = encode_packet(packet)
    decoder = PacketDecoder(WIDE)
    messages: list[str | bytes] = [text, *attachments]
    for message in messages[:-1]:
        assert decoder.receive(message) is None
    if attachments:
        assert decoder.waits_for_attachment
        extra: str | bytes = data.draw(st.text())
    else:
        decoder.receive(text)
        extra = data.draw(st.binary())
    with pytest.raises(PacketError):
        decoder.receive(extra)


@given(st.lists(st.text() | st.text(st.characters()) | st.binary()))
def test_any_messages_are_packets_or_one_exception_type(messages: list[str | bytes]) -> None:
    decoder = PacketDecoder(BOUNDS)
    for message in messages:
        with contextlib.suppress(PacketError):
            decoder.receive(message)


def test_a_long_seeded_fuzz_raises_one_exception_type_and_leaves_packets_that_can_be_sent() -> None:
    chance = random.Random(5)
    seeds = [text for _, text, _ in EXAMPLES] + [
        '2/admin,13["foo",{"a":[1,-2.5e3,null,true]},"\\ud83d\\ude00"]',
        '52-["e",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]',
    ]
    letters = '0123456789-,/[]{}":\\udDeE+. nult_\x00\x1e\x7fé😀\ud800'
    decoder = PacketDecoder(BOUNDS)
    taken = 0
    for _ in range(20_000):
        chars = list(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(chars) + 1)
            chars[at : at + chance.randrange(3)] = chance.choice(letters) * chance.randrange(3)
        with contextlib.suppress(PacketError):
            packet = decoder.receive("".join(chars))
            while decoder.waits_for_attachment:
                packet = decoder.receive(b"\1\2")
            assert packet is not None
            text, attachments = encode_packet(packet)
            text.encode()
            again = [PacketDecoder(WIDE)]
            assert [again[0].receive(each) for each in [text, *attachments]][-1] == packet
            taken += 1
    assert 2000 < taken < 18_000
