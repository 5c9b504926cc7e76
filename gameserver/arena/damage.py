"""Who is hurt, and who dies: the server's part of a fight.

Law: damage follows from the tick's events, after every seat has moved, shots before blasts, so a
lower seat gains nothing by going first. Kills that were foretold while the seats moved are
forgotten here: a victim may have healed in the same tick, and only health decides.
"""

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Exploded, Hit, Hurt, Killed
from gameserver.arena.movement import push
from gameserver.arena.tuning import (
    BLAST_RADIUS,
    DIRECT_BONUS,
    KNOCK,
    OWN_BLAST_PERCENT,
    RESPAWN_TICKS,
    ROCKET_DAMAGE,
)
from gameserver.arena.weapons import may_hurt
from gameserver.game import World
from gameserver.game.fixed import length, scale_to
from gameserver.game.raycast import line_of_sight
from gameserver.ids import Seat

Death = tuple[Fighter, Fighter]
"""Victim and killer; the same for one's own rocket."""


def hurt_by_events(world: World) -> list[Death]:
    """Do the damage of this tick's hits and blasts and return who died of it, in order."""
    deaths: list[Death] = []
    happened = [event for event in world.events if not isinstance(event, Killed)]
    world.events = happened
    for hit in [event for event in happened if isinstance(event, Hit)]:
        _hit(world, hit, deaths)
    for blast in [event for event in happened if isinstance(event, Exploded)]:
        _blast(world, blast, deaths)
    return deaths


def _hit(world: World, event: Hit, deaths: list[Death]) -> None:
    shooter = world.owned(Seat(event.seat), Fighter)
    target = world.owned(Seat(event.target), Fighter)
    if shooter is not None and target is not None and target.alive:
        _hurt(world, shooter, target, event.damage, "rifle", deaths)


def _blast(world: World, event: Exploded, deaths: list[Death]) -> None:
    shooter = world.owned(Seat(event.seat), Fighter)
    if shooter is None:
        return
    for target in world.all(Fighter):
        if not may_hurt(world, shooter, target):
            continue
        dx, dy = target.x - event.x, target.y - event.y
        distance = length(dx, dy)
        if distance >= BLAST_RADIUS or not line_of_sight(
            world.map, event.x, event.y, target.x, target.y
        ):
            continue
        near = BLAST_RADIUS - distance
        damage = ROCKET_DAMAGE * near // BLAST_RADIUS
        damage += DIRECT_BONUS if target.owner == event.direct else 0
        if target is shooter:
            damage = damage * OWN_BLAST_PERCENT // 100
        push(target, *scale_to(dx, dy, KNOCK * near // BLAST_RADIUS))
        if damage:
            world.emit(Hurt(event.seat, target.owner, damage))
            _hurt(world, shooter, target, damage, "rocket", deaths)


def _hurt(
    world: World,
    shooter: Fighter,
    target: Fighter,
    damage: int,
    weapon: str,
    deaths: list[Death],
) -> None:
    target.hp = max(0, target.hp - damage)
    if target.hp > 0:
        return
    world.emit(Killed(shooter.owner, target.owner, weapon))
    _die(world, target)
    deaths.append((target, shooter))


def _die(world: World, fighter: Fighter) -> None:
    fighter.alive = False
    fighter.deaths += 1
    fighter.vx = fighter.vy = 0
    fighter.dashing = fighter.hasty = False
    fighter.dash_ends = fighter.haste_ends = 0
    fighter.respawns = world.tick + RESPAWN_TICKS
