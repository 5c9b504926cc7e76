import pytest

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.messages import lobby
from gameserver.messages.base import Request
from gameserver.messages.lobby import LobbyLeft, Phase
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.rooms import effects
from tests.rooms.party import Chess, Guest, Party, make_map, started


def phase(guest: Guest) -> Phase:
    return guest.room.phase


def refused_with(code: Code, guest: Guest, request: Request) -> RequestError:
    with pytest.raises(RequestError) as refused:
        guest.ask(request)
    assert refused.value.code == code
    return refused.value


# --- to the match -------------------------------------------------------------------------------


def test_when_all_are_ready_the_countdown_runs_and_the_match_starts() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    assert phase(ann) is Phase.OPEN
    bob.ready()
    assert phase(ann) is Phase.COUNTDOWN
    assert ann.room.countdown_s == party.rules.countdown_s
    party.advance(party.rules.countdown_s)
    assert phase(bob) is Phase.IN_MATCH
    order = party.of(effects.StartMatch)[0]
    assert [(p.seat, p.name, p.bot) for p in order.players] == [
        (0, "Ann", False),
        (1, "Bob", False),
    ]
    assert (started(ann).seat, started(bob).seat) == (0, 1)
    assert not any(member.ready for member in ann.room.members)


def test_spectators_need_not_be_ready_and_are_told_of_the_match() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    for guest in list(party.guests.values())[:2]:
        guest.ready()
    party.advance(3.0)
    assert started(carl).seat == NO_SEAT
    assert party.hall.seat_of(carl.player_id) == (party.last_match(), NO_SEAT)


def test_too_few_players_start_nothing_even_by_force() -> None:
    party = Party(Chess())
    ann = party.guest("Ann")
    ann.create()
    ann.ready()
    assert phase(ann) is Phase.OPEN
    refusal = refused_with(Code.LOBBY_NOT_READY, ann, lobby.StartMatch())
    assert refusal.details == {"players": 1, "fewest": 2}


def test_the_map_may_need_more_than_the_game() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob", map="court", options={"mode": "team"})
    ann.ready()
    bob.ready()
    assert phase(ann) is Phase.OPEN
    ann.ask(
        lobby.ConfigureLobby(lobby.LobbyConfig("D", "court", 4, bots=2, options={"mode": "team"}))
    )
    ann.ready()
    bob.ready()
    assert phase(ann) is Phase.COUNTDOWN


def test_bots_fill_up_with_names_teams_and_free_seats() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob", size=6, bots=3, options={"mode": "team"})
    bots = [member for member in ann.room.members if member.bot]
    assert [bot.seat for bot in bots] == [2, 3, 4]
    assert len({member.name for member in ann.room.members}) == 5
    teams = [member.team for member in ann.room.members]
    assert abs(teams.count(1) - teams.count(2)) == 1
    assert [p.name for p in party.of(effects.StartMatch)[0].players if p.bot] == [
        bot.name for bot in bots
    ]
    assert [p.name for p in started(ann).players if p.bot] == [bot.name for bot in bots]


def test_the_same_entropy_names_the_same_bots() -> None:
    def names(seed: int) -> list[str]:
        party = Party(seed=seed)
        (ann,) = party.in_match("Ann", size=8, bots=7)
        return [member.name for member in ann.room.members]

    assert names(1) == names(1)
    assert names(1) != names(2)


def test_somebody_who_is_no_longer_ready_stops_the_countdown() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(2.0)
    bob.ready(ready=False)
    assert phase(ann) is Phase.OPEN
    party.advance(10.0)
    assert party.of(effects.StartMatch) == []


def test_a_lost_connection_takes_the_mark_and_stops_the_countdown() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    bob.lose_connection()
    assert phase(ann) is Phase.OPEN
    assert not ann.room.members[1].ready


def test_somebody_who_joins_in_the_countdown_stops_it() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    carl = party.guest("Carl")
    carl.join(ann)
    assert phase(ann) is Phase.OPEN
    carl.ready()
    assert phase(ann) is Phase.COUNTDOWN


