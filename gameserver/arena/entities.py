"""The entities of Arena.

Law: fields are chosen to be cheap on the wire. Straight movement is predicted linearly; a cooldown
is stored as the tick at which it ends, so that it changes once and not in every tick.
"""

from typing import ClassVar, Final

import attrs

from gameserver.arena.tuning import (
    HEALTH,
    MAX_AMMO,
    MAX_HEALTH,
    MAX_ROCKETS,
    START_AMMO,
    START_ROCKETS,
)
from gameserver.game import Entity, networked, private
from gameserver.game.fixed import TURN


class MatchPhase:
    """Phases of a match, as plain integers."""

    WARMUP: Final = 0
    PLAY: Final = 1
    OVER: Final = 2


class FlagState:
    """States of a flag, as plain integers."""

    HOME: Final = 0
    CARRIED: Final = 1
    DROPPED: Final = 2


@attrs.define(eq=False)
class Board(Entity):
    """The state of the match as a whole; the world holds exactly one."""

    phase: int = networked(default=0, lo=0, hi=2)
    phase_ends: int = networked()
    """Tick at which the phase ends; 0 in PLAY without a time limit."""
    overtime: bool = networked(default=False)
    """Time ran out in a draw: the next point wins, until ``phase_ends``."""
    team1: int = networked(lo=0)
    team2: int = networked(lo=0)
    score_limit: int = networked(once=True)
    """0 for no limit."""


@attrs.define(eq=False)
class Fighter(Entity):
    """A player's fighter; it stays in the world, dead, between death and respawn."""

    rewindable: ClassVar[bool] = True

    x: int = networked(predict="linear", lo=0)
    y: int = networked(predict="linear", lo=0)
    aim: int = networked(wrap=TURN)
    hp: int = networked(default=HEALTH, lo=0, hi=MAX_HEALTH)
    alive: bool = networked(default=True)
    dashing: bool = networked(default=False)
    shielded: bool = networked(default=True)
    hasty: bool = networked(default=False)
    carrying: int = networked(lo=0)
    """Team of the flag it carries; 0 for none."""
    score: int = networked(lo=0)
    kills: int = networked(lo=0)
    deaths: int = networked(lo=0)
    captures: int = networked(lo=0)
    team: int = networked(once=True)
    name: str = networked(default="", once=True)
    bot: bool = networked(default=False, once=True)

    vx: int = private()
    vy: int = private()
    ammo: int = private(default=START_AMMO, lo=0, hi=MAX_AMMO)
    rockets: int = private(default=START_ROCKETS, lo=0, hi=MAX_ROCKETS)
    rifle_ready: int = private()
    rocket_ready: int = private()
    dash_ready: int = private()
    dash_ends: int = private()
    shield_ends: int = private()
    haste_ends: int = private()
    respawns: int = private()


@attrs.define(eq=False)
class Rocket(Entity):
    """A rocket in flight. Its velocity follows from its angle, so its owner can predict it."""

    x: int = networked(predict="linear")
    y: int = networked(predict="linear")
    angle: int = networked(wrap=TURN, once=True)
    team: int = networked(once=True)


@attrs.define(eq=False)
class Pickup(Entity):
    """A pickup, which is ready again some time after it was taken."""

    kind: str = networked(default="health", once=True)
    x: int = networked(once=True)
    y: int = networked(once=True)
    ready: bool = networked(default=True)
    returns: int = attrs.field(default=0)


@attrs.define(eq=False)
class Flag(Entity):
    """A team's flag."""

    team: int = networked(once=True)
    x: int = networked(predict="linear")
    y: int = networked(predict="linear")
    state: int = networked(lo=0, hi=2)
    carrier: int = networked(default=-1)
    """Seat, or -1."""
    home_x: int = networked(once=True)
    home_y: int = networked(once=True)
    returns: int = networked()
    """Tick at which a dropped flag returns to its stand."""
