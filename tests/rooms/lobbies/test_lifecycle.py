from gameserver.errors import Code
from gameserver.game.entity import Outcome
from gameserver.ids import NO_SEAT
from gameserver.messages import lobby
from gameserver.messages.lobby import Phase
from gameserver.messages.match import MatchEnded
from gameserver.rooms import calls, server_calls
from gameserver.rooms.state import effects
from tests.rooms.party import Chess, Party, phase, refused_with, started

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
    order = party.of(effects.BeginMatch)[0]
    assert [(p.seat, p.name, p.bot) for p in order.players] == [
        (0, "Ann", False),
        (1, "Bob", False),
    ]
    assert (started(ann).seat, started(bob).seat) == (0, 1)
    assert not any(member.ready for member in ann.room.members)


def test_spectators_need_not_be_ready_and_are_informed_of_the_match() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    carl.join(ann, spectate=True)
    for guest in list(party.guests.values())[:2]:
        guest.ready()
    party.advance(3.0)
    assert started(carl).seat == NO_SEAT
    assert party.hall.seat_of(carl.player_id) == (party.last_match(), NO_SEAT)


def test_too_few_players_cannot_start_a_match_even_by_force() -> None:
    party = Party(Chess())
    ann = party.guest("Ann")
    ann.create()
    ann.ready()
    assert phase(ann) is Phase.OPEN
    refusal = refused_with(Code.LOBBY_NOT_READY, ann, lobby.StartMatch())
    assert refusal.details == {"players": 1, "fewest": 2}


def test_the_map_may_require_more_players_than_the_game() -> None:
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
    assert [p.name for p in party.of(effects.BeginMatch)[0].players if p.bot] == [
        bot.name for bot in bots
    ]
    assert [p.name for p in started(ann).players if p.bot] == [bot.name for bot in bots]


def test_the_same_entropy_gives_the_same_names_of_bots() -> None:
    def names(seed: int) -> list[str]:
        party = Party(seed=seed)
        (ann,) = party.in_match("Ann", size=8, bots=7)
        return [member.name for member in ann.room.members]

    assert names(1) == names(1)
    assert names(1) != names(2)


def test_a_withdrawn_ready_mark_stops_the_countdown() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(2.0)
    bob.ready(ready=False)
    assert phase(ann) is Phase.OPEN
    party.advance(10.0)
    assert party.of(effects.BeginMatch) == []


def test_a_lost_connection_clears_the_ready_mark_and_stops_the_countdown() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    bob.lose_connection()
    assert phase(ann) is Phase.OPEN
    assert not ann.room.members[1].ready


def test_a_join_during_the_countdown_stops_it() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    carl = party.guest("Carl")
    carl.join(ann)
    assert phase(ann) is Phase.OPEN
    carl.ready()
    assert phase(ann) is Phase.COUNTDOWN


def test_a_leave_during_the_countdown_restarts_it_for_the_others() -> None:
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


def test_when_the_host_leaves_during_the_countdown_another_is_host_and_it_restarts() -> None:
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


def test_a_forced_countdown_is_stopped_by_the_host_or_by_too_few_players_only() -> None:
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


def test_cancelling_clears_all_ready_marks_so_that_it_does_not_restart_at_once() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    ann.ask(lobby.CancelStart())
    assert phase(ann) is Phase.OPEN
    assert not any(member.ready for member in ann.room.members)
    refused_with(Code.LOBBY_WRONG_PHASE, ann, lobby.CancelStart())


# --- after the match ------------------------------------------------------------------------------


def test_results_name_the_players_and_then_the_lobby_opens_again() -> None:
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
        ("Bob", bob.player_id),
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


def test_a_rematch_starts_when_the_only_player_who_did_not_ask_leaves() -> None:
    party = Party()
    ann, bob, carl = party.in_match("Ann", "Bob", "Carl")
    party.end_match(party.last_match())
    ann.ask(lobby.Rematch())
    bob.ask(lobby.Rematch())
    carl.ask(lobby.LeaveLobby())
    assert phase(ann) is Phase.COUNTDOWN


def test_a_player_who_asked_for_a_rematch_is_ready_when_the_lobby_opens() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.end_match(party.last_match())
    ann.ask(lobby.Rematch())
    party.advance(party.rules.results_s)
    assert [m.ready for m in ann.room.members] == [True, False]
    bob.ready()
    assert phase(ann) is Phase.COUNTDOWN


def test_a_match_with_a_fault_returns_its_players_to_the_lobby_with_the_reason() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    party.end_match(party.last_match(), "fault", message="the game met a fault")
    for guest in (ann, bob):
        result = guest.of(MatchEnded)[-1].result
        assert (result.reason, result.message) == ("fault", "the game met a fault")
        assert phase(guest) is Phase.RESULTS


def test_a_match_that_cannot_be_made_returns_its_players_to_the_lobby() -> None:
    party = Party()
    party.on_start = lambda order: party.take(
        calls.MatchIsOver(order.match_id, "fault", Outcome(()), 0, "no room")
    )
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(3.0)
    assert phase(ann) is Phase.RESULTS
    assert bob.of(MatchEnded)[-1].result.lines == ()


def test_stopping_ends_all_matches_and_starts_no_other() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob")
    carl, dora = party.group("Carl", "Dora")
    carl.ready()
    dora.ready()
    party.take(server_calls.Stop())
    party.settle()
    assert party.of(effects.StopMatch) == [effects.StopMatch(party.last_match(), "stopped")]
    assert phase(carl) is Phase.OPEN
    party.end_match(party.last_match(), "stopped")
    party.advance(100.0)
    assert len(party.of(effects.BeginMatch)) == 1
    refused_with(Code.SERVER_STOPPING, ann, lobby.StartMatch())
