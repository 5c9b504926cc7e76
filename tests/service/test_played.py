"""The matches that each player has played are listed, the newest ones, while the session lasts."""

from pathlib import Path

from gameserver.ids import MatchId, PlayerId
from gameserver.messages.chat import Channel, SendChat
from gameserver.service.played import MATCHES_MOST, PLAYERS_LEAST, PlayedMatch, PlayedMatches
from tests.service.peers import serving

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def match(name: str) -> PlayedMatch:
    return PlayedMatch(MatchId(name), 0, "Yard", "dm", 9.0, ("Ann",), 0, "finished", "Ann", ())


def test_the_newest_matches_of_a_player_come_first_and_old_ones_are_forgotten() -> None:
    played = PlayedMatches(lambda _: True)
    for number in range(MATCHES_MOST + 3):
        played.note(match(f"m{number}"), [ANN])
    played.note(match("last"), [ANN, BOB])
    newest = MATCHES_MOST + 2
    older = [match(f"m{newest - n}") for n in range(MATCHES_MOST - 1)]
    assert played.by(ANN) == (match("last"), *older)
    assert played.by(BOB) == (match("last"),)
    assert played.by(PlayerId("eve")) == ()


def test_players_without_a_session_are_forgotten_and_all_others_are_kept() -> None:
    here = {PlayerId(f"p{number}") for number in range(0, 3 * PLAYERS_LEAST, 2)}
    played = PlayedMatches(here.__contains__)
    most = 0
    for number in range(3 * PLAYERS_LEAST):
        played.note(match(f"m{number}"), [PlayerId(f"p{number}")])
        most = max(most, len(played))
    assert all(played.by(player_id) for player_id in here)
    assert most <= 2 * len(here)
    gone = PlayedMatches(lambda _: False)
    for number in range(10 * PLAYERS_LEAST):
        gone.note(match("m"), [PlayerId(f"p{number}")])
        assert len(gone) < PLAYERS_LEAST


async def test_the_server_tells_whose_session_lasts(tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        await ann.ask(1, SendChat(Channel.GLOBAL, "here"))
        (player_id,) = running.server.hall.parts.state.sessions
        has_session = running.server._journals._played._has_session
        assert has_session(player_id)
        assert not has_session(BOB)
