"""Every number of Arena in one place, with its unit and what it makes players feel.

Law: lengths are sub-units (1/16 px), speeds are sub-units a tick, times are ticks (30 a second).
"""

from typing import Final

from gameserver.game.fixed import SUB

TICK_RATE: Final = 30

# --- the fighter ------------------------------------------------------------------------------

RADIUS: Final = 14 * SUB
"""Fits through a gap of one tile with 2 px to spare on each side."""
HIT_RADIUS: Final = 16 * SUB
"""Slightly larger than it is drawn: a shot that looks like a hit is one."""
SPEED: Final = 8 * SUB
"""240 px a second: a screen's width in five seconds."""
HASTE_SPEED: Final = 11 * SUB
ACCELERATION: Final = 2 * SUB
"""Full speed after four ticks: quick, with a hint of weight."""
HEALTH: Final = 100
MAX_HEALTH: Final = 150
"""With pick-ups."""

DASH_SPEED: Final = 24 * SUB
DASH_TICKS: Final = 5
"""120 px: across a lane, not across a room."""
DASH_COOLDOWN: Final = 50

RESPAWN_TICKS: Final = 75
SHIELD_TICKS: Final = 36
"""Protection after a spawn; firing ends it."""

# --- the pulse rifle ------------------------------------------------------------------------------

RIFLE_COOLDOWN: Final = 5
"""Six shots a second."""
RIFLE_DAMAGE: Final = 15
"""Seven hits, a second and a bit of good aim."""
RIFLE_RANGE: Final = 900 * SUB
MUZZLE: Final = 18 * SUB
START_AMMO: Final = 60
MAX_AMMO: Final = 150

# --- the rocket launcher --------------------------------------------------------------------------

ROCKET_COOLDOWN: Final = 24
ROCKET_SPEED: Final = 14 * SUB
"""Slow enough to be dodged at half a screen."""
ROCKET_RADIUS: Final = 5 * SUB
ROCKET_TICKS: Final = 75
ROCKET_DAMAGE: Final = 70
"""In the middle; falls to nothing at the edge of the blast."""
BLAST_RADIUS: Final = 84 * SUB
DIRECT_BONUS: Final = 20
KNOCK: Final = 14 * SUB
"""Speed given to whoever stands in the middle."""
OWN_BLAST_PERCENT: Final = 50
START_ROCKETS: Final = 2
MAX_ROCKETS: Final = 8

# --- pick-ups -------------------------------------------------------------------------------------

PICKUP_REACH: Final = 26 * SUB
GIVES_HEALTH: Final = 40
GIVES_AMMO: Final = 40
GIVES_ROCKETS: Final = 3
HASTE_TICKS: Final = 240
PICKUP_RETURNS: Final = {"health": 450, "ammo": 300, "rockets": 600, "haste": 900}

# --- the rules ------------------------------------------------------------------------------------

WARMUP_TICKS: Final = 90
"""Three seconds to look around; weapons are locked."""
AFTERMATH_TICKS: Final = 90
"""Three seconds in which the final blow can be enjoyed before the results."""
FLAG_REACH: Final = 28 * SUB
FLAG_RETURNS: Final = 600
KILL_POINTS: Final = 1
CAPTURE_POINTS: Final = 5
RETURN_POINTS: Final = 1
