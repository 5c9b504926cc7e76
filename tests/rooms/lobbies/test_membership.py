import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages import lobby
from gameserver.messages.lobby import LobbyLeft, LockLobby, Phase, Visibility
from gameserver.messages.match import MatchStarted
from gameserver.messages.session import Presence
from gameserver.rooms import calls
from gameserver.rooms.state import effects
from tests.rooms.party import Party, started


def refusal(refused: pytest.ExceptionInfo[RequestError]) -> str:
    return refused.value.code


# --- coming in ----------------------------------------------------------------------------------


def test_the_creator_of_a_lobby_is_its_host_on_the_first_seat() -> None:
    ann = Party().guest("Ann")
    state = ann.create(title=" My \u202e den ")
    assert state.host == ann.player_id
    assert state.config.title == "My den"
    assert state.config.options == {"mode": "solo", "time_limit_s": 60}
    assert [(m.name, m.seat) for m in state.members] == [("Ann", 0)]
    assert state.phase is Phase.OPEN


def test_of_two_joins_for_the_last_seat_one_succeeds_and_the_other_changes_nothing() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob", size=3)
    carl, dora = party.group("Carl", "Dora")
    carl.join(ann)
    with pytest.raises(RequestError) as refused:
        dora.join(ann)
    assert refusal(refused) == Code.LOBBY_FULL
    assert dora.room.host == dora.player_id, "she kept her place where she was"
    assert len(ann.room.members) == 3


def test_joining_without_naming_a_lobby_is_an_invalid_request() -> None:
    with pytest.raises(RequestError) as refused:
        Party().guest("Ann").ask(lobby.JoinLobby(password="open"))
    assert refused.value.code == Code.BAD_PARAMS


def test_joining_another_lobby_leaves_the_one_before() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    carl.create()
    bob.join(carl)
    assert bob.of(LobbyLeft)[-1].lobby_id == ann.room.lobby_id
    assert [m.name for m in ann.room.members] == ["Ann"]
    assert [m.name for m in carl.room.members] == ["Carl", "Bob"]
    with pytest.raises(RequestError) as refused:
        bob.join(carl)
    assert refusal(refused) == Code.LOBBY_ALREADY_IN


def test_an_unlisted_lobby_is_entered_by_its_code_alone_however_it_is_typed() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    code = ann.create(visibility=Visibility.UNLISTED).invite_code
    with pytest.raises(RequestError) as refused:
        bob.join(ann)
    assert refusal(refused) == Code.LOBBY_UNKNOWN
    bob.ask(lobby.JoinLobby(code=f" {code[:3].lower()}-{code[3:]}"))
    assert bob.room.lobby_id == ann.room.lobby_id


def test_the_right_password_admits_and_wrong_attempts_are_limited() -> None:
    party = Party(attempts_burst=2, attempts_per_s=0.1)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.create("sesame", visibility=Visibility.PASSWORD)
    for _ in range(2):
        with pytest.raises(RequestError) as refused:
            bob.join(ann, password="wrong")
        assert refusal(refused) == Code.LOBBY_WRONG_PASSWORD
    with pytest.raises(RequestError) as refused:
        bob.join(ann, password="sesame")
    assert refusal(refused) == Code.RATE_LIMITED
    party.advance(10.0)
    bob.join(ann, password="sesame")


def test_a_join_without_a_password_does_not_count_as_an_attempt() -> None:
    party = Party(attempts_burst=1)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.create("sesame", visibility=Visibility.PASSWORD)
    for _ in range(3):
        with pytest.raises(RequestError) as refused:
            bob.join(ann)
        assert refusal(refused) == Code.LOBBY_WRONG_PASSWORD
    bob.join(ann, password="sesame")


def test_attempts_at_invite_codes_are_limited_across_sessions() -> None:
    party = Party(address_attempts_burst=3)
    for n in range(3):
        guest = party.guest(f"G{n}", "198.51.100.1")
        with pytest.raises(RequestError) as refused:
            guest.ask(lobby.JoinLobby(code="222222"))
        assert refusal(refused) == Code.LOBBY_UNKNOWN
    with pytest.raises(RequestError) as refused:
        party.guest("G4", "198.51.100.1").ask(lobby.JoinLobby(code="222222"))
    assert refusal(refused) == Code.RATE_LIMITED


