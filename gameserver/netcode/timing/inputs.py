"""Times of a seat's input buffer, in seconds; `buffer_rules` converts them to ticks.

An input that is too far ahead is dropped. A missing input repeats the last command and, after
`REPEAT_S`, becomes neutral. The smallest arrival margin steers the client's lead.
"""

from typing import Final

from gameserver.accel import BufferRules

AHEAD_S: Final = 1.0
"""Farthest into the future an input may be addressed (threat 15)."""

REPEAT_S: Final = 0.5
"""How long a missing input repeats the last one before it counts as neutral (threat 17)."""

MARGIN_S: Final = 3.0
"""Window of the smallest arrival margin, which steers the client's lead."""


def buffer_rules(tick_rate: int) -> BufferRules:
    """Return the rules of every seat's buffer at this tick rate (ticks per second)."""
    return BufferRules(
        ahead=int(AHEAD_S * tick_rate),
        repeat=int(REPEAT_S * tick_rate),
        margins=int(MARGIN_S * tick_rate),
    )
