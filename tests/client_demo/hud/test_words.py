"""The texts of the display, without drawing them."""

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_demo.hud.announce import PANEL, back_words, ending_words, line_words, panel_y
from client_demo.hud.clock import clock_words, flag_words, standing_words
from client_demo.hud.feed import chat_rows
from client_demo.hud.meters import badges
from client_demo.hud.scoreboard import grouped, note_of
from client_demo.theme import BASE, COLOUR_BLIND, DEFAULT
from client_demo.views.matchview import Ending, FlagView, LineView, MatchView, OwnView, ScoreLine
from client_demo.views.standing import ordinal, place_of, points
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import NO_SEAT, MessageId, PlayerId, Seat
from gameserver.messages.chat import Channel, ChatLine
from tests.arena.field import a_map

MAP: TileMap = a_map()


BODY_PX = 20


@given(own_y=st.floats(0, BASE[1]))
def test_a_large_panel_never_covers_the_own_fighter(own_y: float) -> None:
    assert abs(panel_y(own_y) - own_y) >= PANEL / 2 + BODY_PX


def line(seat: int, score: int, deaths: int = 0, *, own: bool = False, team: int = 0) -> ScoreLine:
    return ScoreLine(Seat(seat), f"P{seat}", team, score, score, deaths, own=own)


def table(*lines: ScoreLine) -> tuple[ScoreLine, ...]:
    return tuple(sorted(lines, key=lambda one: (-one.score, one.deaths, one.seat)))


def test_the_own_rank_counts_better_players_and_names_the_leader() -> None:
    place = place_of(table(line(0, 3, own=True), line(1, 9), line(2, 5), line(3, 1)))
    assert place is not None
    assert place.rival is not None
    assert (place.rank, place.players, place.rival.name) == (3, 4, "P1")


def test_equal_players_share_a_rank_and_the_leader_sees_the_next() -> None:
    own = attrs.evolve(line(1, 5, own=True), deaths=3)
    place = place_of(table(line(0, 5), own, line(2, 4)))
    assert place is not None
    assert place.rival is not None
    assert (place.rank, place.rival.name) == (1, "P0")
    alone = place_of((line(0, 0, own=True),))
    assert alone is not None
    assert (alone.rank, alone.rival) == (1, None)


def test_a_spectator_has_no_rank() -> None:
    assert place_of(table(line(0, 3), line(1, 9))) is None


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (16, "16th"), (21, "21st")],
)  # fmt: skip
def test_ranks_are_written_as_ordinal_numbers(number: int, word: str) -> None:
    assert ordinal(number) == word


def test_one_point_is_written_in_the_singular() -> None:
    assert (points(0), points(1), points(2)) == ("0 points", "1 point", "2 points")


def test_in_a_team_game_one_line_shows_the_own_rank() -> None:
    scores = table(line(0, 3, own=True, team=1), line(1, 9, team=2))
    view = MatchView(MAP, "tdm", team_scores=(3, 9), scores=scores)
    assert standing_words(view) == "You: 3 points, 2nd of 2  ·  Best: P1, 9 points"
    overtime = attrs.evolve(view, overtime=True)
    assert standing_words(overtime) == "Overtime: the next point wins"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(127.0, "2:07"), (59.4, "1:00"), (0.2, "0:01"), (0.0, "0:00"), (None, "No limit")],
)
def test_the_clock_counts_down_and_says_if_there_is_no_limit(
    seconds: float | None, words: str
) -> None:
    view = MatchView(MAP, "dm", clock_s=seconds)
    assert clock_words(view) == words
    assert clock_words(attrs.evolve(view, ending=Ending("P0"))) == "Over"


def test_the_state_of_each_flag_is_shown() -> None:
    scores = table(line(0, 3, own=True, team=1), line(1, 9, team=2))
    view = MatchView(MAP, "ctf", scores=scores)
    flag = FlagView(2, 0, 0, 0, 0)
    assert flag_words(view, flag) == "at home"
    assert flag_words(view, attrs.evolve(flag, dropped=True)) == "on the ground"
    assert flag_words(view, attrs.evolve(flag, carrier=Seat(0))) == "you have it"
    assert flag_words(view, attrs.evolve(flag, carrier=Seat(1))) == "taken"