def test_a_private_lobby_needs_a_password() -> None:
    ann = Party().guest("Ann")
    for password in ("", "x" * 65):
        with pytest.raises(RequestError) as refused:
            ann.create(password, visibility=Visibility.PASSWORD)
        assert refusal(refused) == Code.LOBBY_BAD_OPTIONS
        assert "password" in refused.value.details["fields"]  # type: ignore[operator]


def test_lobbies_are_bounded_in_all_and_per_address() -> None:
    party = Party(lobbies=2, creates_burst=3, creates_per_s=0.1)
    ann, bob, carl = (party.guest(name, "192.0.2.7") for name in ("Ann", "Bob", "Carl"))
    ann.create()
    bob.create()
    with pytest.raises(RequestError) as refused:
        carl.create()
    assert refusal(refused) == Code.LOBBY_LIMIT
    ann.ask(lobby.LeaveLobby())
    carl.create()
    bob.ask(lobby.LeaveLobby())
    with pytest.raises(RequestError) as refused:
        bob.create()
    assert refusal(refused) == Code.RATE_LIMITED
    dora = party.guest("Dora", "192.0.2.8")
    dora.create()


def test_spectators_take_no_seat_and_are_bounded() -> None:
    party = Party(spectators=1)
    ann, bob, carl = party.guest("Ann"), party.guest("Bob"), party.guest("Carl")
    ann.create(size=2)
    bob.join(ann, spectate=True)
    assert bob.me.seat == NO_SEAT
    with pytest.raises(RequestError) as refused:
        carl.join(ann, spectate=True)
    assert refusal(refused) == Code.LOBBY_FULL
    carl.join(ann)
    with pytest.raises(RequestError) as refused:
        bob.ask(lobby.TakeSeat(Seat(1)))
    assert refusal(refused) == Code.LOBBY_FULL


def test_a_lobby_without_spectators_takes_none() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.create(spectators=False)
    with pytest.raises(RequestError) as refused:
        bob.join(ann, spectate=True)
    assert refusal(refused) == Code.LOBBY_FULL


# --- seats and teams ------------------------------------------------------------------------------


def test_players_change_seats_leave_them_and_take_them() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.ask(lobby.TakeSeat(Seat(3)))
    assert bob.me.seat == 3
    with pytest.raises(RequestError) as refused:
        bob.ask(lobby.TakeSeat(Seat(0)))
    assert refusal(refused) == Code.LOBBY_SEAT_TAKEN
    with pytest.raises(RequestError) as refused:
        bob.ask(lobby.TakeSeat(Seat(4)))
    assert refusal(refused) == Code.BAD_PARAMS
    bob.ask(lobby.TakeSeat(NO_SEAT))
    assert [m.name for m in ann.room.members] == ["Ann", "Bob"]
    assert bob.me.seat == NO_SEAT
    bob.ask(lobby.TakeSeat(Seat(1)))
    assert bob.me.seat == 1


def test_teams_are_balanced_at_joining_and_cannot_be_unbalanced_by_choice() -> None:
    party = Party()
    guests = party.group("Ann", "Bob", "Carl", "Dora", options={"mode": "team"})
    assert [g.me.team for g in guests] == [1, 2, 1, 2]
    with pytest.raises(RequestError) as refused:
        guests[0].ask(lobby.ChooseTeam(2))
    assert refusal(refused) == Code.LOBBY_FULL
    guests[1].ask(lobby.LeaveLobby())
    guests[0].ask(lobby.ChooseTeam(2))
    assert guests[0].me.team == 2


def test_friends_may_choose_one_team_when_bots_make_the_other() -> None:
    party = Party()
    _, bob = party.group("Ann", "Bob", options={"mode": "team"}, bots=2)
    bob.ask(lobby.ChooseTeam(1))
    assert bob.me.team == 1


def test_there_is_no_team_to_choose_without_teams() -> None:
    ann = Party().guest("Ann")
    ann.create()
    with pytest.raises(RequestError) as refused:
        ann.ask(lobby.ChooseTeam(1))
    assert refusal(refused) == Code.BAD_PARAMS


