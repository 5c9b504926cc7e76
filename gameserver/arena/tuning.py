"""All numbers that tune Arena, with their units and reasons.

Law: lengths are in sub-units (1/16 px), speeds in sub-units a tick, times in ticks (30 a second).
"""

from typing import Final

from gameserver.game.fixed import SUB

TICK_RATE: Final = 30

# --- the fighter ------------------------------------------------------------------------------

RADIUS: Final = 14 * SUB
"""Leaves 2 px on each side in a gap of one tile."""
HIT_RADIUS: Final = 16 * SUB
"""Slightly larger than the fighter is drawn, so that a shot that looks like a hit is one."""
SPEED: Final = 8 * SUB
"""240 px a second: a screen's width in five seconds."""
HASTE_SPEED: Final = 11 * SUB
"""Faster than all other fighters, but slower than a rocket."""
ACCELERATION: Final = 2 * SUB
"""Full speed after four ticks."""
HEALTH: Final = 100
MAX_HEALTH: Final = 150
"""Most health, with pickups."""

DASH_SPEED: Final = 24 * SUB
DASH_TICKS: Final = 5
"""120 px in all: across a lane, not across a room."""
DASH_COOLDOWN: Final = 50
"""1.7 s, so that a fighter cannot dodge every shot."""

RESPAWN_TICKS: Final = 75
"""2.5 s: long enough to see the killer."""
SHIELD_TICKS: Final = 36
"""1.2 s of protection after a spawn; firing ends it."""

# --- the pulse rifle ------------------------------------------------------------------------------

RIFLE_COOLDOWN: Final = 5
"""Six shots a second."""
RIFLE_DAMAGE: Final = 15
"""Seven hits destroy a fighter with full health: a little more than a second of good aim."""
RIFLE_RANGE: Final = 900 * SUB
"""Beyond the border of a screen."""
MUZZLE: Final = 18 * SUB
"""From a fighter's centre to the start of its shots and rockets."""
RIFLE_USES: Final = 1
"""Rounds for a shot; none in a match without pickups."""
START_AMMO: Final = 60
"""Ten seconds of fire."""
MAX_AMMO: Final = 150

# --- the rocket launcher --------------------------------------------------------------------------

ROCKET_COOLDOWN: Final = 24
"""0.8 s."""
ROCKET_SPEED: Final = 14 * SUB
"""Slow enough to be dodged from half a screen away."""
ROCKET_RADIUS: Final = 5 * SUB
ROCKET_TICKS: Final = 75
"""1,050 px of flight; then the rocket explodes."""
ROCKET_DAMAGE: Final = 70
"""At the centre of the blast; falls to 0 at its edge."""
BLAST_RADIUS: Final = 84 * SUB
DIRECT_BONUS: Final = 20
"""Added if the rocket itself hits: a fighter with full health survives one rocket, never two."""
KNOCK: Final = 22 * SUB
"""Speed given to a fighter at the centre of a blast: it moves about 80 px."""
OWN_BLAST_PERCENT: Final = 50
"""Part of the damage of a fighter's own blast, so that a rocket jump is worth its cost."""
START_ROCKETS: Final = 2
MAX_ROCKETS: Final = 8

# --- pick-ups -------------------------------------------------------------------------------------

PICKUP_REACH: Final = 26 * SUB
GIVES_HEALTH: Final = 40
GIVES_AMMO: Final = 40
GIVES_ROCKETS: Final = 3
HASTE_TICKS: Final = 240
PICKUP_RETURNS: Final = {"health": 450, "ammo": 300, "rockets": 600, "haste": 900}
"""Ticks until a pickup of each kind is ready again: the stronger, the longer."""

# --- the rules ------------------------------------------------------------------------------------

WARMUP_TICKS: Final = 90
"""Three seconds to look around; weapons do not work."""
OVERTIME_TICKS: Final = 60 * TICK_RATE
"""Longest overtime; after it the match ends in a draw."""
LONGEST_TICKS: Final = 1800 * TICK_RATE
"""Length of a match with neither a time limit nor a score limit, so that every match ends."""
AFTERMATH_TICKS: Final = 90
"""Three seconds from the end of play to the results."""
FLAG_REACH: Final = 28 * SUB
FLAG_RETURNS: Final = 600
"""20 s after which a dropped flag returns by itself."""
KILL_POINTS: Final = 1
CAPTURE_POINTS: Final = 5
RETURN_POINTS: Final = 1
