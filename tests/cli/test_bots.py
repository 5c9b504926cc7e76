"""``bots``: wrong arguments are reported before a run."""

import json
from pathlib import Path

import pytest
import trio

from tests.cli.command import gameserver
from tests.e2e.program import program
from tests.e2e.test_proxies import opened


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--players", "0"), "--players: must be a whole number from 1 to 500, not '0'"),
        (("--players", "501"), "--players: must be a whole number from 1 to 500, not '501'"),
        (("--players", "few"), "--players: must be a whole number from 1 to 500, not 'few'"),
        (("--seconds", "0.5"), "--seconds: must be a number from 1 to 86400, not '0.5'"),
        (("--lag", "-1"), "--lag: must be a number from 0 to 5000, not '-1'"),
        (("--seed", "x"), "--seed: must be a whole number from 0 to"),
        (("--road", "sea"), "--road: 'sea' is not one of 'websocket', 'sse', 'long-polling'"),
        (("--bots", "4"), "there is no option --bots"),
        (("four",), "'four' means nothing here; bots takes flags alone"),
    ],
)
def test_a_bad_argument_is_named_and_is_exit_code_2(
    arguments: tuple[str, ...], complaint: str
) -> None:
    ended = gameserver("bots", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(f"error: {complaint}")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("non sense", "'non sense' is no address: a space or break is in it; write HOST:PORT"),
        ("ws://", "'ws://' is no address: the host is missing; write HOST:PORT"),
        ("ws://192.168.1..5:7777", "is no address: no host has such a name"),
        ("ws://127.0.0.1:99999", "is no address: a port is a number from 1 to 65535"),
    ],
)
def test_an_invalid_address_is_one_line_and_exit_code_2(url: str, complaint: str) -> None:
    ended = gameserver("bots", "--url", url, "--seconds", "1", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith("error: ")
    assert complaint in ended.sentence


async def test_bots_play_over_the_road_that_was_chosen(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        played = ("--players", "2", "--seconds", "8", "--road", "sse", "--json")
        ended = await trio.to_thread.run_sync(
            lambda: gameserver("bots", "--url", running.url, *played)
        )
        assert ended.code == 0, ended.err
        report = json.loads(ended.out)
        assert report["snapshots"] > 0
        assert (report["desyncs"], report["reconnects"]) == (0, 0)
        assert await trio.to_thread.run_sync(opened, running.port) == {"sse": 2}


def test_an_address_without_a_server_is_one_line_and_exit_code_1() -> None:
    ended = gameserver("bots", "--url", "http://127.0.0.1:1", "--seconds", "1", "--json")
    assert (ended.code, ended.out) == (1, "")
    complaint = "error: cannot reach 127.0.0.1:1: connection refused; is the server"
    assert ended.sentence.startswith(complaint)


@pytest.mark.parametrize(
    ("game", "complaint"),
    [
        (
            "nonsense",
            "there is no game 'nonsense'; write module:Class for your own (installed: arena)",
        ),
        ("json:JSONDecoder", "json:JSONDecoder is not a game"),
        ("gameserver.nowhere:Game", "there is no module gameserver.nowhere"),
    ],
)
def test_an_unknown_game_is_one_line_and_exit_code_2(game: str, complaint: str) -> None:
    ended = gameserver("bots", "--game", game)
    assert (ended.code, ended.out) == (2, "")
    assert complaint in ended.sentence


def test_an_unknown_level_of_the_game_is_reported_before_any_connection() -> None:
    ended = gameserver("bots", "--game", "arena", "--level", "brutal", "--url", "ws://192.0.2.1:1")
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith("error: --level must be one of ")
