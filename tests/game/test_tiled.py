"""Tiled files: good ones load, bad ones say all that is wrong, hostile ones do no harm."""

import base64
import copy
import gzip
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameserver.game.mapfault import Fault, MapError
from gameserver.game.tiled import MAX_FAULTS, load_map, load_maps, load_usable_maps
from gameserver.game.tiledguard import MAX_FILE_BYTES
from gameserver.game.tilemap import Decor, Ground, MapObject, ObjectKind, Solid

Json = dict[str, Any]
WIDTH, HEIGHT = 10, 8
CLASSES = ["floor", "grass", "wall", "crate", "lava"]
FLOOR, GRASS, WALL, CRATE, LAVA = range(1, 6)


def tileset() -> Json:
    tiles = [{"id": number, "type": name} for number, name in enumerate(CLASSES)]
    return {
        "columns": 5, "image": "t.png", "imageheight": 32, "imagewidth": 160, "margin": 0,
        "name": "t", "spacing": 0, "tilecount": 5, "tileheight": 32, "tilewidth": 32,
        "tiles": tiles, "type": "tileset", "version": "1.10", "tiledversion": "1.10.2",
    }  # fmt: skip


def tile_layer(number: int, name: str, data: list[int]) -> Json:
    return {
        "data": data, "height": HEIGHT, "id": number, "name": name, "opacity": 1,
        "type": "tilelayer", "visible": True, "width": WIDTH, "x": 0, "y": 0,
    }  # fmt: skip


def placed(number: int, class_name: str, x: float, y: float, **more: Any) -> Json:
    place = {
        "height": 0, "id": number, "name": "", "point": True, "rotation": 0,
        "type": class_name, "visible": True, "width": 0, "x": x, "y": y,
    }  # fmt: skip
    return place | more


def team(number: Any) -> list[Json]:
    return [{"name": "team", "type": "int", "value": number}]


def document() -> Json:
    walls = [0] * (WIDTH * HEIGHT)
    walls[:WIDTH] = [WALL] * WIDTH
    walls[WIDTH + 3] = CRATE
    objects = [
        placed(1, "spawn", 48, 80.5, properties=team(2)),
        placed(2, "pickup", 96, 96, name="health", point=False, width=32, height=32),
    ]
    return {
        "compressionlevel": -1, "height": HEIGHT, "infinite": False,
        "layers": [
            tile_layer(1, "ground", [FLOOR] * (WIDTH * HEIGHT - 1) + [GRASS]),
            tile_layer(2, "walls", walls),
            {"draworder": "topdown", "id": 3, "name": "objects", "objects": objects, "opacity": 1,
             "type": "objectgroup", "visible": True, "x": 0, "y": 0},
        ],
        "nextlayerid": 4, "nextobjectid": 3, "orientation": "orthogonal",
        "properties": [
            {"name": "title", "type": "string", "value": "The Yard"},
            {"name": "modes", "type": "string", "value": "dm, tdm"},
            {"name": "min_players", "type": "int", "value": 2},
            {"name": "max_players", "type": "int", "value": 8},
        ],
        "renderorder": "right-down", "tiledversion": "1.10.2", "tileheight": 32, "tilewidth": 32,
        "tilesets": [{"firstgid": 1} | tileset()], "type": "map", "version": "1.10",
        "width": WIDTH,
    }  # fmt: skip


def save(folder: Path, content: Json, name: str = "yard.tmj") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(MapError) as caught:
        load_map(path)
    return caught.value.faults


def test_a_map_is_loaded_with_all_that_is_on_it(tmp_path: Path) -> None:
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


def test_turned_tiles_are_the_same_tiles(tmp_path: Path) -> None:
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


def as_text_property(content: Json) -> None:
    for entry in content["properties"]:
        if entry["type"] == "string":
            del entry["type"]  # "string" is what a property is that does not say it


def as_csv(content: Json) -> None:
    content["layers"][0]["encoding"] = "csv"


def as_packed_without_compression(content: Json) -> None:
    layer = content["layers"][0]
    raw = b"".join(number.to_bytes(4, "little") for number in layer["data"])
    layer |= {"encoding": "base64", "data": base64.b64encode(raw).decode()}


def without_what_may_miss(content: Json) -> None:
    for item in content["layers"][2]["objects"]:
        for key in ("rotation", "visible", "name"):
            if not item[key] or key == "visible":
                del item[key]
    for key in ("draworder", "opacity", "visible"):
        del content["layers"][2][key]
    for key in ("infinite", "renderorder", "nextobjectid", "tiledversion", "compressionlevel"):
        del content[key]


def with_what_looks_only(content: Json) -> None:
    for layer in content["layers"]:
        layer |= {"tintcolor": "#ff0000", "opacity": 0.5, "visible": False, "mode": "multiply"}
        layer |= {"class": "scenery", "locked": True, "properties": [{"name": "n", "value": 1}]}
    content |= {"backgroundcolor": "#000000", "class": "arena", "parallaxoriginx": 3}


def with_notes(content: Json) -> None:
    notes = placed(9, "", 0, 0, polygon=[{"x": 0, "y": 0}, {"x": 5, "y": 5}], point=False)
    more = {"id": 9, "name": "notes", "type": "objectgroup", "objects": [notes], "offsetx": 7}
    content["layers"].append(more)


def as_classes_of_1_9(content: Json) -> None:
    for item in content["layers"][2]["objects"] + content["tilesets"][0]["tiles"]:
        item["class"] = item.pop("type")


