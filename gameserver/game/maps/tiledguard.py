"""Check a Tiled file before pytiled-parser, which trusts its input, gets it.

Law: the constants below bound everything, whatever the file says (hostile maps): sizes of files,
decompressed sizes of layers, numbers of objects. The only other files that are opened are JSON
tilesets in the map's own folder.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, cast

import attrs

from gameserver.errors import UnreadableFileError
from gameserver.files import read_file
from gameserver.game.maps.mapfault import Fault, MapError, Severity
from gameserver.game.maps.tilemap import MAX_OBJECTS, MAX_PROPERTIES, MAX_SIDE, MIN_SIDE, TILE_PX

MAX_FILE_BYTES: Final = 2 * 1024 * 1024
"""Largest file; the largest allowed map, with its tiles as JSON numbers, has 1.2 MB."""
MAX_LAYERS: Final = 16
MAX_TILESETS: Final = 8
MAX_TILES_IN_SET: Final = 4096
OLDEST_FORMAT: Final = (1, 6)
"""Oldest version of Tiled's format: older ones lack the ids of layers and objects."""
USED_LAYERS: Final = ("ground", "walls", "objects")
"""Layers that are used; others are the author's notes and are ignored."""

_MAY_MISS: Final = ("width", "height", "rotation")
"""Numbers of an object that may be missing."""
_VALUES: Final = {
    "string": str, "color": str, "file": str, "bool": bool | int,
    "int": int | float, "float": int | float, "object": int,
}  # fmt: skip
"""Python types of a property's value, by the property's type; bounds are checked later."""
_OTHER_FILES: Final = ("tileset", "template", "world", "project")
_BYTES_PER_TILE: Final = 4
_WINDOW: Final = {"zlib": zlib.MAX_WBITS, "gzip": 16 + zlib.MAX_WBITS}

_Json = dict[str, object]
_Add = Callable[[str, str, str], None]


@attrs.frozen
class Guarded:
    """The content of a file that is safe to parse."""

    raw: dict[str, object]
    tilesets: tuple[tuple[int, dict[str, object]], ...]
    """First tile number and content of each tileset, embedded or of another file."""


def guard_file(path: Path) -> Guarded:
    """Read a file and check that it is safe to parse.

    Raises:
        MapError: With every fault found.
    """
    faults: list[Fault] = []

    def add(place: str, message: str, hint: str = "") -> None:
        where = f"{path.name}, {place}" if place else path.name
        faults.append(Fault(Severity.ERROR, where, message, hint))

    raw, tilesets = _read_json(path, add), []
    if raw is not None and raw.get("type") in _OTHER_FILES:
        add("", f"is a Tiled {raw['type']} and no map", "")
    elif raw is not None:
        _guard_head(raw, add)
        _guard_properties(raw, "", add)
        tilesets = _guard_tilesets(raw, path, add)
        if not faults:
            _guard_layers(raw, add)
    if faults or raw is None:
        raise MapError(faults)
    return Guarded(raw, tuple(tilesets))


def is_map_file(path: Path) -> bool:
    """Tell whether a file is JSON with the ``type`` of a Tiled map."""
    raw = _read_json(path, lambda _place, _message, _hint: None)
    return raw is not None and raw.get("type") == "map"


def _read_json(path: Path, add: _Add, place: str = "") -> _Json | None:
    try:
        data = read_file(path, MAX_FILE_BYTES)
    except UnreadableFileError as fault:
        add(place, str(fault), "")
        return None
    try:
        raw = json.loads(data.decode("utf-8-sig"))  # some editors write a byte order mark
    except UnicodeDecodeError:
        add(place, "is not JSON, which is UTF-8 text", "in Tiled, save it as a JSON map (.tmj)")
        return None
    except (ValueError, RecursionError):
        add(place, "is not JSON", "in Tiled, save it as a JSON map (.tmj)")
        return None
    if not isinstance(raw, dict):
        add(place, "is not a JSON object", "in Tiled, save it as a JSON map (.tmj)")
        return None
    return raw


