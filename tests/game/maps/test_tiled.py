"""Tiled files: good ones load, bad ones say all that is wrong, hostile ones do no harm."""

import base64
import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gameserver.game.maps import tiled
from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tiled import MAX_FAULTS, load_map, load_usable_maps
from gameserver.game.maps.tiledguard import MAX_FILE_BYTES
from gameserver.game.maps.tilemap import Decor, Ground, MapObject, ObjectKind, Solid
from tests.game.tiledfiles import (
    HEIGHT,
    LAVA,
    WALL,
    WIDTH,
    Json,
    changed,
    document,
    faults_of,
    placed,
    save,
    team,
    tileset,
)
from tests.memory import memory_below


def test_a_map_is_loaded_with_all_tiles_and_objects(tmp_path: Path) -> None:
    tile_map = load_map(save(tmp_path, document()))
    assert (tile_map.name, tile_map.title) == ("yard", "The Yard")
    assert (tile_map.width, tile_map.height) == (WIDTH, HEIGHT)
    assert tile_map.modes == ("dm", "tdm")
    assert (tile_map.min_players, tile_map.max_players) == (2, 8)
    assert tile_map.ground[-2:] == bytes([Ground.FLOOR, Ground.GRASS])
    assert tile_map.decor[WIDTH + 3] == Decor.CRATE
    assert tile_map.solid_at(0, 0) is Solid.WALL
    assert tile_map.solid_at(3, 1) is Solid.LOW
    assert tile_map.solid_at(4, 1) is Solid.OPEN
    assert tile_map.objects == (
        MapObject(1, ObjectKind.SPAWN, "", 2, 48 * 16, 80 * 16 + 8),
        MapObject(2, ObjectKind.PICKUP, "health", 0, 112 * 16, 112 * 16),
    )


def test_flipped_and_rotated_tiles_are_the_same_tiles(tmp_path: Path) -> None:
    content = document()
    content["layers"][1]["data"][0] |= 0xA0000000
    assert load_map(save(tmp_path, content)).solid_at(0, 0) is Solid.WALL


def test_further_properties_of_objects_are_kept_in_order(tmp_path: Path) -> None:
    content = document()
    content["layers"][2]["objects"][0]["properties"] = [
        {"name": "wave", "type": "int", "value": 3},
        {"name": "hidden", "type": "bool", "value": True},
        {"name": "note", "type": "string", "value": "by the well"},
    ]
    kept = load_map(save(tmp_path, content)).objects[0].properties
    assert kept == (("hidden", True), ("note", "by the well"), ("wave", 3))


def test_an_external_tileset_is_found_beside_the_map(tmp_path: Path) -> None:
    content = document()
    content["tilesets"] = [{"firstgid": 1, "source": "t.tsj"}]
    save(tmp_path, tileset(), "t.tsj")
    assert load_map(save(tmp_path, content)).solid_at(0, 0) is Solid.WALL


@pytest.mark.parametrize(
    ("compression", "compress"),
    [("", bytes), ("zlib", zlib.compress), ("gzip", gzip.compress)],
)
def test_packed_layers_hold_the_same_tiles(
    tmp_path: Path, compression: str, compress: Callable[[bytes], bytes]
) -> None:
    plain = load_map(save(tmp_path, document()))
    content = document()
    for layer in content["layers"][:2]:
        raw = b"".join(number.to_bytes(4, "little") for number in layer["data"])
        layer["data"] = base64.b64encode(compress(raw)).decode()
        layer |= {"encoding": "base64", "compression": compression}
    assert load_map(save(tmp_path, content)) == plain


def test_all_faults_are_listed_each_with_its_place(tmp_path: Path) -> None:
    content = document()
    content["layers"][1]["data"][2 * WIDTH + 5] = LAVA
    content["layers"][0]["data"][7] = WALL
    content["layers"][2]["objects"] = [
        placed(4, "door", 40, 40),
        placed(5, "spawn", 9999, 40),
        placed(6, "spawn", 40, 40, properties=team(99)),
        placed(7, "spawn", 40, 40, point=False, ellipse=True),
        placed(8, "pickup", 40, 40, name="Health Pack"),
        placed(8, "spawn", 40, 40),
        placed(9, "spawn", 40, 40, properties=[{"name": "f", "type": "float", "value": 0.5}]),
        placed(10, "spawn", 40, 40),
        placed(10, "spawn", 80, 40),
    ]
    content["properties"] = [{"name": "min_players", "type": "int", "value": 0}]
    said = [str(fault) for fault in faults_of(save(tmp_path, content))]
    expected = [
        "yard.tmj, ground, tile 7,0: tile class 'wall'",
        "yard.tmj, walls, tile 5,2: tile class 'lava'",
        "yard.tmj, objects, object 4: class 'door'",
        "yard.tmj, objects, object 5: at 9999,40 it is outside",
        "yard.tmj, objects, object 6: property team",
        "yard.tmj, objects, object 7: must be a point",
        "yard.tmj, objects, object 8: name 'Health Pack'",
        "yard.tmj, objects, object 9: property 'f'",
        "yard.tmj, objects, object 10: two objects",
        "yard.tmj, map property modes",
        "yard.tmj, map property max_players",
        "yard.tmj, map property min_players",
    ]
    assert len(said) == len(expected)
    for line, start in zip(said, expected, strict=True):
        assert line.startswith(start)


