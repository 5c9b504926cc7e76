"""``bots``: what is wrong with its arguments is said before, or instead of, a run."""

import pytest

from tests.cli.command import gameserver


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--players", "0"), "Invalid value for '--players': 0 is not in the range"),
        (("--players", "501"), "Invalid value for '--players': 501 is not in the range"),
        (("--players", "few"), "Invalid value for '--players': 'few' is not"),
        (("--seconds", "0.5"), "Invalid value for '--seconds': 0.5 is not in the range"),
        (("--lag", "-1"), "Invalid value for '--lag': -1.0 is not in the range"),
        (("--seed", "x"), "Invalid value for '--seed': 'x' is not a valid integer"),
        (("--bots", "4"), "No such option '--bots'"),
        (("four",), "Got unexpected extra argument (four)"),
    ],
)
def test_a_bad_argument_is_named_and_is_exit_code_2(
    arguments: tuple[str, ...], complaint: str
) -> None:
    ended = gameserver("bots", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[-1].startswith(f"Error: {complaint}")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nonsense", "'nonsense' is no address of a server; write ws://HOST:PORT"),
        ("http://127.0.0.1:1", "is no address of a server; write ws://HOST:PORT"),
        ("ws://", "'ws://' is no address of a server; write ws://HOST:PORT"),
        ("ws://127.0.0.1:99999", "'ws://127.0.0.1:99999' is no address: Port out of range"),
    ],
)
def test_an_address_of_no_server_is_one_line_and_exit_code_1(url: str, complaint: str) -> None:
    ended = gameserver("bots", "--url", url, "--seconds", "1", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence.startswith("error: ")
    assert complaint in ended.sentence


@pytest.mark.parametrize(
    ("game", "complaint"),
    [
        ("nonsense", "there is no game 'nonsense'; installed: arena; write module:Class"),
        ("json:JSONDecoder", "json:JSONDecoder is not a game"),
        ("gameserver.nowhere:Game", "there is no module gameserver.nowhere"),
    ],
)
def test_a_game_that_is_none_is_one_line_and_exit_code_1(game: str, complaint: str) -> None:
    ended = gameserver("bots", "--game", game)
    assert (ended.code, ended.out) == (1, "")
    assert complaint in ended.sentence
