"""``check``: a game's faults in words, and an exit code that a build can go by."""

import json

import pytest

from tests.cli.command import gameserver

SOUND = "tests.testing.faulty_games:Sound"


def test_a_valid_game_lists_each_passed_match_and_has_exit_code_0() -> None:
    ended = gameserver("check", SOUND, "--seconds", "2")
    assert ended.code == 0
    first, second, *_ = ended.out.splitlines()
    assert first == f"✓ {SOUND}: 1 entities, 0 events"
    assert second.startswith("  ✓ the default options on canal: 60 ticks so far, ")


def test_a_faulty_declaration_is_reported_and_no_match_is_played() -> None:
    ended = gameserver("check", "tests.game.checking.test_definition:Empty")
    assert ended.code == 1
    assert "Empty.name" in ended.out
    assert "is missing" in ended.out
    assert "ticks" not in ended.out


def test_a_fault_in_a_match_is_reported_with_its_place_and_exit_code_1() -> None:
    ended = gameserver("check", "tests.testing.faulty_games:WildBot", "--seconds", "2")
    assert ended.code == 1
    assert "Step.move: 9 is no int from 0 to 4" in ended.out


def test_a_warning_alone_has_exit_code_0_and_is_in_the_json() -> None:
    ended = gameserver(
        "check", "tests.game.checking.test_definition:Endless", "--seconds", "2", "--json"
    )
    assert ended.code == 0
    told = json.loads(ended.out)
    assert "lacks outcome()" in [fault["message"] for fault in told["faults"]]
    (match,) = told["matches"]
    assert (match["ticks"], len(match["world_hash"])) == (60, 32)


@pytest.mark.parametrize(
    ("game", "words"),
    [("no-such-game", "there is no game 'no-such-game'"), ("nowhere:Game", "there is no module")],
)
def test_an_argument_that_is_no_game_is_one_line(game: str, words: str) -> None:
    ended = gameserver("check", game)
    assert ended.code == 2
    assert words in ended.sentence


def test_a_server_does_not_start_with_a_game_that_cannot_be_played() -> None:
    ended = gameserver(
        "serve", "--game", "tests.game.checking.test_definition:Empty", "--port", "0"
    )
    assert ended.code == 2
    assert "Empty.name: is missing; and 6 more" in ended.sentence
    assert "gameserver check tests.game.checking.test_definition:Empty" in ended.sentence
