"""Where a bot wants to be: the objective, what it needs, an enemy, or somewhere new."""

from collections import OrderedDict
from typing import Final

from gameserver.arena.bots.levels import Level
from gameserver.arena.bots.senses import Senses
from gameserver.arena.entities import Fighter, Flag, FlagState, Pickup
from gameserver.arena.tuning import RADIUS
from gameserver.game import Rng, World
from gameserver.game.fixed import length
from gameserver.game.navigation import Navigator
from gameserver.game.tilemap import ObjectKind, TileMap
from gameserver.ids import Seat

Place = tuple[int, int]

LOW_AMMO: Final = 15
KEPT_MAPS: Final = 8

_navigators: OrderedDict[str, Navigator] = OrderedDict()


def navigator_of(tile_map: TileMap) -> Navigator:
    """Return the ways of a map, made once for all bots on it."""
    found = _navigators.get(tile_map.digest)
    if found is None:
        found = _navigators[tile_map.digest] = Navigator(tile_map, RADIUS)
        if len(_navigators) > KEPT_MAPS:
            _navigators.popitem(last=False)
    return found


def choose_goal(world: World, me: Fighter, level: Level, senses: Senses, rng: Rng) -> Place:
    """Return the place that matters most now."""
    if me.hp < level.retreat and (place := _nearest_pickup(world, me, "health")):
        return place
    if (place := _objective(world, me)) is not None:
        return place
    if me.ammo < LOW_AMMO and (place := _nearest_pickup(world, me, "ammo")):
        return place
    if (sighting := senses.remembered(world)) is not None:
        return sighting.x, sighting.y
    if rng.chance(1, 2) and (place := _nearest_pickup(world, me)):
        return place
    return _anywhere(world, rng)


def _objective(world: World, me: Fighter) -> Place | None:
    flags = {flag.team: flag for flag in world.all(Flag)}
    own = flags.get(me.team)
    theirs = next((flag for team, flag in flags.items() if team != me.team), None)
    if own is None or theirs is None:
        return None
    if me.carrying:
        return own.home_x, own.home_y
    if own.state != FlagState.HOME and (me.owner % 2 or theirs.state != FlagState.HOME):
        return own.x, own.y
    if theirs.state == FlagState.CARRIED:
        return _beside(world, me, Seat(theirs.carrier))
    if _is_defender(world, me):
        return None
    return theirs.x, theirs.y


def _is_defender(world: World, me: Fighter) -> bool:
    """Every third of a team stays near home, if the team is large enough."""
    team = [f.owner for f in world.all(Fighter) if f.team == me.team]
    return len(team) >= 3 and team.index(me.owner) % 3 == 2


def _beside(world: World, me: Fighter, seat: Seat) -> Place | None:
    friend = world.owned(seat, Fighter)
    return (friend.x, friend.y) if friend is not None and friend is not me else None


def _nearest_pickup(world: World, me: Fighter, kind: str = "") -> Place | None:
    useful = [p for p in world.all(Pickup) if p.ready and kind in ("", p.kind)]
    if not useful:
        return None
    nearest = min(useful, key=lambda p: (length(p.x - me.x, p.y - me.y), p.id))
    return nearest.x, nearest.y


def _anywhere(world: World, rng: Rng) -> Place:
    spawns = world.map.of_kind(ObjectKind.SPAWN)
    place = rng.choice(spawns)
    return place.x, place.y