def _guard_head(raw: _Json, add: _Add) -> None:
    if raw.get("type") != "map" or not _is_new(raw.get("version")):
        oldest = ".".join(map(str, OLDEST_FORMAT))
        hint = "open it in a current Tiled and save it again"
        add("", f"is not a Tiled map of format {oldest} or newer", hint)
    if raw.get("infinite", False) is not False or raw.get("orientation") != "orthogonal":
        add("", "must be orthogonal and not infinite", "see Map > Map Properties in Tiled")
    for key in ("width", "height"):
        if not _is_count(raw.get(key), MIN_SIDE, MAX_SIDE):
            add("", f"{key} must be {MIN_SIDE} to {MAX_SIDE} tiles", "")
    if raw.get("tilewidth") != TILE_PX or raw.get("tileheight") != TILE_PX:
        add("", f"tiles must be {TILE_PX} x {TILE_PX} pixels", "")


def _is_new(version: object) -> bool:
    if type(version) is not str:
        return False
    parts = version.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return False
    return tuple(map(int, parts)) >= OLDEST_FORMAT


def _is_count(value: object, lo: int, hi: int) -> bool:
    return type(value) is int and lo <= value <= hi


def _dicts(value: object, most: int, what: str, add: _Add) -> Iterator[_Json]:
    """Yield the JSON objects of a bounded array; anything else is a fault."""
    if not isinstance(value, list) or len(value) > most:
        add(what, f"must be an array of at most {most}", "")
        return
    for item in value:
        if isinstance(item, dict):
            yield item
        else:
            add(what, "has an entry that is not a JSON object", "")


def _guard_tilesets(raw: _Json, path: Path, add: _Add) -> list[tuple[int, _Json]]:
    found = []
    for tileset in _dicts(raw.get("tilesets"), MAX_TILESETS, "tilesets", add):
        if not _is_count(tileset.get("firstgid"), 1, MAX_TILES_IN_SET * MAX_TILESETS):
            add("tilesets", "a tileset's firstgid is missing or too large", "")
        source = tileset.get("source")
        opened: _Json | None = tileset
        if source is not None:
            opened = _open_tileset(source, path.parent, add)
        if opened is not None:
            tiles = opened.get("tiles", [])
            for tile in _dicts(tiles, MAX_TILES_IN_SET, "tilesets, tiles", add):
                _guard_tile(tile, add)
            found.append((cast("int", tileset.get("firstgid")), opened))
    return found


def _guard_tile(tile: _Json, add: _Add) -> None:
    if "objectgroup" in tile:
        add("tilesets", "tiles must not have collision shapes of their own", "")
    if not _is_count(tile.get("id"), 0, MAX_TILES_IN_SET):
        add("tilesets", "a tile's id is missing or too large", "")
    for key in ("type", "class"):
        if type(tile.get(key, "")) is not str:
            add("tilesets", f"a tile's {key} must be text", "")


def _guard_properties(holder: _Json, place: str, add: _Add) -> None:
    for entry in _dicts(holder.get("properties", []), MAX_PROPERTIES, f"{place}properties", add):
        name, kind = entry.get("name"), entry.get("type", "string")
        if type(name) is not str:
            add(f"{place}properties", "a property's name is missing", "")
        elif "value" not in entry:
            add(f"{place}properties", f"property {name!r:.40} has no value", "")
        elif type(kind) is not str:
            add(f"{place}properties", f"property {name!r:.40} has a type that is no text", "")
        elif not isinstance(entry["value"], _VALUES.get(cast("str", entry.get("type")), object)):
            message = f"property {name!r:.40} has a value that is no {kind}"
            add(f"{place}properties", message, "set it again in Tiled")


def _open_tileset(source: object, folder: Path, add: _Add) -> _Json | None:
    plain = type(source) is str and source == Path(source).name and source.isprintable()
    if not plain or not cast("str", source).endswith((".tsj", ".json")):
        hint = "put it beside the map as a .tsj file, or embed it in the map"
        add("tilesets", f"tileset {source!r:.80} cannot be used", hint)
        return None
    return _read_json(folder / cast("str", source), add, f"tileset {source}")


