"""What many are told: decided in one moment, handed out in slices, in order, exactly once."""

import pytest

from gameserver.messages import chat, lobby
from gameserver.messages.match import MatchEnded, MatchStarted
from gameserver.rooms import calls
from gameserver.rooms.state import effects
from tests.rooms.party import Guest, Party, started

WIDE = 4


def hall_of(size: int) -> tuple[Party, list[Guest]]:
    """Return guests of whom more than `WIDE` are told in slices."""
    party = Party(wide=WIDE)
    return party, [party.guest(f"Guest {number}") for number in range(size)]


def hand_out(party: Party, most: int = 1000) -> None:
    party.take(calls.HandOut(most))
    party.settle()


def test_a_chat_line_to_many_is_decided_at_once_and_handed_out_a_few_at_a_time() -> None:
    party, guests = hall_of(12)
    guests[0].say("hello", chat.Channel.GLOBAL)
    assert [guest.heard for guest in guests[1:]] == [[]] * 11
    told = []
    while party.hall.spreads:
        hand_out(party, 3)
        told.append(sum(guest.heard == ["hello"] for guest in guests))
    assert told == [4, 7, 10, 12]


def test_the_sender_of_a_line_to_many_gets_it_with_the_answer() -> None:
    _, guests = hall_of(12)
    guests[5].say("hello", chat.Channel.GLOBAL)
    assert guests[5].heard == ["hello"]


def test_lines_handed_out_at_the_same_time_arrive_in_order_and_once() -> None:
    party, guests = hall_of(8)
    for number in range(4):
        guests[number].say(f"line {number}", chat.Channel.GLOBAL)
        hand_out(party, 3)
    hand_out(party)
    assert not party.hall.spreads
    for guest in guests:
        assert guest.heard == [f"line {number}" for number in range(4)]


def test_a_later_event_never_overtakes_one_that_is_being_handed_out() -> None:
    _, guests = hall_of(8)
    guests[0].say("to all", chat.Channel.GLOBAL)
    guests[1].whisper(guests[7], "to you")
    assert guests[7].heard == ["to all", "to you"]


def test_a_notice_to_one_player_never_overtakes_an_event_being_handed_out() -> None:
    _, guests = hall_of(8)
    guests[0].say("to all", chat.Channel.GLOBAL)
    guests[1].ask(chat.Typing(chat.Channel.WHISPER, recipient=guests[7].player_id))
    assert guests[7].notices
    assert guests[7].heard == ["to all"]


@pytest.mark.parametrize("lost", [False, True])
def test_a_session_resumed_while_an_event_is_handed_out_gets_it_once(lost: bool) -> None:
    party, guests = hall_of(8)
    guests[0].say("hello", chat.Channel.GLOBAL)
    if lost:
        guests[7].lose_connection()
    guests[7].resume()
    assert guests[7].heard == ["hello"]
    hand_out(party)
    assert guests[7].heard == ["hello"]


def test_a_session_disconnected_while_an_event_is_handed_out_gets_it_later() -> None:
    party, guests = hall_of(8)
    guests[7].lose_connection()
    guests[0].say("hello", chat.Channel.GLOBAL)
    hand_out(party)
    assert guests[7].heard == []
    guests[7].resume()
    assert guests[7].heard == ["hello"]


def test_events_are_not_handed_to_members_who_left_meanwhile() -> None:
    party, guests = hall_of(8)
    guests[0].say("hello", chat.Channel.GLOBAL)
    while party.take(calls.Expire()):
        pass
    guests[7].lose_connection()
    party.advance(party.rules.session_ttl_s)
    before = len(party.effects)
    hand_out(party)
    told = [e.player_id for e in party.effects[before:] if isinstance(e, effects.Deliver)]
    assert guests[7].player_id not in told
    assert guests[6].player_id in told


def test_typing_notices_to_many_are_handed_out_in_slices_too() -> None:
    party, guests = hall_of(8)
    guests[0].ask(chat.Typing(chat.Channel.GLOBAL))
    assert not any(guest.notices for guest in guests)
    hand_out(party, 3)
    assert sum(bool(guest.notices) for guest in guests) == 3
    hand_out(party)
    assert [len(guest.notices) for guest in guests] == [0] + [1] * 7


def test_the_list_of_lobbies_is_handed_to_many_watchers_in_slices() -> None:
    party, guests = hall_of(8)
    for guest in guests:
        guest.ask(lobby.WatchLobbies(on=True, filter=lobby.LobbyFilter()))
    guests[0].create()
    party.advance(party.rules.watch_s)
    assert party.hall.spreads
    hand_out(party)
    assert all(guest.notices for guest in guests)


