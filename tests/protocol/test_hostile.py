"""Whatever the bytes are: messages or `ProtocolError`, in bounded time and memory."""

import contextlib
import random
import struct
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import Code, ProtocolError
from gameserver.messages import wire
from gameserver.messages.base import Result
from gameserver.protocol import hot, limits
from gameserver.protocol.codec import BadRequest, decode_client, decode_server, encode
from tests.memory import memory_below
from tests.protocol import shapes

Decode = Callable[[bytes], object]
DECODERS: list[Decode] = [
    decode_client,
    lambda data: decode_server(data, lambda _: None),
    hot.decode_seen,
]
REQUEST = msgpack.packb([18, 7, "lobby.ready", {"ready": True}])


def pack(*objects: Any) -> bytes:
    return b"".join(msgpack.packb(each) for each in objects)


def refused(data: bytes, decode: Decode = decode_client) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        decode(data)
    assert caught.value.sentence
    return caught.value


def decode_all(data: bytes) -> None:
    hot.peek_kind(data)
    for decode in DECODERS:
        with contextlib.suppress(ProtocolError):
            decode(data)


# --- chance ------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_random_bytes_raise_one_exception_type_only(data: bytes) -> None:
    decode_all(data)


@given(st.one_of(shapes.from_client, shapes.from_server, shapes.inputs), st.data())
@settings(deadline=None)
def test_mutated_messages_raise_one_exception_type_only(
    message: object, data: st.DataObject
) -> None:
    garbled = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        garbled[data.draw(st.integers(0, len(garbled) - 1))] = data.draw(st.integers(0, 255))
    decode_all(bytes(garbled))


def test_a_long_seeded_fuzz_raises_one_exception_type_only() -> None:
    chance = random.Random(20)
    seeds = [
        REQUEST,
        encode(wire.Hello(1, "fuzz", "Ann", bytes(16), 3)),
        encode(wire.Input(1, 2, 3, 4, (1, 2, 3))),
        encode(wire.Snapshot(5, (wire.Section(0, True, b"abc"),))),
        encode(wire.Ack(3, 4)),
        pack([18, 1, "lobby.create", {"config": {"title": "t", "map": "m", "size": 4}}]),
    ]
    for _ in range(20_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 5)):
            match chance.randrange(3):
                case 0:
                    data[chance.randrange(len(data))] = chance.randrange(256)
                case 1:
                    data.insert(chance.randrange(len(data) + 1), chance.randrange(256))
                case _ if len(data) > 1:
                    del data[chance.randrange(len(data))]
                case _:
                    pass
        decode_all(bytes(data))


@given(st.one_of(shapes.from_client, shapes.inputs, shapes.seens))
@settings(deadline=None)
def test_every_truncation_is_refused(message: object) -> None:
    data = encode(message)
    for end in range(len(data)):
        refused(data[:end])


@given(st.one_of(shapes.from_server, shapes.result_envelopes(type("_", (), {"result": Result}))))
@settings(deadline=None)
def test_every_truncation_of_a_servers_message_is_refused(message: object) -> None:
    data = encode(message)
    for end in range(len(data)):
        refused(data[:end], DECODERS[1])


@pytest.mark.parametrize("tail", [b"\x00", b"\xc0", b"\xc1", b"\x91", b"\xa1", b"\x90", b"\x80"])
def test_trailing_bytes_are_refused(tail: bytes) -> None:
    refused(REQUEST + tail)
    refused(encode(wire.Input(1, 2, 3, 4, ())) + tail)
    refused(encode(wire.Seen(1)) + tail, hot.decode_seen)


# --- limits: one below, at, one above ----------------------------------------------------------


def hello_of(size: int) -> bytes:
    """Return a hello of exactly this size."""
    overhead = len(encode(wire.Hello(1, "x" * 300)))
    data = encode(wire.Hello(1, "x" * (size - overhead + 300)))
    assert len(data) == size
    return data


def test_the_limit_of_bytes_in_a_message_is_exact() -> None:
    for size in (limits.CLIENT_MESSAGE_BYTES - 1, limits.CLIENT_MESSAGE_BYTES):
        assert isinstance(decode_client(hello_of(size))[0], wire.Hello)
    assert refused(hello_of(limits.CLIENT_MESSAGE_BYTES + 1)).code is Code.TOO_LARGE


def test_the_limit_of_bytes_in_a_servers_message_is_exact() -> None:
    def snapshot_of(size: int) -> bytes:
        return encode(wire.Snapshot(1, (wire.Section(0, False, bytes(size - 9)),)))

    most = limits.SERVER_MESSAGE_BYTES
    for size in (most - 1, most):
        data = snapshot_of(size)
        assert len(data) == size
        assert len(decode_server(data, lambda _: None)) == 1
    assert refused(snapshot_of(most + 1), DECODERS[1]).code is Code.TOO_LARGE


