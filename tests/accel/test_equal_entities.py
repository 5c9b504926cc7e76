"""Entities advance, and frames are written and read, as the implementation in Python does it."""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.differ.story import Thing
from gameserver.accel import HotPath, pure
from gameserver.accel.pure.frames import short_payload
from gameserver.game.entity import Entity
from gameserver.game.fields import INTEGER_LIMIT, Audience, networked
from gameserver.game.game import Game
from gameserver.game.schema.table import ClassTable, state_fields, table_of
from gameserver.ids import EntityId, Seat
from gameserver.testing.skirmish import SkirmishCommand

FAR = INTEGER_LIMIT - 1


@attrs.define(eq=False, slots=False)
class LooseThing(Entity):
    hold: int = networked(default=0)
    label: str = networked(default="")


class Things(Game):
    """Only its declarations count."""

    name = "things"
    entities = (Thing, LooseThing)
    command = SkirmishCommand


# --- entities -----------------------------------------------------------------------------------

Values = {
    "int": st.one_of(st.integers(-300, 300), st.sampled_from([-FAR, FAR, 0, 1 << 31])),
    "bool": st.booleans(),
    "str": st.sampled_from(("", "calm", "größer", "🌩" * 60, "a" * 31, "b" * 32)),
    "float": st.one_of(st.integers(-4000, 4000).map(lambda n: n * 0.125), st.floats(-1e6, 1e6)),
}
Change = st.tuples(st.integers(1, 4), st.data())


def tracked(hot: HotPath, entities: list[Entity], tables: dict[type, ClassTable]) -> dict[Any, Any]:
    return {entity.id: hot.track(entity, tables[type(entity)]) for entity in entities}


@given(st.data())
@settings(max_examples=300)
def test_entities_advance_byte_for_byte_alike(native: HotPath, data: st.DataObject) -> None:
    game_table = table_of(Things())
    tables = {kind: game_table.classes[kind][Audience.PUBLIC] for kind in (Thing, LooseThing)}
    entities: list[Entity] = [Thing(), Thing(), LooseThing()]
    for number, entity in enumerate(entities, 1):
        entity.id = EntityId(number * 90)
    both = [(hot, tracked(hot, entities, tables)) for hot in (native, pure)]
    writers = [hot.body_writer() for hot, _ in both]
    for _ in range(data.draw(st.integers(1, 8))):
        for _ in range(data.draw(st.integers(0, 5))):
            entity = data.draw(st.sampled_from(entities))
            field = data.draw(st.sampled_from(state_fields(type(entity))))
            values = st.integers(0, field.wrap - 1) if field.wrap else Values[field.kind.value]
            setattr(entity, field.name, data.draw(values))
        if data.draw(st.integers(0, 9)) == 0:
            data.draw(st.sampled_from(entities)).owner = Seat(data.draw(st.integers(-1, 3)))
        stranger = Thing()
        stranger.id = data.draw(st.sampled_from([EntityId(1), entities[0].id]))
        given_entities = [*entities, stranger]
        results = [hot.advance(tracks, given_entities) for hot, tracks in both]
        assert results[0] == results[1]
        restart = data.draw(st.integers(0, 3)) == 0
        plain = results[0][0] and data.draw(st.booleans())
        bodies = []
        for writer, (_, tracks) in zip(writers, both, strict=True):
            if plain:
                bodies.append(writer.updates(tracks, restart))
                continue
            writer.begin(list(tracks.values()), results[0][0], restart)
            bodies.append(writer.end())
        assert bodies[0] == bodies[1]
        for entity_id in both[0][1]:
            ours, theirs = (tracks[entity_id] for _, tracks in both)
            assert list(map(repr, ours.state)) == list(map(repr, theirs.state))
            assert (ours.entity, ours.owner, ours.table) == (
                theirs.entity,
                theirs.owner,
                theirs.table,
            )


def test_nothing_to_advance_gives_no_bytes(native: HotPath) -> None:
    lone = Thing()
    assert native.advance({}, [lone]) == pure.advance({}, [lone]) == (False, 0, [lone])
    assert native.advance({}, iter([])) == (False, 0, [])


Wholes = st.one_of(
    st.integers(-300, 300), st.integers(-(1 << 63) + 1, (1 << 63) - 1), st.integers(0, 64).map(
        lambda bits: (1 << bits) - 1 if bits < 64 else 0
    ),
)  # fmt: skip
Acts = st.one_of(
    st.tuples(st.just("flag"), st.integers(0, 40), st.integers(0, 8), st.booleans()),
    st.tuples(st.just("whole"), st.integers(0, 40), Wholes),
    st.tuples(st.just("text"), st.integers(0, 40), st.text(max_size=40)),
    st.tuples(st.just("direct"), st.integers(0, (1 << 32) - 1), st.integers(1, 32)),
    st.just(("forget",)),
    st.just(("end",)),
)


@given(st.lists(Acts, max_size=60), st.integers(1, 20))
@settings(max_examples=300)
def test_bodies_are_written_alike(native: HotPath, acts: list[Any], often: int) -> None:
    writers = [hot.body_writer() for hot in (native, pure)]
    for name, *values in [("begin", [], False, True), *acts * often, ("end",)]:
        results = [getattr(writer, name)(*values) for writer in writers]
        assert results[0] == results[1]
        if name == "end":
            for writer in writers:
                writer.begin([], False, False)


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63), -(1 << 63) - 1, 1 << 70])
def test_a_number_of_more_than_63_bits_is_refused(hot: HotPath, value: int) -> None:
    writer = hot.body_writer()
    with pytest.raises(OverflowError):
        writer.whole(1, value)
    writer.begin([], False, False)
    writer.whole(1, (1 << 63) - 1)
    assert writer.end()


def test_bits_that_carry_over_many_bytes_are_written_alike(native: HotPath) -> None:
    for start in range(200):
        bodies = []
        for hot in (native, pure):
            writer = hot.body_writer()
            writer.begin([], False, False)
            writer.direct(0xFFFFFFFF - start, 32)
            for _ in range(400):
                writer.direct(0xFFFFFFFF, 32)
            for i in range(60):
                writer.flag(1, 0, i % 7 == start % 7)
            bodies.append(writer.end())
        assert bodies[0] == bodies[1]


# --- frames -------------------------------------------------------------------------------------


@given(st.binary(max_size=140), st.integers(0, 140), st.booleans())
@settings(max_examples=300)
def test_frames_are_read_alike(native: HotPath, data: bytes, length: int, dressed: bool) -> None:
    if dressed:
        data = bytes((0x82, 0x80 | min(length, 127))) + data
    payload = short_payload(data)
    both: list[list[bytes]] = []
    for hot in (native, pure):
        taken: list[bytes] = []
        both.append(taken)
        tap = hot.tap(frozenset({b"ab" if payload is None else payload[:2]}), taken.append)
        tap.ready = True
        tap.take(data)
    if payload is not None:
        assert both == [[payload], [payload]]
    else:
        assert both[1] == []


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frames_are_written_alike(native: HotPath, size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    assert native.binary_frame(payload[:size]) == pure.binary_frame(payload[:size])
