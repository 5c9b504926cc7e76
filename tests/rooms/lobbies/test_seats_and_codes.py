"""Requests about a lobby whose outcome depends on one detail."""

from itertools import count

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages import lobby as asks
from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.lobby import LobbyChanged, Phase, Visibility
from gameserver.messages.match import MatchEnded, MatchStarted
from gameserver.messages.session import Presence, Rename, SignOut
from gameserver.messages.wire import PROTOCOL_VERSION, Hello
from gameserver.rooms import calls, server_calls
from gameserver.rooms.lobbies.directory import _FILTERS
from gameserver.rooms.state.effects import BeginMatch
from gameserver.rooms.state.hall_state import Due
from tests.rooms.party import Guest, Party, phase, refused_with, started


def announced(guest: Guest) -> list[str]:
    return [event.line.text for event in guest.of(ChatSaid) if not event.line.sender]


# --- ways in --------------------------------------------------------------------------------------


def test_id_and_code_must_lead_to_the_same_lobby() -> None:
    party = Party()
    ann, bob, carl = (party.guest(name) for name in ("Ann", "Bob", "Carl"))
    one, other = ann.create(), bob.create()
    refused_with(Code.BAD_PARAMS, carl, asks.JoinLobby())
    refused_with(Code.LOBBY_UNKNOWN, carl, asks.JoinLobby(other.lobby_id, one.invite_code))
    refused_with(Code.LOBBY_UNKNOWN, carl, asks.JoinLobby(other.lobby_id, "BBBBBB"))
    carl.ask(asks.JoinLobby(one.lobby_id, one.invite_code))
    assert carl.room.lobby_id == one.lobby_id


def test_an_unlisted_lobby_is_unknown_by_its_id_to_all_but_its_members() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    room = ann.create(visibility=Visibility.UNLISTED)
    refused_with(Code.LOBBY_UNKNOWN, bob, asks.JoinLobby(room.lobby_id))
    refused_with(Code.LOBBY_ALREADY_IN, ann, asks.JoinLobby(room.lobby_id))
    bob.ask(asks.JoinLobby(code=room.invite_code))
    refused_with(Code.LOBBY_ALREADY_IN, bob, asks.JoinLobby(room.lobby_id))


def test_who_is_in_no_lobby_cannot_leave_one() -> None:
    party = Party()
    ann = party.guest("Ann")
    for request in (asks.LeaveLobby(), asks.LeaveMatch(), asks.SetReady(ready=True)):
        refused_with(Code.LOBBY_NOT_IN, ann, request)


def test_the_second_member_is_announced_and_the_first_is_not() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    assert announced(ann) == announced(bob) == ["Bob joined."]


# --- seats ----------------------------------------------------------------------------------------


def test_when_the_last_who_was_not_ready_stands_up_the_countdown_begins() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ready()
    bob.ready()
    assert phase(ann) is Phase.OPEN
    carl.ask(asks.TakeSeat(NO_SEAT))
    assert phase(ann) is Phase.COUNTDOWN


def test_ready_marks_are_refused_while_the_match_runs() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    refused = refused_with(Code.LOBBY_WRONG_PHASE, ann, asks.SetReady(ready=True))
    assert refused.sentence == "The match runs already."
    assert [member.ready for member in ann.room.members] == [False, False]


def test_the_players_of_a_match_are_ordered_by_seat_bots_included() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob", bots=2)
    ann.ask(asks.TakeSeat(Seat(3)))
    bob.ready()
    ann.ready()
    party.advance(party.rules.countdown_s)
    (order,) = party.of(BeginMatch)
    assert [(player.seat, player.bot) for player in order.players] == [
        (0, True),
        (1, False),
        (2, True),
        (3, False),
    ]


def test_no_two_bots_of_a_match_have_the_same_name() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl", size=8, bots=7)
    state, numbers = party.hall.parts.state, count(1)
    state.entropy = lambda size: bytes(2) if size == 2 else next(numbers).to_bytes(size, "big")
    for guest in (ann, bob, carl):
        guest.ready()
    party.advance(party.rules.countdown_s)
    bob.ask(asks.LeaveMatch())
    carl.ask(asks.LeaveMatch())
    names = [member.name for member in ann.room.members if member.bot]
    assert len(names) == len(set(names)) == 7


# --- the host -------------------------------------------------------------------------------------


def test_a_lobby_of_quick_play_that_is_configured_starts_by_itself_no_more() -> None:
    party = Party()
    ann = party.guest("Ann")
    room = ann.quick_play()
    found = party.hall.parts.state.lobbies[room.lobby_id]
    party.advance(party.rules.countdown_s)
    party.end_match(party.last_match())
    assert (found.auto, found.phase) == (True, Phase.RESULTS)
    ann.ask(asks.ConfigureLobby(room.config))
    party.advance(party.rules.results_s + party.rules.quick_alone_s + 1.0)
    assert found.phase is Phase.OPEN


