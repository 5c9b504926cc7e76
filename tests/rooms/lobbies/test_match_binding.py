from gameserver.errors import Code
from gameserver.game.entity import Outcome, Standing
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat, Tick
from gameserver.messages import lobby, session
from gameserver.messages.lobby import LobbyLeft, Phase
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.rooms import calls
from gameserver.rooms.state import effects
from gameserver.rooms.state.lobby import SEATED_KEPT, RunningMatch
from tests.rooms.party import Party, phase, refused_with, started


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
    return next(p.team for p in party.of(effects.BeginMatch)[0].players if p.name == "Bob")


def test_a_match_that_cannot_be_joined_can_be_watched() -> None:
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
    assert len(party.of(effects.BeginMatch)[0].players) == 3
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


def test_when_everybody_leaves_the_match_is_stopped_and_the_lobby_closed() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    match_id = party.last_match()
    ann.ask(lobby.LeaveLobby())
    bob.ask(lobby.LeaveLobby())
    assert party.effects[-2:] == [
        effects.StopMatch(match_id, "abandoned"),
        effects.Publish("lobbies"),
    ]
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


def test_a_match_continues_for_a_held_seat_until_the_grace_time_ends() -> None:
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


def test_a_player_who_takes_a_seat_while_the_match_is_stopping_waits_for_its_end() -> None:
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


def test_joining_at_the_end_of_the_match_is_correct_in_both_orders() -> None:
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


def test_a_player_who_joins_before_the_match_exists_is_informed_when_it_does() -> None:
    party = Party()
    party.on_start = lambda _order: None
    ann, bob = party.group("Ann", "Bob")
    ann.ready()
    bob.ready()
    party.advance(3.0)
    carl = party.guest("Carl")
    carl.join(ann)
    assert carl.of(MatchStarted) == []
    party.start_match(party.of(effects.BeginMatch)[0])
    party.settle()
    assert [player.name for player in started(carl).players] == ["Ann", "Bob", "Carl"]


def test_reliable_game_events_reach_all_members_of_their_lobby_only() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    stranger = party.guest("Eve")
    match_id = party.last_match()
    events = [MatchHappened(match_id, Tick(tick), 1, (7,)) for tick in (5, 6)]
    for event in events:
        party.take(calls.Happened(event))
    party.take(calls.Happened(MatchHappened(MatchId("gone"), Tick(5), 1, ())))
    party.settle()
    assert [ann.of(MatchHappened), bob.of(MatchHappened)] == [events, events]
    assert stranger.of(MatchHappened) == []


def test_spectators_and_the_public_learn_of_events_when_they_may_see_them() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    eve = party.guest("Eve")
    eve.join(ann, spectate=True)
    event = MatchHappened(party.last_match(), Tick(5), 1, (7,))
    seen = []
    for hearers in (effects.Hearers.SEATED, effects.Hearers.SPECTATORS, effects.Hearers.ALL):
        party.take(calls.Happened(event, hearers))
        party.settle()
        public = [each for each in party.of(effects.Publish) if each.event == event]
        seen.append([len(each.of(MatchHappened)) for each in (ann, bob, eve)] + [len(public)])
    assert seen == [[1, 1, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]]


# --- who played which line ------------------------------------------------------------------------


def ended(party: Party, *lines: tuple[int, str]) -> list[lobby.ResultLine]:
    """End the running match with these standings; return the lines of its result."""
    match_id = party.last_match()
    standings = tuple(Standing(Seat(seat), name, 0, score=1) for seat, name in lines)
    party.take(calls.MatchIsOver(match_id, "finished", Outcome(standings), 9, ""))
    party.settle()
    result = next(iter(party.hall._state.lobbies.values())).result
    assert result is not None
    return list(result.lines)


def test_the_end_of_a_match_is_told_to_members_and_to_the_public() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    ended(party, (0, "Ann"))
    (told,) = ann.of(MatchEnded)
    assert bob.of(MatchEnded) == [told]
    public = [each.event for each in party.of(effects.Publish)]
    assert [event for event in public if isinstance(event, MatchEnded)] == [told]


def test_a_result_line_belongs_to_the_seated_player_even_after_a_rename() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    ann.ask(session.Rename("Anna"))
    bob.ask(session.Rename("Ann"))
    lines = ended(party, (0, "Ann"), (1, "Bob"))
    assert [(line.name, line.player_id) for line in lines] == [
        ("Ann", ann.player_id),
        ("Bob", bob.player_id),
    ]


def test_former_and_later_players_of_a_seat_have_result_lines_of_their_own() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", size=2)
    bob.ask(lobby.LeaveLobby())
    carl = party.guest("Carl")
    carl.join(ann)
    lines = ended(party, (0, "Ann"), (1, "Bob"), (1, "Carl"), (1, "Nobody"))
    assert [line.player_id for line in lines] == [
        ann.player_id,
        bob.player_id,
        carl.player_id,
        "",
    ]
    assert not any(line.bot for line in lines)


def test_bots_are_told_apart_from_players_who_left() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", bots=2)
    bob.ask(lobby.LeaveLobby())
    bots = [member for member in ann.room.members if member.bot]
    lines = ended(party, (0, "Ann"), (1, "Bob"), *((bot.seat, bot.name) for bot in bots))
    assert [line.bot for line in lines] == [False, False, *[True for _ in bots]]
    assert lines[1].player_id == bob.player_id


def test_a_player_reseated_under_a_new_name_has_both_result_lines() -> None:
    party = Party()
    ann, _bob = party.in_match("Ann", "Bob")
    ann.ask(lobby.TakeSeat(NO_SEAT))
    ann.ask(session.Rename("Anna"))
    ann.ask(lobby.TakeSeat(Seat(2)))
    lines = ended(party, (0, "Ann"), (2, "Anna"))
    assert [line.player_id for line in lines] == [ann.player_id] * 2


def test_the_record_of_seated_players_is_bounded() -> None:
    match = RunningMatch(MatchId("m"), {})
    for number in range(2 * SEATED_KEPT):
        match.note_seated(Seat(0), f"P{number}", PlayerId(f"p{number}"))
    assert len(match.sat) == SEATED_KEPT
    assert match.sat[Seat(0), f"P{2 * SEATED_KEPT - 1}"] == f"p{2 * SEATED_KEPT - 1}"
