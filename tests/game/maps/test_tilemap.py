"""The map's grids, its identity and its road over the wire."""

from typing import Any

import attrs
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tilemap import (
    MAX_OBJECTS,
    MAX_PROPERTIES,
    MAX_SIDE,
    SOLID_OF,
    TILE,
    TILE_BITS,
    Decor,
    MapObject,
    ObjectKind,
    Solid,
    TileMap,
)
from gameserver.testing.maps import map_from_rows

names = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)
texts = st.text(st.characters(categories=["L", "N", "P"]), max_size=64)
values = st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts


@st.composite
def tile_maps(draw: st.DrawFn) -> TileMap:
    width, height = draw(st.integers(8, 20)), draw(st.integers(8, 20))
    area = width * height
    grid = st.binary(min_size=area, max_size=area)
    item = st.builds(
        MapObject,
        id=st.integers(0, 999),
        kind=st.sampled_from(ObjectKind),
        name=st.just("") | names,
        team=st.integers(0, 8),
        x=st.integers(0, width * TILE - 1),
        y=st.integers(0, height * TILE - 1),
        properties=st.dictionaries(names, values, max_size=4).map(
            lambda properties: tuple(sorted(properties.items()))
        ),
    )
    most = draw(st.integers(1, 64))
    return TileMap(
        name=draw(names),
        title=draw(texts),
        width=width,
        height=height,
        solid=draw(grid).translate(bytes(i % 3 for i in range(256))),
        ground=draw(grid),
        decor=draw(grid),
        objects=tuple(draw(st.lists(item, max_size=5))),
        modes=tuple(draw(st.lists(names, max_size=8))),
        min_players=draw(st.integers(1, most)),
        max_players=most,
    )


@given(tile_maps())
def test_a_map_is_the_same_after_encoding_and_decoding(tile_map: TileMap) -> None:
    packed = msgpack.packb(tile_map.to_wire())
    arrived = TileMap.from_wire(msgpack.unpackb(packed))
    assert arrived == tile_map
    assert arrived.digest == tile_map.digest


def test_the_grids_are_packed_once_however_often_the_map_is_asked_for() -> None:
    tile_map = map_from_rows("....", ".##.", "....", "....")
    first, second = tile_map.to_wire(), tile_map.to_wire()
    assert first == second
    assert all(one is other for one, other in zip(first, second, strict=True))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_invalid_values_raise_one_exception_type_only(value: Any) -> None:
    with pytest.raises(MapError):
        TileMap.from_wire(value)


SMALL = map_from_rows(*["#" * 8] * 8, objects=[MapObject(1, ObjectKind.SPAWN, "", 0, 9, 9)])


TOO_MANY = {f"p{number}": number for number in range(MAX_PROPERTIES + 1)}


def wire_with(place: int, value: object) -> list[object]:
    wire = SMALL.to_wire()
    wire[place] = value
    return wire


@given(
    st.integers(0, 11),
    st.none() | st.integers() | st.text() | st.binary() | st.lists(st.integers()) | st.floats(),
)
def test_a_changed_field_is_decoded_unchanged_or_refused(place: int, value: object) -> None:
    try:
        arrived = TileMap.from_wire(wire_with(place, value))
    except MapError:
        return
    assert arrived.to_wire() == wire_with(place, value)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, 2, "version 2"),
        (1, "../etc", "name"),
        (1, "Big", "name"),
        (2, "a\nb", "title"),
        (3, MAX_SIDE + 1, "width"),
        (3, 7, "width"),
        (4, True, "height"),
        (5, b"", "solid"),
        (5, b"\x3f\x03", "at most 2"),
        (5, b"\x3e\x01", "64 tiles"),
        (5, b"\x3f\x01\x00\x01", "64 tiles"),
        (5, bytes(130), "one for each tile"),
        (6, "text", "ground"),
        (8, [[1, "spawn", "", 0, 0, 0, {}]] * (MAX_OBJECTS + 1), "objects"),
        (8, [[1, "door", "", 0, 0, 0, {}]], "kind"),
        (8, [[1, [], "", 0, 0, 0, {}]], "kind"),
        (8, [[1, "spawn", "", 0, 8 * TILE, 0, {}]], "x: must be"),
        (8, [[1, "spawn", "", 0, 0, -1, {}]], "y: must be"),
        (8, [[1, "spawn", "", 0, 0, 0, {"a": 1.5}]], "property"),
        (8, [[1, "spawn", "", 0, 0, 0, {1: 1}]], "property"),
        (8, [[1, "spawn", "", 0, 0, 0, ["a"]]], "properties must be a map"),
        (8, [[1, "spawn", "", 0, 0, 0, TOO_MANY]], "properties must be a map"),
        (8, [[1, "spawn", "", 0, 0, 0, {"a": "x" * 65}]], "property"),
        (10, 9, "min_players"),
        (11, 1025, "max_players"),
    ],
)
def test_values_beyond_the_limits_are_refused_by_name(place: int, value: object, said: str) -> None:
    with pytest.raises(MapError) as caught:
        TileMap.from_wire(wire_with(place, value))
    assert said in str(caught.value)