def _guard_layers(raw: _Json, add: _Add) -> None:
    area = cast("int", raw["width"]) * cast("int", raw["height"])
    for layer in _dicts(raw.get("layers"), MAX_LAYERS, "layers", add):
        place = f"layer {layer.get('name')!r:.40}"
        if type(layer.get("name", "")) is not str:
            add(place, "the layer's name must be text", "")
            continue
        if layer.get("name") in USED_LAYERS:
            _guard_place(layer, raw, place, add)
        match layer.get("type"):
            case "tilelayer":
                _guard_tiles(layer, area, place, add)
            case "objectgroup":
                for item in _dicts(layer.get("objects"), MAX_OBJECTS, place, add):
                    _guard_object(item, place, add)
            case _:
                hint = "groups and pictures are not used: take layers out of groups"
                add(place, "must be a tile layer or an object layer", hint)


def _guard_place(layer: _Json, raw: _Json, place: str, add: _Add) -> None:
    """Check that a layer has the map's size and no offset: else it is not where Tiled shows it."""
    for key, needed in (("offsetx", 0), ("offsety", 0), ("parallaxx", 1), ("parallaxy", 1)):
        if layer.get(key, needed) != needed or type(layer.get(key, needed)) is bool:
            add(place, f"its {key} must be {needed}", "see the layer's properties in Tiled")
    if layer.get("type") == "tilelayer":
        for key in ("width", "height"):
            if layer.get(key, raw[key]) != raw[key]:
                add(place, f"its {key} must be that of the map, {raw[key]}", "")
        if layer.get("x", 0) != 0 or layer.get("y", 0) != 0:
            add(place, "must begin at tile 0,0", "")


def _guard_object(item: _Json, place: str, add: _Add) -> None:
    if not _is_count(item.get("id"), 0, 2**31):
        add(place, "an object's id is missing", "open it in a current Tiled and save it again")
        return
    where = f"{place}, object {item['id']}"
    if "template" in item or "gid" in item:
        hint = "templates and tile objects are not used: detach it, or draw a point"
        add(where, "must be a plain point or rectangle", hint)
    for key in ("x", "y", "width", "height", "rotation"):
        if key in _MAY_MISS and key not in item:
            continue
        value = item.get(key)
        if type(value) not in (int, float) or not -1e6 < cast("float", value) < 1e6:
            add(where, f"{key} must be a number", "")
    _guard_properties(item, f"{where}, ", add)
    for key in ("name", "type", "class"):
        if type(item.get(key, "")) is not str:
            add(where, f"{key} must be text", "")


def _guard_tiles(layer: _Json, area: int, place: str, add: _Add) -> None:
    data, compression = layer.get("data"), layer.get("compression") or ""
    if "chunks" in layer:
        add(place, "must not be in chunks", "make the map a fixed size in Tiled")
    elif isinstance(data, list):
        if len(data) != area or not all(_is_count(number, 0, 2**32 - 1) for number in data):
            add(place, f"must have {area} tile numbers", "")
    elif type(data) is not str or layer.get("encoding") != "base64":
        add(place, "has no tile data", "")
    elif compression not in ("", *_WINDOW):
        hint = "in Tiled, set the tile layer format to CSV, zlib or gzip"
        add(place, f"compression {compression!r:.20} is not supported", hint)
    else:
        needed = area * _BYTES_PER_TILE
        held = _inflated_bytes(data, str(compression), needed + 1)
        if held is None:
            packed = f"base64 with {compression}" if compression else "base64"
            hint = "save it again in Tiled, or set the tile layer format to CSV"
            add(place, f"its tile data is damaged: it is no sound {packed}", hint)
        elif held != needed:
            add(place, f"must hold exactly {area} tiles", "")


def _inflated_bytes(data: str, compression: str, most: int) -> int | None:
    """Return the number of decompressed bytes, of which at most ``most``; None if damaged."""
    try:
        packed = base64.b64decode(data)
        if not compression:
            return len(packed)
        inflater = zlib.decompressobj(_WINDOW[compression])
        inflated = inflater.decompress(packed, most)
    except (binascii.Error, ValueError, zlib.error):
        return None
    # Bytes after the end could be a second stream, which later decompression would not bound.
    if len(inflated) == most or inflater.unused_data:
        return most
    return len(inflated) if inflater.eof else None
