"""Parse a checked Tiled file with pytiled-parser.

Law: whatever valid form the file has, the parser gets the same one: tile numbers as arrays,
tilesets embedded, and every key that it requires. So the parser opens no file and decompresses
nothing, and the file is read only once, even if it changes meanwhile.

Undocumented names of pytiled-parser are used in this module only.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import attrs
import pytiled_parser
from pytiled_parser.layer import Layer
from pytiled_parser.parsers.json.layer import parse as parse_layer
from pytiled_parser.parsers.json.properties import parse as parse_properties

from gameserver.game.maps.tiledguard import Guarded

PARSER_FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
    pytiled_parser.UnknownFormat,
)
"""Exceptions that pytiled-parser raises for a file that it does not understand."""

_WINDOW: Final = {"zlib": zlib.MAX_WBITS, "gzip": 16 + zlib.MAX_WBITS}
_LAYER: Final[Mapping[str, Any]] = {
    "name": "", "opacity": 1, "visible": True, "draworder": "topdown", "height": 0,
}  # fmt: skip
"""Keys of a layer that the parser requires and a file may lack; the height is not used."""
_OBJECT: Final[Mapping[str, Any]] = {
    "name": "", "visible": True, "width": 0, "height": 0, "rotation": 0,
}  # fmt: skip
_LOOKS: Final = ("tintcolor", "parallaxx", "parallaxy", "offsetx", "offsety", "properties", "mode")
"""Keys of a layer that only concern its looks, and are not used."""


@attrs.frozen
class Parsed:
    """The parts of a Tiled map that are used."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    classes: dict[int, str]
    """Class of each tile by its number in the layers."""
    properties: dict[str, object]


def parse(guarded: Guarded) -> Parsed:
    """Parse a guarded file.

    Raises:
        PARSER_FAULTS: The parser does not understand it.
    """
    raw: Any = guarded.raw
    return Parsed(
        width=raw["width"],
        height=raw["height"],
        layers=tuple(parse_layer(_layer(each, raw["width"]), "utf-8") for each in raw["layers"]),
        classes=_classes(guarded),
        properties=dict(parse_properties(_properties(raw))),
    )


def _layer(raw: dict[str, Any], width: int) -> Any:
    layer = {**_LAYER, **{key: value for key, value in raw.items() if key not in _LOOKS}}
    if layer["type"] == "objectgroup":
        layer["objects"] = [_object(item) for item in raw["objects"]]
        return layer
    data = layer["data"]
    if isinstance(data, str):
        data = _unpacked(data, layer.get("compression") or "")
    plain = {key: value for key, value in layer.items() if key not in ("encoding", "compression")}
    return {**plain, "data": data, "width": width}


def _object(raw: dict[str, Any]) -> dict[str, Any]:
    # The parser does not know capsules, which are newer; as ellipses they are refused later.
    return {**_OBJECT, "ellipse": "capsule" in raw, **raw, "properties": _properties(raw)}


def _properties(holder: dict[str, Any]) -> Any:
    """Return the properties, each with a type; the type is string if the file gives none."""
    return [{"type": "string", **entry} for entry in holder.get("properties", [])]


def _unpacked(data: str, compression: str) -> list[int]:
    packed = base64.b64decode(data)
    if compression:
        packed = zlib.decompress(packed, _WINDOW[compression])
    return [int.from_bytes(packed[at : at + 4], "little") for at in range(0, len(packed), 4)]


def _classes(guarded: Guarded) -> dict[int, str]:
    """Return each tile's class; format 1.9 wrote it as ``class``, all others as ``type``."""
    tilesets: Any = guarded.tilesets
    return {
        first + tile["id"]: tile.get("type") or tile.get("class") or ""
        for first, tileset in tilesets
        for tile in tileset.get("tiles", [])
    }
