"""The largest and smallest values of a map, in a file and on the wire: taken; beyond: refused."""

from pathlib import Path
from typing import Any

import pytest

from gameserver.game.geometry.collide import overlaps
from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tiled import load_map
from gameserver.game.maps.tilemap import (
    MAX_INTEGER,
    MAX_MODES,
    MAX_OBJECTS,
    MAX_PLAYERS,
    MAX_PROPERTIES,
    MAX_PROPERTY_TEXT,
    MAX_SIDE,
    MAX_TEAM,
    MAX_TITLE,
    TILE,
    MapObject,
    ObjectKind,
    TileMap,
)
from gameserver.testing.maps import map_from_rows
from tests.game.tiledfiles import HEIGHT, WIDTH, Json, document, faults_of, placed, save, team

SMALL = map_from_rows(*["#" * 8] * 8, objects=[MapObject(1, ObjectKind.SPAWN, "", 0, 9, 9)])
NAMES = [f"m{number}" for number in range(MAX_MODES + 1)]
RUNS = b"\x3f"
"""The beginning of a run of all 64 tiles."""


def item(**changed: object) -> list[object]:
    plain: dict[str, object] = {
        "id": 1, "kind": "spawn", "name": "", "team": 0, "x": 0, "y": 0, "properties": {},
    }  # fmt: skip
    return list((plain | changed).values())


def is_taken(place: int, value: object) -> bool:
    wire = SMALL.to_wire()
    wire[place] = value
    try:
        return TileMap.from_wire(wire).to_wire() == wire
    except MapError:
        return False


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        (2, ["", "x" * MAX_TITLE], ["x" * (MAX_TITLE + 1)]),
        (5, [RUNS + b"\x02"], [RUNS + b"\x03"]),
        (6, [RUNS + b"\xff", RUNS + b"\x00"], [b"\x3e\x00", b"\x3f\x00\x00\x00"]),
        (7, [RUNS + b"\xff", RUNS + b"\x00"], [b"\x3e\x00"]),
        (8, [[], [item()] * MAX_OBJECTS], [[item()] * (MAX_OBJECTS + 1)]),
        (8, [[item(id=0)], [item(id=MAX_INTEGER)]], [[item(id=-1)], [item(id=MAX_INTEGER + 1)]]),
        (8, [[item(team=0)], [item(team=MAX_TEAM)]], [[item(team=-1)], [item(team=MAX_TEAM + 1)]]),
        (8, [[item(x=8 * TILE - 1, y=8 * TILE - 1)]], [[item(x=8 * TILE)], [item(y=8 * TILE)]]),
        (8, [[item(x=0, y=0)]], [[item(x=-1)], [item(y=-1)]]),
        (
            8,
            [[item(properties={f"p{n}": n for n in range(10, 10 + MAX_PROPERTIES)})]],
            [[item(properties={f"p{n}": n for n in range(10, 11 + MAX_PROPERTIES)})]],
        ),
        (
            8,
            [[item(properties={"a": value})] for value in (MAX_INTEGER, -MAX_INTEGER, True, "")],
            [[item(properties={"a": value})] for value in (MAX_INTEGER + 1, -MAX_INTEGER - 1)],
        ),
        (
            8,
            [[item(properties={"a": "x" * MAX_PROPERTY_TEXT})]],
            [[item(properties={"a": "x" * (MAX_PROPERTY_TEXT + 1)})]],
        ),
        (9, [[], NAMES[:MAX_MODES]], [NAMES]),
        (10, [1, SMALL.max_players], [0, SMALL.max_players + 1]),
        (11, [SMALL.min_players, MAX_PLAYERS], [0, MAX_PLAYERS + 1]),
    ],
)
def test_values_on_the_wire(place: int, good: list[object], bad: list[object]) -> None:
    assert [is_taken(place, value) for value in good] == [True] * len(good)
    assert [is_taken(place, value) for value in bad] == [False] * len(bad)


def test_an_object_on_the_wire_has_all_its_values_and_no_more() -> None:
    assert is_taken(8, [item()])
    assert not is_taken(8, [item()[:-1]])
    assert not is_taken(8, [[*item(), 0]])


