"""What a server tells all players is shown to the player, with the time that matches have."""

from pathlib import Path

import pytest
import trio

from client_demo.session import PlayerSession, ready_words, server_words
from client_demo.tokens import Tokens
from gameserver.client import ClientSettings, MatchReady
from gameserver.messages.session import ServerMessage
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.e2e.program import PATIENCE_S, until
from tests.service.peers import MAP


@pytest.mark.parametrize(
    ("text", "stops_in_s", "shown"),
    [
        ("the server stops", 4.0, "The server stops."),
        ("no new matches", 30.0, "No new matches. Running matches have up to 30 s."),
        ("no new matches.", 900.0, "No new matches. Running matches have up to 15 min."),
        ("Tournament on Friday.", None, "Tournament on Friday."),
        ("", None, ""),
    ],
)
def test_the_words_of_a_server_are_one_or_two_sentences(
    text: str, stops_in_s: float | None, shown: str
) -> None:
    assert server_words(ServerMessage(text, stops_in_s)) == shown


@pytest.mark.parametrize(
    ("ready", "shown"),
    [
        (MatchReady(), ""),
        (MatchReady(delay_s=20.0), "You see this match 20 s later than it is played."),
        (
            MatchReady(waits_s=3.2),
            (
                "The server was started again. "
                "The match goes on when everyone is back, in 4 s at most."
            ),
        ),
    ],
)
def test_a_player_is_told_why_a_picture_is_late_or_stands_still(
    ready: MatchReady, shown: str
) -> None:
    assert ready_words(ready) == shown


async def test_a_player_is_told_that_the_server_stops(tmp_path: Path) -> None:
    server = Server(Settings(port=0), Skirmish(), {MAP.name: MAP})
    session = PlayerSession(tokens=Tokens(tmp_path))
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            address = await nursery.start(server.run)
            playing = ClientSettings(game=Skirmish(), seed=1)
            nursery.start_soon(session.run, address, "Ann", playing)
            await until(lambda: session.client is not None)
            server.stop()
            await until(lambda: session.notice == "The server stops.")
            nursery.cancel_scope.cancel()
