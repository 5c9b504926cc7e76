"""How many players a match needs, and which of them count."""

import pytest

from gameserver.errors import Code
from gameserver.ids import NO_SEAT
from gameserver.messages import lobby
from gameserver.messages.lobby import Phase
from tests.rooms.party import Guest, Party, make_map, phase, refused_with, started

FEWEST = 4
MAPS = {"attic": make_map("attic", ("solo",), fewest=FEWEST)}


def lobby_of(people: int, bots: int, size: int = 6) -> list[Guest]:
    """Return the guests of a lobby on a map for at least `FEWEST` players."""
    names = [f"Guest {number}" for number in range(people)]
    return Party(maps=MAPS).group(*names, size=size, bots=bots)


@pytest.mark.parametrize(("people", "bots"), [(1, 3), (2, 2), (3, 1), (4, 0), (5, 0), (3, 5)])
def test_people_and_bots_together_make_enough_players(people: int, bots: int) -> None:
    host, *_ = lobby_of(people, bots)
    host.ask(lobby.StartMatch())
    assert phase(host) is Phase.COUNTDOWN
    host.party.advance(host.party.rules.countdown_s)
    assert len(started(host).players) == min(people + bots, host.room.config.size)


@pytest.mark.parametrize(("people", "bots"), [(1, 0), (1, 2), (2, 1), (3, 0)])
def test_a_refused_start_names_the_number_of_players(people: int, bots: int) -> None:
    host, *_ = lobby_of(people, bots)
    refusal = refused_with(Code.LOBBY_NOT_READY, host, lobby.StartMatch())
    assert refusal.details == {"players": people + bots, "fewest": FEWEST}
    assert f"needs {FEWEST} players; this lobby has {people + bots}" in refusal.sentence
    assert phase(host) is Phase.OPEN


@pytest.mark.parametrize(("people", "bots"), [(1, 2), (3, 0)])
def test_too_few_ready_players_start_no_countdown(people: int, bots: int) -> None:
    guests = lobby_of(people, bots)
    for guest in guests:
        guest.ready()
    assert phase(guests[0]) is Phase.OPEN


def test_bots_without_a_seated_player_are_not_enough() -> None:
    (host,) = lobby_of(1, 5)
    host.ask(lobby.TakeSeat(NO_SEAT))
    refusal = refused_with(Code.LOBBY_NOT_READY, host, lobby.StartMatch())
    assert refusal.details["players"] == 5


def test_a_forced_countdown_continues_until_there_are_too_few_players() -> None:
    host, *others = lobby_of(5, 0)
    host.ask(lobby.StartMatch())
    others[0].ask(lobby.LeaveLobby())
    assert phase(host) is Phase.COUNTDOWN
    others[1].ask(lobby.LeaveLobby())
    assert phase(host) is Phase.OPEN
