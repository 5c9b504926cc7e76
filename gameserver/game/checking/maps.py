"""Find out what is wrong with a map before players do.

Law: an error means that some declared mode cannot be played as it should; a warning means that
it can, but somebody will complain. Each fault says where it is and what to do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from gameserver.game.fixed import SUB
from gameserver.game.geometry.collide import overlaps
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.maps.mapfault import Fault, MapError, Severity
from gameserver.game.maps.tiled import load_map
from gameserver.game.maps.tilemap import TILE, MapObject, ObjectKind, Solid, TileMap

PLAYER_RADIUS: Final = 14 * SUB
"""What must fit: a player of the shipped game, two pixels narrower than a tile each side."""

MODES: Final = ("dm", "tdm", "ctf")
TEAM_MODES: Final = ("tdm", "ctf")
TEAMS: Final = (1, 2)
PICKUPS: Final = ("health", "ammo", "rockets", "haste")

MIN_FLAG_DISTANCE: Final = 12 * TILE
"""Way from a spawn to the enemy's flag: about two and a half seconds of running."""


def check_map(path: Path, radius: int = PLAYER_RADIUS) -> list[Fault]:
    """Load a map file and return everything that is wrong with it, errors first."""
    try:
        tile_map = load_map(path)
    except MapError as error:
        return list(error.faults)
    return check_tile_map(tile_map, path.name, radius)


def check_tile_map(tile_map: TileMap, place: str, radius: int = PLAYER_RADIUS) -> list[Fault]:
    """Return everything that is wrong with a loaded map, errors first.

    ``place`` is how faults name the map; ``radius`` is that of a player.
    """
    check = _Check(tile_map, place, radius)
    rules = (
        check.border, check.modes, check.spawns, check.flags, check.pickups,
        check.standing, check.reaching, check.camping, check.symmetry,
    )  # fmt: skip
    faults = [fault for rule in rules for fault in rule()]
    return sorted(faults, key=lambda fault: fault.severity is not Severity.ERROR)


