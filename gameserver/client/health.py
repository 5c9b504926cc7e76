"""How well a line does, in words for its player: silent, slow, unsteady, or fine.

Law: plain functions of what was measured; they are asked once a frame and remember nothing.
"""

from enum import Enum, auto
from typing import Final

BRIEF_S: Final = 0.5
"""Silence in a match that deserves a mark: fifteen snapshots at 30 Hz."""

LONG_S: Final = 2.0
"""Silence in a match that deserves a banner."""

MISSED_SNAPSHOTS: Final = 4
"""So many snapshots that did not come are silence, in a game that sends few."""

SLOW_S: Final = 0.6
"""Round trip from which playing is visibly worse: the server looks back 0.4 s at most."""

TOO_SLOW_S: Final = 2.0
"""Round trip up to which inputs are in time at all."""

UNSTEADY_S: Final = 0.25
"""How late late snapshots come on a line that deserves a word."""


class Stall(Enum):
    """How long nothing has come from the server, in the steps in which a player is told."""

    NONE = auto()
    BRIEF = auto()
    """Show a mark."""
    LONG = auto()
    """Show a banner."""


class Trouble(Enum):
    """What is wrong with a line on which everything arrives."""

    NONE = auto()
    UNSTEADY = auto()
    SLOW = auto()
    TOO_SLOW = auto()
    """Slower than inputs can be in time on."""


def stall_of(silent_s: float, snapshot_s: float) -> Stall:
    """Return the step of a silence, in a match with a snapshot every ``snapshot_s``."""
    if silent_s >= max(LONG_S, 2 * MISSED_SNAPSHOTS * snapshot_s):
        return Stall.LONG
    if silent_s >= max(BRIEF_S, MISSED_SNAPSHOTS * snapshot_s):
        return Stall.BRIEF
    return Stall.NONE


def trouble_of(rtt_s: float, jitter_s: float) -> Trouble:
    """Return what is wrong with a line, the worst first."""
    if rtt_s > TOO_SLOW_S:
        return Trouble.TOO_SLOW
    if rtt_s >= SLOW_S:
        return Trouble.SLOW
    return Trouble.UNSTEADY if jitter_s >= UNSTEADY_S else Trouble.NONE


def words_of(trouble: Trouble, rtt_s: float, jitter_s: float) -> str:
    """Say in one sentence what is wrong; nothing where all is well."""
    match trouble:
        case Trouble.TOO_SLOW:
            return (
                f"Your connection is too slow for this game: {rtt_s:.1f} s to the server and back."
            )
        case Trouble.SLOW:
            return f"Your connection is slow: {rtt_s:.1f} s to the server and back."
        case Trouble.UNSTEADY:
            return f"Your connection is unsteady: news comes up to {jitter_s:.1f} s late."
        case _:
            return ""
