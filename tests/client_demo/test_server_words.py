"""What a server tells all players is shown to the player, with the time that matches have."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from client_demo.session import PlayerSession, ready_words, server_words
from client_demo.tokens import Tokens
from gameserver.client import ClientSettings, MatchReady, open_client
from gameserver.messages.session import ServerMessage
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.client.piped import SETTINGS, URL, piped
from tests.e2e.program import PATIENCE_S, gather, start, until
from tests.service.peers import MAP


@pytest.mark.parametrize(
    ("text", "stops_in_s", "shown"),
    [
        ("the server stops", 4.0, "The server stops."),
        ("no new matches", 30.0, "No new matches. It stops in 30 s at the latest."),
        ("no new matches.", 900.0, "No new matches. It stops in 15 min at the latest."),
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
            MatchReady(delay_s=20.0, waits_s=3.2, restarted=True),
            (
                "The server was started again: you see the match from here on, "
                "20 s later than it is played; the last of before is not shown."
            ),
        ),
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


async def test_that_a_match_stands_still_is_said_until_it_goes_on(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    session = PlayerSession()
    async with (
        piped(autojump_clock, monkeypatch, data=tmp_path) as house,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(session.run, URL, "Ann", SETTINGS)
        await until(lambda: session.client is not None)
        ann = session.client
        assert ann is not None
        async with open_client(URL, "Bob", SETTINGS) as bob:
            await gather(bob, ann)
            await start(bob, ann)
            match = ann.match
            assert match is not None
            await until(lambda: match.advance(ann.now()) and match.world.tick > 60)
            await house.kill()
        await house.start()
        await until(lambda: session.notice.startswith("The server was started again."))
        began = trio.current_time()
        while not match.live:
            assert session.shown() == session.notice != ""
            await trio.sleep(0.02)
        assert session.shown() == ""
        assert trio.current_time() < began + len(session.notice) * 0.08
        session.tell("You see this.")
        assert session.shown() == "You see this."
        nursery.cancel_scope.cancel()