def test_when_somebody_leaves_in_the_countdown_it_begins_anew_for_the_others() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    for guest in (ann, bob, carl):
        guest.ready()
    party.advance(2.0)
    carl.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.COUNTDOWN
    assert ann.room.countdown_s == party.rules.countdown_s
    bob.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.OPEN


def test_when_the_host_leaves_in_the_countdown_another_is_host_and_it_begins_anew() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    for guest in (ann, bob, carl):
        guest.ready()
    party.advance(1.0)
    ann.ask(lobby.LeaveLobby())
    assert bob.room.host == bob.player_id
    assert phase(bob) is Phase.COUNTDOWN
    party.advance(party.rules.countdown_s)
    assert phase(bob) is Phase.IN_MATCH


def test_when_the_host_who_forced_a_countdown_leaves_it_stops() -> None:
    party = Party()
    ann, bob, _ = party.group("Ann", "Bob", "Carl")
    ann.ask(lobby.StartMatch())
    assert phase(bob) is Phase.COUNTDOWN
    ann.ask(lobby.LeaveLobby())
    assert phase(bob) is Phase.OPEN


def test_a_forced_countdown_is_stopped_by_the_host_or_by_too_few_and_by_no_mark() -> None:
    party = Party(Chess())
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ask(lobby.StartMatch())
    bob.ready()
    bob.ready(ready=False)
    carl.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.COUNTDOWN
    ann.ask(lobby.CancelStart())
    assert phase(ann) is Phase.OPEN
    ann.ask(lobby.StartMatch())
    bob.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.OPEN


def test_cancelling_takes_all_marks_so_that_it_does_not_start_again_at_once() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    ann.ask(lobby.CancelStart())
    assert phase(ann) is Phase.OPEN
    assert not any(member.ready for member in ann.room.members)
    refused_with(Code.LOBBY_WRONG_PHASE, ann, lobby.CancelStart())


# --- in the match -------------------------------------------------------------------------------


def test_joining_in_progress_takes_a_free_seat() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    carl = party.guest("Carl")
    assert carl.join(ann).phase is Phase.IN_MATCH
    seated = party.of(effects.SeatPlayer)[-1]
    assert (seated.match_id, seated.player.name, seated.player.seat) == (
        party.last_match(), "Carl", 2,
    )  # fmt: skip
    assert started(carl).seat == 2


def test_joining_in_progress_takes_a_bots_seat_in_the_team_with_fewer_people() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", bots=2, options={"mode": "team"})
    bob.ask(lobby.LeaveLobby())
    carl = party.guest("Carl")
    carl.join(ann)
    assert carl.me.team == bob_team(party)
    assert sum(member.bot for member in ann.room.members) == 2
    assert len(ann.room.members) == 4


def bob_team(party: Party) -> int:
    return next(p.team for p in party.of(effects.StartMatch)[0].players if p.name == "Bob")


def test_a_match_that_takes_nobody_in_can_be_watched() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob", join_in_progress=False)
    carl = party.guest("Carl")
    refused_with(Code.LOBBY_WRONG_PHASE, carl, lobby.JoinLobby(ann.room.lobby_id))
    carl.join(ann, spectate=True)
    assert started(carl).seat == NO_SEAT
    refused_with(Code.LOBBY_WRONG_PHASE, carl, lobby.TakeSeat(Seat(2)))


def test_a_spectator_sits_down_in_a_running_match_and_a_player_stands_up() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    carl.ask(lobby.TakeSeat(Seat(3)))
    assert party.of(effects.SeatPlayer)[-1].player.seat == 3
    assert started(carl).seat == 3
    bob.ask(lobby.TakeSeat(NO_SEAT))
    assert party.of(effects.ClearSeat)[-1].seat == 1
    assert party.of(effects.ExitMatch)[-1].player_id == bob.player_id
    assert started(bob).seat == NO_SEAT
    refused_with(Code.LOBBY_WRONG_PHASE, carl, lobby.TakeSeat(Seat(0)))


def test_leaving_a_match_clears_the_seat_and_a_bot_takes_over_where_bots_are_wanted() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", size=3, bots=2)
    assert len(party.of(effects.StartMatch)[0].players) == 3
    bob.ask(lobby.LeaveLobby())
    cleared = party.of(effects.ClearSeat)[-1]
    assert cleared.seat == 1
    assert cleared.bot is not None
    assert [m.name for m in ann.room.members if m.bot and m.seat == 1] == [cleared.bot.name]


