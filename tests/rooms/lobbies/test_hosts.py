import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import Seat
from gameserver.messages import chat, lobby, session
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import LobbyConfig, LobbyLeft, Phase, Visibility
from gameserver.rooms.state import effects
from tests.rooms.party import Guest, Party, refused_with


def configure(guest: Guest, password: str = "", **changes: object) -> None:
    values = {"title": "Den", "map": "attic", "size": 4, **changes}
    guest.ask(lobby.ConfigureLobby(LobbyConfig(**values), password))


def test_every_power_of_the_host_is_refused_to_others() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    config = LobbyConfig("Den", "attic", 4)
    for request in (
        lobby.ConfigureLobby(config),
        lobby.KickPlayer(ann.player_id),
        lobby.BanPlayer(ann.player_id),
        lobby.UnbanPlayer("Ann"),
        lobby.LockLobby(True),
        lobby.TransferHost(bob.player_id),
        lobby.MutePlayer(ann.player_id, True),
        lobby.StartMatch(),
        lobby.CancelStart(),
    ):
        refused_with(Code.LOBBY_NOT_HOST, bob, request)
        refused_with(Code.LOBBY_NOT_IN, carl, request)


def test_a_kicked_player_is_told_and_may_join_again() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.KickPlayer(bob.player_id))
    assert bob.of(LobbyLeft)[-1].reason == "kicked"
    assert [m.name for m in ann.room.members] == ["Ann"]
    bob.join(ann)


def test_a_kick_during_the_countdown_restarts_or_stops_it() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    for guest in (ann, bob, carl):
        guest.ready()
    phases = []
    for guest in (carl, bob):
        ann.ask(lobby.KickPlayer(guest.player_id))
        phases.append(ann.room.phase)
    assert phases == [Phase.COUNTDOWN, Phase.OPEN]


def test_a_kick_during_the_match_removes_seat_and_viewer() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    ann.ask(lobby.KickPlayer(bob.player_id))
    assert party.of(effects.ClearSeat)[-1].seat == 1
    assert party.of(effects.ExitMatch)[-1].player_id == bob.player_id


def test_a_banned_player_cannot_join_under_another_name() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.BanPlayer(bob.player_id))
    assert bob.of(LobbyLeft)[-1].reason == "banned"
    bob.ask(session.Rename("Robert"))
    refused_with(Code.LOBBY_BANNED, bob, lobby.JoinLobby(ann.room.lobby_id))


def test_a_banned_player_cannot_join_with_a_new_session_and_a_similar_name() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.BanPlayer(bob.player_id))
    bob.ask(session.SignOut())
    again = party.guest("B\u043eb")
    refused_with(Code.LOBBY_BANNED, again, lobby.JoinLobby(ann.room.lobby_id))


def test_only_the_host_sees_bans_and_lifts_them_by_name() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ask(lobby.BanPlayer(bob.player_id))
    assert list(ann.room.banned) == ["Bob"]
    assert list(carl.room.banned) == []
    refused_with(Code.PLAYER_UNKNOWN, ann, lobby.UnbanPlayer("Dora"))
    ann.ask(lobby.UnbanPlayer("bob"))
    assert list(ann.room.banned) == []
    bob.join(ann)


def test_a_ban_above_the_limit_lifts_the_oldest() -> None:
    party = Party(bans=1)
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ask(lobby.BanPlayer(bob.player_id))
    ann.ask(lobby.BanPlayer(carl.player_id))
    assert ann.room.banned == ("Carl",)
    bob.join(ann)


def test_a_locked_lobby_admits_nobody_new_and_keeps_held_seats() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.lose_connection()
    ann.ask(lobby.LockLobby(True))
    bob.resume()
    assert bob.me.connected
    carl = party.guest("Carl")
    refused_with(Code.LOBBY_LOCKED, carl, lobby.JoinLobby(ann.room.lobby_id))
    refused_with(Code.LOBBY_LOCKED, carl, lobby.JoinLobby(code=ann.room.invite_code))
    ann.ask(lobby.LockLobby(False))
    carl.join(ann)


