"""Tiled files: every valid form is read, and all maps of a folder are found."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tiled import load_map, load_maps, load_usable_maps
from gameserver.game.maps.tilemap import Solid
from tests.game.tiledfiles import (
    Json,
    document,
    placed,
    save,
    tileset,
)


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
def test_every_form_in_which_tiled_saves_a_map_gives_the_same_map(
    tmp_path: Path, form: Callable[[Json], None]
) -> None:
    plain, content = load_map(save(tmp_path, document())), document()
    form(content)
    assert load_map(save(tmp_path, content)) == plain


@pytest.mark.parametrize("name", ["yard.tmj", "t.tsj"])
def test_a_byte_order_mark_is_ignored(tmp_path: Path, name: str) -> None:
    content = document()
    content["tilesets"] = [{"firstgid": 1, "source": "t.tsj"}]
    save(tmp_path, tileset(), "t.tsj")
    path = save(tmp_path, content)
    marked = tmp_path / name
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    assert load_map(path).solid_at(0, 0) is Solid.WALL


def test_all_maps_of_a_folder_are_loaded_by_name(tmp_path: Path) -> None:
    for name in ("b.tmj", "a.tmj"):
        save(tmp_path, document(), name)
    (tmp_path / "notes.txt").write_text("no map")
    assert list(load_maps(tmp_path)) == ["a", "b"]


def test_a_map_may_be_a_json_file_beside_json_files_that_are_no_maps(tmp_path: Path) -> None:
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


def test_a_tmx_file_is_refused_with_a_hint_unless_it_was_exported_as_json(tmp_path: Path) -> None:
    save(tmp_path, document(), "a.tmj")
    for name in ("a.tmx", "b.tmx"):
        (tmp_path / name).write_text('<?xml version="1.0"?><map version="1.10"></map>')
    loaded, faults = load_usable_maps(tmp_path)
    assert list(loaded) == ["a"]
    assert [str(fault) for fault in faults["b.tmx"]] == [
        "b.tmx: is not JSON (in Tiled, save it as a JSON map (.tmj))"
    ]
    assert list(faults) == ["b.tmx"]


def test_a_folder_without_maps_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="no maps here"):
        load_maps(tmp_path)


def test_faults_of_all_maps_of_a_folder_are_reported_together(tmp_path: Path) -> None:
    save(tmp_path, document(), "good.tmj")
    for name in ("bad.tmj", "worse.tmj"):
        (tmp_path / name).write_text("?")
    with pytest.raises(MapError) as caught:
        load_maps(tmp_path)
    assert [fault.place for fault in caught.value.faults] == ["bad.tmj", "worse.tmj"]
