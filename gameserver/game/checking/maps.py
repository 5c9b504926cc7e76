"""Check a map before it is played.

Law: an error means that a declared mode cannot be played correctly; a warning means that it can,
but not well. Each fault says where it is and how to correct it.
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
"""Radius of a player of the shipped game: two pixels less than half a tile."""

MODES: Final = ("dm", "tdm", "ctf")
TEAM_MODES: Final = ("tdm", "ctf")
TEAMS: Final = (1, 2)
PICKUPS: Final = ("health", "ammo", "rockets", "haste")

MIN_FLAG_DISTANCE: Final = 12 * TILE
"""Shortest way from a spawn to the enemy's flag, in sub-units: about 1.6 seconds of running."""


def check_map(path: Path, radius: int = PLAYER_RADIUS) -> list[Fault]:
    """Load a map file and return all its faults, errors first."""
    try:
        tile_map = load_map(path)
    except MapError as error:
        return list(error.faults)
    return check_tile_map(tile_map, path.name, radius)


def check_tile_map(tile_map: TileMap, place: str, radius: int = PLAYER_RADIUS) -> list[Fault]:
    """Return all faults of a loaded map, errors first.

    Args:
        tile_map: The map.
        place: How faults name the map, such as its file name.
        radius: Radius of a player, in sub-units.
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
    """The rules: each method yields the faults that it finds."""

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
        """Rule: the outermost tiles are walls."""
        width, height = self.tile_map.width, self.tile_map.height
        top_and_bottom = ((x, y) for y in (0, height - 1) for x in range(width))
        sides = ((x, y) for y in range(1, height - 1) for x in (0, width - 1))
        for tile in (*top_and_bottom, *sides):
            if self.tile_map.solid_at(*tile) is not Solid.WALL:
                place = f"walls, tile {tile[0]},{tile[1]}"
                yield self._error(place, "the border is open here", "close it with a wall")

    def modes(self) -> Iterator[Fault]:
        """Rule: the shipped game has the declared modes."""
        for mode in self.tile_map.modes:
            if mode not in MODES:
                message = f"mode {mode!r} is not one of the shipped game's"
                yield self._warning("map property modes", message, f"known: {', '.join(MODES)}")

    def spawns(self) -> Iterator[Fault]:
        """Rule: there are enough spawns for all players, in each mode."""
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
        """Rule: each team has one flag if the map declares ctf; otherwise there is no flag."""
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
        """Rule: the name of each pickup is a kind of pickup."""
        for pickup in self.tile_map.of_kind(ObjectKind.PICKUP):
            hint = f"known: {', '.join(PICKUPS)}"
            if not pickup.name:
                yield self._error(_where(pickup), "a pickup needs a name", hint)
            elif pickup.name not in PICKUPS:
                message = f"pickup {pickup.name!r} is not one of the shipped game's"
                yield self._warning(_where(pickup), message, hint)

    def standing(self) -> Iterator[Fault]:
        """Rule: a player can stand at the place of each object."""
        for item in self.tile_map.objects:
            if overlaps(self.tile_map, item.x, item.y, self.radius):
                message = f"this {item.kind} is in a wall or too near one for a player"
                yield self._error(_where(item), message, "move it to the middle of an open tile")

    def reaching(self) -> Iterator[Fault]:
        """Rule: all objects can be reached from the first spawn."""
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
        """Rule: no spawn is near the enemy's flag."""
        navigator = Navigator(self.tile_map, self.radius)
        for flag in self.tile_map.of_kind(ObjectKind.FLAG):
            for spawn in self.tile_map.of_kind(ObjectKind.SPAWN):
                away = navigator.distance(spawn.tile, flag.tile)
                hostile = spawn.team in TEAMS and flag.team in TEAMS and spawn.team != flag.team
                if hostile and away is not None and away < MIN_FLAG_DISTANCE:
                    message = f"this spawn is only {away // TILE} tiles from the enemy's flag"
                    yield self._warning(_where(spawn), message, "move it towards its own side")

    def symmetry(self) -> Iterator[Fault]:
        """Rule: the walls are symmetric for both teams."""
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