# --- going and the host -------------------------------------------------------------------------


def test_when_the_host_leaves_the_longest_present_connected_member_is_host() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    bob.lose_connection()
    ann.ask(lobby.LeaveLobby())
    assert carl.room.host == carl.player_id


def test_a_disconnected_host_stays_host_for_a_while() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.lose_connection()
    party.advance(party.rules.host_grace_s - 0.1)
    assert bob.room.host == ann.player_id
    ann.resume()
    party.advance(5.0)
    assert bob.room.host == ann.player_id
    ann.lose_connection()
    party.advance(party.rules.host_grace_s)
    assert bob.room.host == bob.player_id
    ann.resume()
    assert ann.room.host == bob.player_id, "who comes back later is a member like others"


def test_a_lobby_of_disconnected_players_gets_a_host_when_one_reconnects() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.lose_connection()
    bob.lose_connection()
    party.advance(party.rules.host_grace_s + 1.0)
    bob.resume()
    party.advance(0.1)
    assert bob.room.host == bob.player_id


def test_the_seat_of_a_lost_connection_is_held_and_then_released() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob", size=2)
    bob.lose_connection()
    assert not next(m for m in ann.room.members if m.name == "Bob").connected
    assert ann.notices[-1] == Presence(bob.player_id, connected=False)
    carl = party.guest("Carl")
    with pytest.raises(RequestError) as refused:
        carl.join(ann)
    assert refusal(refused) == Code.LOBBY_FULL
    party.advance(party.rules.lobby_grace_s)
    carl.join(ann)
    bob.resume()
    assert bob.of(LobbyLeft)[-1].reason == "expired"


def test_a_session_resumed_in_time_has_its_seat_and_team() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", options={"mode": "team"})
    bob.lose_connection()
    party.advance(party.rules.match_grace_s - 1.0)
    bob.resume()
    assert (bob.me.seat, bob.me.team, bob.me.connected) == (1, 2, True)
    assert party.hall.seat_of(bob.player_id) == (party.last_match(), 1)
    assert ann.notices[-1] == Presence(bob.player_id, connected=True)
    assert party.of(effects.ClearSeat) == []


def test_a_session_resumed_after_the_lobby_closed_is_informed() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.create()
    ann.lose_connection()
    party.advance(party.rules.lobby_grace_s)
    assert party.hall.counts().lobbies == 0
    ann.resume()
    assert ann.of(LobbyLeft)[-1].reason == "expired"
    ann.create()


def test_a_restarted_client_gets_lobby_and_match_again() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    ann.ack()
    before = ann.applied
    ann.lose_connection()
    ann.forget_everything()
    ann.resume()
    assert ann.applied > before, "numbers go on"
    assert ann.room.phase is Phase.IN_MATCH
    assert len(ann.of(MatchStarted)) == 1
    assert started(ann).seat == 0


def test_a_silent_seat_in_a_match_is_shown_to_the_others_until_its_next_input() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.take(calls.FellSilent({bob.player_id: True}))
    party.settle()
    assert ann.notices[-1] == Presence(bob.player_id, connected=True, stalled=True)
    party.take(calls.FellSilent({bob.player_id: False}))
    party.settle()
    assert ann.notices[-1] == Presence(bob.player_id, connected=True, stalled=False)


def test_members_who_saw_a_silence_learn_of_its_end_reliably() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.take(calls.FellSilent({bob.player_id: True}))
    ann.ask(LockLobby(True))
    shown = [[member.stalled for member in guest.room.members] for guest in (ann, bob)]
    assert shown == [[False, True]] * 2, "whatever else is shown meanwhile shows it, too"
    party.take(calls.FellSilent({bob.player_id: False}))
    party.settle()
    shown = [[member.stalled for member in guest.room.members] for guest in (ann, bob)]
    assert shown == [[False, False]] * 2


def test_players_without_connection_or_outside_the_match_are_not_silent() -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob")
    party.take(calls.FellSilent({bob.player_id: True}))
    bob.lose_connection()
    bob.resume()
    assert not bob.me.stalled