@pytest.mark.parametrize(
    "form",
    [
        as_text_property, as_csv, as_packed_without_compression, without_what_may_miss,
        with_what_looks_only, with_notes, as_classes_of_1_9,
    ],
)  # fmt: skip
def test_every_legal_form_of_a_map_is_the_same_map(
    tmp_path: Path, form: Callable[[Json], None]
) -> None:
    plain, content = load_map(save(tmp_path, document())), document()
    form(content)
    assert load_map(save(tmp_path, content)) == plain


@pytest.mark.parametrize("name", ["yard.tmj", "t.tsj"])
def test_a_mark_at_the_beginning_of_utf_8_does_no_harm(tmp_path: Path, name: str) -> None:
    content = document()
    content["tilesets"] = [{"firstgid": 1, "source": "t.tsj"}]
    save(tmp_path, tileset(), "t.tsj")
    path = save(tmp_path, content)
    marked = tmp_path / name
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    assert load_map(path).solid_at(0, 0) is Solid.WALL


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


def test_endless_faults_are_counted_and_not_listed(tmp_path: Path) -> None:
    content = document()
    content["layers"][0]["data"] = [LAVA] * (WIDTH * HEIGHT)
    content["layers"][1]["data"] = [LAVA] * (WIDTH * HEIGHT)
    faults = faults_of(save(tmp_path, content))
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].message == f"there are {2 * WIDTH * HEIGHT - MAX_FAULTS} more faults"


def changed(*keys: Any, to: Any) -> Callable[[Json], None]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = to

    return change


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
        (layer_of(b"no", "zlib"), "must hold exactly 80 tiles"),
        (layer_of(BOMB, "zlib"), "must hold exactly 80 tiles"),
        (layer_of(EXACT + gzip.compress(bytes(2**26)), "gzip"), "must hold exactly 80 tiles"),
        (layer_of(EXACT, "zlib"), "must hold exactly 80 tiles"),
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
        (changed("tilesets", to=[{"firstgid": 1, "source": "no.tsj"}]), "cannot be opened"),
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
def test_what_cannot_be_used_is_refused_clearly(
    tmp_path: Path, change: Callable[[Json], None], said: str
) -> None:
    content = document()
    change(content)
    assert said in str(faults_of(save(tmp_path, content))[0])


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
def test_what_is_no_map_is_refused_in_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "yard.tmj"
    path.write_bytes(data)
    (fault,) = faults_of(path)
    assert said in str(fault)


def test_a_missing_file_is_a_fault_of_that_file(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "none.tmj")
    assert str(fault).startswith("none.tmj: cannot be opened")


def test_the_name_of_the_file_must_do_as_the_name_of_the_map(tmp_path: Path) -> None:
    (fault,) = faults_of(save(tmp_path, document(), "My Yard.tmj"))
    assert "its name must be" in fault.message


WORDS = st.text(max_size=5)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)


def places(content: Any) -> list[tuple[Any, ...]]:
    """List the ways to all values in a document, a few of each long array."""
    if isinstance(content, dict):
        inner = list(content.items())
    elif isinstance(content, list):
        inner = list(enumerate(content[:3]))
    else:
        return []
    return [(key, *rest) for key, value in inner for rest in [(), *places(value)]]


PLACES = places(document())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_garbled_maps_raise_one_exception_type_only(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    content = copy.deepcopy(document())
    for place, junk in changes:
        try:
            changed(*place, to=junk)(content)
        except (LookupError, TypeError):
            continue
    with suppress(MapError):
        assert load_map(save(tmp_path, content)).name == "yard"


def test_all_maps_of_a_folder_are_loaded_by_name(tmp_path: Path) -> None:
    for name in ("b.tmj", "a.tmj"):
        save(tmp_path, document(), name)
    (tmp_path / "notes.txt").write_text("no map")
    assert list(load_maps(tmp_path)) == ["a", "b"]


def test_maps_may_end_in_json_where_other_files_of_json_are_none(tmp_path: Path) -> None:
    save(tmp_path, document(), "b.tmj")
    save(tmp_path, document(), "a.json")
    save(tmp_path, tileset(), "tiles.json")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "list.json").write_text("[]")
    assert list(load_maps(tmp_path)) == ["a", "b"]


def test_two_maps_of_one_name_are_a_fault_of_the_second(tmp_path: Path) -> None:
    save(tmp_path, document(), "a.json")
    save(tmp_path, document(), "a.tmj")
    loaded, faults = load_usable_maps(tmp_path)
    assert list(loaded) == ["a"]
    assert [str(fault) for fault in faults["a.json"]] == [
        "a.json: another map here has the same name (rename one of them, or remove it)"
    ]


def test_tileds_other_form_is_refused_with_a_hint_unless_it_was_exported(tmp_path: Path) -> None:
    save(tmp_path, document(), "a.tmj")
    for name in ("a.tmx", "b.tmx"):
        (tmp_path / name).write_text('<?xml version="1.0"?><map version="1.10"></map>')
    loaded, faults = load_usable_maps(tmp_path)
    assert list(loaded) == ["a"]
    assert [str(fault) for fault in faults["b.tmx"]] == [
        "b.tmx: is not JSON (in Tiled, save it as a JSON map (.tmj))"
    ]
    assert list(faults) == ["b.tmx"]


def test_a_folder_without_maps_says_so(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="no maps here"):
        load_maps(tmp_path)


def test_faults_of_all_maps_of_a_folder_are_told_together(tmp_path: Path) -> None:
    save(tmp_path, document(), "good.tmj")
    for name in ("bad.tmj", "worse.tmj"):
        (tmp_path / name).write_text("?")
    with pytest.raises(MapError) as caught:
        load_maps(tmp_path)
    assert [fault.place for fault in caught.value.faults] == ["bad.tmj", "worse.tmj"]