def test_the_limit_of_objects_in_a_message_is_exact() -> None:
    most = limits.OBJECTS_PER_MESSAGE
    assert len(decode_client(REQUEST * (most - 1))) == most - 1
    assert len(decode_client(REQUEST * most)) == most
    refused(REQUEST * (most + 1))


def nested(levels: int) -> Any:
    """Return a value with this many levels of arrays and maps."""
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_the_limit_of_depth_is_exact() -> None:
    most = limits.CLIENT_DEPTH
    for depth in (most - 1, most):
        (found,) = decode_client(pack([18, 1, "lobby.ready", nested(depth - 1)]))
        assert isinstance(found, BadRequest)
    refused(pack([18, 1, "lobby.ready", nested(most)]))


def test_the_limit_of_entries_in_a_map_is_exact() -> None:
    def options(count: int) -> bytes:
        config = {"title": "t", "map": "m", "size": 2, "options": {str(i): i for i in range(count)}}
        return pack([18, 1, "lobby.create", {"config": config}])

    most = limits.CLIENT_ITEMS
    for count in (most - 1, most):
        assert isinstance(decode_client(options(count))[0], wire.RequestEnvelope)
    refused(options(most + 1))


def test_the_limit_of_fields_in_an_input_is_exact() -> None:
    most = limits.INPUT_FIELDS
    for count in (most - 1, most):
        data = encode(wire.Input(1, 2, 3, 4, (7,) * count))
        (given,) = decode_client(data)
        assert isinstance(given, wire.Input)
        assert len(given.row) == count
    too_many = encode(wire.Input(1, 2, 3, 4, (7,) * (most + 1)))
    refused(too_many)


@pytest.mark.parametrize(
    ("place", "lowest", "highest"),
    [
        (1, 0, 2**53 - 1),
        (2, 0, 2**31 - 1),
        (3, 0, 2**31 - 1),
        (4, 0, 2**15 - 1),
        (5, -(2**53) + 1, 2**53 - 1),
    ],
    ids=["seq", "tick", "seen", "view", "field"],
)
def test_the_bounds_of_numbers_in_an_input_are_exact(place: int, lowest: int, highest: int) -> None:
    beyond: list[Any] = [lowest - 1, highest + 1, True, False, None, 1.0, "1", b"1", [], {}]

    def with_value(value: Any) -> bytes:
        parts = [1, 1, 1, 1, 1, 1]
        parts[place] = value
        return pack(parts)

    for value in (lowest, lowest + 1, highest - 1, highest):
        assert isinstance(decode_client(with_value(value))[0], wire.Input)
    for value in beyond:
        refused(with_value(value))


@pytest.mark.parametrize(
    ("ok", "bad"),
    [
        ([6, 2**31 - 1], [6, 2**31]),
        ([6, 0], [6, -1]),
        ([6, 0], [6, True]),
        ([4, 2**53 - 1], [4, 2**53]),
        ([5, 0, 2**53 - 1], [5, 0, 2**53]),
        ([5, 0, 0], [5, 0]),
        ([22, 0, 0], [22, 0, -1]),
        ([22, 0, 2**53 - 1], [22, 0, 2**53]),
        ([22, 0, 0], [22, 0, 0, 0]),
    ],
)
def test_the_bounds_of_numbers_in_other_positional_kinds_are_exact(
    ok: list[int], bad: list[int]
) -> None:
    assert len(decode_client(pack(ok))) == 1
    refused(pack(bad))


@pytest.mark.parametrize(
    ("ok", "bad"),
    [
        ([2, 2**31 - 1], [2, 2**31]),
        ([2, 1, 131_071, b""], [2, 1, 131_072, b""]),
        ([2, 1, 0, b""], [2, 1, 0, ""]),
        ([2, 1, 0, b""], [2, 1, 0]),
        ([2, 1, 0, b"", 2, b""], [2, 1, 0, b"", 1, b""]),
        ([3, 1, -(2**15)], [3, 1, -(2**15) - 1]),
        ([3, 1, 2**15 - 1], [3, 1, 2**15]),
        ([21, 1, "?", {}], [21, 0, "?", {}]),
    ],
)
def test_the_bounds_of_numbers_in_a_servers_kinds_are_exact(ok: list[Any], bad: list[Any]) -> None:
    assert len(decode_server(pack(ok), lambda _: None)) == 1
    refused(pack(bad), DECODERS[1])