def test_a_large_map_has_few_bytes_on_the_wire() -> None:
    rows = ["#" * 64, *["#" + "." * 62 + "#"] * 38, "#" * 64]
    assert len(msgpack.packb(map_from_rows(*rows).to_wire())) < 2048


def test_outside_the_map_is_wall() -> None:
    tile_map = map_from_rows("..=", "#..")
    inside = [[tile_map.solid_at(tx, ty) for tx in range(3)] for ty in range(2)]
    assert inside == [[0, 0, 2], [1, 0, 0]]
    for tx, ty in [(-1, 0), (3, 0), (0, -1), (0, 2), (-9, 99)]:
        assert tile_map.solid_at(tx, ty) is Solid.WALL


def test_the_padded_grids_show_which_tiles_stop_movement_and_shots() -> None:
    tile_map = map_from_rows(".=#")
    assert tile_map.stops_movers.cells == b"\1\1\1\1\1" + b"\1\0\1\1\1" + b"\1\1\1\1\1"
    assert tile_map.stops_shots.cells == b"\1\1\1\1\1" + b"\1\0\0\1\1" + b"\1\1\1\1\1"


def test_a_point_is_blocked_on_tiles_that_stop_movement() -> None:
    tile_map = map_from_rows(".=")
    assert TILE == 1 << TILE_BITS
    assert not tile_map.blocked(TILE - 1, 0)
    assert tile_map.blocked(TILE, 0)
    assert tile_map.blocked(-1, 0)


def test_grids_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="64 tiles"):
        attrs.evolve(SMALL, ground=b"")


def test_objects_are_found_by_kind_and_team() -> None:
    items = [
        MapObject(number, kind, "", team, 0, 0)
        for number, (kind, team) in enumerate(
            [(ObjectKind.SPAWN, 1), (ObjectKind.FLAG, 1), (ObjectKind.SPAWN, 2)]
        )
    ]
    tile_map = map_from_rows("..", objects=items)
    assert [item.id for item in tile_map.of_kind(ObjectKind.SPAWN)] == [0, 2]
    assert [item.id for item in tile_map.of_kind(ObjectKind.SPAWN, 2)] == [2]
    assert tile_map.of_kind(ObjectKind.PICKUP) == ()


def test_the_digest_depends_on_what_a_simulation_reads_and_nothing_else() -> None:
    looks = attrs.evolve(SMALL, title="Other", ground=bytes(64), decor=bytes(64))
    assert looks.digest == SMALL.digest
    for changed in (
        attrs.evolve(SMALL, solid=bytes(64)),
        attrs.evolve(SMALL, objects=()),
        attrs.evolve(SMALL, modes=("ctf",)),
    ):
        assert changed.digest != SMALL.digest


def test_the_digest_is_the_same_in_every_process() -> None:
    assert SMALL.digest == "f40bba46bdd7db2e65fa7df2f4cf17ad"


def test_every_decor_declares_what_it_stops() -> None:
    assert set(SOLID_OF) == set(Decor)