def test_a_countdown_of_quick_play_goes_on_when_its_host_leaves() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    room = ann.quick_play()
    bob.quick_play()
    found = party.hall.parts.state.lobbies[room.lobby_id]
    assert found.phase is Phase.COUNTDOWN
    ends_at = found.phase_ends_at
    party.now += 1.0
    ann.ask(asks.LeaveLobby())
    assert (found.host, found.phase, found.phase_ends_at) == (
        bob.player_id,
        Phase.COUNTDOWN,
        ends_at,
    )


def test_a_muted_member_who_becomes_the_host_is_muted_no_more_also_after_coming_back() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(asks.MutePlayer(bob.player_id, muted=True))
    refused_with(Code.CHAT_MUTED, bob, SendChat(Channel.LOBBY, "hello"))
    ann.ask(asks.TransferHost(bob.player_id))
    bob.say("heard")
    bob.ask(asks.TransferHost(ann.player_id))
    bob.ask(asks.LeaveLobby())
    bob.join(ann)
    bob.say("again")


# --- sessions -------------------------------------------------------------------------------------


def test_who_signs_out_is_sent_nothing_more() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    heard = len(bob.events)
    bob.ask(SignOut())
    assert len(bob.events) == heard
    assert bob.goodbye == Code.TOKEN_UNKNOWN
    assert announced(ann)[-1] == "Bob left."


def test_a_session_that_resumes_too_often_is_told_to_wait() -> None:
    party = Party(resumes_burst=2, resumes_per_s=0.1)
    ann = party.guest("Ann")
    for _ in range(2):
        ann.lose_connection()
        ann.resume()
    ann.lose_connection()
    hello = Hello(PROTOCOL_VERSION, "test", token=ann.token)
    with pytest.raises(RequestError, match="Too many connections in a short time") as refused:
        party.take(calls.SignIn(hello, "192.0.2.1"))
    assert refused.value.code == Code.RATE_LIMITED
    assert refused.value.details == {"retry_after_s": pytest.approx(10.0, abs=0.1)}
    party.now += 10.1
    ann.resume()


def test_requests_that_only_read_count_for_the_next_number_of_a_resumed_client() -> None:
    party = Party()
    ann = party.guest("Ann")
    for _ in range(3):
        ann.ask(asks.ListLobbies())
    ann.lose_connection()
    hello = Hello(PROTOCOL_VERSION, "test", token=ann.token)
    welcomed = party.take(calls.SignIn(hello, "192.0.2.1"))
    assert welcomed.welcome.next_request == 4


def test_exactly_as_many_as_are_told_at_once_are_told_at_once() -> None:
    party = Party(wide=2)
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    party.take(calls.HandOut(100))
    party.settle()
    for guest in (ann, bob):
        guest.notices.clear()
    carl.lose_connection()
    assert Presence(carl.player_id, False) in ann.notices
    assert Presence(carl.player_id, False) in bob.notices


def test_a_match_is_told_at_once_to_as_many_as_are_told_at_once() -> None:
    for wide, at_once in ((2, True), (1, False)):
        party = Party(wide=wide)
        ann, bob = party.group("Ann", "Bob")
        for guest in (ann, bob):
            guest.ready()
        party.advance(party.rules.countdown_s)
        party.settle()
        assert [bool(guest.of(MatchStarted)) for guest in (ann, bob)] == [at_once] * 2
        party.take(calls.HandOut(10))
        party.settle()
        assert [bool(guest.of(MatchStarted)) for guest in (ann, bob)] == [True] * 2


def test_a_server_that_stops_lets_nobody_into_a_lobby_or_a_match() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    room = ann.create()
    party.take(server_calls.Stop())
    party.settle()
    config = asks.LobbyConfig("Den", "attic", 4)
    for request in (
        asks.CreateLobby(config),
        asks.JoinLobby(room.lobby_id),
        asks.QuickPlay(),
    ):
        refused = refused_with(Code.SERVER_STOPPING, bob, request)
        assert refused.sentence.startswith("The server stops soon;")
    refused_with(Code.SERVER_STOPPING, ann, asks.StartMatch())


def test_a_server_that_drains_opens_nothing_but_its_lobbies_go_on() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    dee, ed = party.in_match("Dee", "Ed")
    ann.ready()
    bob.ready()
    party.take(server_calls.BeginDrain())
    party.settle()
    assert ann.room.phase is asks.Phase.OPEN, "the countdown is called off"
    assert dee.room.phase is asks.Phase.IN_MATCH
    refused_with(Code.SERVER_STOPPING, ann, asks.StartMatch())
    cy = party.guest("Cy")
    refused_with(Code.SERVER_STOPPING, cy, asks.CreateLobby(asks.LobbyConfig("Den", "attic", 4)))
    cy.join(ann)
    for guest in (ann, bob, cy):
        guest.ready()
    party.advance(party.rules.countdown_s * 2)
    assert ann.room.phase is asks.Phase.OPEN
    party.end_match(party.last_match())
    assert ed.of(MatchEnded)
    fresh = party.guest("Fay")
    refused_with(Code.SERVER_STOPPING, fresh, asks.QuickPlay(mode="none"))


