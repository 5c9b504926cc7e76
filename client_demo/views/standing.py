"""How a player stands among the others, in numbers and words."""

from collections.abc import Sequence

import attrs

from client_demo.views.matchview import ScoreLine


@attrs.frozen
class OwnPlace:
    """One's own place in the table."""

    own: ScoreLine
    rank: int
    """From 1; equals share it."""
    players: int
    rival: ScoreLine | None
    """The one who leads, or whoever comes next if one leads oneself; None if one is alone."""


def place_of(scores: Sequence[ScoreLine]) -> OwnPlace | None:
    """Return how one stands in a table that has the best first; None for a spectator."""
    own = next((line for line in scores if line.own), None)
    if own is None:
        return None
    better = [line for line in scores if (-line.score, line.deaths) < (-own.score, own.deaths)]
    others = [line for line in scores if not line.own]
    return OwnPlace(own, len(better) + 1, len(scores), others[0] if others else None)


def ordinal(number: int) -> str:
    """Return a number as a place: 1st, 2nd, 3rd, 4th."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def points(number: int) -> str:
    """Return a number of points in words."""
    return f"{number} point" if number == 1 else f"{number} points"
