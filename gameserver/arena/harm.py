"""Which fighter may hurt which, and the effect of a blast.

It runs on both ends: the effect of a player's own rocket on its own fighter is predicted, so that a
rocket jump begins at once.
"""

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Exploded, Hurt
from gameserver.arena.movement import push
from gameserver.arena.tuning import (
    BLAST_RADIUS,
    DIRECT_BONUS,
    KNOCK,
    OWN_BLAST_PERCENT,
    ROCKET_DAMAGE,
)
from gameserver.game import World
from gameserver.game.fixed import length, scale_to
from gameserver.game.geometry.raycast import line_of_sight


def may_hurt(world: World, shooter: Fighter, target: Fighter) -> bool:
    """Tell whether the rules let one fighter hurt another (or itself)."""
    if not target.alive or target.shielded:
        return False
    same_team = shooter.team != 0 and shooter.team == target.team
    return shooter is target or not same_team or bool(world.options.friendly_fire)


def throw(world: World, boom: Exploded, shooter: Fighter, target: Fighter) -> int:
    """Push a fighter away from a blast that reaches it and return the damage; 0 for none."""
    if not may_hurt(world, shooter, target):
        return 0
    dx, dy = target.x - boom.x, target.y - boom.y
    near = BLAST_RADIUS - length(dx, dy)
    if near <= 0 or not line_of_sight(world.map, boom.x, boom.y, target.x, target.y):
        return 0
    push(target, *scale_to(dx, dy, KNOCK * near // BLAST_RADIUS))
    damage = ROCKET_DAMAGE * near // BLAST_RADIUS
    if target is shooter:
        return damage * OWN_BLAST_PERCENT // 100
    return damage + (DIRECT_BONUS if target.owner == boom.direct else 0)


def strike_owner(world: World, boom: Exploded, owner: Fighter) -> None:
    """Let a blast push and hurt its owner; only the server decides whether the owner dies."""
    damage = throw(world, boom, owner, owner)
    if damage:
        owner.hp = max(0, owner.hp - damage)
        world.emit(Hurt(owner.owner, owner.owner, damage))
