"""The order of the results, and which fighters have won."""

import pytest

from gameserver.arena.rules import standings
from tests.arena.field import Field


def field_with(*results: tuple[int, int], mode: str = "dm") -> Field:
    """Return a match in which the seats have these scores and deaths."""
    field = Field(seats=len(results), mode=mode)
    for seat, (score, deaths) in enumerate(results):
        fighter = field.fighter(seat)
        fighter.score, fighter.deaths = score, deaths
    return field


@pytest.mark.parametrize(
    ("results", "order", "won"),
    [
        (((3, 0), (5, 0), (4, 0)), [1, 2, 0], [1]),
        (((3, 2), (3, 1), (0, 0)), [1, 0, 2], []),
        (((3, 1), (3, 1), (0, 0)), [0, 1, 2], []),
        (((3, 1), (2, 1), (2, 1)), [0, 1, 2], [0]),
        (((3, 9), (2, 0)), [0, 1], [0]),
        (((0, 4),), [0], [0]),
    ],
)
def test_standings_go_by_score_then_fewer_deaths_and_the_same_score_has_no_winner(
    results: tuple[tuple[int, int], ...], order: list[int], won: list[int]
) -> None:
    outcome = standings(field_with(*results).world)
    assert [line.seat for line in outcome.standings] == order
    assert [line.seat for line in outcome.standings if line.won] == won
    assert outcome.winner == (f"P{won[0]}" if won else "")


@pytest.mark.parametrize(
    ("points", "winner", "won"),
    [((2, 1), "Teal", {0, 2}), ((1, 2), "Amber", {1, 3}), ((2, 2), "", set())],
)
def test_all_of_the_leading_team_have_won(
    points: tuple[int, int], winner: str, won: set[int]
) -> None:
    field = field_with((0, 3), (9, 0), (1, 1), (2, 2), mode="tdm")
    field.board.team1, field.board.team2 = points
    outcome = standings(field.world)
    assert {line.seat for line in outcome.standings if line.won} == won
    assert (outcome.winner, outcome.team_scores) == (winner, points)


@pytest.mark.parametrize(("mode", "shown"), [("dm", False), ("tdm", False), ("ctf", True)])
def test_captures_are_shown_only_where_there_are_flags(mode: str, shown: bool) -> None:
    outcome = standings(field_with((1, 2), (3, 4), mode=mode).world)
    assert [("captures" in line.stats) for line in outcome.standings] == [shown, shown]
    assert [line.stats["deaths"] for line in outcome.standings] == [4, 2]