def test_the_host_role_is_given_to_a_seated_player_only() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    refused_with(Code.PLAYER_UNKNOWN, ann, lobby.TransferHost(carl.player_id))
    refused_with(Code.PLAYER_UNKNOWN, ann, lobby.TransferHost(ann.player_id))
    ann.ask(lobby.TransferHost(bob.player_id))
    assert ann.room.host == bob.player_id
    refused_with(Code.LOBBY_NOT_HOST, ann, lobby.LockLobby(True))


def test_a_player_muted_by_the_host_is_heard_outside_the_lobby_only() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.MutePlayer(bob.player_id, True))
    assert bob.me.muted
    with pytest.raises(RequestError) as refused:
        bob.say("hello")
    assert refused.value.code == Code.CHAT_MUTED
    bob.say("hello", Channel.GLOBAL)
    ann.ask(lobby.MutePlayer(bob.player_id, False))
    bob.say("hello")
    assert ann.heard == ["hello", "hello"]


def test_rejoining_lifts_no_mute_of_the_host() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.MutePlayer(bob.player_id, True))
    for _ in range(2):
        bob.ask(lobby.LeaveLobby())
        bob.join(ann)
        assert bob.me.muted
        refused_with(Code.CHAT_MUTED, bob, chat.SendChat(Channel.LOBBY, "hello"))
    ann.ask(lobby.MutePlayer(bob.player_id, False))
    bob.ask(lobby.LeaveLobby())
    bob.join(ann)
    assert not bob.me.muted


def test_a_host_cannot_be_muted() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.MutePlayer(bob.player_id, True))
    ann.ask(lobby.LeaveLobby())
    assert bob.room.host == bob.player_id
    assert not bob.me.muted
    bob.say("hello")


def test_mutes_of_a_lobby_are_bounded() -> None:
    party = Party(bans=2)
    ann, *others = party.group("Ann", "Bob", "Carl", "Dora")
    for other in others:
        ann.ask(lobby.MutePlayer(other.player_id, True))
    assert [other.me.muted for other in others] == [True, True, True]
    for other in others:
        other.ask(lobby.LeaveLobby())
        other.join(ann)
    assert [other.me.muted for other in others] == [False, True, True]


def test_a_new_configuration_clears_all_ready_marks() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.ready()
    configure(ann, size=6, bots=2)
    assert ann.room.config.size == 6
    assert not bob.me.ready


def test_a_configuration_is_changed_before_the_countdown_and_after_the_match_only() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    ann.ask(lobby.StartMatch())
    request = lobby.ConfigureLobby(LobbyConfig("Den", "attic", 4))
    refused_with(Code.LOBBY_WRONG_PHASE, ann, request)
    party.advance(3.0)
    refused_with(Code.LOBBY_WRONG_PHASE, ann, request)
    party.end_match(party.last_match())
    ann.ask(request)


def test_shrinking_moves_players_to_the_remaining_seats_and_removes_nobody() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    carl.ask(lobby.TakeSeat(Seat(3)))
    configure(ann, size=3)
    assert carl.me.seat == 2
    refusal = refused_with(
        Code.LOBBY_BAD_OPTIONS, ann, lobby.ConfigureLobby(LobbyConfig("Den", "attic", 2))
    )
    assert "size" in refusal.details["fields"]  # type: ignore[operator]
    assert bob.me.seat == 1


def test_a_change_of_mode_assigns_or_removes_teams() -> None:
    party = Party()
    guests = party.group("Ann", "Bob", "Carl")
    configure(guests[0], options={"mode": "team"})
    assert [g.me.team for g in guests] == [1, 2, 1]
    configure(guests[0], options={"mode": "solo"})
    assert [g.me.team for g in guests] == [0, 0, 0]


def test_an_empty_password_keeps_the_previous_password() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.create("sesame", visibility=Visibility.PASSWORD)
    configure(ann, visibility=Visibility.PASSWORD)
    refused_with(Code.LOBBY_WRONG_PASSWORD, bob, lobby.JoinLobby(ann.room.lobby_id, "", "other"))
    configure(ann, "other", visibility=Visibility.PASSWORD)
    bob.join(ann, password="other")


def test_passwords_are_not_stored_in_plain_text() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.create("sesame", visibility=Visibility.PASSWORD)
    kept = party.hall._state.lobbies[ann.room.lobby_id].password
    assert "sesame" not in repr(kept)
