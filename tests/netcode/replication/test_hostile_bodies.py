"""Bodies that no encoder sends: each is refused by one exception, whatever it holds."""

import contextlib
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.accel.contexts import class_contexts, field_contexts, spawn_contexts
from gameserver.accel.rangecoding import ContextSets, RangeReader
from gameserver.errors import GameFaultError, ProtocolError
from gameserver.game.fields import Audience
from gameserver.ids import EntityId
from gameserver.netcode.replication import bodies
from gameserver.netcode.replication import encoder as encoding
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.testing.skirmish import Board, Spark, Struck
from tests.netcode.replication.bodies import Body
from tests.netcode.replication.test_codec import TABLE, Scene, walking


def fresh_decoder() -> SectionDecoder:
    return walking(3)[1]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_random_bytes_raise_one_exception_type_only(body: bytes, keyframe: bool) -> None:
    with contextlib.suppress(ProtocolError):
        fresh_decoder().apply(body, keyframe=keyframe)


WILD = st.one_of(
    st.sampled_from([-1, -2, -3, -4, -5, 0, 1, 2, 3, 255, 1 << 63, -(1 << 63), (1 << 64) - 1]),
    st.integers(-10, 300),
    st.none(),
    st.booleans(),
    st.text(max_size=4),
    st.floats(),
    st.binary(max_size=3),
    st.lists(st.integers(-5, 5), max_size=3),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(WILD, max_size=24))
def test_garbled_records_of_a_keyframe_raise_one_exception_type_only(values: list[object]) -> None:
    body = b"".join(msgpack.packb(value) for value in values)
    with contextlib.suppress(ProtocolError):
        fresh_decoder().apply(body, keyframe=True)


WILD_BITS = st.one_of(
    st.tuples(st.just("flag"), st.integers(0, 200), st.integers(0, 288), st.integers(0, 1)),
    st.tuples(st.just("whole"), st.integers(0, 200), st.integers(-(1 << 63) + 1, (1 << 63) - 1)),
    st.tuples(st.just("spawn"), st.integers(-1, 3), st.integers(-1, 5)),
    st.tuples(st.just("gone"), st.integers(-1, 3)),
    st.tuples(st.just("event"), st.integers(-1, 5)),
    st.tuples(st.just("checksum"), st.integers(0, (1 << 32) - 1)),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(WILD_BITS, max_size=24), st.booleans(), st.integers(0, 99))
def test_garbled_bits_raise_one_exception_type_only(
    acts: list[tuple[Any, ...]], changed: bool, cut: int
) -> None:
    body = Body(changed=changed)
    for act, *values in acts:
        getattr(body, act)(*values)
    with contextlib.suppress(ProtocolError):
        fresh_decoder().apply(body.end()[:cut], keyframe=False)


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_what_is_read_is_bounded_by_the_bytes(data: bytes) -> None:
    reader, contexts, read = RangeReader(data), ContextSets(), 0
    with pytest.raises(ProtocolError, match="it is cut off"):  # noqa: PT012
        while True:
            reader.bit(contexts[0], 0)
            read += 1
    assert read <= 89 * 8 * (len(data) + 4)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_changed_byte_raises_one_exception_type_only(data: st.DataObject) -> None:
    scene, encoder = Scene(), SectionEncoder(TABLE, Audience.PUBLIC)
    scene.mutate(data)
    body = bytearray(encoder.encode(scene, [Struck(1, 2, "Ann")], checksum=True))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    try:
        decoder.apply(bytes(body), keyframe=False)
        decoder.apply(bytes(body), keyframe=False)
    except ProtocolError:
        pass


NOTHING = [0] * 8
"""No field of a Runner."""


@pytest.mark.parametrize(
    "body",
    [
        Body(changed=True).entity(1, NOTHING),
        Body().spawn(2, 99),  # a class nobody knows
        Body().spawn(0, 3, [1]),  # an id below 1
        Body().spawn(2, 0, [1, "x" * 1025]),  # a text that is too long
        Body().spawn(2, 0, [1]).whole(spawn_contexts(0) + 1, -1),
        Body().gone(9),
        Body().event(9),
        Body().event(-1),
    ],
)
def test_bodies_that_no_encoder_would_send_are_refused(body: Body) -> None:
    with pytest.raises(ProtocolError):
        fresh_decoder().apply(body.end(), keyframe=False)


def test_a_text_that_is_not_utf_8_is_refused() -> None:
    body = Body().spawn(2, 0, [1]).whole(spawn_contexts(0) + 1, 1)
    body.bits.direct(0xFF, 8)
    with pytest.raises(ProtocolError, match="UTF-8"):
        fresh_decoder().apply(body.end(), keyframe=False)


def test_sums_beyond_64_bits_are_refused() -> None:
    decoder = fresh_decoder()
    for _ in range(4):
        body = Body(changed=True)
        body.flag(class_contexts(1), 0, 1).flag(field_contexts(1), 0, 1)
        near = decoder.rows[EntityId(1)].state[-2]
        body.bits.signed(body.sets[field_contexts(1)], (1 << 63) - 1, near)
        for i, before in enumerate([1, 0, 0, 0, 0, 0, 0], start=1):
            if not decoder.rows[EntityId(1)].table.fields[i].once:
                body.flag(field_contexts(1) + i, before, 0)
        decoder.apply(body.end(), keyframe=False)
    with pytest.raises(ProtocolError):
        decoder.apply(Body().checksum(0).end(), keyframe=False)


def test_bytes_that_are_missing_or_too_many_are_refused() -> None:
    encoder, decoder, scene, _ = walking(3)
    for number in range(2, 20):
        scene.spawn(Board, number, 0, -1)
    body = encoder.encode(scene)
    with pytest.raises(ProtocolError, match="bytes behind the last record"):
        fresh_decoder().apply(body + bytes(5), keyframe=False)
    with pytest.raises(ProtocolError):
        fresh_decoder().apply(body[:-9], keyframe=False)
    decoder.apply(body, keyframe=False)


def test_a_value_that_cannot_be_packed_is_no_keyframe() -> None:
    scene, encoder = Scene(), SectionEncoder(TABLE, Audience.PUBLIC)
    scene.spawn(Spark, 1, -1, -1)
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    decoder.apply(encoder.encode(scene), keyframe=False)
    assert decoder.keyframe()
    (row,) = decoder.rows.values()
    row.state[0] = 1 << 70
    with pytest.raises(ProtocolError, match="out of bounds"):
        decoder.keyframe()


def test_a_body_of_few_bytes_holds_a_bounded_number_of_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "MOST_RECORDS", 50)
    for count in (50, 51):
        body = Body()
        for _ in range(count):
            body.checksum(0)
        decoder = fresh_decoder()
        if count == 50:
            assert decoder.apply(body.end(), keyframe=False).checksum == 0
        else:
            with pytest.raises(ProtocolError, match="too many records"):
                decoder.apply(body.end(), keyframe=False)


def test_a_server_whose_game_does_more_in_a_tick_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST_RECORDS", 3)
    encoder, _, scene, _ = walking(3)
    encoder.encode(scene, [Struck(1, 2, "Ann")] * 2, checksum=True)
    with pytest.raises(GameFaultError, match="4 entities and events"):
        encoder.encode(scene, [Struck(1, 2, "Ann")] * 4)
