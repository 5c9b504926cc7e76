"""The pulse rifle and the rocket launcher, without the damage to others.

It runs on the server, and ahead of it on the shooter's client. Its results are events, from which
the server alone computes the damage to others, in :mod:`gameserver.arena.damage`, after all seats
have moved: a lower seat number is no advantage.
"""

from gameserver.arena.entities import Board, Fighter, MatchPhase, Rocket
from gameserver.arena.events import Exploded, Hit, Killed, Launched, Shot
from gameserver.arena.harm import may_hurt, strike_owner
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import (
    HIT_RADIUS,
    MUZZLE,
    RIFLE_COOLDOWN,
    RIFLE_DAMAGE,
    RIFLE_RANGE,
    RIFLE_USES,
    ROCKET_COOLDOWN,
    ROCKET_RADIUS,
    ROCKET_SPEED,
    ROCKET_TICKS,
)
from gameserver.game import World
from gameserver.game.fixed import length, vector
from gameserver.game.geometry.raycast import raycast, segment_circle


def fire(world: World, fighter: Fighter, command: ArenaCommand) -> None:
    """Fire the weapons of the command that are loaded, if the match allows it."""
    if not (command.fire or command.rocket) or not weapons_work(world):
        return
    if command.fire and world.tick >= fighter.rifle_ready and fighter.ammo > 0:
        _shoot(world, fighter, command)
    if command.rocket and world.tick >= fighter.rocket_ready and fighter.rockets > 0:
        _launch(world, fighter)


def weapons_work(world: World) -> bool:
    """Tell whether weapons work now; exact also for a client whose board is some ticks old."""
    board = world.one(Board)
    begun = board.phase == MatchPhase.WARMUP and world.tick > board.phase_ends
    return board.phase == MatchPhase.PLAY or begun


def _shoot(world: World, fighter: Fighter, command: ArenaCommand) -> None:
    fighter.rifle_ready = world.tick + RIFLE_COOLDOWN
    fighter.ammo -= RIFLE_USES if world.options.pickups else 0
    fighter.shield_ends = 0
    dx, dy = vector(fighter.aim, RIFLE_RANGE)
    x, y = fighter.x, fighter.y
    x1, y1, _ = raycast(world.map, x, y, x + dx, y + dy)
    target, distance = _first_hit(world, fighter, command.view, (x, y, x1, y1))
    if target is not None:
        reach = max(1, length(x1 - x, y1 - y))
        x1, y1 = x + (x1 - x) * distance // reach, y + (y1 - y) * distance // reach
    mx, my = vector(fighter.aim, MUZZLE)
    world.emit(Shot(fighter.owner, x + mx, y + my, x1, y1))
    if target is not None:
        world.emit(Hit(fighter.owner, target.owner, RIFLE_DAMAGE, x1, y1))
        if target.hp <= RIFLE_DAMAGE:
            world.emit(Killed(fighter.owner, target.owner, "rifle"))


def _first_hit(
    world: World, fighter: Fighter, view: int, ray: tuple[int, int, int, int]
) -> tuple[Fighter | None, int]:
    """Return the first fighter on the ray, in the world as the shooter saw it, and its distance."""
    nearest: Fighter | None = None
    nearest_distance = 0
    for ghost in world.rewound(view, Fighter):
        if ghost.owner == fighter.owner or not ghost.alive:
            continue
        distance = segment_circle(*ray, ghost.x, ghost.y, HIT_RADIUS)
        if distance is None or (nearest is not None and distance >= nearest_distance):
            continue
        target = world.get(ghost.id)
        if isinstance(target, Fighter) and may_hurt(world, fighter, target):
            nearest, nearest_distance = target, distance
    return nearest, nearest_distance


def _launch(world: World, fighter: Fighter) -> None:
    fighter.rocket_ready = world.tick + ROCKET_COOLDOWN
    fighter.rockets -= 1
    fighter.shield_ends = 0
    dx, dy = vector(fighter.aim, MUZZLE)
    x, y, _ = raycast(world.map, fighter.x, fighter.y, fighter.x + dx, fighter.y + dy)
    world.spawn(Rocket(x=x, y=y, angle=fighter.aim, team=fighter.team), owner=fighter.owner)
    world.emit(Launched(fighter.owner, x, y))


def fly(world: World, rocket: Rocket) -> None:
    """Advance a rocket by one tick; it explodes at a wall or when its time is over."""
    dx, dy = vector(rocket.angle, ROCKET_SPEED)
    x, y, wall = raycast(world.map, rocket.x, rocket.y, rocket.x + dx, rocket.y + dy)
    rocket.x, rocket.y = x, y
    if wall or world.tick - rocket.born >= ROCKET_TICKS:
        explode(world, rocket)


def explode(world: World, rocket: Rocket, direct: int = -1) -> None:
    """Let a rocket explode where it is; ``direct`` is the seat that it hit itself, or -1."""
    x, y = rocket.x, rocket.y
    boom = Exploded(rocket.owner, rocket.born, rocket.ordinal, x, y, direct)
    world.emit(boom)
    world.despawn(rocket)
    owner = world.owned(rocket.owner, Fighter)
    if owner is not None:
        strike_owner(world, boom, owner)


def struck(world: World, rocket: Rocket) -> Fighter | None:
    """Return the first fighter, other than the owner, that a rocket touched in this tick."""
    from_x, from_y = vector(rocket.angle, -ROCKET_SPEED)
    ray = (rocket.x + from_x, rocket.y + from_y, rocket.x, rocket.y)
    touched = []
    for fighter in world.all(Fighter):
        if fighter.owner == rocket.owner or not fighter.alive:
            continue
        distance = segment_circle(*ray, fighter.x, fighter.y, HIT_RADIUS + ROCKET_RADIUS)
        if distance is not None:
            touched.append((distance, fighter.id, fighter))
    return min(touched)[2] if touched else None
