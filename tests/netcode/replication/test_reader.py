"""Sections put together into entities, snapshot by snapshot."""

import pytest

from gameserver.game.fields import Audience
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.messages.wire import Section
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.netcode.replication.sections import (
    FIRST_GROUP,
    MOST_CELLS,
    OWNER,
    PUBLIC,
    Rate,
    cell_section,
)
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishOptions, Thrown
from tests.netcode.replication.bodies import Body

GAME = Skirmish()
TABLE = table_of(GAME)


def world() -> World:
    made = World(map=map_from_rows(*["." * 16] * 16), options=SkirmishOptions(), salt=1)
    made.spawn(Runner(x=10, y=20, name="me", ammo=7, plan=3), Seat(0))
    made.spawn(Runner(x=30, y=40, name="other", ammo=9, plan=4), Seat(1))
    return made


def keyframe(number: int, audience: Audience, source: World, owner: int | None = None) -> Section:
    encoder = SectionEncoder(TABLE, audience)
    encoder.encode([e for e in source if owner is None or e.owner == owner])
    return Section(number, keyframe=True, body=encoder.keyframe())


def runner(reading: object, entity_id: int) -> Runner:
    confirmed = reading.confirmed  # type: ignore[attr-defined]
    entity = confirmed.entities[EntityId(entity_id)]
    assert isinstance(entity, Runner)
    return entity


def test_sections_join_into_one_entity_and_unsent_fields_keep_their_defaults() -> None:
    source = world()
    reading = SnapshotReader(GAME).apply(
        Tick(1),
        [
            keyframe(PUBLIC, Audience.PUBLIC, source),
            keyframe(OWNER, Audience.OWNER, source, owner=0),
            keyframe(FIRST_GROUP + 1, Audience.GROUP, source, owner=0),
        ],
    )
    mine, other = runner(reading, 1), runner(reading, 2)
    assert (mine.x, mine.name, mine.ammo, mine.plan, mine.owner) == (10, "me", 7, 3, 0)
    assert (other.x, other.name, other.ammo, other.plan) == (30, "other", Runner().ammo, 0)
    assert reading.keyframes == 3


def test_an_entity_that_did_not_change_is_the_same_object_in_the_next_snapshot() -> None:
    source, reader = world(), SnapshotReader(GAME)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    encoder.encode(list(source))
    first = reader.apply(Tick(1), [Section(PUBLIC, True, encoder.keyframe())])
    moved = source.get(EntityId(2))
    assert isinstance(moved, Runner)
    moved.x += 5
    second = reader.apply(Tick(2), [Section(PUBLIC, False, encoder.encode(list(source)))])
    assert runner(second, 1) is runner(first, 1)
    assert (runner(first, 2).x, runner(second, 2).x) == (30, 35)


def test_an_absent_section_is_extrapolated() -> None:
    source, reader = world(), SnapshotReader(GAME)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    encoder.encode(list(source))
    reader.apply(Tick(1), [Section(PUBLIC, True, encoder.keyframe())])
    moved = source.get(EntityId(2))
    assert isinstance(moved, Runner)
    moved.x += 5
    reader.apply(Tick(2), [Section(PUBLIC, False, encoder.encode(list(source)))])
    assert runner(reader.apply(Tick(3), []), 2).x == 40


def test_nothing_is_known_before_the_first_keyframe() -> None:
    reading = SnapshotReader(GAME).apply(Tick(1), [Section(PUBLIC, False, b"")])
    assert reading.confirmed is None


def test_a_viewer_is_in_one_group_at_a_time() -> None:
    source, reader = world(), SnapshotReader(GAME)
    public = keyframe(PUBLIC, Audience.PUBLIC, source)
    reader.apply(Tick(1), [public, keyframe(FIRST_GROUP + 1, Audience.GROUP, source, owner=0)])
    changed = reader.apply(Tick(2), [keyframe(FIRST_GROUP + 2, Audience.GROUP, source, owner=1)])
    assert (runner(changed, 1).plan, runner(changed, 2).plan) == (0, 4)


