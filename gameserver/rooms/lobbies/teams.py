"""Keep the sizes of teams even.

Law: no player may change to a team if that makes the sizes uneven. Bots that will fill free seats
count for the smallest team, so that friends may play together against bots.
"""

from collections.abc import Mapping


def apart(counts: Mapping[int, int], fillers: int) -> int:
    """Return the difference of the largest and smallest team after ``fillers`` bots joined."""
    levels = sorted(counts.values())
    if not levels:
        return 0
    for _ in range(fillers):
        levels[0] += 1
        levels.sort()
    return levels[-1] - levels[0]


def may_change_team(counts: Mapping[int, int], before: int, after: int, fillers: int) -> bool:
    """Return whether a player may change team.

    The new difference must be at most one, or smaller than the present one.
    """
    changed = dict(counts)
    changed[before] -= 1
    changed[after] += 1
    gap = apart(changed, fillers)
    return gap <= 1 or gap < apart(counts, fillers)


def balanced(people: int, teams: int) -> list[int]:
    """Return the team of each of ``people`` seats, dealt in turn from 1; all 0 without teams."""
    return [index % teams + 1 if teams else 0 for index in range(people)]
