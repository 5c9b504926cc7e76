"""Spawning of fighters, far from their enemies."""

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Spawned
from gameserver.arena.options import Mode
from gameserver.arena.tuning import HEALTH, SHIELD_TICKS, START_AMMO, START_ROCKETS
from gameserver.game import Player, World
from gameserver.game.fixed import length
from gameserver.game.maps.tilemap import TILE, MapObject, ObjectKind

SAFE_DISTANCE = 12 * TILE
"""Distance of an enemy from which it does not make a spawn worse."""

CROWDED = 2 * TILE
"""Distance below which any fighter, friend or enemy, makes a spawn worse."""


def enter(world: World, player: Player) -> Fighter:
    """Spawn a player's fighter for the first time."""
    fighter = Fighter(name=player.name, team=_team_of(world, player), bot=player.bot)
    world.spawn(fighter, owner=player.seat)
    bring_to_life(world, fighter)
    return fighter


def _team_of(world: World, player: Player) -> int:
    """Return the player's team; in a team mode, a player without one joins the smaller team."""
    if world.options.mode == Mode.DEATHMATCH:
        return 0
    if player.team in (1, 2):
        return player.team
    sizes = [sum(f.team == team for f in world.all(Fighter)) for team in (1, 2)]
    return 1 if sizes[0] <= sizes[1] else 2


def bring_to_life(world: World, fighter: Fighter) -> None:
    """Put a fighter on a good spawn, with full health and the first weapons."""
    place = _best_place(world, fighter)
    fighter.x, fighter.y = place.x, place.y
    fighter.vx = fighter.vy = 0
    fighter.alive = True
    fighter.hp = HEALTH
    fighter.ammo, fighter.rockets = START_AMMO, START_ROCKETS
    fighter.rifle_ready = fighter.rocket_ready = fighter.dash_ready = 0
    fighter.shield_ends = world.tick + SHIELD_TICKS
    fighter.shielded = True
    world.emit(Spawned(fighter.owner, fighter.x, fighter.y))


def respawn(world: World) -> None:
    """Respawn the dead fighters whose waiting time is over."""
    for fighter in world.all(Fighter):
        if not fighter.alive and world.tick >= fighter.respawns:
            bring_to_life(world, fighter)


def _best_place(world: World, fighter: Fighter) -> MapObject:
    """Return the spawn with the greatest distance to enemies, a random one of equal ones."""
    places = _places(world, fighter.team)
    others = [f for f in world.all(Fighter) if f.alive and f is not fighter]
    rated = [(_safety(place, fighter, others), i) for i, place in enumerate(places)]
    best = max(safety for safety, _ in rated)
    return places[world.rng.choice([i for safety, i in rated if safety == best])]


def _places(world: World, team: int) -> tuple[MapObject, ...]:
    everywhere = world.map.of_kind(ObjectKind.SPAWN)
    own = world.map.of_kind(ObjectKind.SPAWN, team) if team else ()
    return own or everywhere


def _safety(place: MapObject, fighter: Fighter, others: list[Fighter]) -> int:
    safety = SAFE_DISTANCE
    for other in others:
        distance = length(other.x - place.x, other.y - place.y)
        if fighter.team and other.team == fighter.team:
            distance = 0 if distance < CROWDED else SAFE_DISTANCE
        safety = min(safety, distance)
    return safety
