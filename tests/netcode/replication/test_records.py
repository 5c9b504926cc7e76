"""The decoder's bounds, record by record."""

import msgpack
import pytest

from gameserver.accel.contexts import contexts_in_all
from gameserver.accel.rangecoding import PRIOR, SLOTS
from gameserver.errors import ProtocolError
from gameserver.game.fields import Audience
from gameserver.game.schema.table import table_of
from gameserver.ids import EntityId, Seat
from gameserver.netcode.replication.decoder import SectionDecoder, event_of
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.testing.skirmish import Bolt, Skirmish, Spark, Struck, Whispered
from tests.netcode.replication.bodies import Body
from tests.netcode.replication.test_codec import memory, walking

TABLE = table_of(Skirmish())


def records(*values: object) -> bytes:
    return b"".join(msgpack.packb(value) for value in values)


def spawned(entity_id: int, number: int, owner: int = 0) -> list[object]:
    """Return the record of a new entity, in a keyframe, with the values its class begins with."""
    entity = TABLE.by_number[number][Audience.PUBLIC].entity()
    entity.id, entity.owner = EntityId(entity_id), Seat(owner)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    encoder.encode([entity])
    unpacker = msgpack.Unpacker()
    unpacker.feed(encoder.keyframe())
    return list(unpacker)


PUBLIC_CLASSES = [n for n, tables in enumerate(TABLE.by_number) if Audience.PUBLIC in tables]


def test_ids_begin_at_one_and_classes_at_zero() -> None:
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    assert PUBLIC_CLASSES[0] == 0
    for number in PUBLIC_CLASSES:
        decoder.apply(records(*spawned(1, number)), keyframe=True)
        assert decoder.rows[EntityId(1)].table.number == number
    for change in ({1: 0}, {1: -1}, {2: -1}, {2: len(TABLE.by_number)}):
        record = [change.get(place, value) for place, value in enumerate(spawned(1, 0))]
        with pytest.raises(ProtocolError):
            decoder.apply(records(*record), keyframe=True)
    for entity_id, number in ((0, 0), (-1, 0), (1, -1), (1, len(TABLE.by_number))):
        with pytest.raises(ProtocolError):
            decoder.apply(Body().spawn(entity_id, number).end(), keyframe=False)


def test_each_event_of_the_game_and_no_other_is_taken() -> None:
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    events = [Struck(1, 2, "Ann"), Whispered(True, "", 1)]
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    for event in events:
        assert decoder.apply(encoder.encode([], [event]), keyframe=False).events
    for number in (-1, len(TABLE.events)):
        with pytest.raises(ProtocolError, match=f"event {number} is unknown"):
            decoder.apply(records(-3, number), keyframe=True)
        with pytest.raises(ProtocolError, match=f"event {number} is unknown"):
            decoder.apply(Body().event(number).end(), keyframe=False)
        with pytest.raises(ProtocolError, match=f"the game has no event {number}"):
            event_of(TABLE, number, [])


def test_a_reliable_event_has_its_fields_and_their_types() -> None:
    number = next(n for n, row in enumerate(TABLE.events) if row.event is Struck)
    assert event_of(TABLE, number, [1, 2, "Ann"]) == Struck(1, 2, "Ann")
    for fields in ([1, 2], [1, 2, "Ann", 3]):
        with pytest.raises(ProtocolError, match=f"has not {len(fields)} fields"):
            event_of(TABLE, number, fields)
    with pytest.raises(ProtocolError, match="str expected, not int"):
        event_of(TABLE, number, [1, 2, 3])


@pytest.mark.parametrize("head", [-8, -2, -1, 0, 1])
def test_a_keyframe_has_no_other_records(head: int) -> None:
    with pytest.raises(ProtocolError, match=f"record {head} is unknown"):
        SectionDecoder(TABLE, Audience.PUBLIC).apply(records(head, 1, 1), keyframe=True)


@pytest.mark.parametrize("cause", [[1], [1, 2, 3], [1, "a"], [True, 1], "ab", 5])
def test_a_cause_is_two_numbers(cause: object) -> None:
    record = [cause if place == 4 else value for place, value in enumerate(spawned(1, 0))]
    with pytest.raises(ProtocolError):
        SectionDecoder(TABLE, Audience.PUBLIC).apply(records(*record), keyframe=True)