def test_leaving_a_match_without_bots_leaves_the_seat_empty() -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveLobby())
    assert party.of(effects.ClearSeat)[-1].bot is None
    assert party.of(effects.ExitMatch)[-1].player_id == bob.player_id
    assert bob.of(LobbyLeft)[-1].reason == "left"
    assert party.hall.seat_of(bob.player_id) is None


def test_when_everybody_leaves_the_match_is_stopped_and_nothing_stays() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    match_id = party.last_match()
    ann.ask(lobby.LeaveLobby())
    bob.ask(lobby.LeaveLobby())
    assert party.effects[-1] == effects.StopMatch(match_id, "abandoned")
    party.end_match(match_id, "abandoned")
    counts = party.hall.counts()
    assert (counts.lobbies, counts.matches) == (0, 0)
    assert party.hall.next_deadline() is None


def test_when_only_spectators_are_left_the_match_ends_and_they_see_the_results() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    ann.ask(lobby.LeaveLobby())
    bob.ask(lobby.LeaveLobby())
    assert party.of(effects.StopMatch) == [effects.StopMatch(party.last_match(), "abandoned")]
    assert party.hall.seat_of(carl.player_id) is None
    party.end_match(party.last_match(), "abandoned")
    assert carl.of(MatchEnded)[-1].result.reason == "abandoned"
    assert phase(carl) is Phase.RESULTS


def test_a_match_goes_on_for_somebody_who_is_held_until_the_grace_ends() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    bob.lose_connection()
    ann.ask(lobby.LeaveLobby())
    assert party.of(effects.StopMatch) == []
    party.advance(party.rules.match_grace_s - 1.0)
    assert party.hall.counts().matches == 1
    party.advance(1.0)
    assert len(party.of(effects.StopMatch)) == 1
    assert party.hall.counts().lobbies == 0


def test_somebody_who_sits_down_while_the_match_is_being_stopped_waits_for_its_end() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    ann.ask(lobby.LeaveLobby())
    bob.ask(lobby.LeaveLobby())
    carl.ask(lobby.TakeSeat(Seat(0)))
    assert party.of(effects.SeatPlayer) == []
    party.end_match(party.last_match(), "abandoned")
    assert phase(carl) is Phase.RESULTS
    assert carl.me.seat == 0


def test_joining_in_the_instant_the_match_ends_is_sound_in_both_orders() -> None:
    for join_first in (True, False):
        party = Party()
        ann, _ = party.in_match("Ann", "Bob")
        carl = party.guest("Carl")
        if join_first:
            carl.join(ann)
        party.end_match(party.last_match())
        if not join_first:
            carl.join(ann)
        assert phase(carl) is Phase.RESULTS
        assert carl.me.seat == 2
        assert len(party.of(effects.SeatPlayer)) == join_first
        assert len(carl.of(MatchEnded)) == join_first


def test_who_joins_before_the_match_is_made_is_told_when_it_is() -> None:
    party = Party()
    party.on_start = lambda _order: None
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(3.0)
    carl = party.guest("Carl")
    carl.join(ann)
    assert carl.of(MatchStarted) == []
    party.start_match(party.of(effects.StartMatch)[0])
    party.settle()
    assert [player.name for player in started(carl).players] == ["Ann", "Bob", "Carl"]


def test_reliable_game_events_reach_whom_they_are_for() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    match_id = party.last_match()
    everybody = MatchHappened(match_id, Tick(5), 1, (7,))
    only_bob = MatchHappened(match_id, Tick(6), 2, ())
    party.hall.match_happened(match_id, everybody)
    party.hall.match_happened(match_id, only_bob, [Seat(1)])
    party.settle()
    assert ann.of(MatchHappened) == [everybody]
    assert bob.of(MatchHappened) == [everybody, only_bob]


# --- after the match ------------------------------------------------------------------------------


