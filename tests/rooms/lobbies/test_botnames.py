"""The names of a lobby's bots."""

from itertools import islice

import pytest

from gameserver.rooms.lobbies.botnames import BOT_NAMES, bot_names
from gameserver.rooms.lobbies.teams import apart, balanced, may_change_team

ALL = len(BOT_NAMES)


@pytest.mark.parametrize("start", [0, 1, ALL - 1, ALL, 65_535])
def test_names_go_round_from_the_chosen_one_and_are_then_numbered(start: int) -> None:
    names = list(islice(bot_names(start.to_bytes(2, "big"), ()), 2 * ALL + 1))
    first = start % ALL
    turned = [*BOT_NAMES[first:], *BOT_NAMES[:first]]
    assert names[:ALL] == turned
    assert names[ALL : 2 * ALL] == [f"{name} 2" for name in turned]
    assert names[-1] == f"{turned[0]} 3"


def test_names_that_are_taken_meanwhile_are_left_out() -> None:
    taken = {BOT_NAMES[0]}
    names = bot_names(bytes(2), taken)
    assert next(names) == BOT_NAMES[1]
    taken.add(BOT_NAMES[2])
    assert next(names) == BOT_NAMES[3]


# --- teams ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "fillers", "gap"),
    [
        ({}, 5, 0),
        ({1: 3}, 0, 0),
        ({1: 3, 2: 0}, 0, 3),
        ({1: 3, 2: 0}, 2, 1),
        ({1: 3, 2: 0}, 3, 0),
        ({1: 3, 2: 0}, 4, 1),
        ({1: 2, 2: 0, 3: 1}, 1, 1),
        ({1: 2, 2: 0, 3: 1}, 3, 0),
    ],
)
def test_bots_fill_the_smallest_team_first(counts: dict[int, int], fillers: int, gap: int) -> None:
    assert apart(counts, fillers) == gap


@pytest.mark.parametrize(
    ("counts", "fillers", "may"),
    [
        ({1: 1, 2: 0}, 0, True),  # from one apart to one apart
        ({1: 1, 2: 1}, 0, False),  # from none to two
        ({1: 1, 2: 1}, 1, True),  # a bot makes up for it
        ({1: 4, 2: 0}, 0, True),  # from four to two: better, though not even
        ({1: 2, 2: 3}, 0, False),  # from one to three
        ({1: 3, 2: 2, 3: 0}, 0, False),  # three apart before and after
    ],
)
def test_a_change_of_team_must_leave_sizes_even_or_more_even(
    counts: dict[int, int], fillers: int, may: bool
) -> None:
    before = dict(counts)
    assert may_change_team(counts, 1, 2, fillers) is may
    assert counts == before


def test_people_are_dealt_to_teams_in_turn() -> None:
    assert balanced(5, 2) == [1, 2, 1, 2, 1]
    assert balanced(4, 3) == [1, 2, 3, 1]
    assert balanced(3, 0) == [0, 0, 0]
    assert balanced(0, 2) == []
