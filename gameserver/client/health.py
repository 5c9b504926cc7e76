"""Rate the connection for its player: silent, slow, unsteady, or fine.

Law: pure functions of measured times, without state; cheap enough to call once per frame.
"""

from enum import Enum, auto
from typing import Final

BRIEF_S: Final = 0.5
"""Silence in a match from which a mark is shown: fifteen snapshots at 30 Hz."""

LONG_S: Final = 2.0
"""Silence in a match from which a banner is shown."""

MISSED_SNAPSHOTS: Final = 4
"""Missing snapshots that count as silence, for games with few snapshots per second."""

SLOW_S: Final = 0.6
"""Round trip from which play is visibly worse: the server rewinds 0.4 s at most."""

TOO_SLOW_S: Final = 2.0
"""Largest round trip with which inputs can arrive in time."""

UNSTEADY_S: Final = 0.25
"""Lateness of late snapshots (97th percentile) from which the connection is called unsteady."""


class Stall(Enum):
    """How long nothing has come from the server, in the steps that a player is shown."""

    NONE = auto()
    BRIEF = auto()
    """Show a mark."""
    LONG = auto()
    """Show a banner."""


class Trouble(Enum):
    """What is wrong with a connection that delivers every message."""

    NONE = auto()
    UNSTEADY = auto()
    SLOW = auto()
    TOO_SLOW = auto()
    """The round trip is so long that no input arrives in time."""


def stall_of(silent_s: float, snapshot_s: float) -> Stall:
    """Rate a silence in a match that sends a snapshot every ``snapshot_s`` seconds."""
    if silent_s >= max(LONG_S, 2 * MISSED_SNAPSHOTS * snapshot_s):
        return Stall.LONG
    if silent_s >= max(BRIEF_S, MISSED_SNAPSHOTS * snapshot_s):
        return Stall.BRIEF
    return Stall.NONE


def trouble_of(rtt_s: float, jitter_s: float) -> Trouble:
    """Rate a connection; of several troubles the worst is returned."""
    if rtt_s > TOO_SLOW_S:
        return Trouble.TOO_SLOW
    if rtt_s >= SLOW_S:
        return Trouble.SLOW
    return Trouble.UNSTEADY if jitter_s >= UNSTEADY_S else Trouble.NONE


def words_of(trouble: Trouble, rtt_s: float, jitter_s: float) -> str:
    """Return one sentence about the trouble for the player; "" for `Trouble.NONE`."""
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
