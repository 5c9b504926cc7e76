"""The checks that all tests of the rooms rely on notice a hall in a wrong state."""

from collections.abc import Callable

import pytest

from gameserver.ids import Seat
from gameserver.messages.lobby import Phase
from gameserver.rooms.parts import Parts
from gameserver.rooms.state.lobby import Lobby
from tests.rooms.party import Party

Spoil = Callable[[Parts, Lobby], None]


def two_in_a_match() -> tuple[Party, Parts, Lobby]:
    party = Party()
    party.in_match("Ann", "Bob", bots=1)
    parts = party.hall.parts
    (lobby,) = parts.state.lobbies.values()
    party.hall.check()
    return party, parts, lobby


def another_name(_: Parts, lobby: Lobby) -> None:
    next(iter(lobby.members.values())).name = "Nobody"


def another_lobby(parts: Parts, _: Lobby) -> None:
    next(iter(parts.state.sessions.values())).lobby_id = None


def another_phase(_: Parts, lobby: Lobby) -> None:
    lobby.phase = Phase.OPEN


def a_time_without_end(_: Parts, lobby: Lobby) -> None:
    lobby.phase_ends_at = 5.0


def another_seat(_: Parts, lobby: Lobby) -> None:
    next(iter(lobby.members.values())).seat = Seat(3)


def a_muted_host(_: Parts, lobby: Lobby) -> None:
    lobby.members[lobby.host].muted = True


def ready_without_connection(parts: Parts, lobby: Lobby) -> None:
    member = next(iter(lobby.members.values()))
    member.ready, member.connected, member.held_until = True, False, 500.0
    parts.state.sessions[member.player_id].connected = False


def a_forgotten_lobby(parts: Parts, lobby: Lobby) -> None:
    del parts.state.lobbies[lobby.lobby_id]


@pytest.mark.parametrize(
    "spoil",
    [
        another_name,
        another_lobby,
        another_phase,
        a_time_without_end,
        another_seat,
        a_muted_host,
        ready_without_connection,
        a_forgotten_lobby,
    ],
)
def test_a_violated_invariant_is_detected(spoil: Spoil) -> None:
    party, parts, lobby = two_in_a_match()
    spoil(parts, lobby)
    with pytest.raises(AssertionError):
        party.hall.check()
