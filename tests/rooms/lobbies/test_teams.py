from hypothesis import given
from hypothesis import strategies as st

from gameserver.rooms.lobbies.teams import apart, balanced, may_change_team


def test_a_change_that_leaves_teams_two_apart_is_refused() -> None:
    assert not may_change_team({1: 1, 2: 1}, 1, 2, fillers=0)
    assert may_change_team({1: 2, 2: 1}, 1, 2, fillers=0)


def test_a_change_towards_balance_is_always_allowed() -> None:
    assert may_change_team({1: 5, 2: 1}, 1, 2, fillers=0)
    assert not may_change_team({1: 5, 2: 1}, 2, 1, fillers=0)


def test_bots_that_fill_up_let_friends_play_together() -> None:
    assert may_change_team({1: 1, 2: 1}, 1, 2, fillers=2)


@given(st.integers(0, 20), st.integers(0, 4))
def test_assigned_teams_differ_by_at_most_one_player(people: int, teams: int) -> None:
    dealt = balanced(people, teams)
    assert len(dealt) == people
    counts = {team: dealt.count(team) for team in range(1, teams + 1)}
    assert apart(counts, 0) <= 1
    assert teams or not any(dealt)
