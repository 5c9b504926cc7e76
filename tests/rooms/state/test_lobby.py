"""One lobby by itself: who sits where, who may enter, and when it changes without a request."""

import attrs
import pytest

from gameserver.game.entity import Player
from gameserver.ids import NO_SEAT, LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.lobby import LobbyConfig, Phase, Visibility
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.lobby import (
    SEATED_KEPT,
    Ban,
    Lobby,
    Occupant,
    Password,
    RunningMatch,
)
from gameserver.rooms.state.seats import Seats

RULES = RoomRules(host_grace_s=60.0, quick_alone_s=8.0, spectators=2)
ANN = PlayerId("ann")


def lobby(size: int = 4, seated: int = 0, watching: int = 0, **chosen: object) -> Lobby:
    """Return a lobby whose members sit on the first seats; ``chosen`` are fields of it."""
    config = LobbyConfig("Den", "attic", size, options={"mode": "solo"})
    made = Lobby(
        LobbyId("l"), "CODE", config, None, 0, None, ANN, False, 100.0, Seats(size), **chosen
    )
    for number in range(seated + watching):
        who = PlayerId("ann" if number == 0 else f"p{number}")
        seat = Seat(number) if number < seated else NO_SEAT
        made.members[who] = Occupant(who, who.title(), seat)
        if number < seated:
            made.seats.reserve(who, [seat])
            made.seats.claim(who)
    return made


def bots(*teams: int, first: int = 0) -> dict[Seat, Player]:
    return {
        Seat(number): Player(Seat(number), f"Bot {number}", team, bot=True)
        for number, team in enumerate(teams, first)
    }


def in_match(made: Lobby, with_bots: dict[Seat, Player]) -> Lobby:
    made.phase, made.match = Phase.IN_MATCH, RunningMatch(MatchId("m"), with_bots)
    return made


# --- people ---------------------------------------------------------------------------------------


def test_members_are_seated_by_seat_and_watch_in_the_order_of_entering() -> None:
    made = lobby(seated=3, watching=2)
    first, last = list(made.members.values())[0:3:2]
    first.seat, last.seat = last.seat, first.seat
    assert [member.seat for member in made.seated] == [0, 1, 2]
    assert [member.player_id for member in made.seated] == ["p2", "p1", "ann"]
    assert [member.player_id for member in made.watching] == ["p3", "p4"]


def test_all_are_ready_if_every_seated_member_is_ready_and_connected() -> None:
    made = lobby(seated=2, watching=1)
    one, other, _ = made.members.values()
    readiness = [made.all_ready]
    one.ready = other.ready = True
    readiness.append(made.all_ready)
    other.connected = False
    readiness.append(made.all_ready)
    assert readiness == [False, True, False]
    assert not lobby(watching=1).all_ready, "nobody is seated"


def test_bots_fill_free_seats_up_to_their_number() -> None:
    made = lobby(size=4, seated=1)
    found = []
    for wanted in (0, 2, 3, 4):
        made.config = attrs.evolve(made.config, bots=wanted)
        found.append(made.bots_to_fill)
    assert found == [0, 2, 3, 3]


def test_players_and_bots_are_counted_by_team_and_the_first_smallest_is_found() -> None:
    made = lobby(seated=3)
    assert (made.team_counts(), made.smallest_team()) == ({}, 0)
    made.teams = 3
    for member, team in zip(made.members.values(), (2, 2, 7), strict=True):
        member.team = team
    assert (made.team_counts(), made.smallest_team()) == ({1: 0, 2: 2, 3: 0}, 1)
    in_match(made, bots(1, 1, 3, first=3))
    assert (made.team_counts(), made.smallest_team()) == ({1: 2, 2: 2, 3: 1}, 3)


def test_a_match_remembers_who_sat_where_up_to_a_limit() -> None:
    match = RunningMatch(MatchId("m"), {})
    for number in range(SEATED_KEPT):
        match.note_seated(Seat(number), "x", PlayerId(f"p{number}"))
    match.note_seated(Seat(0), "x", PlayerId("again"))
    assert len(match.sat) == SEATED_KEPT
    match.note_seated(Seat(1), "y", PlayerId("new"))
    assert len(match.sat) == SEATED_KEPT
    assert (Seat(1), "x") not in match.sat
    assert match.sat[Seat(0), "x"] == "again"


# --- how to get in --------------------------------------------------------------------------------


def test_empty_seats_come_before_those_of_bots_and_these_by_the_fewest_people_of_a_team() -> None:
    made = lobby(size=7, seated=2)
    assert made.open_seats() == [2, 3, 4, 5, 6]
    for member in made.members.values():
        member.team = 1
    in_match(made, bots(1, 2, 1, 2, first=2))
    assert made.open_seats() == [6, 3, 5, 2, 4]