def test_a_keyframe_tells_who_came_and_who_is_gone() -> None:
    encoder, decoder, scene, _ = walking(3)
    scene.spawn(Spark, 2, 0, -1)
    decoder.apply(encoder.encode(scene), keyframe=False)
    del scene.entities[EntityId(1)]
    scene.spawn(Bolt, 3, 0, -1)
    encoder.encode(scene)
    decoded = decoder.apply(encoder.keyframe(), keyframe=True)
    assert (decoded.spawned, decoded.despawned) == ([3], [1])
    assert (decoded.checksum, decoded.computed) == (None, None)


def test_a_decoder_hands_its_state_on_with_causes_and_memory() -> None:
    encoder, decoder, scene, runner = walking(3)
    scene.spawn(Bolt, 3, 2, 0)
    scene.entities[EntityId(3)].born = 77  # type: ignore[assignment]
    runner.x += 40
    decoder.apply(encoder.encode(scene), keyframe=False)
    other = SectionDecoder(TABLE, Audience.PUBLIC)
    other.apply(decoder.keyframe(), keyframe=True)
    assert memory(other) == memory(decoder)
    assert decoder.keyframe() == encoder.keyframe()
    assert [(row.born, row.ordinal) for row in other.rows.values()] == [(None, -1), (77, 0)]


LISTS = contexts_in_all(len(TABLE.by_number), len(TABLE.events))


@pytest.mark.parametrize(
    "values",
    [
        [-6, -1, 0],
        [-6, LISTS, 0],
        [-6, 0, 1],
        [-6, 0, 1, -1, PRIOR],
        [-6, 0, 1, SLOTS, PRIOR],
        [-6, 0, 1, 0, 31 << 3],
        [-6, 0, 1, 0, 4065 << 3],
        [-6, 0, 1, 0, PRIOR | 5],
        [-7, 2, 0, 0, 0],
        [-7, 1, 0, 0],
        [-6, 0, 1 << 40],
    ],
)
def test_what_cannot_have_been_learned_is_refused(values: list[int]) -> None:
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    with pytest.raises(ProtocolError):
        decoder.apply(records(*spawned(1, 3), *values), keyframe=True)


def test_who_is_handed_what_was_learned_goes_on_with_the_next_body() -> None:
    encoder, decoder, scene, runner = walking(3)
    other = SectionDecoder(TABLE, Audience.PUBLIC)
    for tick in range(30):
        runner.aim = (runner.aim + 7 + tick % 3) % 1024
        runner.hurt = tick % 4 == 0
        body = encoder.encode(scene, checksum=tick % 5 == 0)
        decoder.apply(body, keyframe=False)
        if tick > 9:
            other.apply(body, keyframe=False)
        if tick == 9:
            other.apply(decoder.keyframe(learned=True), keyframe=True)
    assert memory(other) == memory(decoder)
    assert other.keyframe(learned=True) == decoder.keyframe(learned=True)


def test_a_keyframe_that_ends_within_a_value_is_refused() -> None:
    body = records(-4, 1 << 30)
    assert SectionDecoder(TABLE, Audience.PUBLIC).apply(body, keyframe=True).checksum == 1 << 30
    with pytest.raises(ProtocolError, match="the last value is cut off"):
        SectionDecoder(TABLE, Audience.PUBLIC).apply(body + b"\xcd", keyframe=True)


def test_a_section_holds_a_bounded_number_of_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.netcode.replication.rows.MOST_ENTITIES", 2)
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    body = Body().spawn(1, 3, [0]).spawn(2, 3, [0])
    decoder.apply(body.end(), keyframe=False)
    assert len(decoder.rows) == 2
    with pytest.raises(ProtocolError):
        decoder.apply(Body().spawn(3, 3, [0]).end(), keyframe=False)
    record = [value for number in (1, 2, 3) for value in spawned(number, 3)]
    with pytest.raises(ProtocolError):
        decoder.apply(records(*record), keyframe=True)
