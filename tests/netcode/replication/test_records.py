"""The decoder's bounds, record by record."""

import msgpack
import pytest

from gameserver.errors import ProtocolError
from gameserver.game.fields import Audience
from gameserver.game.schema.table import table_of
from gameserver.ids import EntityId, Seat
from gameserver.netcode.replication.decoder import SectionDecoder, event_of
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.testing.skirmish import Bolt, Skirmish, Spark, Struck, Whispered
from tests.netcode.replication.test_codec import fresh_decoder, memory, walking

TABLE = table_of(Skirmish())


def records(*values: object) -> bytes:
    return b"".join(msgpack.packb(value) for value in values)


def spawned(entity_id: int, number: int, owner: int = 0) -> list[object]:
    """Return the record of a new entity with the values that its class begins with."""
    entity = TABLE.by_number[number][Audience.PUBLIC].entity()
    entity.id, entity.owner = EntityId(entity_id), Seat(owner)
    body = SectionEncoder(TABLE, Audience.PUBLIC).encode([entity])
    unpacker = msgpack.Unpacker()
    unpacker.feed(body)
    return list(unpacker)


PUBLIC_CLASSES = [n for n, tables in enumerate(TABLE.by_number) if Audience.PUBLIC in tables]


def test_ids_begin_at_one_and_classes_at_zero() -> None:
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    assert PUBLIC_CLASSES[0] == 0
    for number in PUBLIC_CLASSES:
        decoder.apply(records(*spawned(1, number)), keyframe=False)
        assert decoder.rows[EntityId(1)].table.number == number
    for change in ({1: 0}, {1: -1}, {2: -1}, {2: len(TABLE.by_number)}):
        record = [change.get(place, value) for place, value in enumerate(spawned(1, 0))]
        with pytest.raises(ProtocolError):
            decoder.apply(records(*record), keyframe=False)


def test_each_event_of_the_game_and_no_other_is_taken() -> None:
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    events = [Struck(1, 2, "Ann"), Whispered(True, "", 1)]
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    for event in events:
        assert decoder.apply(encoder.encode([], [event]), keyframe=False).events
    for number in (-1, len(TABLE.events)):
        with pytest.raises(ProtocolError, match=f"event {number} is unknown"):
            decoder.apply(records(-3, number), keyframe=False)
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


def test_a_mask_has_a_bit_for_each_field() -> None:
    decoder = fresh_decoder()
    count = len(decoder.rows[EntityId(1)].table.fields)
    with pytest.raises(ProtocolError, match="expected"):
        decoder.apply(records(1, (1 << count) - 1), keyframe=False)
    for mask in (0, 1 << count):
        with pytest.raises(ProtocolError, match=f"mask {mask} does not fit Runner"):
            decoder.apply(records(1, mask), keyframe=False)


@pytest.mark.parametrize("cause", [[1], [1, 2, 3], [1, "a"], [True, 1], "ab", 5])
def test_a_cause_is_two_numbers(cause: object) -> None:
    record = [cause if place == 4 else value for place, value in enumerate(spawned(1, 0))]
    with pytest.raises(ProtocolError):
        SectionDecoder(TABLE, Audience.PUBLIC).apply(records(*record), keyframe=False)


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


def test_a_body_that_ends_within_a_value_is_refused() -> None:
    body = records(-4, 1 << 30)
    assert SectionDecoder(TABLE, Audience.PUBLIC).apply(body, keyframe=False).checksum == 1 << 30
    with pytest.raises(ProtocolError, match="the last value is cut off"):
        SectionDecoder(TABLE, Audience.PUBLIC).apply(body + b"\xcd", keyframe=False)


def test_a_section_holds_a_bounded_number_of_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.netcode.replication.decoder.MOST_ENTITIES", 2)
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    for number in (1, 2):
        decoder.apply(records(*spawned(number, 0)), keyframe=False)
    with pytest.raises(ProtocolError):
        decoder.apply(records(*spawned(3, 0)), keyframe=False)
