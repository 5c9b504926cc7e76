"""Teams of even strength.

Law: teams are never made uneven by choice. Bots that will fill up count for the weaker side, so
friends may play together against them.
"""

from collections.abc import Mapping


def apart(counts: Mapping[int, int], fillers: int) -> int:
    """Return how far the biggest team is from the smallest once bots have filled up."""
    levels = sorted(counts.values())
    if not levels:
        return 0
    for _ in range(fillers):
        levels[0] += 1
        levels.sort()
    return levels[-1] - levels[0]


def may_change_team(counts: Mapping[int, int], before: int, after: int, fillers: int) -> bool:
    """Tell whether somebody may change team: to at most one apart, or nearer than it was."""
    changed = dict(counts)
    changed[before] -= 1
    changed[after] += 1
    gap = apart(changed, fillers)
    return gap <= 1 or gap < apart(counts, fillers)


def balanced(people: int, teams: int) -> list[int]:
    """Return the teams of so many people by seat, dealt in turn; zeros where there are none."""
    return [index % teams + 1 if teams else 0 for index in range(people)]
