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
"""Fast enough to outrun everybody, slow enough to be led by a rocket."""
ACCELERATION: Final = 2 * SUB
"""Full speed after four ticks: quick, with a hint of weight."""
HEALTH: Final = 100
MAX_HEALTH: Final = 150
"""With pick-ups."""

DASH_SPEED: Final = 24 * SUB
DASH_TICKS: Final = 5
"""120 px: across a lane, not across a room."""
DASH_COOLDOWN: Final = 50
"""1.7 s: every second fight has one dodge in it, not every shot."""

RESPAWN_TICKS: Final = 75
"""2.5 s: long enough to see who did it."""
SHIELD_TICKS: Final = 36
"""1.2 s of protection after a spawn; firing ends it."""

# --- the pulse rifle ------------------------------------------------------------------------------

RIFLE_COOLDOWN: Final = 5
"""Six shots a second."""
RIFLE_DAMAGE: Final = 15
"""Seven hits, a second and a bit of good aim."""
RIFLE_RANGE: Final = 900 * SUB
"""Beyond what a screen shows."""
MUZZLE: Final = 18 * SUB
"""From a fighter's middle to where shots and rockets come out."""
RIFLE_USES: Final = 1
"""Rounds for a shot; none where there are no pick-ups to find more."""
START_AMMO: Final = 60
"""Ten seconds of fire."""
MAX_AMMO: Final = 150

# --- the rocket launcher --------------------------------------------------------------------------

ROCKET_COOLDOWN: Final = 24
"""0.8 s."""
ROCKET_SPEED: Final = 14 * SUB
"""Slow enough to be dodged at half a screen."""
ROCKET_RADIUS: Final = 5 * SUB
ROCKET_TICKS: Final = 75
"""1,050 px of flight; then it goes off by itself."""
ROCKET_DAMAGE: Final = 70
"""In the middle; falls to nothing at the edge of the blast."""
BLAST_RADIUS: Final = 84 * SUB
DIRECT_BONUS: Final = 20
"""For hitting in person: with full health one survives a single rocket, never two."""
KNOCK: Final = 22 * SUB
"""Speed given to whoever stands in the middle: it carries about 80 px."""
OWN_BLAST_PERCENT: Final = 50
"""One's own blast hurts half, so that a rocket at one's feet is a way to travel."""
START_ROCKETS: Final = 2
MAX_ROCKETS: Final = 8

# --- pick-ups -------------------------------------------------------------------------------------

PICKUP_REACH: Final = 26 * SUB
GIVES_HEALTH: Final = 40
GIVES_AMMO: Final = 40
GIVES_ROCKETS: Final = 3
HASTE_TICKS: Final = 240
PICKUP_RETURNS: Final = {"health": 450, "ammo": 300, "rockets": 600, "haste": 900}
"""Ticks until each kind lies there again: the stronger, the longer."""

# --- the rules ------------------------------------------------------------------------------------

WARMUP_TICKS: Final = 90
"""Three seconds to look around; weapons are locked."""
OVERTIME_TICKS: Final = 60 * TICK_RATE
"""Then a draw is a draw."""
LONGEST_TICKS: Final = 1800 * TICK_RATE
"""Of a match that was given neither a time limit nor a score limit: every match ends."""
AFTERMATH_TICKS: Final = 90
"""Three seconds in which the final blow can be enjoyed before the results."""
FLAG_REACH: Final = 28 * SUB
FLAG_RETURNS: Final = 600
"""20 s on the ground, then it goes home by itself."""
KILL_POINTS: Final = 1
CAPTURE_POINTS: Final = 5
RETURN_POINTS: Final = 1
