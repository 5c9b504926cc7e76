"""The map a match is played on: a grid of tiles and the objects placed on it.

Law: a `TileMap` never changes, and holds integers, bytes and short strings only. Everything outside
the grid is wall, so nothing can leave the map.

On the wire a map is one positional array (`TileMap.to_wire`):

====  ==========================================================================
 0    format version, 1
 1-2  name, title
 3-4  width, height in tiles
 5-7  solid, ground, decor: one byte per tile, row by row, run-length coded as
      pairs of bytes ``[length - 1][value]``
 8    objects: ``[id, kind, name, team, x, y, {properties}]``, x and y in sub-units
 9    modes
10-11 fewest and most players
====  ==========================================================================
"""

from enum import IntEnum, StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Final, Self

import attrs
import msgpack

from gameserver.game.fixed import SUB
from gameserver.game.maps.grid import TileGrid
from gameserver.game.maps.mapwire import (
    bad_value,
    pack_runs,
    shape_array,
    shape_integer,
    shape_name,
    shape_runs,
    shape_text,
)

TILE_PX: Final = 32
"""Pixels along the side of a tile."""

TILE_BITS: Final = 9
TILE: Final = TILE_PX * SUB
"""Sub-units along the side of a tile: ``1 << TILE_BITS``."""

WIRE_VERSION: Final = 1
MIN_SIDE: Final = 8
MAX_SIDE: Final = 256
"""Tiles along a side (hostile maps): 256 x 256 tiles are 192 KiB in memory."""
MAX_OBJECTS: Final = 1024
MAX_MODES: Final = 8
MAX_PLAYERS: Final = 1024
MAX_TEAM: Final = 8
MAX_TITLE: Final = 64
MAX_PROPERTIES: Final = 16
MAX_PROPERTY_TEXT: Final = 64
MAX_INTEGER: Final = 2**53 - 1

PropertyValue = int | bool | str


class Solid(IntEnum):
    """What a tile stops."""

    OPEN = 0
    """Nothing."""
    WALL = 1
    """Movement and shots."""
    LOW = 2
    """Movement only: low cover, water, pits."""


class Ground(IntEnum):
    """The looks of a tile's floor."""

    VOID = 0
    FLOOR = 1
    GRASS = 2
    PATH = 3
    BASE1 = 4
    BASE2 = 5
    BRIDGE = 6
    METAL = 7


class Decor(IntEnum):
    """The looks of the thing on a tile; `SOLID_OF` says what it stops."""

    NONE = 0
    WALL = 1
    PILLAR = 2
    CRATE = 3
    HEDGE = 4
    TREE = 5
    WATER = 6
    PIT = 7


SOLID_OF: Final = {
    Decor.NONE: Solid.OPEN,
    Decor.WALL: Solid.WALL,
    Decor.PILLAR: Solid.WALL,
    Decor.CRATE: Solid.LOW,
    Decor.HEDGE: Solid.LOW,
    Decor.TREE: Solid.LOW,
    Decor.WATER: Solid.LOW,
    Decor.PIT: Solid.LOW,
}


class ObjectKind(StrEnum):
    """The purpose of an object on the map."""

    SPAWN = "spawn"
    FLAG = "flag"
    PICKUP = "pickup"


@attrs.frozen
class MapObject:
    """One object placed on the map; ``x`` and ``y`` in sub-units."""

    id: int
    kind: ObjectKind
    name: str
    """The kind of a pickup; may be empty for other objects."""
    team: int
    """From 1; 0 if it belongs to no team."""
    x: int
    y: int
    properties: tuple[tuple[str, PropertyValue], ...] = ()
    """Sorted by name."""

    @property
    def tile(self) -> tuple[int, int]:
        """Column and row of the object's tile."""
        return self.x >> TILE_BITS, self.y >> TILE_BITS