def test_watchers_with_different_filters_get_the_list_a_few_at_a_time() -> None:
    party = Party(watch_filters=2)
    guests = [party.guest(f"Guest {number}") for number in range(7)]
    for number, guest in enumerate(guests):
        filters = lobby.LobbyFilter(text="" if number > 4 else "x" * number)
        guest.ask(lobby.WatchLobbies(on=True, filter=filters))
    guests[0].create(title="xxxxxxxx")
    told = []
    for _ in range(4):
        party.take(calls.Expire())
        party.settle()
        told.append([bool(guest.notices) for guest in guests])
        party.now += 0.02
    assert told[0] == [True, True, False, False, False, True, True]  # most watch without a filter
    assert [sum(each) for each in told] == [4, 6, 7, 7]
    assert [len(guest.notices) for guest in guests] == [1] * 7


def test_a_change_while_the_list_is_handed_out_reaches_watchers_that_already_have_it() -> None:
    party = Party(watch_filters=1)
    guests = [party.guest(f"Guest {number}") for number in range(4)]
    for number, guest in enumerate(guests):
        filters = lobby.LobbyFilter(text="x" * number)
        guest.ask(lobby.WatchLobbies(on=True, filter=filters))
    guests[0].create(title="xxxx")
    party.take(calls.Expire())
    party.settle()
    party.guest("Late").create(title="xxxx")  # between two filters
    party.advance(5.0)
    newest = [guest.notices[-1] for guest in guests]
    assert [len(each.lobbies) for each in newest if isinstance(each, lobby.LobbiesListed)] == [
        2
    ] * 4


def test_a_long_list_is_sent_less_often() -> None:
    party = Party(watch_s=0.5, watch_lobbies=2, creates_burst=100)
    watcher = party.guest("Watcher")
    watcher.ask(lobby.WatchLobbies(on=True, filter=lobby.LobbyFilter()))
    for number in range(8):
        party.guest(f"Host {number}").create()
    party.advance(10.0)
    host = party.guest("Last")
    host.create()
    party.advance(10.0)
    watcher.notices.clear()
    for _ in range(40):
        host.ask(lobby.LeaveLobby())
        host.create()
        party.advance(0.25)
    assert 3 <= len(watcher.notices) <= 6


def test_a_large_lobby_learns_of_its_match_in_slices() -> None:
    party = Party(wide=WIDE)
    guests = party.group(*(f"Guest {number}" for number in range(6)), size=8)
    for guest in guests:
        guest.ready()
    party.advance(party.rules.countdown_s)
    assert party.hall.spreads
    assert not any(guest.of(MatchStarted) for guest in guests)
    hand_out(party)
    assert [started(guest).seat for guest in guests] == list(range(6))
    party.end_match(party.last_match())
    assert not any(guest.of(MatchEnded) for guest in guests)
    hand_out(party)
    assert all(guest.of(MatchEnded) for guest in guests)


def test_a_small_number_of_receivers_gets_events_at_once() -> None:
    party, guests = hall_of(WIDE)
    guests[0].say("hello", chat.Channel.GLOBAL)
    assert not party.hall.spreads
    assert [guest.heard for guest in guests] == [["hello"]] * WIDE


def test_a_small_number_of_receivers_gets_notices_at_once() -> None:
    party, guests = hall_of(WIDE + 1)
    guests[0].ask(chat.Typing(chat.Channel.GLOBAL))
    assert not party.hall.spreads
    assert [len(guest.notices) for guest in guests] == [0] + [1] * WIDE


def test_of_unsent_states_of_a_lobby_only_the_newest_is_sent_behind_what_came_before_it() -> None:
    party = Party(wide=WIDE, crowd=100)
    guests = party.group(*(f"Guest {number}" for number in range(6)), size=8)
    hand_out(party)
    before = len(guests[5].events)
    guests[0].ready()
    guests[1].say("hello")
    guests[1].ready()
    hand_out(party)
    assert [type(event) for event in guests[5].events[before:]] == [
        chat.ChatSaid,
        lobby.LobbyChanged,
    ]
    assert sum(member.ready for member in guests[5].room.members) == 2


def test_of_unsent_notices_about_one_player_only_the_newest_is_sent() -> None:
    party, guests = hall_of(8)
    for number in (0, 1, 0):
        party.advance(party.rules.typing_s)
        guests[number].ask(chat.Typing(chat.Channel.GLOBAL))
    hand_out(party)
    who = [each.sender for each in guests[7].notices if isinstance(each, chat.ChatTyping)]
    assert who == [guests[1].player_id, guests[0].player_id]