@pytest.mark.parametrize("respawn_s", [0.0, 0.01, 0.049])
def test_the_time_until_the_respawn_is_never_shown_as_zero(respawn_s: float) -> None:
    assert "0.0" not in back_words(respawn_s)
    assert back_words(1.25) == "Back in 1.2 s"


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending("", 2, Seat(1), False, (3, 12)), ("Defeat", "Orange wins  12 : 3")),
        (Ending("", 1, Seat(0), True, (5, 2)), ("Victory", "Sky wins  5 : 2")),
        (Ending("Bea", 0, Seat(1), None, (9, 7)), ("Match over", "Bea wins  9 : 7")),
        (Ending("", 0, NO_SEAT, None, (4, 4)), ("Draw", "Nobody wins, 4 : 4")),
    ],
)
def test_the_end_of_a_match_names_the_team_by_the_colours_in_use(
    ending: Ending, words: tuple[str, str]
) -> None:
    assert ending_words(ending, COLOUR_BLIND) == words


def test_stalled_and_slow_connections_have_different_sentences() -> None:
    assert line_words(LineView()) == ""
    assert line_words(LineView(0.7, stalls=True)) == ""
    long = LineView(2.4, stalls=True, stalls_long=True, trouble="Slow.")
    assert line_words(long) == "No answer for 2 s. The picture waits for the server."
    assert line_words(LineView(trouble="Slow.")) == "Slow."


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (OwnView(ammo=40), []),
        (OwnView(ammo=15), ["Low ammunition"]),
        (OwnView(ammo=0), ["Rifle empty: find ammunition"]),
        (OwnView(ammo=0, endless=True), []),
        (OwnView(ammo=40, shield_s=1.14), ["Protected 1.1 s"]),
        (OwnView(ammo=40, haste_s=4.2), ["Fast 4 s"]),
        (OwnView(ammo=40, carrying=2), ["You carry the Amber flag: bring it home"]),
        (OwnView(ammo=0, carrying=2, respawn_s=1.0), []),
    ],
)
def test_temporary_states_of_the_own_fighter_are_shown(own: OwnView, words: list[str]) -> None:
    assert [text for text, _ in badges(own, DEFAULT)] == words


def test_the_scoreboard_keeps_teams_together_with_the_leading_one_first() -> None:
    scores = table(line(0, 3, team=1), line(1, 9, team=2), line(2, 8, team=1), line(3, 1, team=2))
    groups = grouped(scores, (2, 5))
    assert [(team, [one.seat for one in lines]) for team, lines in groups] == [
        (2, [1, 3]),
        (1, [2, 0]),
    ]
    assert [lines for _, lines in grouped(scores, ())] == [list(scores)]


def test_a_note_tells_bots_from_players_with_a_failing_connection() -> None:
    person = line(0, 1)
    assert note_of(person) == ""
    assert note_of(attrs.evolve(person, bot=True)) == "bot"
    assert note_of(attrs.evolve(person, silent=True)) == "not answering"
    assert note_of(attrs.evolve(person, silent=True, connected=False)) == "connection lost"


@pytest.mark.usefixtures("window")
def test_a_whisper_in_a_match_tells_whom_it_was_for() -> None:
    ann = PlayerId("p1")
    whisper = ChatLine(
        MessageId(1), Channel.WHISPER, ann, "Ann", "behind you", 0, recipient_name="Bo"
    )
    said = ChatLine(MessageId(2), Channel.LOBBY, ann, "Ann", "run", 0)
    rows = [row for row, _, _ in chat_rows(MatchView(MAP, "dm", chat=(whisper, said)))]
    assert [re.sub("[\u2066-\u2069]", "", row) for row in rows] == [
        "Ann → Bo: behind you",
        "Ann: run",
    ]
