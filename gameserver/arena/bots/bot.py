"""A bot: in each tick it looks, chooses a goal, walks, aims and fires.

Law: all decisions are made from `Senses` and public facts. Random numbers come from the bot's own
generator, which is no part of the world.
"""

from typing import Final

from gameserver.arena.bots.aim import Hands, Triggers
from gameserver.arena.bots.dodge import Dodger
from gameserver.arena.bots.goals import Goal, choose_goal, navigator_of
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.bots.senses import Senses, Sighting
from gameserver.arena.entities import Board, Fighter, MatchPhase
from gameserver.arena.options import ArenaCommand
from gameserver.game import Command, Rng, World
from gameserver.game.fixed import SUB, TURN, angle_of, length
from gameserver.ids import Seat

THINK_TICKS: Final = 15
"""Ticks between two choices of a goal."""
PATH_TICKS: Final = 3
"""Ticks between two searches for the next waypoint."""
STUCK_TICKS: Final = 12
"""After this time in one place, a bot walks elsewhere for the same time."""
STRAFE_TICKS: Final = 18
NEAR: Final = 170 * SUB
FAR: Final = 340 * SUB
"""Preferred distance in a fight."""
ARRIVED: Final = 24 * SUB
CLOSE: Final = 6 * SUB
"""Distance to a waypoint below which a step would overshoot."""
DASH_TICKS: Final = 15
"""Ticks between two decisions whether to dash."""
EIGHTH: Final = TURN // 8


class ArenaBot:
    """Plays one seat."""

    def __init__(self, seat: Seat, level: str, rng: Rng) -> None:
        """Make a bot; ``level`` is one of `Arena.bot_levels`."""
        self._seat = seat
        self._level = LEVELS[level]
        self._rng = rng
        self._senses = Senses()
        self._hands = Hands(self._level, rng, seat)
        self._dodger = Dodger(self._level, rng)
        self._goal: Goal | None = None
        self._waypoint = (0, 0)
        self._next_thought = 0
        self._next_look = 0
        self._strafe = 1
        self._wanders_until = 0
        self._wanders_to = 0
        self._was_at = (0, 0)
        self._still_since = 0

    def command(self, world: World) -> Command:
        """Return the command for the next tick."""
        me = world.owned(self._seat, Fighter)
        if me is None or not me.alive or world.one(Board).phase == MatchPhase.OVER:
            self._goal = None
            return ArenaCommand(aim=self._hands.angle)
        enemies = self._senses.look(world, me)
        target = enemies[0] if enemies else None
        way_out = self._dodger.way_out(world, me)
        if way_out is not None:
            move = _direction(way_out.angle)
        else:
            self._notice_standstill(world, me)
            move = self._walk(world, me, target)
        triggers = Triggers()
        if target is not None:
            triggers = self._hands.fight(world, me, target)
        elif move:
            self._hands.rest(EIGHTH * (move - 1))
        hurry = way_out is not None and way_out.hurry
        return ArenaCommand(
            move=move,
            aim=self._hands.angle,
            fire=int(triggers.fire),
            rocket=triggers.rocket,
            dash=move > 0 and self._dashes(world, me, hurry, target),
        )

    def _walk(self, world: World, me: Fighter, target: Sighting | None) -> int:
        if world.tick < self._wanders_until:
            return self._wanders_to
        goal = self._goal
        if goal is None or world.tick >= self._next_thought or _is_near(me, goal):
            goal = self._goal = choose_goal(world, me, self._level, self._senses, self._rng)
            self._next_thought = world.tick + THINK_TICKS + self._rng.below(THINK_TICKS)
            self._next_look = 0
        if target is not None and not goal.urgent:
            return self._fight_step(world, me, target)
        if world.tick >= self._next_look:
            ways = navigator_of(world.map)
            self._waypoint = ways.next_waypoint(me.x, me.y, goal.x, goal.y)
            self._next_look = world.tick + PATH_TICKS
        dx, dy = self._waypoint[0] - me.x, self._waypoint[1] - me.y
        return _direction(angle_of(dx, dy)) if abs(dx) + abs(dy) >= CLOSE else 0

    def _fight_step(self, world: World, me: Fighter, target: Sighting) -> int:
        """Return a move that circles around a target at the preferred distance."""
        if world.tick % STRAFE_TICKS == self._seat % STRAFE_TICKS and self._rng.chance(1, 2):
            self._strafe = -self._strafe
        dx, dy = target.x - me.x, target.y - me.y
        distance = length(dx, dy)
        side = 2 * EIGHTH
        if distance > FAR:
            side = EIGHTH
        elif distance < NEAR:
            side = 3 * EIGHTH
        return _direction((angle_of(dx, dy) + self._strafe * side) % TURN)

    def _notice_standstill(self, world: World, me: Fighter) -> None:
        moved = abs(me.x - self._was_at[0]) + abs(me.y - self._was_at[1]) > SUB
        self._was_at = (me.x, me.y)
        if moved:
            self._still_since = world.tick
        elif world.tick - self._still_since >= STUCK_TICKS:
            self._still_since = world.tick
            self._goal = None
            self._strafe = -self._strafe
            self._wanders_until = world.tick + STUCK_TICKS
            self._wanders_to = 1 + self._rng.below(8)

    def _dashes(self, world: World, me: Fighter, hurry: bool, target: Sighting | None) -> bool:
        if world.tick < me.dash_ready:
            return False
        if hurry:
            return True
        if world.tick % DASH_TICKS != self._seat % DASH_TICKS:
            return False
        useful = target is None or me.carrying or me.hp < self._level.retreat
        return bool(useful) and self._rng.chance(self._level.dashes, 100)


def _is_near(me: Fighter, goal: Goal) -> bool:
    return abs(goal.x - me.x) + abs(goal.y - me.y) < ARRIVED


def _direction(angle: int) -> int:
    """Return the move (1 east, clockwise to 8) nearest to an angle."""
    return (angle + EIGHTH // 2) % TURN // EIGHTH + 1