@attrs.frozen
class TileMap:
    """A map. The grids have one byte per tile, row by row from the top left."""

    name: str
    title: str
    width: int
    height: int
    solid: bytes = attrs.field(repr=False)
    ground: bytes = attrs.field(repr=False)
    decor: bytes = attrs.field(repr=False)
    objects: tuple[MapObject, ...] = attrs.field(default=(), repr=False)
    modes: tuple[str, ...] = ()
    min_players: int = 1
    max_players: int = MAX_PLAYERS

    stops_movers: TileGrid = attrs.field(init=False, eq=False, repr=False)
    stops_shots: TileGrid = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Check the sizes of the grids, and make those of solid tiles.

        Raises:
            ValueError: A grid has not one byte per tile.
        """
        area = self.width * self.height
        if not len(self.solid) == len(self.ground) == len(self.decor) == area:
            message = f"the grids of a {self.width} x {self.height} map must have {area} tiles"
            raise ValueError(message)
        set_once = object.__setattr__
        set_once(self, "stops_movers", self._grid(bytes([0, 1, 1])))
        set_once(self, "stops_shots", self._grid(bytes([0, 1, 0])))

    def _grid(self, meaning: bytes) -> TileGrid:
        tiles = self.solid.translate(meaning.ljust(256, b"\1"))
        return TileGrid.of(tiles, self.width, self.height)

    @cached_property
    def digest(self) -> str:
        """Hash of all parts that a simulation can depend on; titles and looks are left out."""
        matters = [
            self.width,
            self.height,
            self.solid,
            [_object_to_wire(item) for item in self.objects],
            self.modes,
        ]
        return blake2b(msgpack.packb(matters), digest_size=16).hexdigest()

    def solid_at(self, tx: int, ty: int) -> Solid:
        """Return what a tile stops; tiles outside the map are walls."""
        if 0 <= tx < self.width and 0 <= ty < self.height:
            return Solid(self.solid[ty * self.width + tx])
        return Solid.WALL

    def blocked(self, x: int, y: int) -> bool:
        """Return whether a point, in sub-units, is on a tile that stops movement."""
        return self.solid_at(x >> TILE_BITS, y >> TILE_BITS) is not Solid.OPEN

    def of_kind(self, kind: ObjectKind, team: int | None = None) -> tuple[MapObject, ...]:
        """Return the objects of a kind in the map's order; with ``team``, those of one team."""
        return tuple(
            item for item in self.objects if item.kind is kind and team in (None, item.team)
        )

    def to_wire(self) -> list[object]:
        """Return the map as plain values for msgpack; see the module's table.

        The values are cached: packing the grids of the largest map takes 40 ms, and every player of
        every match may ask for the map (threat 37).
        """
        return list(self._wire)

    @cached_property
    def _wire(self) -> tuple[object, ...]:
        return (
            WIRE_VERSION,
            self.name,
            self.title,
            self.width,
            self.height,
            *(pack_runs(grid) for grid in (self.solid, self.ground, self.decor)),
            [_object_to_wire(item) for item in self.objects],
            list(self.modes),
            self.min_players,
            self.max_players,
        )

    @classmethod
    def from_wire(cls, wire: object) -> Self:
        """Return the map of `to_wire`; every value is checked.

        Raises:
            MapError: The value is no map, or beyond the limits.
        """
        (
            version, name, title, width, height, solid, ground, decor, objects, modes, fewest, most,
        ) = shape_array(wire, "map", 12, 12)  # fmt: skip
        if version != WIRE_VERSION:
            raise bad_value("map", f"format version {version!r:.20} is not known")
        width = shape_integer(width, "width", MIN_SIDE, MAX_SIDE)
        height = shape_integer(height, "height", MIN_SIDE, MAX_SIDE)
        most = shape_integer(most, "max_players", 1, MAX_PLAYERS)
        return cls(
            name=shape_name(name, "name"),
            title=shape_text(title, "title", MAX_TITLE),
            width=width,
            height=height,
            solid=shape_runs(solid, "solid", width * height, max(Solid)),
            ground=shape_runs(ground, "ground", width * height, 255),
            decor=shape_runs(decor, "decor", width * height, 255),
            objects=tuple(
                _object_from_wire(item, width * TILE, height * TILE)
                for item in shape_array(objects, "objects", 0, MAX_OBJECTS)
            ),
            modes=tuple(
                shape_name(mode, "mode") for mode in shape_array(modes, "modes", 0, MAX_MODES)
            ),
            min_players=shape_integer(fewest, "min_players", 1, most),
            max_players=most,
        )


def _object_to_wire(item: MapObject) -> list[object]:
    properties = dict(item.properties)
    return [item.id, str(item.kind), item.name, item.team, item.x, item.y, properties]


def _object_from_wire(wire: object, right: int, bottom: int) -> MapObject:
    number, kind, name, team, x, y, properties = shape_array(wire, "object", 7, 7)
    if type(kind) is not str or kind not in list(ObjectKind):
        raise bad_value("object", f"kind {kind!r:.40} is not known")
    if type(properties) is not dict or len(properties) > MAX_PROPERTIES:
        raise bad_value("object", f"properties must be a map of at most {MAX_PROPERTIES}")
    return MapObject(
        id=shape_integer(number, "object id", 0, MAX_INTEGER),
        kind=ObjectKind(kind),
        name="" if name == "" else shape_name(name, "object name"),
        team=shape_integer(team, "team", 0, MAX_TEAM),
        x=shape_integer(x, "x", 0, right - 1),
        y=shape_integer(y, "y", 0, bottom - 1),
        properties=tuple(
            sorted(
                (shape_name(key, "property"), _property(value)) for key, value in properties.items()
            )
        ),
    )


def _property(value: object) -> PropertyValue:
    if type(value) is bool:
        return value
    if type(value) is int:
        return shape_integer(value, "property", -MAX_INTEGER, MAX_INTEGER)
    return shape_text(value, "property", MAX_PROPERTY_TEXT)
