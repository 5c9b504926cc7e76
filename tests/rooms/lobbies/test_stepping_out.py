"""Leaving a running match without leaving its lobby."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages import lobby
from gameserver.messages.match import MatchStarted
from gameserver.rooms.state import effects
from tests.rooms.party import Party


def test_a_player_who_leaves_the_match_stays_in_the_lobby_without_a_seat() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", bots=3)
    bob.ask(lobby.LeaveMatch())
    assert bob.me.seat == NO_SEAT
    assert bob.room.lobby_id == ann.room.lobby_id
    assert bob.of(lobby.LobbyLeft) == []
    assert party.of(effects.ExitMatch)[-1].player_id == bob.player_id
    cleared = party.of(effects.ClearSeat)[-1]
    assert (cleared.seat, cleared.bot is not None) == (1, True)
    assert len(bob.of(MatchStarted)) == 1


def test_the_seat_is_returned_at_the_end_of_the_match() -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob", bots=2)
    bob.ask(lobby.LeaveMatch())
    party.end_match(party.last_match())
    assert bob.me.seat == 1
    bob.ask(lobby.Rematch())
    assert bob.me.ready


def test_the_last_player_to_leave_the_match_ends_it_and_has_the_seat_again() -> None:
    party = Party()
    (ann,) = party.in_match("Ann", bots=3)
    ann.ask(lobby.LeaveMatch())
    assert party.of(effects.StopMatch) == [effects.StopMatch(party.last_match(), "abandoned")]
    party.end_match(party.last_match(), "abandoned")
    assert (ann.room.phase, ann.me.seat) == (lobby.Phase.RESULTS, 0)


def test_a_player_who_left_the_match_can_play_again() -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveMatch())
    bob.ask(lobby.TakeSeat(Seat(1)))
    assert party.of(effects.SeatPlayer)[-1].player.name == "Bob"
    assert bob.of(MatchStarted)[-1].seat == 1


@pytest.mark.parametrize("spectators", [True, False])
def test_a_player_who_left_the_match_may_watch_it_if_spectators_are_allowed(
    *, spectators: bool
) -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob", spectators=spectators)
    bob.ask(lobby.LeaveMatch())
    seen = party.hall.seat_of(bob.player_id)
    assert seen == ((party.last_match(), NO_SEAT) if spectators else None)


def test_a_seat_taken_by_another_player_is_not_returned() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", size=2)
    bob.ask(lobby.LeaveMatch())
    carl = party.guest("Carl")
    carl.join(ann)
    party.end_match(party.last_match())
    assert (carl.me.seat, bob.me.seat) == (1, NO_SEAT)
    carl.ask(lobby.LeaveLobby())
    bob.ask(lobby.TakeSeat(Seat(1)))
    assert bob.me.seat == 1


def test_a_seat_returned_to_a_disconnected_player_is_held() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveMatch())
    bob.lose_connection()
    party.end_match(party.last_match())
    member = next(m for m in ann.room.members if m.player_id == bob.player_id)
    assert (member.seat, member.connected) == (1, False)
    bob.resume()
    assert bob.me.connected


def test_leaving_the_match_needs_a_running_match() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    with pytest.raises(RequestError) as refused:
        ann.ask(lobby.LeaveMatch())
    assert refused.value.code == Code.LOBBY_WRONG_PHASE


def test_a_spectating_host_can_start_a_match_of_teams() -> None:
    party = Party()
    ann, *_ = party.group("Ann", "Bob", "Carl", options={"mode": "team"})
    ann.ask(lobby.TakeSeat(NO_SEAT))
    ann.ask(lobby.StartMatch())
    party.advance(party.rules.countdown_s)
    assert ann.room.phase is lobby.Phase.IN_MATCH
    assert (ann.room.host, ann.of(MatchStarted)[-1].seat) == (ann.player_id, NO_SEAT)


def test_members_who_left_the_match_count_towards_the_size_of_the_lobby() -> None:
    party = Party(spectators=3)
    ann, _bob = party.in_match("Ann", "Bob")
    size = ann.room.config.size
    for number in range(size + 3 - 2):
        guest = party.guest(f"Guest {number}")
        guest.ask(lobby.JoinLobby(ann.room.lobby_id))
        guest.ask(lobby.LeaveMatch())
    late = party.guest("Late")
    for spectate in (False, True):
        with pytest.raises(RequestError) as refused:
            late.ask(lobby.JoinLobby(ann.room.lobby_id, spectate=spectate))
        assert refused.value.code == Code.LOBBY_FULL
    late.ask(lobby.QuickPlay())
    assert late.room.lobby_id != ann.room.lobby_id, "quick play passes it over"


def test_a_disconnected_player_who_left_the_match_gets_a_seat_held_for_the_grace_time() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveMatch())
    bob.lose_connection()
    party.end_match(party.last_match())
    party.advance(0.5)
    (held,) = [member for member in ann.room.members if member.player_id == bob.player_id]
    assert held.seat != NO_SEAT
    assert not held.connected
    bob.resume()
    assert bob.me.connected
    assert bob.me.seat == held.seat


def test_a_player_who_came_back_to_the_match_counts_as_a_spectator_like_all_others() -> None:
    party = Party(spectators=1)
    ann, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveMatch())
    bob.ask(lobby.TakeSeat(Seat(1)))
    party.end_match(party.last_match())
    bob.ask(lobby.TakeSeat(NO_SEAT))
    eve = party.guest("Eve")
    with pytest.raises(RequestError) as refused:
        eve.join(ann, spectate=True)
    assert refused.value.code == Code.LOBBY_FULL