def test_very_many_faults_are_counted_and_not_listed(tmp_path: Path) -> None:
    content = document()
    content["layers"][0]["data"] = [LAVA] * (WIDTH * HEIGHT)
    content["layers"][1]["data"] = [LAVA] * (WIDTH * HEIGHT)
    faults = faults_of(save(tmp_path, content))
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].message == f"there are {2 * WIDTH * HEIGHT - MAX_FAULTS} more faults"


def typed(kind: str, value: object) -> Callable[[Json], None]:
    entry = {"name": "n", "type": kind, "value": value}
    return changed("layers", 2, "objects", 0, "properties", to=[entry])


def layer_of(data: bytes, compression: str) -> Callable[[Json], None]:
    packed = {"encoding": "base64", "data": base64.b64encode(data).decode()}
    return lambda content: content["layers"][0].update(packed | {"compression": compression})


BOMB = zlib.compress(bytes(64 * 1024 * 1024))
EXACT = gzip.compress(bytes(4 * WIDTH * HEIGHT))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed("version", to=1.1), "not a Tiled map of format 1.6"),
        (changed("version", to="1.5"), "not a Tiled map of format 1.6"),
        (changed("type", to="tileset"), "is a Tiled tileset and no map"),
        (changed("type", to="level"), "not a Tiled map"),
        (changed("infinite", to=True), "not infinite"),
        (changed("orientation", to="isometric"), "orthogonal"),
        (changed("width", to=257), "width must be 8 to 256"),
        (changed("height", to=7), "height must be 8 to 256"),
        (changed("height", to=True), "height must be 8 to 256"),
        (changed("tilewidth", to=16), "32 x 32 pixels"),
        (changed("layers", to="none"), "must be an array"),
        (changed("layers", to=[{}] * 17), "at most 16"),
        (changed("layers", 0, to=7), "not a JSON object"),
        (changed("layers", 0, "type", to="group"), "tile layer or an object layer"),
        (changed("layers", 0, "name", to="floor"), "exactly one tile layer called 'ground'"),
        (changed("layers", 1, "name", to="ground"), "exactly one tile layer called 'ground'"),
        (changed("layers", 2, "name", to="things"), "exactly one object layer"),
        (changed("layers", 0, "data", to=[1]), "must have 80 tile numbers"),
        (changed("layers", 0, "data", 3, to=-1), "must have 80 tile numbers"),
        (changed("layers", 0, "data", to="?"), "no tile data"),
        (changed("layers", 0, "chunks", to=[]), "chunks"),
        (layer_of(b"", "zstd"), "compression 'zstd' is not supported"),
        (layer_of(b"no", "zlib"), "its tile data is damaged: it is no sound base64 with zlib"),
        (layer_of(zlib.compress(bytes(320))[:-5], "zlib"), "its tile data is damaged"),
        (typed("int", "3"), "object 1, properties: property 'n' has a value that is no int"),
        (typed("float", "x"), "property 'n' has a value that is no float"),
        (typed("object", None), "property 'n' has a value that is no object"),
        (typed("string", 3), "property 'n' has a value that is no string"),
        (typed("string", "x" * 65), "'n' must have at most 64 printable characters in one line"),
        (typed("string", "a\nb"), "'n' must have at most 64 printable characters in one line"),
        (typed("int", 2**53), "property 'n' must be an integer from"),
        (changed("layers", 2, "objects", 0, "type", to=""), "object 1: has no class"),
        (layer_of(BOMB, "zlib"), "must hold exactly 80 tiles"),
        (layer_of(EXACT + gzip.compress(bytes(2**26)), "gzip"), "must hold exactly 80 tiles"),
        (layer_of(EXACT, "zlib"), "its tile data is damaged"),
        (layer_of(bytes(3), ""), "must hold exactly 80 tiles"),
        (changed("layers", 2, "objects", to=[{}] * 1025), "at most 1024"),
        (changed("layers", 0, "offsetx", to=16), "layer 'ground': its offsetx must be 0"),
        (changed("layers", 1, "offsety", to=-0.5), "layer 'walls': its offsety must be 0"),
        (changed("layers", 2, "offsetx", to=32), "layer 'objects': its offsetx must be 0"),
        (changed("layers", 1, "parallaxx", to=0.5), "layer 'walls': its parallaxx must be 1"),
        (changed("layers", 0, "width", to=5), "its width must be that of the map, 10"),
        (changed("layers", 0, "y", to=2), "must begin at tile 0,0"),
        (changed("layers", 0, "data", 0, to=9), "the tile has no class"),
        (changed("layers", 2, "objects", 0, "capsule", to=True), "must be a point or an upright"),
        (
            changed("layers", 2, "objects", 0, "properties", to=[{"name": "n" * 33, "value": 1}]),
            "a property's name, 'nnn",
        ),
        (
            changed("layers", 2, "objects", 0, "properties", to=[{"name": "n", "value": 0.5}]),
            "property 'n' must be an integer, a boolean or a text",
        ),
        (changed("layers", 2, "objects", 0, "id", to=None), "id is missing"),
        (changed("layers", 2, "objects", 0, "x", to=1e300), "x must be a number"),
        (changed("layers", 2, "objects", 0, "y", to=float("nan")), "y must be a number"),
        (changed("layers", 2, "objects", 0, "name", to=[]), "name must be text"),
        (changed("layers", 2, "objects", 0, "template", to="/dev/zero"), "templates"),
        (changed("layers", 2, "objects", 0, "gid", to=1), "templates and tile objects"),
        (changed("tilesets", to=[{"firstgid": 1, "source": "../t.tsj"}]), "cannot be used"),
        (changed("tilesets", to=[{"firstgid": 1, "source": "/dev/zero"}]), "cannot be used"),
        (changed("tilesets", to=[{"firstgid": 1, "source": "t.tsx"}]), "cannot be used"),
        (changed("tilesets", to=[{"firstgid": 1, "source": "no.tsj"}]), "is not there"),
        (changed("tilesets", 0, "firstgid", to=None), "firstgid"),
        (changed("tilesets", 0, "tiles", 0, "objectgroup", to={}), "collision shapes"),
        (changed("properties", 0, "value", to="a\nb"), "property title"),
        (changed("properties", 1, "value", to="dm, dm"), "property modes"),
        (changed("properties", to=[{}]), "property's name is missing"),
        (changed("properties", to=[{"name": "title"}]), "property 'title' has no value"),
        (changed("layers", 2, "objects", 0, "properties", to={}), "must be an array"),
        (changed("tilesets", 0, "tiles", 0, "id", to=None), "tile's id"),
        (changed("tilesets", 0, "tiles", 0, "class", to=[]), "tile's class must be text"),
    ],
)
def test_unusable_maps_are_refused_with_a_clear_sentence(
    tmp_path: Path, change: Callable[[Json], None], said: str
) -> None:
    content = document()
    change(content)
    assert said in str(faults_of(save(tmp_path, content))[0])