@attrs.frozen
class _Check:
    """The rules; each yields the faults it finds."""

    tile_map: TileMap
    place: str
    radius: int

    def _error(self, place: str, message: str, hint: str = "") -> Fault:
        return Fault(Severity.ERROR, f"{self.place}, {place}", message, hint)

    def _warning(self, place: str, message: str, hint: str = "") -> Fault:
        return Fault(Severity.WARNING, f"{self.place}, {place}", message, hint)

    def _team_modes(self) -> list[str]:
        return [mode for mode in self.tile_map.modes if mode in TEAM_MODES]

    def border(self) -> Iterator[Fault]:
        """The outermost tiles are walls: the world should not end in mid-air."""
        width, height = self.tile_map.width, self.tile_map.height
        top_and_bottom = ((x, y) for y in (0, height - 1) for x in range(width))
        sides = ((x, y) for y in range(1, height - 1) for x in (0, width - 1))
        for tile in (*top_and_bottom, *sides):
            if self.tile_map.solid_at(*tile) is not Solid.WALL:
                place = f"walls, tile {tile[0]},{tile[1]}"
                yield self._error(place, "the border is open here", "close it with a wall")

    def modes(self) -> Iterator[Fault]:
        """The modes are known ones."""
        for mode in self.tile_map.modes:
            if mode not in MODES:
                message = f"mode {mode!r} is not one of the shipped game's"
                yield self._warning("map property modes", message, f"known: {', '.join(MODES)}")

    def spawns(self) -> Iterator[Fault]:
        """Everybody has a place to begin, in each mode."""
        spawns = self.tile_map.of_kind(ObjectKind.SPAWN)
        most = self.tile_map.max_players
        if not spawns:
            yield self._error("objects", "there is no spawn", "add points of class spawn")
        elif len(spawns) < most:
            message = f"{len(spawns)} spawns are too few for {most} players"
            yield self._warning("objects", message, "add spawns or lower max_players")
        for spawn in spawns:
            if spawn.team not in (0, *TEAMS):
                yield self._error(_where(spawn), f"there is no team {spawn.team}", "use 1 or 2")
        if not self._team_modes():
            return
        anybody = len(self.tile_map.of_kind(ObjectKind.SPAWN, 0))
        for team in TEAMS:
            own = len(self.tile_map.of_kind(ObjectKind.SPAWN, team))
            hint = f"add points of class spawn with team {team}"
            if not own:
                message = f"team {team} has no spawn, as {self._team_modes()[0]} needs"
                yield self._error("objects", message, hint)
            elif 2 * (own + anybody) < most:
                message = f"team {team} has too few spawns for half of {most} players"
                yield self._warning("objects", message, hint)

    def flags(self) -> Iterator[Fault]:
        """Capture the flag has one flag for each team; other modes have none."""
        flags = self.tile_map.of_kind(ObjectKind.FLAG)
        for flag in flags:
            if flag.team not in TEAMS:
                yield self._error(_where(flag), "a flag belongs to team 1 or 2")
        if "ctf" not in self.tile_map.modes:
            for flag in flags:
                message = "the map does not declare mode ctf"
                yield self._warning(_where(flag), message, "remove the flag or add the mode")
            return
        for team in TEAMS:
            own = [flag for flag in flags if flag.team == team]
            if not own:
                hint = f"add a point of class flag with team {team}"
                yield self._error("objects", f"mode ctf needs a flag of team {team}", hint)
            for extra in own[1:]:
                yield self._error(_where(extra), f"team {team} has a flag already")

    def pickups(self) -> Iterator[Fault]:
        """Pickups say what they are."""
        for pickup in self.tile_map.of_kind(ObjectKind.PICKUP):
            hint = f"known: {', '.join(PICKUPS)}"
            if not pickup.name:
                yield self._error(_where(pickup), "a pickup needs a name", hint)
            elif pickup.name not in PICKUPS:
                message = f"pickup {pickup.name!r} is not one of the shipped game's"
                yield self._warning(_where(pickup), message, hint)

    def standing(self) -> Iterator[Fault]:
        """A player fits where things are."""
        for item in self.tile_map.objects:
            if overlaps(self.tile_map, item.x, item.y, self.radius):
                message = f"this {item.kind} is in a wall or too near one for a player"
                yield self._error(_where(item), message, "move it to the middle of an open tile")

    def reaching(self) -> Iterator[Fault]:
        """All objects can be reached from the first spawn."""
        spawns = self.tile_map.of_kind(ObjectKind.SPAWN)
        start = next((item for item in spawns if not self.tile_map.blocked(item.x, item.y)), None)
        if start is None:
            return
        reachable = Navigator(self.tile_map, self.radius).reachable(start.tile)
        for item in self.tile_map.objects:
            if item.tile not in reachable and not self.tile_map.blocked(item.x, item.y):
                message = f"this {item.kind} cannot be reached from the spawn of object {start.id}"
                yield self._error(_where(item), message, "open a way at least one tile wide")

    def camping(self) -> Iterator[Fault]:
        """Nobody begins beside the enemy's flag."""
        navigator = Navigator(self.tile_map, self.radius)
        for flag in self.tile_map.of_kind(ObjectKind.FLAG):
            for spawn in self.tile_map.of_kind(ObjectKind.SPAWN):
                away = navigator.distance(spawn.tile, flag.tile)
                hostile = spawn.team in TEAMS and flag.team in TEAMS and spawn.team != flag.team
                if hostile and away is not None and away < MIN_FLAG_DISTANCE:
                    message = f"this spawn is only {away // TILE} tiles from the enemy's flag"
                    yield self._warning(_where(spawn), message, "move it towards its own side")

    def symmetry(self) -> Iterator[Fault]:
        """Both teams find the same walls."""
        if not self._team_modes():
            return
        width, solid = self.tile_map.width, self.tile_map.solid
        rows = [solid[start : start + width] for start in range(0, len(solid), width)]
        mirrored = [row[::-1] for row in rows]
        if rows not in (mirrored, rows[::-1], mirrored[::-1]):
            hint = "mirror one half, or turn it half around"
            yield self._warning("walls", "the map is not the same for both teams", hint)


def _where(item: MapObject) -> str:
    return f"objects, object {item.id}"
