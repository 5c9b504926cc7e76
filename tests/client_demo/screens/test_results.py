import attrs
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_demo.gallery import results
from client_demo.screens.results import pinned, players_words, rematch_words, table_rows, verdict
from client_demo.theme import COLOUR_BLIND, DEFAULT
from gameserver.messages.lobby import MatchResult, ResultLine

AREA = pygame.Rect(50, 240, 700, 350)


def result_of(players: int, teams: int) -> MatchResult:
    result = results(players, teams, me=0).lobby.result
    assert result is not None
    return result


@pytest.mark.parametrize(("players", "words"), [(1, "1 player"), (2, "2 players")])
def test_the_number_of_players_is_in_words(players: int, words: str) -> None:
    assert players_words(result_of(players, 0)) == words


@pytest.mark.parametrize(
    ("wanting", "words"),
    [(0, "0 of 3 want a rematch"), (1, "1 of 3 wants a rematch"), (2, "2 of 3 want a rematch")],
)
def test_one_wants_and_two_want_a_rematch(wanting: int, words: str) -> None:
    assert rematch_words(wanting, 3) == words


def test_without_teams_the_table_has_the_best_first() -> None:
    rows = table_rows(result_of(6, 0))
    assert [(row.rank, row.line is None) for row in rows] == [(n, False) for n in range(1, 7)]


def scored(result: MatchResult, *scores: int, won: int = -1) -> MatchResult:
    """Return a result whose lines have these scores, and other deaths each."""
    lines = tuple(
        attrs.evolve(line, score=score, stats={"deaths": place}, won=place == won)
        for place, (line, score) in enumerate(zip(result.lines, scores, strict=True))
    )
    return attrs.evolve(result, lines=lines)


@pytest.mark.parametrize(
    ("scores", "won", "ranks"),
    [
        ((7, 5, 5, 4), 0, [1, 2, 2, 4]),
        ((5, 5, 5, 4), -1, [1, 1, 1, 4]),
        ((5, 5, 4, 4), 0, [1, 2, 3, 3]),  # the game has told a winner
    ],
)
def test_players_with_the_same_score_share_a_rank(
    scores: tuple[int, ...], won: int, ranks: list[int]
) -> None:
    rows = table_rows(scored(result_of(4, 0), *scores, won=won))
    assert [row.rank for row in rows] == ranks


def test_teams_stand_together_below_their_names_the_better_team_first() -> None:
    result = attrs.evolve(result_of(5, 2), team_scores=(3, 8))
    rows = [(row.team, row.rank) for row in table_rows(result)]
    assert rows == [(2, 0), (2, 2), (2, 4), (1, 0), (1, 1), (1, 3), (1, 5)]


def test_a_player_without_a_team_is_in_the_table() -> None:
    result = result_of(4, 2)
    lines = (*result.lines, attrs.evolve(result.lines[0], team=0, name="Odd"))
    rows = table_rows(attrs.evolve(result, lines=lines))
    assert [row.line.name for row in rows if row.line is not None].count("Odd") == 1


@given(index=st.integers(0, 20), scrolled_px=st.integers(0, 700), height=st.sampled_from([29, 40]))
def test_the_own_row_is_always_visible(index: int, scrolled_px: int, height: int) -> None:
    top = AREA.top - scrolled_px
    place = pinned((index * height, height), top, AREA)
    y = place if place is not None else top + index * height
    assert AREA.top <= y
    assert y + height <= AREA.bottom


def test_a_spectator_has_no_own_row() -> None:
    assert pinned(None, AREA.top, AREA) is None


def own_line(result: MatchResult, index: int) -> ResultLine:
    return result.lines[index]


@pytest.mark.parametrize(("index", "word"), [(0, "Victory"), (1, "Defeat")])
def test_a_verdict_names_the_winning_team_by_the_colours_in_use(index: int, word: str) -> None:
    result = result_of(4, 2)
    words = verdict(result, own_line(result, index), COLOUR_BLIND.team_name)
    assert words == (word, "Sky won the match")
    assert verdict(result, None, DEFAULT.team_name) == ("Teal wins", "")


def test_a_draw_or_a_failed_match_is_no_defeat() -> None:
    result = result_of(4, 2)
    level = tuple(attrs.evolve(line, won=False) for line in result.lines)
    drawn = attrs.evolve(result, lines=level, winner="")
    assert verdict(drawn, drawn.lines[0], DEFAULT.team_name)[0] == "Draw"
    assert verdict(drawn, None, DEFAULT.team_name)[0] == "Draw"
    shared = result_of(4, 0)
    firsts = [attrs.evolve(line, won=True) for line in shared.lines[:2]]
    shared = attrs.evolve(shared, lines=(*firsts, *shared.lines[2:]), winner="")
    assert verdict(shared, shared.lines[0], DEFAULT.team_name)[0] == "Draw"
    broken = attrs.evolve(drawn, reason="fault")
    assert verdict(broken, broken.lines[0], DEFAULT.team_name) == (
        "No result",
        "The game broke; the match was stopped.",
    )


@pytest.mark.parametrize(("won", "word"), [(True, "Victory"), (False, "Defeat")])
@pytest.mark.parametrize("teams", [0, 2])
def test_players_who_win_or_lose_together_have_the_winner_whom_the_game_names(
    won: bool, word: str, teams: int
) -> None:
    result = result_of(4, teams)
    lines = tuple(attrs.evolve(line, won=won) for line in result.lines)
    result = attrs.evolve(result, lines=lines, winner="The crew")
    words = verdict(result, result.lines[1], DEFAULT.team_name)
    assert words == (word, "The crew won the match")
    assert verdict(result, None, DEFAULT.team_name) == ("The crew wins", "")