def test_of_a_compressed_bomb_no_more_is_inflated_than_a_map_can_have(tmp_path: Path) -> None:
    content = document()
    layer_of(BOMB, "zlib")(content)
    path = save(tmp_path, content)
    with memory_below(4 << 20):
        faults_of(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<map/>", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b" " * (MAX_FILE_BYTES + 1), "is larger than"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_one_line(
    tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "yard.tmj"
    path.write_bytes(data)
    (fault,) = faults_of(path)
    assert said in str(fault)


def test_what_the_parser_alone_does_not_understand_is_a_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_guarded: object) -> None:
        raise KeyError("orientation")

    monkeypatch.setattr(tiled, "parse", fail)
    (fault,) = faults_of(save(tmp_path, document()))
    assert fault.message == "cannot be read: KeyError: 'orientation'"


def test_a_folder_without_one_usable_map_is_an_error_with_all_faults(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.tmj").write_text("no map", "utf-8")
    with pytest.raises(MapError) as refused:
        load_usable_maps(tmp_path)
    assert {fault.place for fault in refused.value.faults} == {"one.tmj", "two.tmj"}


def test_a_missing_file_is_a_fault_of_that_file(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "none.tmj")
    assert str(fault).startswith("none.tmj: is not there")


def test_the_name_of_the_file_must_be_a_valid_name_of_a_map(tmp_path: Path) -> None:
    (fault,) = faults_of(save(tmp_path, document(), "My Yard.tmj"))
    assert "its name must be" in fault.message


def test_a_file_name_that_begins_with_a_digit_is_answered_with_the_rule(
    tmp_path: Path,
) -> None:
    (fault,) = faults_of(save(tmp_path, document(), "1yard.tmj"))
    assert "its name must be a lower case letter, then" in fault.message


def test_a_named_pipe_in_the_folder_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tmj")
    (fault,) = faults_of(tmp_path / "pipe.tmj")
    assert fault.message == "is a pipe, not a file: save what comes out of it in a file"
    os.mkfifo(tmp_path / "t.tsj")
    content = document() | {"tilesets": [{"firstgid": 1, "source": "t.tsj"}]}
    assert (
        faults_of(save(tmp_path, content))[0].message
        == "is a pipe, not a file: save what comes out of it in a file"
    )


def test_a_tile_number_without_a_class_is_reported_once(tmp_path: Path) -> None:
    content = document()
    content["layers"][0]["data"] = [9] * (WIDTH * HEIGHT)
    (fault,) = faults_of(save(tmp_path, content))
    assert "ground, tile 0,0" in fault.place
