"""Movement of fighters: eight directions, short acceleration, a dash, and sliding along walls.

It runs on the server and, for the own fighter, ahead of it on the client, so it reads only what the
owner receives.
"""

from typing import Final

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Dashed
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import (
    ACCELERATION,
    DASH_COOLDOWN,
    DASH_SPEED,
    DASH_TICKS,
    HASTE_SPEED,
    RADIUS,
    SPEED,
)
from gameserver.game import World
from gameserver.game.fixed import vector
from gameserver.game.geometry.collide import move_circle

ANGLE_OF_MOVE: Final = (0, 0, 128, 256, 384, 512, 640, 768, 896)
"""Angle by ``ArenaCommand.move``; the first one, for no move, is not used."""


def _speeds(speed: int) -> tuple[tuple[int, int], ...]:
    """Return the speeds on both axes by ``ArenaCommand.move``."""
    return ((0, 0), *(vector(angle, speed) for angle in ANGLE_OF_MOVE[1:]))


_RUNNING: Final = _speeds(SPEED)
_HASTY: Final = _speeds(HASTE_SPEED)


def move(world: World, fighter: Fighter, command: ArenaCommand) -> None:
    """Advance a living fighter by one tick."""
    fighter.aim = command.aim
    fighter.hasty = world.tick < fighter.haste_ends
    if command.dash and world.tick >= fighter.dash_ready:
        _begin_dash(world, fighter, command)
    fighter.dashing = world.tick < fighter.dash_ends
    if not fighter.dashing:
        _accelerate(fighter, command)
    if fighter.vx or fighter.vy:
        _advance(world, fighter)


def _begin_dash(world: World, fighter: Fighter, command: ArenaCommand) -> None:
    angle = ANGLE_OF_MOVE[command.move] if command.move else command.aim
    fighter.vx, fighter.vy = vector(angle, DASH_SPEED)
    fighter.dash_ends = world.tick + DASH_TICKS
    fighter.dash_ready = world.tick + DASH_COOLDOWN
    world.emit(Dashed(fighter.owner, fighter.x, fighter.y))


def _accelerate(fighter: Fighter, command: ArenaCommand) -> None:
    wanted_x, wanted_y = (_HASTY if fighter.hasty else _RUNNING)[command.move]
    if fighter.vx != wanted_x:
        fighter.vx = _towards(fighter.vx, wanted_x)
    if fighter.vy != wanted_y:
        fighter.vy = _towards(fighter.vy, wanted_y)


def _towards(speed: int, wanted: int) -> int:
    # Deceleration after a dash or a blast is twice the acceleration of running.
    step = ACCELERATION if abs(speed) <= HASTE_SPEED else 2 * ACCELERATION
    if speed < wanted:
        return min(wanted, speed + step)
    return max(wanted, speed - step)


def _advance(world: World, fighter: Fighter) -> None:
    x, y = move_circle(world.map, fighter.x, fighter.y, RADIUS, fighter.vx, fighter.vy)
    # Speed into a wall is lost, or the fighter would jump forward when the wall ends.
    if fighter.vx and (x - fighter.x) * fighter.vx <= 0:
        fighter.vx = 0
    if fighter.vy and (y - fighter.y) * fighter.vy <= 0:
        fighter.vy = 0
    fighter.x, fighter.y = x, y


def push(fighter: Fighter, dx: int, dy: int) -> None:
    """Add to a fighter's speed, as a blast does; the speed is bounded."""
    fighter.vx = max(-DASH_SPEED, min(DASH_SPEED, fighter.vx + dx))
    fighter.vy = max(-DASH_SPEED, min(DASH_SPEED, fighter.vy + dy))
