"""Groups take each other's place, cells come and go, and reliable events have their types."""

import pytest

from gameserver.errors import ProtocolError
from gameserver.game.fields import Audience
from gameserver.ids import EntityId, Tick
from gameserver.messages.wire import Section
from gameserver.netcode.replication.decoder import event_of
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.netcode.replication.sections import FIRST_GROUP, PUBLIC, Rate, cell_section
from gameserver.testing.skirmish import Runner, Struck
from tests.netcode.replication.test_reader import GAME, TABLE, keyframe, runner, world

STRUCK = next(row for row in TABLE.events if row.event is Struck)


def test_another_group_replaces_the_first() -> None:
    source, reader = world(), SnapshotReader(GAME)
    public = keyframe(PUBLIC, Audience.PUBLIC, source)
    first = reader.apply(
        Tick(1), [public, keyframe(FIRST_GROUP + 1, Audience.GROUP, source, owner=0)]
    )
    assert [runner(first, number).plan for number in (1, 2)] == [3, 0]
    second = reader.apply(
        Tick(2), [public, keyframe(FIRST_GROUP + 2, Audience.GROUP, source, owner=1)]
    )
    assert [runner(second, number).plan for number in (1, 2)] == [0, 4]
    assert second.keyframes == 2


def test_a_cell_needs_no_keyframe_and_ends_when_it_is_empty() -> None:
    source, reader = world(), SnapshotReader(GAME)
    cell = cell_section(5, Rate.FAR)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    empty = Section(PUBLIC, True, SectionEncoder(TABLE, Audience.PUBLIC).keyframe())
    filled = Section(cell, False, encoder.encode(list(source)))
    first = reader.apply(Tick(1), [empty, filled])
    assert first.confirmed is not None
    assert sorted(first.confirmed.entities) == [1, 2]
    assert first.keyframes == 1
    # An absent far cell stands still.
    second = reader.apply(Tick(2), [])
    assert runner(second, 1).x == runner(first, 1).x
    third = reader.apply(Tick(3), [Section(cell, False, encoder.encode([]))])
    assert third.confirmed is not None
    assert third.confirmed.entities == {}
    assert cell not in reader._decoders


def test_of_two_rows_of_one_entity_that_of_the_newer_then_of_the_nearer_cell_is_used() -> None:
    source, reader = world(), SnapshotReader(GAME)
    empty = Section(PUBLIC, True, SectionEncoder(TABLE, Audience.PUBLIC).keyframe())

    def cell(number: int, rate: Rate, x: int) -> Section:
        moved = source.get(EntityId(1))
        assert isinstance(moved, Runner)
        moved.x = x
        body = SectionEncoder(TABLE, Audience.PUBLIC).encode([moved])
        return Section(cell_section(number, rate), False, body)

    same = [empty, cell(5, Rate.NEAR, 100), cell(6, Rate.FAR, 200)]
    assert runner(reader.apply(Tick(1), same), 1).x == 100
    reader = SnapshotReader(GAME)
    reader.apply(Tick(1), [empty, cell(5, Rate.SLOW, 100)])
    assert runner(reader.apply(Tick(2), [cell(6, Rate.FAR, 200)]), 1).x == 200


def test_a_garbled_cell_is_unknown_until_its_keyframe() -> None:
    source, reader = world(), SnapshotReader(GAME)
    cell = cell_section(5, Rate.FAR)
    empty = Section(PUBLIC, True, SectionEncoder(TABLE, Audience.PUBLIC).keyframe())
    garbled = reader.apply(Tick(1), [empty, Section(cell, False, b"\xc1")])
    assert [each.section for each in garbled.desyncs] == [cell]
    body = SectionEncoder(TABLE, Audience.PUBLIC).encode(list(source))
    ignored = reader.apply(Tick(2), [Section(cell, False, body)])
    assert ignored.confirmed is not None
    assert (ignored.confirmed.entities, ignored.desyncs) == ({}, [])
    mended = reader.apply(Tick(3), [keyframe(cell, Audience.PUBLIC, source)])
    assert runner(mended, 1).x == 10
    assert mended.keyframes == 0, "only those of the viewer's own sections are counted"


def test_a_reliable_event_is_built_from_its_number_and_fields() -> None:
    assert event_of(TABLE, STRUCK.number, [1, 2, "arm"]) == Struck(1, 2, "arm")


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        (-1, [1, 2, "arm"]),
        (len(TABLE.events), [1, 2, "arm"]),
        (STRUCK.number, [1, 2]),
        (STRUCK.number, [1, 2, "arm", 3]),
        (STRUCK.number, [1, "2", "arm"]),
        (STRUCK.number, [True, 2, "arm"]),
        (STRUCK.number, [1, 2, 3]),
    ],
)
def test_an_unknown_event_of_the_game_is_refused(number: int, fields: list[object]) -> None:
    with pytest.raises(ProtocolError):
        event_of(TABLE, number, fields)