@pytest.mark.parametrize(
    ("phase", "in_progress", "locked", "seated", "joinable"),
    [
        (Phase.OPEN, False, False, 3, True),
        (Phase.OPEN, True, False, 4, False),
        (Phase.OPEN, True, True, 3, False),
        (Phase.RESULTS, False, False, 3, True),
        (Phase.IN_MATCH, True, False, 3, True),
        (Phase.IN_MATCH, False, False, 3, False),
    ],
)
def test_a_lobby_is_joinable_if_open_unlocked_and_not_full(
    phase: Phase, in_progress: bool, locked: bool, seated: int, joinable: bool
) -> None:
    made = lobby(size=4, seated=seated, phase=phase, locked=locked)
    made.config = attrs.evolve(made.config, join_in_progress=in_progress)
    assert made.joinable is joinable
    assert made.in_progress_open is (phase is not Phase.IN_MATCH or in_progress)


def test_a_lobby_has_room_for_its_seats_and_some_spectators() -> None:
    assert lobby(size=3, seated=3, watching=1).takes_members(RULES)
    assert not lobby(size=3, seated=3, watching=2).takes_members(RULES)
    assert lobby(size=3, watching=4).takes_members(RULES)


def test_a_password_fits_as_it_was_given_with_its_own_salt() -> None:
    password = Password.new("päss\ud800", b"a" * 16)
    assert password.fits("päss\ud800")
    assert not password.fits("päss")
    assert password != Password.new("päss\ud800", b"b" * 16)
    assert "päss" not in repr(password)


# --- times ----------------------------------------------------------------------------------------


def test_the_next_time_is_the_earliest_of_all() -> None:
    made = lobby(seated=2)
    ann, other = made.members.values()
    assert made.next_time(100.0, RULES) is None
    ann.held_until, other.held_until = 140.0, 150.0
    assert made.next_time(100.0, RULES) == 140.0
    made.host_lost_at = 70.0
    assert made.next_time(100.0, RULES) == 130.0
    made.phase_ends_at = 120.0
    assert made.next_time(100.0, RULES) == 120.0
    made.auto = True
    assert made.next_time(100.0, RULES) == 108.0
    assert made.next_time(107.9, RULES) == 108.0
    assert made.next_time(108.0, RULES) == 120.0, "that time is over"
    made.phase = Phase.COUNTDOWN
    assert made.next_time(100.0, RULES) == 120.0


def test_a_lost_host_is_waited_for_only_while_somebody_is_connected() -> None:
    made = lobby(seated=2, host_lost_at=70.0)
    ann, other = made.members.values()
    ann.connected = False
    assert made.next_time(100.0, RULES) == 130.0
    other.connected = False
    assert made.next_time(100.0, RULES) is None


# --- views ----------------------------------------------------------------------------------------


def test_the_state_shows_members_and_bots_by_seat_then_spectators() -> None:
    made = in_match(lobby(size=5, seated=2, watching=1), bots(0, 0, first=3))
    list(made.members.values())[1].seat = Seat(4)
    del made.match.bots[Seat(4)]  # type: ignore[union-attr]
    shown = made.state(100.0, for_host=False).members
    assert [(m.seat, m.player_id, m.bot) for m in shown] == [
        (0, "ann", False),
        (3, "", True),
        (4, "p1", False),
        (NO_SEAT, "p2", False),
    ]
    assert made.state(100.0, for_host=False).match_id == "m"


def test_an_unchanged_member_is_one_object_in_all_states() -> None:
    made = lobby(seated=2)
    ann, _ = made.members.values()
    first, second = (made.state(100.0, for_host=False).members for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))
    ann.ready = True
    third = made.state(100.0, for_host=False).members
    assert [third[0].ready, third[0] is first[0], third[1] is first[1]] == [True, False, True]


def test_a_countdown_shows_the_seconds_that_are_left_and_never_fewer_than_none() -> None:
    made = lobby(seated=1)
    assert made.state(100.0, for_host=False).countdown_s is None
    made.phase_ends_at = 105.0
    left = [made.state(now, for_host=False).countdown_s for now in (102.0, 105.0, 106.0)]
    assert left == [3.0, 0.0, 0.0]


def test_only_the_host_is_shown_the_bans() -> None:
    made = lobby(seated=1, bans={"bob": Ban(PlayerId("b"), "Bob"), "carl": Ban(ANN, "Carl")})
    assert made.state(100.0, for_host=True).banned == ("Bob", "Carl")
    assert made.state(100.0, for_host=False).banned == ()


def test_the_entry_in_the_list_counts_seats_and_spectators() -> None:
    made = lobby(size=4, seated=2, watching=1)
    entry = made.summary("mode")
    assert (entry.players, entry.size, entry.spectators) == (2, 4, 1)
    assert (entry.host_name, entry.mode, entry.password) == ("Ann", "solo", False)
    assert made.summary("time").mode == ""
    made.config = attrs.evolve(made.config, visibility=Visibility.PASSWORD, options={"mode": True})
    assert (made.summary("mode").mode, made.summary("mode").password) == ("", True)