def test_results_of_the_list_are_kept_for_a_bounded_number_of_filters() -> None:
    party = Party(requests_burst=200)
    ann = party.guest("Ann")
    ann.create()
    sizes = []
    for number in range(_FILTERS + 2):
        ann.ask(asks.ListLobbies(asks.LobbyFilter(text=str(number))))
        sizes.append(len(party.hall.parts.directory._found))
    assert sizes == [*range(1, _FILTERS + 1), 1, 2]


def test_a_session_that_was_repeated_too_many_events_waits_before_the_next_resume() -> None:
    party = Party(replay_burst_bytes=1000, replay_per_s=100.0)
    ann = party.guest("Ann")
    party.take(calls.Replayed(ann.player_id, 1500))
    ann.lose_connection()
    with pytest.raises(RequestError) as refused:
        party.take(calls.SignIn(Hello(PROTOCOL_VERSION, "test", token=ann.token), "192.0.2.1"))
    assert refused.value.code == Code.RATE_LIMITED
    assert refused.value.details == {"retry_after_s": pytest.approx(5.0, abs=0.1)}
    party.now += 5.1
    ann.resume()


def test_an_address_has_exactly_its_sessions_and_loopback_any_number() -> None:
    party = Party(sessions_per_address=1)
    ann = party.guest("Ann")
    with pytest.raises(RequestError) as refused:
        party.guest("Bob")
    assert refused.value.code == Code.SERVER_FULL
    party.guest("Carl", "198.51.100.7")
    for name in ("Dora", "Emil"):
        party.guest(name, "")
    ann.ask(SignOut())
    party.guest("Bob")


# --- what stays behind ----------------------------------------------------------------------------


def test_a_closed_lobby_is_examined_no_more() -> None:
    party = Party()
    ann = party.guest("Ann")
    key = (Due.LOBBY, ann.quick_play().lobby_id)
    agenda = party.hall.parts.state.agenda
    assert key in agenda._when
    ann.ask(asks.LeaveLobby())
    assert key not in agenda._when
    party.advance(party.rules.countdown_s)


def test_a_session_that_ended_while_it_was_lost_is_examined_no_more() -> None:
    party = Party(events_waiting=2)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.lose_connection()
    key = (Due.SESSION, bob.player_id)
    state = party.hall.parts.state
    assert key in state.agenda._when
    for number in range(3):
        ann.whisper(bob, f"line {number}")
    assert bob.player_id not in state.sessions
    assert key not in state.agenda._when
    party.advance(party.rules.session_ttl_s + 1.0)


def test_nobody_is_silent_after_the_match() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.take(calls.FellSilent({bob.player_id: True}))
    party.settle()
    party.end_match(party.last_match())
    assert [member.stalled for member in ann.room.members] == [False, False]


def test_the_time_alone_of_a_quick_lobby_begins_anew_after_the_results() -> None:
    party = Party()
    ann = party.guest("Ann")
    room = ann.quick_play()
    found = party.hall.parts.state.lobbies[room.lobby_id]
    party.advance(party.rules.countdown_s)
    party.end_match(party.last_match())
    ends_at = found.phase_ends_at
    party.advance(party.rules.results_s)
    assert found.open_since == ends_at


def test_a_new_name_is_announced_in_the_lobby() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(Rename("Anna"))
    assert announced(bob)[-1] == "Ann is now Anna."


def test_who_sits_down_in_a_running_match_is_shown_the_lobby_before_the_match() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    before = len(carl.events)
    carl.ask(asks.TakeSeat(Seat(2)))
    kinds = [type(event) for event in carl.events[before:]]
    assert kinds.index(LobbyChanged) < kinds.index(MatchStarted)
    assert started(carl).seat == 2


def test_a_password_has_at_most_its_characters() -> None:
    party = Party(password_chars=8)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    for text in ("", "x" * 9):
        config = asks.LobbyConfig("Den", "attic", 4, Visibility.PASSWORD)
        refused = refused_with(Code.LOBBY_BAD_OPTIONS, ann, asks.CreateLobby(config, text))
        assert refused.sentence == "password must have from 1 to 8 characters"
    ann.create(password="x" * 8, visibility=Visibility.PASSWORD)
    refused_with(
        Code.LOBBY_WRONG_PASSWORD, bob, asks.JoinLobby(ann.room.lobby_id, password="x" * 9)
    )
    bob.join(ann, password="x" * 8)


def test_a_team_that_is_not_there_is_refused_with_those_that_are() -> None:
    sentences = []
    for mode in ("team", "solo"):
        party = Party()
        ann, _ = party.group("Ann", "Bob", options={"mode": mode})
        sentences.append(refused_with(Code.BAD_PARAMS, ann, asks.ChooseTeam(3)).sentence)
    assert sentences[0] == "team must be from 1 to 2"
    assert sentences[1] == "team has no teams to choose"