def test_results_name_the_people_who_played_and_then_the_lobby_opens_again() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    bob.ask(lobby.LeaveLobby())
    carl = party.guest("Carl")
    carl.join(ann)
    party.end_match(party.last_match())
    result = ann.of(MatchEnded)[-1].result
    assert (result.reason, result.winner, result.ticks) == ("finished", "Ann", 900)
    assert [(line.name, line.player_id) for line in result.lines] == [
        ("Ann", ann.player_id),
        ("Bob", ""),
    ], "Carl has Bob's seat and not his score"
    assert ann.room.result == result
    assert ann.room.countdown_s == party.rules.results_s
    party.advance(party.rules.results_s)
    assert phase(ann) is Phase.OPEN
    assert ann.room.result == result


def test_a_rematch_starts_at_once_when_all_ask_for_it() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    first = party.last_match()
    refused_with(Code.LOBBY_WRONG_PHASE, ann, lobby.Rematch())
    party.end_match(first)
    ann.ask(lobby.Rematch())
    assert phase(bob) is Phase.RESULTS
    assert ann.me.ready
    bob.ask(lobby.Rematch())
    assert phase(bob) is Phase.COUNTDOWN
    party.advance(party.rules.countdown_s)
    assert party.last_match() != first


def test_a_rematch_goes_on_when_somebody_who_did_not_ask_leaves() -> None:
    party = Party()
    ann, bob, carl = party.in_match("Ann", "Bob", "Carl")
    party.end_match(party.last_match())
    ann.ask(lobby.Rematch())
    bob.ask(lobby.Rematch())
    carl.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.COUNTDOWN


def test_who_asked_for_a_rematch_is_still_ready_when_the_lobby_opens() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.end_match(party.last_match())
    ann.ask(lobby.Rematch())
    party.advance(party.rules.results_s)
    assert [m.ready for m in ann.room.members] == [True, False]
    bob.ready()
    assert phase(ann) is Phase.COUNTDOWN


def test_a_match_that_breaks_brings_its_players_back_with_the_reason() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.end_match(party.last_match(), "fault", message="the game met a fault")
    for guest in (ann, bob):
        result = guest.of(MatchEnded)[-1].result
        assert (result.reason, result.message) == ("fault", "the game met a fault")
        assert phase(guest) is Phase.RESULTS


def test_a_match_that_cannot_be_made_brings_its_players_back() -> None:
    party = Party()
    party.on_start = lambda order: party.hall.match_ended(
        order.match_id, "fault", Outcome(()), 0, "no room", party.now
    )
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(3.0)
    assert phase(ann) is Phase.RESULTS
    assert bob.of(MatchEnded)[-1].result.lines == ()


def test_stopping_asks_for_the_end_of_all_matches_and_starts_no_other() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    carl, dora = party.group("Carl", "Dora")
    carl.ready()
    dora.ready()
    party.hall.stop(party.now)
    party.settle()
    assert party.of(effects.StopMatch) == [effects.StopMatch(party.last_match(), "stopped")]
    assert phase(carl) is Phase.OPEN
    party.end_match(party.last_match(), "stopped")
    party.advance(100.0)
    assert len(party.of(effects.StartMatch)) == 1
    refused_with(Code.SERVER_STOPPING, ann, lobby.StartMatch())


# --- quick play -----------------------------------------------------------------------------------


def test_a_lone_quick_player_plays_at_once_against_bots() -> None:
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


def test_a_quick_play_lobby_goes_on_by_itself_after_the_results() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.quick_play()
    party.advance(3.0)
    party.end_match(party.last_match())
    party.advance(party.rules.results_s)
    assert phase(ann) is Phase.COUNTDOWN


def test_quick_play_honours_mode_and_map_and_says_what_does_not_exist() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    assert ann.quick_play("team").config.options["mode"] == "team"
    assert bob.quick_play("solo", "barn").config.map == "barn"
    for mode, map_name in (("odd", ""), ("", "nowhere"), ("team", "barn")):
        refused_with(Code.LOBBY_BAD_OPTIONS, bob, lobby.QuickPlay(mode, map_name))


def test_quick_play_enters_no_lobby_that_is_locked_private_or_bans_one() -> None:
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


def test_a_host_who_cancels_makes_a_quick_play_lobby_a_usual_one() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.quick_play()
    ann.ask(lobby.CancelStart())
    party.advance(60.0)
    assert phase(ann) is Phase.OPEN
