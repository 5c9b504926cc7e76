"""The player's place among the others, in numbers and words."""

from collections.abc import Sequence

import attrs

from client_demo.views.matchview import ScoreLine


@attrs.frozen
class OwnPlace:
    """The player's own place in the table of scores."""

    own: ScoreLine
    rank: int
    """From 1; players with the same score have the same rank: 1, 1, 3."""
    players: int
    rival: ScoreLine | None
    """The leader, or the next player if the player leads; None without other players."""


def place_of(scores: Sequence[ScoreLine]) -> OwnPlace | None:
    """Return the player's place in a table with the best first; None for a spectator."""
    own = next((line for line in scores if line.own), None)
    if own is None:
        return None
    others = [line for line in scores if not line.own]
    return OwnPlace(own, rank_of(own, scores), len(scores), others[0] if others else None)


def rank_of(line: ScoreLine, scores: Sequence[ScoreLine]) -> int:
    """Return the rank of a line in a table: players with the same score have the same."""
    return 1 + sum(other.score > line.score for other in scores)


def ordinal(number: int) -> str:
    """Return a number as an ordinal: 1st, 2nd, 3rd, 4th."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def points(number: int) -> str:
    """Return a number with the word point or points."""
    return f"{number} point" if number == 1 else f"{number} points"
