"""A bot: look, choose, walk, aim, fire.

Law: a decision a tick, made of what `Senses` knows. Chance comes from the bot's own generator,
which is no part of the world.
"""

from typing import Final

from gameserver.arena.bots.goals import Place, choose_goal, navigator_of
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.bots.senses import Senses, Sighting
from gameserver.arena.entities import Board, Fighter, Phase
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import ROCKET_SPEED
from gameserver.game import Command, Rng, World
from gameserver.game.fixed import SUB, TURN, angle_of, length, wrap_signed
from gameserver.ids import Seat

THINK_TICKS: Final = 15
"""Between two choices of a goal."""
PATH_TICKS: Final = 3
"""Between two looks at the way."""
WANDER_TICKS: Final = 12
"""How long a bot that is stuck walks at random."""
STRAFE_TICKS: Final = 18
NEAR: Final = 170 * SUB
FAR: Final = 340 * SUB
"""The distance it likes in a fight."""
ARRIVED: Final = 24 * SUB
ROCKET_MIN: Final = 130 * SUB
ROCKET_MAX: Final = 480 * SUB
EIGHTH: Final = TURN // 8


class ArenaBot:
    """Plays one seat."""

    def __init__(self, seat: Seat, level: str, rng: Rng) -> None:
        """Sit down."""
        self._seat = seat
        self._level = LEVELS[level]
        self._rng = rng
        self._senses = Senses(seat)
        self._goal: Place | None = None
        self._waypoint: Place | None = None
        self._next_thought = 0
        self._next_look = 0
        self._aim = 0
        self._stray = 0
        self._strafe = 1
        self._wander = (0, 0)
        """Until which tick, and in which direction."""
        self._was_at: Place = (0, 0)
        self._still = 0

    def command(self, world: World) -> Command:
        """Return the command for the coming tick."""
        me = world.owned(self._seat, Fighter)
        if me is None or not me.alive or world.one(Board).phase == Phase.OVER:
            self._next_thought = 0
            return ArenaCommand(aim=self._aim)
        enemies = self._senses.look(world, me)
        target = enemies[0] if enemies else None
        self._notice_standstill(world, me)
        move = self._walk(world, me, target)
        if target is None:
            self._turn_towards(EIGHTH * (move - 1) if move else self._aim)
            return ArenaCommand(move=move, aim=self._aim, dash=self._dashes(world, me, 2))
        distance = length(target.x - me.x, target.y - me.y)
        rocket = self._wants_rocket(me, world, distance)
        wanted = self._bearing(me, target, distance if rocket else 0)
        self._turn_towards((wanted + self._stray_now(world)) % TURN)
        ready = world.tick - target.since >= self._level.reaction
        return ArenaCommand(
            move=move,
            aim=self._aim,
            fire=int(ready and self._on_target(wanted) and not self._chance(self._level.pause)),
            rocket=ready and rocket and self._on_target(wanted),
            dash=self._dashes(world, me, 4) and me.hp < 70,
        )

    # --- legs -----------------------------------------------------------------------------------

    def _walk(self, world: World, me: Fighter, target: Sighting | None) -> int:
        if world.tick < self._wander[0]:
            return self._wander[1]
        if target is not None and not me.carrying and me.hp >= self._level.retreat:
            return self._fight_step(world, me, target)
        if self._goal is None or world.tick >= self._next_thought or self._has_arrived(me):
            self._goal = choose_goal(world, me, self._level, self._senses, self._rng)
            self._next_thought = world.tick + THINK_TICKS + self._rng.below(THINK_TICKS)
            self._next_look = 0
        if self._waypoint is None or world.tick >= self._next_look:
            ways = navigator_of(world.map)
            self._waypoint = ways.next_waypoint(me.x, me.y, *self._goal)
            self._next_look = world.tick + PATH_TICKS
        dx, dy = self._waypoint[0] - me.x, self._waypoint[1] - me.y
        if abs(dx) + abs(dy) < ARRIVED // 4:
            return 0
        return _direction(angle_of(dx, dy))

    def _fight_step(self, world: World, me: Fighter, target: Sighting) -> int:
        if world.tick % STRAFE_TICKS == self._seat % STRAFE_TICKS and self._chance(50):
            self._strafe = -self._strafe
        bearing = angle_of(target.x - me.x, target.y - me.y)
        distance = length(target.x - me.x, target.y - me.y)
        side = 2 * EIGHTH
        if distance > FAR:
            side = EIGHTH
        elif distance < NEAR:
            side = 3 * EIGHTH
        return _direction((bearing + self._strafe * side) % TURN)

    def _has_arrived(self, me: Fighter) -> bool:
        assert self._goal is not None
        dx, dy = self._goal[0] - me.x, self._goal[1] - me.y
        return abs(dx) + abs(dy) < ARRIVED

    def _notice_standstill(self, world: World, me: Fighter) -> None:
        moved = abs(me.x - self._was_at[0]) + abs(me.y - self._was_at[1]) > SUB
        self._was_at = (me.x, me.y)
        self._still = 0 if moved else self._still + 1
        if self._still >= WANDER_TICKS:
            self._still = 0
            self._goal = None
            self._strafe = -self._strafe
            self._wander = (world.tick + WANDER_TICKS, 1 + self._rng.below(8))

    # --- hands ----------------------------------------------------------------------------------

    def _bearing(self, me: Fighter, target: Sighting, rocket_distance: int) -> int:
        """Return the angle to a target; for a rocket, to where it will be."""
        ticks = rocket_distance // ROCKET_SPEED
        x, y = target.x + target.vx * ticks, target.y + target.vy * ticks
        return angle_of(x - me.x, y - me.y)

    def _turn_towards(self, wanted: int) -> None:
        difference = wrap_signed(wanted - self._aim, TURN)
        turn = max(-self._level.turn, min(self._level.turn, difference))
        self._aim = (self._aim + turn) % TURN

    def _stray_now(self, world: World) -> int:
        if world.tick % 8 == self._seat % 8:
            self._stray = self._rng.between(-self._level.error, self._level.error)
        return self._stray

    def _on_target(self, wanted: int) -> bool:
        return abs(wrap_signed(wanted - self._aim, TURN)) <= self._level.error + 8

    def _wants_rocket(self, me: Fighter, world: World, distance: int) -> bool:
        good = me.rockets > 0 and world.tick >= me.rocket_ready
        return good and ROCKET_MIN < distance < ROCKET_MAX and self._chance(self._level.rockets)

    def _dashes(self, world: World, me: Fighter, rarely: int) -> bool:
        if world.tick < me.dash_ready or world.tick % 15:
            return False
        return self._chance(self._level.dashes // rarely)

    def _chance(self, percent: int) -> bool:
        return self._rng.chance(percent, 100)


def _direction(angle: int) -> int:
    """Return the move (1 east, clockwise to 8) nearest to an angle."""
    return (angle + EIGHTH // 2) % TURN // EIGHTH + 1
