"""Apply damage and deaths: the server's part of a fight.

Law: damage is computed from the tick's events after all seats have moved, shots before blasts, so a
lower seat has no advantage. `Killed` events that were predicted during the moves are removed here:
a victim may have healed in the same tick, and only its health decides.
"""

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Exploded, Hit, Hurt, Killed
from gameserver.arena.harm import throw
from gameserver.arena.tuning import RESPAWN_TICKS
from gameserver.game import World
from gameserver.ids import Seat

Death = tuple[Fighter, Fighter]
"""Victim and killer; both are the same fighter if it died by its own rocket."""


def hurt_by_events(world: World) -> list[Death]:
    """Apply the damage of this tick's hits and blasts; return the deaths in order."""
    deaths: list[Death] = []
    happened = [event for event in world.events if not isinstance(event, Killed)]
    world.events = happened
    for hit in [event for event in happened if isinstance(event, Hit)]:
        _hit(world, hit, deaths)
    for boom in [event for event in happened if isinstance(event, Exploded)]:
        _blast(world, boom, deaths)
    return deaths


def _hit(world: World, event: Hit, deaths: list[Death]) -> None:
    shooter = world.owned(Seat(event.seat), Fighter)
    target = world.owned(Seat(event.target), Fighter)
    if shooter is not None and target is not None and target.alive:
        target.hp = max(0, target.hp - event.damage)
        _die_if_spent(world, shooter, target, "rifle", deaths)


def _blast(world: World, boom: Exploded, deaths: list[Death]) -> None:
    shooter = world.owned(Seat(boom.seat), Fighter)
    if shooter is None:
        return
    for target in world.all(Fighter):
        if target is not shooter and (damage := throw(world, boom, shooter, target)):
            target.hp = max(0, target.hp - damage)
            world.emit(Hurt(boom.seat, target.owner, damage))
            _die_if_spent(world, shooter, target, "rocket", deaths)
    # The damage of a blast to its owner was applied when the rocket exploded.
    if shooter.alive:
        _die_if_spent(world, shooter, shooter, "rocket", deaths)


def _die_if_spent(
    world: World, shooter: Fighter, target: Fighter, weapon: str, deaths: list[Death]
) -> None:
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
