"""What the guard of Tiled files takes at most, and what is refused just beyond."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gameserver.game.maps.tiled import load_map
from gameserver.game.maps.tiledguard import MAX_LAYERS, MAX_TILES_IN_SET, MAX_TILESETS
from gameserver.game.maps.tilemap import MAX_OBJECTS, MAX_PROPERTIES, MAX_SIDE
from tests.game.tiledfiles import (
    FLOOR,
    HEIGHT,
    Json,
    changed,
    document,
    faults_of,
    placed,
    save,
    tile_layer,
    tileset,
)

Change = Callable[[Json], None]


def loads(folder: Path, change: Change) -> bool:
    content = document()
    change(content)
    load_map(save(folder, content))
    return True


def told(folder: Path, change: Change) -> list[str]:
    content = document()
    change(content)
    return [str(fault) for fault in faults_of(save(folder, content))]


@pytest.mark.parametrize("version", ["1.6", "1.10", "1.1000", "2.0", "2"])
def test_a_format_from_the_oldest_usable_on_is_taken(tmp_path: Path, version: str) -> None:
    assert loads(tmp_path, changed("version", to=version))


@pytest.mark.parametrize("version", ["1.5", "1.10000", "1.x", "1.\u0663", "", "1", None, 2])
def test_what_is_no_version_or_an_older_one_is_refused(tmp_path: Path, version: object) -> None:
    (said,) = told(tmp_path, changed("version", to=version))
    assert "is not a Tiled map of format 1.6 or newer" in said


def test_a_map_has_at_most_its_longest_side(tmp_path: Path) -> None:
    def widen(content: Json) -> None:
        content["width"] = MAX_SIDE
        for layer in content["layers"][:2]:
            layer |= {"width": MAX_SIDE, "data": [FLOOR] * (MAX_SIDE * HEIGHT)}
        content["layers"][1]["data"] = [0] * (MAX_SIDE * HEIGHT)

    assert loads(tmp_path, widen)


def test_tiles_have_one_size_in_both_directions(tmp_path: Path) -> None:
    for key in ("tilewidth", "tileheight"):
        (said,) = told(tmp_path, changed(key, to=16))
        assert "tiles must be 32 x 32 pixels" in said


# --- counts ---------------------------------------------------------------------------------------


def layers(count: int) -> Change:
    def change(content: Json) -> None:
        for number in range(count - len(content["layers"])):
            content["layers"].append(tile_layer(9 + number, f"more {number}", [0] * (10 * HEIGHT)))

    return change


def tilesets(count: int) -> Change:
    def change(content: Json) -> None:
        for number in range(1, count):
            content["tilesets"].append({"firstgid": 100 * number} | tileset())

    return change


def tiles(count: int) -> Change:
    def change(content: Json) -> None:
        entries = content["tilesets"][0]["tiles"]
        entries += [{"id": number, "type": "floor"} for number in range(len(entries), count)]
        content["tilesets"][0]["tilecount"] = count

    return change


def objects(count: int) -> Change:
    spawns = [placed(number, "spawn", 48, 80) for number in range(1, count + 1)]
    return changed("layers", 2, "objects", to=spawns)


def properties(count: int) -> Change:
    entries = [{"name": f"p{n}", "type": "int", "value": n} for n in range(count)]
    return changed("layers", 2, "objects", 0, "properties", to=entries)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (layers, MAX_LAYERS),
        (tilesets, MAX_TILESETS),
        (tiles, MAX_TILES_IN_SET),
        (objects, MAX_OBJECTS),
        (properties, MAX_PROPERTIES),
    ],
)
def test_an_array_has_at_most_its_bound(
    tmp_path: Path, make: Callable[[int], Change], most: int
) -> None:
    assert loads(tmp_path, make(most))
    assert f"must be an array of at most {most}" in told(tmp_path, make(most + 1))[0]


# --- tilesets -------------------------------------------------------------------------------------

MOST_GID = MAX_TILES_IN_SET * MAX_TILESETS


def test_the_first_number_of_a_tileset_is_bounded(tmp_path: Path) -> None:
    def more(number: int) -> Change:
        return lambda content: content["tilesets"].append({"firstgid": number} | tileset())

    assert loads(tmp_path, more(MOST_GID))
    for number in (0, MOST_GID + 1):
        assert "firstgid is missing or too large" in told(tmp_path, more(number))[0]


def test_the_id_of_a_tile_is_bounded(tmp_path: Path) -> None:
    def more(number: int) -> Change:
        entry = {"id": number, "type": "floor"}
        return lambda content: content["tilesets"][0]["tiles"].append(entry)

    assert loads(tmp_path, more(MAX_TILES_IN_SET))
    for number in (-1, MAX_TILES_IN_SET + 1):
        assert "a tile's id is missing or too large" in told(tmp_path, more(number))[0]


def test_a_tiles_type_is_text(tmp_path: Path) -> None:
    for key in ("type", "class"):
        (said, *_) = told(tmp_path, changed("tilesets", 0, "tiles", 0, key, to=7))
        assert f"a tile's {key} must be text" in said


@pytest.mark.parametrize("source", [7, "a/t.tsj", "t\n.tsj", "t.png", ""])
def test_only_a_tileset_beside_the_map_is_opened(tmp_path: Path, source: object) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/t.tsj", "t\n.tsj", "t.png"):
        save(tmp_path, tileset(), name)
    (said, *_) = told(tmp_path, changed("tilesets", to=[{"firstgid": 1, "source": source}]))
    assert "cannot be used" in said


# --- layers ---------------------------------------------------------------------------------------


def test_every_layer_is_looked_at_also_behind_one_without_a_name(tmp_path: Path) -> None:
    def spoil(content: Json) -> None:
        content["layers"][0]["name"] = 7
        content["layers"][1]["data"] = "?"

    said = told(tmp_path, spoil)
    assert "the layer's name must be text" in said[0]
    assert "has no tile data" in said[1]


def test_a_layer_is_where_the_map_is(tmp_path: Path) -> None:
    places = {"offsetx": 0, "offsety": 0, "parallaxx": 1, "parallaxy": 1}
    assert loads(tmp_path, lambda content: content["layers"][0].update(places))
    for key, needed in places.items():
        for wrong in (needed + 1, bool(needed)):
            (said,) = told(tmp_path, changed("layers", 0, key, to=wrong))
            assert f"its {key} must be {needed}" in said


def test_a_layer_has_the_size_of_the_map_or_tells_none(tmp_path: Path) -> None:
    def without(content: Json) -> None:
        del content["layers"][0]["width"], content["layers"][0]["height"]

    assert loads(tmp_path, without)
    for key in ("width", "height"):
        (said,) = told(tmp_path, changed("layers", 0, key, to=9))
        assert f"its {key} must be that of the map" in said


def test_the_author_s_notes_may_be_anywhere(tmp_path: Path) -> None:
    def add(content: Json) -> None:
        note = tile_layer(9, "notes", [0] * (10 * HEIGHT)) | {"offsetx": 5, "x": 3, "width": 7}
        content["layers"].append(note)

    assert loads(tmp_path, add)


@pytest.mark.parametrize("encoding", ["csv", None])
def test_text_without_its_encoding_is_no_tile_data(tmp_path: Path, encoding: str | None) -> None:
    packed = {"data": "AAAA", "encoding": encoding}
    (said, *_) = told(tmp_path, lambda content: content["layers"][0].update(packed))
    assert "has no tile data" in said


@pytest.mark.parametrize("compression", ["", None])
def test_no_data_is_too_little_and_not_damaged(tmp_path: Path, compression: str | None) -> None:
    packed = {"data": "", "encoding": "base64", "compression": compression}
    (said, *_) = told(tmp_path, lambda content: content["layers"][0].update(packed))
    assert "must hold exactly 80 tiles" in said


# --- objects --------------------------------------------------------------------------------------


def test_a_size_may_be_missing_and_a_place_may_not(tmp_path: Path) -> None:
    def without(*keys: str) -> Change:
        def change(content: Json) -> None:
            for key in keys:
                del content["layers"][2]["objects"][0][key]

        return change

    assert loads(tmp_path, without("width", "height", "rotation"))
    for key in ("x", "y"):
        (said,) = told(tmp_path, without(key))
        assert f"{key} must be a number" in said
    for key in ("width", "height", "rotation"):
        (said,) = told(tmp_path, changed("layers", 2, "objects", 0, key, to=None))
        assert f"{key} must be a number" in said


def test_texts_of_an_object_and_types_of_properties_are_texts(tmp_path: Path) -> None:
    for key in ("name", "type", "class"):
        (said, *_) = told(tmp_path, changed("layers", 2, "objects", 0, key, to=7))
        assert f"{key} must be text" in said
    entry = {"name": "n", "type": 7, "value": 7}
    (said, *_) = told(tmp_path, changed("layers", 2, "objects", 0, "properties", to=[entry]))
    assert "property 'n' has a type that is no text" in said