# --- bombs -------------------------------------------------------------------------------------

SIZES = [0xFFFF_FFFF, 0x0100_0000, 70_000]
FULL = limits.CLIENT_MESSAGE_BYTES


def bombs() -> dict[str, bytes]:
    nest = {
        "arrays in arrays": b"\x91" * FULL,
        "full arrays in arrays": (b"\xdc\x00\x40" * FULL)[:FULL],
        "maps in maps": (b"\x81\xa1a" * FULL)[:FULL],
        "many empty maps": b"\xdc\x00\x40" + b"\x80" * 64,
        "arrays of 4095": b"\xdc\x0f\xff" + b"\xc0" * 4000,
        "invalid utf-8": b"\x94\x12\x01\xa2\xff\xfe\x80",
        "key twice": b"\x94\x12\x01\xablobby.ready\x82\xa5ready\xc2\xa5ready\xc3",
        "number as key": b"\x94\x12\x01\xablobby.ready\x81\x01\xc3",
        "binary as key": b"\x94\x12\x01\xablobby.ready\x81\xc4\x05ready\xc3",
        "map as key": b"\x94\x12\x01\xablobby.ready\x81\x80\xc3",
        "empty extension": b"\x92\x04\xc7\x00\x05",
        "fixed extension": b"\x92\x04\xd6\x05abcd",
        "timestamp": b"\x92\x04\xd6\xff\x00\x00\x00\x00",
        "never used byte": b"\x92\x04\xc1",
        "NaN in a float": pack([24, {"code": "c", "sentence": "s", "retry_after_s": float("nan")}]),
        "infinity in a float": pack([24, {"code": "", "sentence": "", "retry_after_s": 1e999}]),
        "largest unsigned": pack([4, 2**64 - 1]),
        "smallest signed": pack([4, -(2**63)]),
    }
    for size in SIZES:
        for head, kind in [
            (b"\xdd", "array"),
            (b"\xdf", "map"),
            (b"\xdb", "str"),
            (b"\xc6", "bin"),
        ]:
            nest[f"{kind} of {size}"] = b"\x92\x04" + head + struct.pack("!I", size)
        nest[f"extension of {size}"] = b"\x92\x04\xc9" + struct.pack("!I", size) + b"\x05"
    return nest


@pytest.mark.parametrize("name", sorted(bombs()))
def test_messages_that_expand_when_decoded_are_refused_within_little_memory(name: str) -> None:
    data = bombs()[name]
    for decode in (decode_client, hot.decode_seen):
        with memory_below(2 << 20):
            refused(data, decode)


# --- shapes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        pack(1),
        pack(None),
        pack("hello"),
        pack({"kind": 18}),
        pack([]),
        pack(["18", 1, "lobby.ready", {}]),
        pack([True, 1]),
        pack([0]),
        pack([99, 1]),
        pack([-1, 1]),
        pack([2, 1]),
        pack([3, 1, 1]),
        pack([17, {}]),
        pack([19, 1, {}]),
        pack([16]),
        pack([16, {}, {}]),
        pack([16, []]),
        pack([16, {"version": 1}]),
        pack([16, {"version": "1", "client": "x"}]),
        pack([16, {"version": 1, "client": "x", "token": "text"}]),
        pack([18, 0, "lobby.ready", {"ready": True}]),
        pack([18, -1, "lobby.ready", {"ready": True}]),
        pack([18, 2**53, "lobby.ready", {"ready": True}]),
        pack([18, True, "lobby.ready", {"ready": True}]),
        pack([18, 1, "lobby.ready"]),
    ],
)
def test_values_that_are_no_message_of_a_client_are_refused(odd: bytes) -> None:
    refused(odd)


def test_an_input_or_a_seen_must_be_alone_in_its_message() -> None:
    for hot_kind in (wire.Input(1, 2, 3, 4, ()), wire.Seen(5)):
        refused(encode(hot_kind) + REQUEST)
        refused(REQUEST + encode(hot_kind))
        refused(encode(hot_kind) * 2)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", 0),
        (b"\x95", 0),
        (b"\x90\x01", 0),
        (b"\x95\x01", 1),
        (b"\xdc\x00\x14\x01", 1),
        (b"\xdc\x00\x14", 0),
        (b"\x92\x06\x00", 6),
        (b"\x92\xcc\x06", 0),
        (b"\x81\x01\x01", 0),
        (b"\x92\xff", 0),
    ],
)
def test_peeking_returns_the_kind_or_zero(data: bytes, kind: int) -> None:
    assert hot.peek_kind(data) == kind