@pytest.mark.parametrize(("place", "side"), [(3, MAX_SIDE), (4, MAX_SIDE)])
def test_the_longest_side_on_the_wire(place: int, side: int) -> None:
    wire = SMALL.to_wire()
    area = side * 8
    runs = b"\xff\x00" * (area // 256)
    wire[place], wire[5], wire[6], wire[7] = side, runs, runs, runs
    arrived = TileMap.from_wire(wire)
    assert (arrived.width, arrived.height)[place - 3] == side


# --- files ----------------------------------------------------------------------------------------


def with_object(**changed: Any) -> Json:
    content = document()
    content["layers"][2]["objects"] = [placed(1, "spawn", 48, 80) | changed]
    return content


def with_property(name: str, value: object) -> Json:
    content = document()
    content["properties"] = [
        {"name": each["name"], "type": each["type"], "value": value}
        if each["name"] == name
        else each
        for each in content["properties"]
    ]
    return content


RIGHT, BOTTOM = WIDTH * 32, HEIGHT * 32
LAST = 1 / 16
"""The smallest step of a position, in pixels."""


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            [with_object(x=0, y=0), with_object(x=RIGHT - LAST, y=BOTTOM - LAST)],
            [with_object(x=RIGHT), with_object(y=BOTTOM), with_object(x=-1), with_object(y=-1)],
            "it is outside the map",
        ),
        (
            [with_object(properties=team(0)), with_object(properties=team(MAX_TEAM))],
            [with_object(properties=team(-1)), with_object(properties=team(MAX_TEAM + 1))],
            f"property team must be an integer from 0 to {MAX_TEAM}",
        ),
        (
            [with_property("min_players", 1), with_property("min_players", 8)],
            [with_property("min_players", 0), with_property("min_players", 9)],
            "must be an integer from 1 to 8",
        ),
        (
            [with_property("max_players", 2), with_property("max_players", MAX_PLAYERS)],
            [with_property("max_players", 0), with_property("max_players", MAX_PLAYERS + 1)],
            f"must be an integer from 1 to {MAX_PLAYERS}",
        ),
        (
            [with_property("title", "x"), with_property("title", "x" * MAX_TITLE)],
            [with_property("title", ""), with_property("title", "x" * (MAX_TITLE + 1))],
            f"must be 1 to {MAX_TITLE} printable characters",
        ),
        (
            [with_property("modes", "dm"), with_property("modes", ", ".join(NAMES[:MAX_MODES]))],
            [with_property("modes", ""), with_property("modes", ", ".join(NAMES))],
            "must name the modes",
        ),
        (
            [with_object(width=0, point=False, height=0)],
            [with_object(x=1e6), with_object(y=-1e6), with_object(width=float("inf"))],
            "must be a number",
        ),
    ],
)
def test_values_in_a_file(tmp_path: Path, good: list[Json], bad: list[Json], said: str) -> None:
    for content in good:
        load_map(save(tmp_path, content))
    for content in bad:
        found = [str(fault) for fault in faults_of(save(tmp_path, content))]
        assert [said in line for line in found] == [True], found


def test_a_layer_begins_at_the_first_tile(tmp_path: Path) -> None:
    content = document()
    del content["layers"][0]["x"], content["layers"][0]["y"]
    load_map(save(tmp_path, content))
    for key in ("x", "y"):
        moved = document()
        moved["layers"][0][key] = 1
        (fault,) = faults_of(save(tmp_path, moved))
        assert "must begin at tile 0,0" in str(fault)


# --- walls ----------------------------------------------------------------------------------------


def test_what_flies_passes_over_low_walls_only() -> None:
    tile_map = map_from_rows(".=.#.")
    middle, radius = TILE // 2, TILE // 4
    found = [
        [overlaps(tile_map, tx * TILE + middle, middle, radius, flying=flying) for tx in range(5)]
        for flying in (False, True)
    ]
    assert found == [
        [False, True, False, True, False],
        [False, False, False, True, False],
    ]


# --- numbers of a file ----------------------------------------------------------------------------


def test_the_id_of_an_object_has_31_bits(tmp_path: Path) -> None:
    for number in (0, 1, 2**31):
        assert load_map(save(tmp_path, with_object(id=number))).objects[0].id == number
    for wrong in (-1, 2**31 + 1, 1.0, True, None):
        (fault,) = faults_of(save(tmp_path, with_object(id=wrong)))
        assert "an object's id is missing" in str(fault)


def test_a_tile_of_a_layer_has_32_bits(tmp_path: Path) -> None:
    sentences = {}
    for number in (0, 2**32 - 1, 2**32, -1, True, 1.0):
        content = document()
        content["layers"][1]["data"][1] = number
        try:
            load_map(save(tmp_path, content))
        except MapError as error:
            sentences[str(number)] = str(error)
    assert sorted(sentences) == sorted(map(str, (2**32 - 1, 2**32, -1, True, 1.0)))
    guarded = {sentence for number, sentence in sentences.items() if number != str(2**32 - 1)}
    assert len(guarded) == 1, "refused by the guard, before any tile is looked at"
    assert sentences[str(2**32 - 1)] not in guarded
