"""Lobbies of many: told in batches, so that a thousand who come in are not told to each other."""

from gameserver.messages import chat, lobby
from gameserver.messages.lobby import LobbyChanged, Phase
from gameserver.rooms import calls
from gameserver.rooms.state import effects
from tests.rooms.party import Guest, Party, Tag, make_map, started


class Wide(Tag):
    """For hundreds in one lobby."""

    seats = (2, 1000)


def crowd(size: int, most: int) -> tuple[Party, list[Guest]]:
    """Return a lobby of guests in which more than ``most`` are a crowd."""
    party = Party(crowd=most)
    guests = [party.guest(f"Guest {number}") for number in range(size)]
    guests[0].create(size=8)
    for guest in guests[1:]:
        guest.join(guests[0])
    return party, guests


def states(guest: Guest) -> list[lobby.LobbyState]:
    return [event.lobby for event in guest.events if isinstance(event, LobbyChanged)]


def test_members_of_a_large_lobby_get_its_states_in_batches_and_the_same_last_one() -> None:
    party, guests = crowd(6, most=3)
    told = len(states(guests[0]))
    assert told < 6
    party.advance(1.0)
    newest = states(guests[0])[-1]
    assert len(newest.members) == 6
    assert len(states(guests[0])) == told + 1
    for guest in guests:
        assert states(guest)[-1] == newest
    before = len(states(guests[1]))
    for guest in guests[1:4]:
        guest.ask(lobby.SetReady(True))
    party.advance(1.0)
    assert len(states(guests[1])) <= before + 2
    assert sum(member.ready for member in states(guests[1])[-1].members) == 3


def test_members_of_a_large_lobby_learn_of_a_new_phase_at_once() -> None:
    party, guests = crowd(6, most=3)
    party.advance(1.0)
    guests[0].ask(lobby.StartMatch())
    assert states(guests[5])[-1].phase is not Phase.OPEN


def test_a_countdown_that_is_started_and_stopped_again_and_again_is_told_as_rarely() -> None:
    party, guests = crowd(6, most=3)
    party.advance(1.0)
    before = len(states(guests[5]))
    for _ in range(10):
        guests[0].ask(lobby.StartMatch())
        party.advance(0.05)
        guests[0].ask(lobby.CancelStart())
        party.advance(0.05)
    assert len(states(guests[5])) <= before + 5, "two in half a second"
    party.advance(1.0)
    assert states(guests[5])[-1].phase is Phase.OPEN
    guests[0].ask(lobby.StartMatch())
    assert states(guests[5])[-1].phase is not Phase.OPEN


def test_joins_are_not_announced_in_the_chat_of_a_large_lobby() -> None:
    _, guests = crowd(6, most=3)
    said = [event.line.text for event in guests[0].events if isinstance(event, chat.ChatSaid)]
    assert said == ["Guest 1 joined.", "Guest 2 joined."]


def test_members_of_a_small_lobby_get_each_state_at_once() -> None:
    _, guests = crowd(4, most=30)
    assert [len(state.members) for state in states(guests[0])][-3:] == [2, 3, 4]


def tell(party: Party) -> None:
    """Let a crowd be told of those who came meanwhile."""
    party.advance(1.0)
    while party.hall.spreads:
        party.take(calls.HandOut(1000))
        party.settle()


def test_hundreds_of_joins_before_any_acknowledgement_disconnect_nobody() -> None:
    party = Party(Wide(), {"attic": make_map("attic", ("solo", "team"), most=1000)}, crowd=30)
    guests = [party.guest(f"Guest {number}") for number in range(260)]
    guests[0].create(size=260)
    for number, guest in enumerate(guests[1:]):
        guest.join(guests[0])
        if number % 20 == 0:
            tell(party)
    tell(party)
    assert party.of(effects.Disconnect) == []
    assert {len(guest.room.members) for guest in guests} == {260}


def hall_of(size: int) -> tuple[Party, list[Guest]]:
    """Return a lobby of ``size`` seats that are all taken, each guest from an own address."""
    party = Party(Wide(), {"attic": make_map("attic", ("solo", "team"), most=1000)})
    party.hall.check = lambda: None  # type: ignore[method-assign]  # too slow for so many
    guests = [party.guest(f"Guest {n}", f"192.0.{n // 250}.{n % 250}") for n in range(size)]
    guests[0].create(size=size)
    for guest in guests[1:]:
        guest.join(guests[0])
    tell(party)
    return party, guests


def test_a_match_of_a_thousand_begins_and_ends_without_ending_a_connection() -> None:
    party, guests = hall_of(1000)
    guests[0].ask(lobby.StartMatch())
    party.advance(party.rules.countdown_s)
    tell(party)
    assert {len(started(guest).players) for guest in guests} == {1000}
    party.end_match(party.last_match())
    tell(party)
    for guest in guests[2:]:
        guest.ask(lobby.LeaveLobby())
    tell(party)
    late = party.guest("Late", "203.0.113.1")
    late.join(guests[0])
    assert party.of(effects.Disconnect) == []
    result = guests[1].room.result
    assert result is not None
    assert [line.player_id for line in result.lines] == [guest.player_id for guest in guests]


def test_the_players_of_a_running_match_are_one_object_for_all_who_enter_it() -> None:
    party, guests = hall_of(3)
    guests[0].ask(lobby.StartMatch())
    party.advance(party.rules.countdown_s)
    late = party.guest("Late", "203.0.113.1")
    late.join(guests[0], spectate=True)
    shown = [started(guest).players for guest in (*guests, late)]
    assert len({id(players[0]) for players in shown}) == 1


def test_members_of_a_crowd_learn_by_one_state_that_many_have_lost_their_connections() -> None:
    party, guests = hall_of(40)
    tell(party)
    told = len(states(guests[0]))
    for guest in guests[1:30]:
        guest.lose_connection()
    tell(party)
    assert not any(guest.notices for guest in guests)
    assert len(states(guests[0])) <= told + 2
    assert sum(member.connected for member in guests[0].room.members) == 11


def test_members_of_a_crowd_learn_by_a_state_who_sends_no_inputs() -> None:
    party, guests = crowd(6, most=3)
    guests[0].ask(lobby.StartMatch())
    party.advance(party.rules.countdown_s)
    for stalled in (True, False):
        party.take(calls.FellSilent({guests[2].player_id: stalled}))
        party.settle()
        tell(party)
        told = [member.stalled for member in guests[0].room.members]
        assert told == [False, False, stalled, False, False, False]
    assert not guests[0].notices


def test_the_states_of_a_crowd_come_rarer_the_larger_they_are() -> None:
    party, guests = hall_of(1000)
    told = len(states(guests[0]))
    for _ in range(40):
        for guest in guests[1:5]:
            party.advance(0.05)
            guest.ask(lobby.SetReady(not guest.me.ready))
            while party.hall.spreads:
                party.take(calls.HandOut(1000))
                party.settle()
    taken_s = 40 * 4 * 0.05
    most = taken_s / (party.rules.crowd_show_s * 1000 / party.rules.crowd_full)
    assert most - 1 <= len(states(guests[0])) - told <= most + 1
