"""For how long a seat's inputs wait and are repeated.

An input that is too far ahead is dropped; a missing one repeats the last one, and then becomes
neutral; the smallest margin of arrival steers the client's lead.
"""

from typing import Final

from gameserver.accel import BufferRules

AHEAD_S: Final = 1.0
"""Farthest into the future an input may be addressed (threat 15)."""

REPEAT_S: Final = 0.5
"""How long a missing input repeats the last one before it counts as neutral (threat 17)."""

MARGIN_S: Final = 3.0
"""Window in which the smallest arrival margin steers the client's lead; half of it at least counts.
"""


def buffer_rules(tick_rate: int) -> BufferRules:
    """Return the rules of every seat's buffer at this tick rate (ticks per second)."""
    return BufferRules(
        ahead=int(AHEAD_S * tick_rate),
        repeat=int(REPEAT_S * tick_rate),
        margins=int(MARGIN_S * tick_rate),
    )
