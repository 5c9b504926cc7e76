from gameserver.errors import Code
from gameserver.messages import lobby
from gameserver.messages.lobby import Phase
from tests.rooms.party import Chess, Party, make_map, phase, refused_with


def test_a_single_quick_player_plays_at_once_against_bots() -> None:
    party = Party()
    ann = party.guest("Ann")
    state = ann.quick_play()
    assert state.phase is Phase.COUNTDOWN
    assert state.config.bots == state.config.size - 1
    party.advance(party.rules.countdown_s)
    assert phase(ann) is Phase.IN_MATCH
    assert len(ann.room.members) == state.config.size


def test_further_quick_players_take_the_bots_seats() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.quick_play()
    party.advance(3.0)
    others = [party.guest(f"P{n}") for n in range(7)]
    for other in others:
        assert other.quick_play().lobby_id == ann.room.lobby_id
    assert not any(member.bot for member in ann.room.members)
    late = party.guest("Late")
    assert late.quick_play().lobby_id != ann.room.lobby_id


def test_sixteen_quick_players_are_all_in_matches_after_one_countdown() -> None:
    party = Party()
    guests = [party.guest(f"P{n}") for n in range(16)]
    for guest in guests:
        guest.quick_play()
    party.advance(party.rules.countdown_s)
    assert all(party.hall.seat_of(guest.player_id) for guest in guests)
    assert party.hall.counts().lobbies == 2


def test_without_bots_quick_play_waits_for_a_second_player() -> None:
    party = Party(Chess())
    ann, bob = party.guest("Ann"), party.guest("Bob")
    assert ann.quick_play().phase is Phase.OPEN
    party.advance(60.0)
    assert phase(ann) is Phase.OPEN
    assert bob.quick_play().phase is Phase.COUNTDOWN
    bob.ready(ready=False)
    assert phase(ann) is Phase.COUNTDOWN, "quick play asks nobody for marks"


class Maze(Chess):
    """A game that can be played alone."""

    seats = (1, 8)


def test_without_bots_a_game_for_one_starts_alone_after_a_while() -> None:
    party = Party(Maze(), {"attic": make_map("attic", ("solo",), fewest=1)})
    ann = party.guest("Ann")
    assert ann.quick_play().phase is Phase.OPEN
    party.advance(party.rules.quick_alone_s - 0.1)
    assert phase(ann) is Phase.OPEN
    party.advance(0.1)
    assert phase(ann) is Phase.COUNTDOWN


def test_a_quick_play_lobby_continues_by_itself_after_the_results() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.quick_play()
    party.advance(3.0)
    party.end_match(party.last_match())
    party.advance(party.rules.results_s)
    assert phase(ann) is Phase.COUNTDOWN


def test_quick_play_honours_mode_and_map_and_refuses_unknown_ones() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    assert ann.quick_play("team").config.options["mode"] == "team"
    assert bob.quick_play("solo", "barn").config.map == "barn"
    for mode, map_name in (("odd", ""), ("", "nowhere"), ("team", "barn")):
        refused_with(Code.LOBBY_BAD_OPTIONS, bob, lobby.QuickPlay(mode, map_name))


def test_quick_play_enters_no_lobby_that_is_locked_private_or_has_banned_the_player() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.BanPlayer(bob.player_id))
    assert bob.quick_play().lobby_id != ann.room.lobby_id
    carl = party.guest("Carl")
    carl.create(visibility=lobby.Visibility.UNLISTED)
    bob.ask(lobby.LockLobby(True))
    ann.ask(lobby.LockLobby(True))
    dora = party.guest("Dora")
    others = {guest.room.lobby_id for guest in (ann, bob, carl)}
    assert dora.quick_play().lobby_id not in others


def test_cancelling_turns_a_quick_play_lobby_into_a_usual_one() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.quick_play()
    ann.ask(lobby.CancelStart())
    party.advance(60.0)
    assert phase(ann) is Phase.OPEN