def test_garbled_bytes_and_wrong_sums_ask_for_a_keyframe_of_that_section() -> None:
    source, reader = world(), SnapshotReader(GAME)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    encoder.encode(list(source))
    reader.apply(Tick(1), [Section(PUBLIC, True, encoder.keyframe())])
    wrong_sum = reader.apply(Tick(2), [Section(PUBLIC, False, Body().checksum(7).end())])
    assert [(d.section, d.expected) for d in wrong_sum.desyncs] == [(PUBLIC, 7)]
    garbled = reader.apply(Tick(3), [Section(PUBLIC, False, Body().gone(9).end())])
    assert len(garbled.desyncs) == 1
    assert garbled.confirmed is None


def test_events_come_as_the_games_own_classes() -> None:
    source, reader = world(), SnapshotReader(GAME)
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    encoder.encode(list(source), [Thrown(1)])
    reading = reader.apply(Tick(1), [Section(PUBLIC, True, encoder.keyframe())])
    assert reading.events == [Thrown(1)]


@pytest.mark.parametrize("cell", [0, 1, MOST_CELLS - 1])
def test_an_entity_of_a_cell_is_in_the_world_until_the_cell_says_it_is_gone(cell: int) -> None:
    reader = SnapshotReader(GAME)
    near = cell_section(cell, Rate.NEAR)
    public = SectionEncoder(TABLE, Audience.PUBLIC)
    inside = SectionEncoder(TABLE, Audience.PUBLIC)
    public.encode([])
    reader.apply(Tick(1), [Section(PUBLIC, True, public.keyframe())])
    entities = list(world())
    reading = reader.apply(Tick(2), [Section(near, False, inside.encode(entities[:1]))])
    assert reading.confirmed is not None
    assert list(reading.confirmed.entities) == [1]
    assert (reading.keyframes, reading.desyncs) == (0, [])
    gone = reader.apply(Tick(3), [Section(near, False, inside.encode([]))])
    assert gone.confirmed is not None
    assert list(gone.confirmed.entities) == []
    assert reader.keyframe(near) is None, "an empty cell is forgotten"


def test_of_a_keyframe_with_cells_only_the_sections_below_them_count_as_keyframes() -> None:
    source = world()
    cells = [cell_section(0, Rate.NEAR), cell_section(5, Rate.FAR)]
    sections = [keyframe(number, Audience.PUBLIC, source) for number in (PUBLIC, *cells)]
    reading = SnapshotReader(GAME).apply(Tick(1), sections)
    assert reading.keyframes == 1


def test_a_cell_that_could_not_be_read_waits_for_its_keyframe() -> None:
    source, reader = world(), SnapshotReader(GAME)
    public, cell = SectionEncoder(TABLE, Audience.PUBLIC), cell_section(0, Rate.NEAR)
    public.encode([])
    reader.apply(Tick(1), [Section(PUBLIC, True, public.keyframe())])
    assert len(reader.apply(Tick(2), [Section(cell, False, Body().gone(9).end())]).desyncs) == 1
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    body = encoder.encode(list(source))
    assert reader.apply(Tick(3), [Section(cell, False, body)]).desyncs == []
    assert reader.keyframe(cell) is None
    reading = reader.apply(Tick(4), [Section(cell, True, encoder.keyframe())])
    assert reading.confirmed is not None
    assert list(reading.confirmed.entities) == [1, 2]


def test_of_two_cells_with_one_entity_the_later_or_the_nearer_counts() -> None:
    source, reader = world(), SnapshotReader(GAME)
    public = SectionEncoder(TABLE, Audience.PUBLIC)
    public.encode([])
    old = keyframe(cell_section(0, Rate.NEAR), Audience.PUBLIC, source)
    moved = source.get(EntityId(1))
    assert isinstance(moved, Runner)
    moved.x += 100
    far = cell_section(1, Rate.FAR)
    later = SectionEncoder(TABLE, Audience.PUBLIC)
    later.encode(list(source))
    first = [Section(PUBLIC, True, public.keyframe()), old, Section(far, True, later.keyframe())]
    assert runner(reader.apply(Tick(1), first), 1).x == 10, "near counts before far"
    reading = reader.apply(Tick(2), [])
    assert runner(reading, 1).x == 10
    assert reader.keyframes()[0].number == PUBLIC
    assert [each.number for each in reader.keyframes()] == [PUBLIC, old.number, far]
