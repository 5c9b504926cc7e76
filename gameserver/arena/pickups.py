"""Pickups: health, ammunition, rockets, haste; they come back some time after they were taken."""

from gameserver.arena.entities import Fighter, Pickup
from gameserver.arena.events import PickedUp
from gameserver.arena.tuning import (
    GIVES_AMMO,
    GIVES_HEALTH,
    GIVES_ROCKETS,
    HASTE_TICKS,
    MAX_AMMO,
    MAX_HEALTH,
    MAX_ROCKETS,
    PICKUP_REACH,
    PICKUP_RETURNS,
)
from gameserver.game import World
from gameserver.game.maps.tilemap import ObjectKind


def place(world: World) -> None:
    """Spawn the map's pickups; kinds that Arena does not know are left out."""
    for item in world.map.of_kind(ObjectKind.PICKUP):
        if item.name in PICKUP_RETURNS:
            world.spawn(Pickup(kind=item.name, x=item.x, y=item.y))


def take(world: World, fighter: Fighter) -> None:
    """Let a living fighter take the useful pickups in reach; predicted by its client."""
    x, y = fighter.x, fighter.y
    for pickup in world.all(Pickup):
        dx = pickup.x - x
        if not -PICKUP_REACH <= dx <= PICKUP_REACH or not pickup.ready:
            continue
        dy = pickup.y - y
        in_reach = dx * dx + dy * dy <= PICKUP_REACH * PICKUP_REACH
        if in_reach and _give(world, fighter, pickup.kind):
            pickup.ready = False
            pickup.returns = world.tick + PICKUP_RETURNS[pickup.kind]
            world.emit(PickedUp(fighter.owner, pickup.id, pickup.kind))


def _give(world: World, fighter: Fighter, kind: str) -> bool:
    """Give a fighter the content of a pickup; return false if it has no use for it."""
    match kind:
        case "health":
            before, fighter.hp = fighter.hp, min(MAX_HEALTH, fighter.hp + GIVES_HEALTH)
            return fighter.hp > before
        case "ammo":
            before, fighter.ammo = fighter.ammo, min(MAX_AMMO, fighter.ammo + GIVES_AMMO)
            return fighter.ammo > before
        case "rockets":
            before = fighter.rockets
            fighter.rockets = min(MAX_ROCKETS, before + GIVES_ROCKETS)
            return fighter.rockets > before
        case _:
            fighter.haste_ends = world.tick + HASTE_TICKS
            return True


def bring_back(world: World) -> None:
    """Make pickups ready again whose time is over; on the server only."""
    for pickup in world.all(Pickup):
        if not pickup.ready and world.tick >= pickup.returns:
            pickup.ready = True
