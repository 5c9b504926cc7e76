"""What a lobby does not do though somebody asks for it."""

import pytest

from gameserver.errors import Code
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages import lobby as asks
from gameserver.messages.base import Request
from gameserver.messages.match import MatchStarted
from gameserver.messages.session import Rename, Renamed
from gameserver.rooms.state.effects import BeginMatch
from tests.rooms.party import Party, refused_with


def test_a_spectator_cannot_take_a_seat_that_is_taken_while_others_are_free() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    eve = party.guest("Eve")
    eve.join(ann, spectate=True)
    refused_with(Code.LOBBY_SEAT_TAKEN, eve, asks.TakeSeat(Seat(1)))
    assert eve.me.seat == NO_SEAT
    eve.ask(asks.TakeSeat(Seat(2)))
    assert eve.me.seat == Seat(2)


@pytest.mark.parametrize(
    "request_", [asks.SetReady(ready=True), asks.Rematch(), asks.ChooseTeam(1)]
)
def test_a_spectator_has_neither_a_ready_mark_nor_a_team(request_: Request) -> None:
    party = Party()
    (ann,) = party.group("Ann", options={"mode": "team"})
    eve = party.guest("Eve")
    eve.join(ann, spectate=True)
    assert "Spectators" in refused_with(Code.LOBBY_WRONG_PHASE, eve, request_).sentence


def test_a_match_that_runs_cannot_be_started_again() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    refused = refused_with(Code.LOBBY_WRONG_PHASE, ann, asks.StartMatch())
    assert "running" in refused.sentence
    assert len(party.of(BeginMatch)) == 1


def test_a_match_that_was_stopped_before_it_ran_is_shown_to_nobody() -> None:
    party = Party()
    party.on_start = lambda _: None
    ann, bob = party.group("Ann", "Bob")
    for guest in (ann, bob):
        guest.ready()
    party.advance(party.rules.countdown_s)
    order = party.of(BeginMatch)[-1]
    lobby = party.hall.parts.state.lobbies[ann.room.lobby_id]
    party.hall.parts.match_binding.stop(lobby, "stopped")
    party.start_match(order)
    party.settle()
    assert not ann.of(MatchStarted)
    assert not bob.of(MatchStarted)


def test_the_name_that_a_player_has_already_changes_nothing() -> None:
    party = Party()
    (ann,) = party.group("Ann")
    heard = len(ann.events)
    assert ann.ask(Rename("Ann")) == Renamed("Ann")
    assert len(ann.events) == heard
