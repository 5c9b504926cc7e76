"""Choose a bot's goal: the mode's objective, a needed pickup, an enemy, or a random place.

Law: goals depend on public facts only: flags, pickups, the own team, and enemies that the bot saw.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from gameserver.arena.bots.levels import BotLevel
from gameserver.arena.bots.senses import Senses
from gameserver.arena.entities import Fighter, Flag, FlagState, Pickup
from gameserver.arena.tuning import HEALTH, RADIUS, START_AMMO, START_ROCKETS
from gameserver.game import Rng, World
from gameserver.game.fixed import length
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.maps.tilemap import TILE, ObjectKind, TileMap
from gameserver.ids import Seat

LOW_AMMO: Final = 15
GRAB_DISTANCE: Final = 14 * TILE
"""Distance to the enemy's flag below which a bot does not stop for a fight."""
GUARD_DISTANCE: Final = 5 * TILE
"""Distance from its flag within which a defender walks."""
KEPT_MAPS: Final = 8

_navigators: OrderedDict[str, Navigator] = OrderedDict()


class Goal(NamedTuple):
    """A place to walk to; ``urgent`` means even during a fight."""

    x: int
    y: int
    urgent: bool = False


def navigator_of(tile_map: TileMap) -> Navigator:
    """Return the navigator of a map, made once for all bots on it."""
    found = _navigators.get(tile_map.digest)
    if found is None:
        found = _navigators[tile_map.digest] = Navigator(tile_map, RADIUS)
        if len(_navigators) > KEPT_MAPS:
            _navigators.popitem(last=False)
    return found


def choose_goal(world: World, me: Fighter, level: BotLevel, senses: Senses, rng: Rng) -> Goal:
    """Return the place that matters most now."""
    hurt = me.hp < level.retreat and not me.carrying
    if hurt and (goal := _nearest_pickup(world, me, "health", urgent=True)):
        return goal
    if me.ammo == 0 and not me.carrying and (goal := _nearest_pickup(world, me, "ammo", True)):
        return goal
    if (goal := _objective(world, me, rng)) is not None:
        return goal
    if me.ammo < LOW_AMMO and (goal := _nearest_pickup(world, me, "ammo")):
        return goal
    if (sighting := senses.remembered(world)) is not None:
        return Goal(sighting.x, sighting.y)
    if rng.chance(1, 2) and (goal := _nearest_pickup(world, me)):
        return goal
    return _anywhere(world, me, rng)


def _objective(world: World, me: Fighter, rng: Rng) -> Goal | None:
    flags = {flag.team: flag for flag in world.all(Flag)}
    own, theirs = flags.get(me.team), flags.get(3 - me.team)
    if own is None or theirs is None:
        return None
    if me.carrying:
        return _bring_home(world, me, own, rng)
    if own.state == FlagState.DROPPED or (own.state == FlagState.CARRIED and _hunts(me, theirs)):
        return Goal(own.x, own.y, urgent=True)
    if theirs.state == FlagState.CARRIED:
        return _beside(world, me, Seat(theirs.carrier))
    if _is_defender(world, me):
        return _around(own, rng)
    near = length(theirs.x - me.x, theirs.y - me.y) < GRAB_DISTANCE
    return Goal(theirs.x, theirs.y, urgent=near or me.owner % 2 == 0)


def _bring_home(world: World, me: Fighter, own: Flag, rng: Rng) -> Goal:
    """Return the own stand; while the own flag is away, a place near it, or the flag if alone."""
    if own.state == FlagState.HOME:
        return Goal(own.home_x, own.home_y, urgent=True)
    if not any(f.team == me.team and f is not me for f in world.all(Fighter)):
        return Goal(own.x, own.y, urgent=True)  # without teammates both carriers would wait forever
    return _around(own, rng)._replace(urgent=True)


def _hunts(me: Fighter, theirs: Flag) -> bool:
    """Tell whether a bot hunts the carrier of its flag.

    Half of the seats do; all of them while the enemy's flag is not at its stand.
    """
    return me.owner % 4 < 2 or theirs.state != FlagState.HOME


def _is_defender(world: World, me: Fighter) -> bool:
    """Tell whether a bot defends: every third fighter does, if the team is large enough."""
    team = [f.owner for f in world.all(Fighter) if f.team == me.team]
    return len(team) >= 3 and team.index(me.owner) % 3 == 2


def _around(own: Flag, rng: Rng) -> Goal:
    dx = rng.between(-GUARD_DISTANCE, GUARD_DISTANCE)
    dy = rng.between(-GUARD_DISTANCE, GUARD_DISTANCE)
    return Goal(own.home_x + dx, own.home_y + dy)


def _beside(world: World, me: Fighter, seat: Seat) -> Goal | None:
    friend = world.owned(seat, Fighter)
    return Goal(friend.x, friend.y) if friend is not None and friend is not me else None


def _nearest_pickup(world: World, me: Fighter, kind: str = "", urgent: bool = False) -> Goal | None:
    useful = [
        p for p in world.all(Pickup) if p.ready and kind in ("", p.kind) and _needs(me, p.kind)
    ]
    if not useful:
        return None
    nearest = min(useful, key=lambda p: (length(p.x - me.x, p.y - me.y), p.id))
    return Goal(nearest.x, nearest.y, urgent)


def _needs(me: Fighter, kind: str) -> bool:
    match kind:
        case "health":
            return me.hp < HEALTH
        case "ammo":
            return me.ammo < START_AMMO
        case "rockets":
            return me.rockets < 2 * START_ROCKETS
        case _:
            return not me.hasty


def _anywhere(world: World, me: Fighter, rng: Rng) -> Goal:
    """Return the farther one of two random spawns, so that bots cross the whole map."""
    spawns = world.map.of_kind(ObjectKind.SPAWN)
    two = rng.choice(spawns), rng.choice(spawns)
    place = max(two, key=lambda spawn: length(spawn.x - me.x, spawn.y - me.y))
    return Goal(place.x, place.y)
