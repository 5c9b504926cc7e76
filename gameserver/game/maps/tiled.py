"""Load maps that were drawn in Tiled and saved as JSON (``.tmj`` or ``.json``).

Law: a map file may be hostile. It is checked within bounds before pytiled-parser gets it
(:mod:`gameserver.game.maps.tiledguard`), no file outside its folder is opened, and all faults that
are found are raised together as one `MapError`.

Contents of a file:

- tile layer ``ground``: tiles whose class is a name of `Ground`, in lower case;
- tile layer ``walls``: empty, or tiles whose class is a name of `Decor`;
- object layer ``objects``: points or rectangles (their centre counts) of class ``spawn``, ``flag``
  or ``pickup``, with an ``int`` property ``team`` if they belong to a team; a pickup's name is its
  kind;
- map properties ``title``, ``modes`` (names separated by commas), ``min_players``,
  ``max_players``.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pytiled_parser.layer import ObjectLayer, TileLayer
from pytiled_parser.tiled_object import Point, Rectangle, TiledObject

from gameserver.game.fixed import SUB
from gameserver.game.maps.mapfault import Fault, MapError, Severity
from gameserver.game.maps.mapwire import NAME_PATTERN
from gameserver.game.maps.tiledform import PARSER_FAULTS, Parsed, parse
from gameserver.game.maps.tiledguard import guard_file, is_map_file
from gameserver.game.maps.tilemap import (
    MAX_INTEGER,
    MAX_MODES,
    MAX_PLAYERS,
    MAX_PROPERTY_TEXT,
    MAX_TEAM,
    MAX_TITLE,
    SOLID_OF,
    TILE,
    Decor,
    Ground,
    MapObject,
    ObjectKind,
    PropertyValue,
    TileMap,
)

MAX_FAULTS: Final = 100
"""Most faults listed for one file; further ones are only counted (hostile maps)."""

_TURNED: Final = 0xE0000000
"""Bits of a tile number by which Tiled rotates or flips the picture; they are ignored."""

_GROUND_CLASSES: Final = {kind.name.lower(): int(kind) for kind in Ground}
_WALL_CLASSES: Final = {kind.name.lower(): int(kind) for kind in Decor}
_SOLID_TABLE: Final = bytes(SOLID_OF[kind] for kind in Decor).ljust(256, b"\0")


def load_map(path: Path) -> TileMap:
    """Load one map; its name is the file's name without the suffix.

    Raises:
        MapError: With every fault found.
    """
    guarded = guard_file(path)
    try:
        parsed = parse(guarded)
    except PARSER_FAULTS as fault:
        message = f"cannot be read: {type(fault).__name__}: {fault}"
        hint = "open it in Tiled 1.9 or newer and save it again"
        raise MapError([Fault(Severity.ERROR, path.name, message, hint)]) from fault
    return _Loader(path, parsed).load()


def load_maps(folder: Path) -> dict[str, TileMap]:
    """Load all maps of a folder, by name, ordered by name.

    Raises:
        MapError: With the faults of all files; also if there is no map.
    """
    loaded, faults = load_usable_maps(folder)
    if faults:
        raise MapError([fault for found in faults.values() for fault in found])
    return loaded


def map_files(folder: Path) -> list[Path]:
    """Return the files of a folder that are meant to be maps, ordered by name.

    These are all ``.tmj`` files, ``.json`` files whose ``type`` is ``map``, and ``.tmx`` files,
    Tiled's XML format, which is refused with a hint. Hidden files are ignored: editors and file
    servers leave some beside a map.
    """
    files = [path for path in folder.iterdir() if not path.name.startswith(".")]
    tmj, tmx, other = (
        [path for path in files if path.suffix.lower() == ending]
        for ending in (".tmj", ".tmx", ".json")
    )
    stems = {path.stem for path in tmj}
    maps = [*tmj, *(path for path in other if is_map_file(path))]
    return sorted([*maps, *(path for path in tmx if path.stem not in stems)], key=_by_form)


def _by_form(path: Path) -> tuple[str, bool]:
    return path.stem, path.suffix.lower() != ".tmj"


def twin(path: Path) -> Fault:
    """Return the fault of a map file with the same name as another map of its folder."""
    hint = "rename one of them, or remove it"
    return Fault(Severity.ERROR, path.name, "another map here has the same name", hint)


def load_usable_maps(folder: Path) -> tuple[dict[str, TileMap], dict[str, tuple[Fault, ...]]]:
    """Load the maps of a folder that can be used.

    Returns:
        The maps by name, and the faults of the other files by file name.

    Raises:
        MapError: No map can be used.
    """
    loaded: dict[str, TileMap] = {}
    faults: dict[str, tuple[Fault, ...]] = {}
    for path in map_files(folder):
        if path.stem in loaded:
            faults[path.name] = (twin(path),)
            continue
        try:
            loaded[path.stem] = load_map(path)
        except MapError as error:
            faults[path.name] = error.faults
    if not (loaded or faults):
        hint = "a map is a file that ends in .tmj"
        raise MapError([Fault(Severity.ERROR, str(folder), "there are no maps here", hint)])
    if not loaded:
        raise MapError([fault for found in faults.values() for fault in found])
    return loaded, faults


class _Loader:
    """Converts one parsed file to a map, and collects all faults meanwhile."""

    def __init__(self, path: Path, parsed: Parsed) -> None:
        self._path = path
        self._parsed = parsed
        self._width = parsed.width
        self._height = parsed.height
        self._classes = parsed.classes
        self._faults: list[Fault] = []
        self._unlisted = 0
        self._told: set[tuple[str, int]] = set()

    def load(self) -> TileMap:
        """Return the map, or raise `MapError` with all faults."""
        ground = self._grid("ground", _GROUND_CLASSES)
        walls = self._grid("walls", _WALL_CLASSES)
        objects = self._objects()
        properties = self._parsed.properties
        title, modes = self._title(properties), self._modes(properties)
        most = self._count(properties, "max_players", MAX_PLAYERS)
        fewest = self._count(properties, "min_players", most)
        if not NAME_PATTERN.fullmatch(self._path.stem):
            rule = (
                "a lower case letter, then lower case letters, digits, - and _, at most 32 in all"
            )
            self._add("", f"its name must be {rule}", "rename the file")
        if self._unlisted:
            message = f"there are {self._unlisted} more faults"
            self._faults.append(Fault(Severity.ERROR, self._path.name, message))
        if self._faults:
            raise MapError(self._faults)
        return TileMap(
            name=self._path.stem,
            title=title,
            width=self._width,
            height=self._height,
            solid=walls.translate(_SOLID_TABLE),
            ground=ground,
            decor=walls,
            objects=objects,
            modes=modes,
            min_players=fewest,
            max_players=most,
        )

    def _add(self, place: str, message: str, hint: str = "") -> None:
        where = f"{self._path.name}, {place}" if place else self._path.name
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(Fault(Severity.ERROR, where, message, hint))
        else:
            self._unlisted += 1

    def _grid(self, name: str, classes: Mapping[str, int]) -> bytes:
        layers = [item for item in self._parsed.layers if item.name == name]
        if len(layers) != 1 or not isinstance(layers[0], TileLayer):
            self._add(name, f"there must be exactly one tile layer called {name!r}")
            return b""
        # The guard has counted them: one for each place of the map.
        cells = [number for row in layers[0].data or () for number in row]
        return bytes(
            self._kind(name, at % self._width, at // self._width, number, classes)
            for at, number in enumerate(cells)
        )

    def _kind(self, layer: str, tx: int, ty: int, number: int, classes: Mapping[str, int]) -> int:
        if number == 0:
            return 0
        class_name = self._classes.get(number & ~_TURNED, "")
        kind = classes.get(class_name)
        if kind is None:
            message, told = f"tile class {class_name!r:.40} is not known here", False
            if not class_name:
                message = "the tile has no class, so nobody knows what it is"
                told = (layer, number) in self._told  # reported once for all tiles of this number
                self._told.add((layer, number))
            if not told:
                self._add(f"{layer}, tile {tx},{ty}", message, f"known: {', '.join(classes)}")
            return 0
        return kind

    def _objects(self) -> tuple[MapObject, ...]:
        layers = [item for item in self._parsed.layers if item.name == "objects"]
        if len(layers) != 1 or not isinstance(layers[0], ObjectLayer):
            self._add("objects", "there must be exactly one object layer called 'objects'")
            return ()
        found: dict[int, MapObject] = {}
        for item in layers[0].tiled_objects:
            if item.id in found:
                self._add(f"objects, object {item.id}", "two objects have this id")
            shaped = self._object(item)
            if shaped is not None:
                found[shaped.id] = shaped
        return tuple(found[number] for number in sorted(found))

    def _object(self, item: TiledObject) -> MapObject | None:
        place = f"objects, object {item.id}"
        before = len(self._faults) + self._unlisted
        if not isinstance(item, Point | Rectangle) or item.rotation:
            self._add(place, "must be a point or an upright rectangle")
        if item.class_ not in list(ObjectKind):
            hint = f"known: {', '.join(ObjectKind)}"
            known = f"class {item.class_!r:.40} is not known"
            self._add(place, known if item.class_ else "has no class", hint)
        if item.name and not NAME_PATTERN.fullmatch(item.name):
            self._add(place, f"name {item.name!r:.40} must be lower case letters, digits, - and _")
        middle_x = item.coordinates.x + item.size.width / 2
        middle_y = item.coordinates.y + item.size.height / 2
        x, y = round(middle_x * SUB), round(middle_y * SUB)
        right, bottom = self._width * TILE, self._height * TILE
        if not (0 <= x < right and 0 <= y < bottom):
            self._add(place, f"at {middle_x:g},{middle_y:g} it is outside the map")
        team = self._team(place, item.properties.get("team", 0))
        properties = self._properties(place, item.properties.items())
        if len(self._faults) + self._unlisted > before:
            return None
        return MapObject(item.id, ObjectKind(item.class_), item.name, team, x, y, properties)

    def _team(self, place: str, team: object) -> int:
        if type(team) is not int or not 0 <= team <= MAX_TEAM:
            self._add(place, f"property team must be an integer from 0 to {MAX_TEAM}")
            return 0
        return team

    def _properties(
        self, place: str, items: Iterable[tuple[str, object]]
    ) -> tuple[tuple[str, PropertyValue], ...]:
        kept: dict[str, PropertyValue] = {}
        for name, value in items:
            good = type(value) is bool
            good = good or (type(value) is int and abs(value) <= MAX_INTEGER)
            good = good or (type(value) is str and _is_text(value, MAX_PROPERTY_TEXT))
            if not NAME_PATTERN.fullmatch(name):
                message = f"a property's name, {name!r:.40}, must be lower case letters and digits"
                self._add(place, message, "beginning with a letter, at most 32 characters")
            elif not good and type(value) is str:
                most = f"at most {MAX_PROPERTY_TEXT} printable characters in one line"
                self._add(place, f"property {name!r:.40} must have {most}")
            elif not good:
                bounds = f" from -{MAX_INTEGER} to {MAX_INTEGER}" if type(value) is int else ""
                message = f"property {name!r:.40} must be an integer{bounds}, a boolean or a text"
                self._add(place, message)
            elif name != "team" and isinstance(value, int | str):
                kept[name] = value
        return tuple(sorted(kept.items()))

    def _title(self, properties: Mapping[str, object]) -> str:
        title = properties.get("title", self._path.stem.title())
        if type(title) is not str or not title or not _is_text(title, MAX_TITLE):
            self._add("map property title", f"must be 1 to {MAX_TITLE} printable characters")
            return ""
        return title

    def _modes(self, properties: Mapping[str, object]) -> tuple[str, ...]:
        written = properties.get("modes", "")
        modes = written.replace(",", " ").split() if type(written) is str else []
        good = all(NAME_PATTERN.fullmatch(mode) for mode in modes) and len(set(modes)) == len(modes)
        if not 1 <= len(modes) <= MAX_MODES or not good:
            hint = "for example: dm, tdm, ctf"
            self._add("map property modes", "must name the modes, with commas between", hint)
        return tuple(modes)

    def _count(self, properties: Mapping[str, object], name: str, most: int) -> int:
        count = properties.get(name)
        if type(count) is not int or not 1 <= count <= most:
            self._add(f"map property {name}", f"must be an integer from 1 to {most}")
            return most
        return count


def _is_text(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()
