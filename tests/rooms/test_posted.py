"""Requests beside the connection: a token is enough, and an absent session is present for them."""

from typing import Any

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, PlayerId, RequestId
from gameserver.messages import chat, lobby
from gameserver.messages.base import Request
from gameserver.messages.namespaces import EmitEvent, JoinNamespace
from gameserver.messages.session import GetServerInfo, NameChanged, SignOut
from gameserver.messages.wire import EventEnvelope, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.rooms import calls
from gameserver.rooms.requests.posted import Attended
from tests.rooms.party import Guest, Party

AWAY = "192.0.2.99"


def attend(party: Party, guest: Guest, address: str = AWAY) -> Attended:
    found = party.take(calls.Attend(guest.token, address))
    party.settle()
    return found


def post(party: Party, guest: Guest, request: Request, number: int = 1) -> Any:
    envelope = RequestEnvelope(RequestId(number), request)
    answer = party.take(calls.Post(guest.player_id, envelope))
    party.settle()
    return answer


def events(
    party: Party, guest: Guest, after: int = 0, most: int = 1000, epoch: int | None = None
) -> list[EventEnvelope]:
    read = party.take(calls.ReadEvents(guest.player_id, EventNumber(after), most, epoch))
    party.settle()
    return list(read)


def test_a_connected_session_is_attended_without_any_change() -> None:
    party = Party()
    ann = party.guest("Ann")
    found = attend(party, ann)
    assert (found.session.player_id, found.began, found.session.epoch) == (
        ann.player_id,
        False,
        ann.epoch,
    )
    assert party.hall.parts.state.sessions[ann.player_id].connected


def test_an_absent_session_begins_its_next_epoch_and_takes_its_place_back() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.lose_connection()
    bob.deaf = True
    assert not next(m for m in ann.room.members if m.player_id == bob.player_id).connected
    found = attend(party, bob)
    assert (found.began, found.session.epoch) == (True, bob.epoch + 1)
    assert found.session.connected
    assert next(m for m in ann.room.members if m.player_id == bob.player_id).connected
    assert not attend(party, bob).began, "until the caller reports it lost"
    party.take(calls.Lost(bob.player_id, found.session.epoch))
    party.settle()
    assert not next(m for m in ann.room.members if m.player_id == bob.player_id).connected


def test_an_unknown_token_and_a_server_that_stops_attend_nobody() -> None:
    party = Party()
    ann = party.guest("Ann")
    with pytest.raises(RequestError) as refused:
        party.take(calls.Attend(b"x" * len(ann.token), AWAY))
    assert refused.value.code is Code.TOKEN_UNKNOWN
    party.hall.parts.state.stopping = True
    with pytest.raises(RequestError) as refused:
        party.take(calls.Attend(ann.token, AWAY))
    assert refused.value.code is Code.SERVER_STOPPING


def test_a_request_is_answered_to_its_poster_and_its_number_means_nothing() -> None:
    party = Party()
    ann = party.guest("Ann")
    ask = lobby.CreateLobby(lobby.LobbyConfig("Den", "attic", 4), "")
    answer = post(party, ann, ask, 7)
    assert isinstance(answer, ResultEnvelope)
    assert isinstance(answer.result, lobby.InLobby)
    assert answer.id == 7
    assert ann.room.config.title == "Den"
    for text in ("one", "two"):
        post(party, ann, chat.SendChat(chat.Channel.LOBBY, text), 8)
    assert ann.heard == ["one", "two"], "its number was given before"


def test_a_session_that_is_over_has_no_answers_and_no_events() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.ask(SignOut())
    answer = post(party, ann, chat.SendChat(chat.Channel.GLOBAL, "hello"), 3)
    assert isinstance(answer, Refusal)
    assert (answer.id, answer.code) == (3, Code.TOKEN_UNKNOWN)
    assert events(party, ann) == []
    nobody = calls.ReadEvents(PlayerId("nobody"), EventNumber(0), 5, None)
    assert party.take(nobody) == ()


def test_events_are_read_in_order_behind_a_number_and_no_more_than_asked_for() -> None:
    party = Party()
    ann = party.guest("Ann")
    for number in range(5):
        ann.say(f"line {number}", chat.Channel.GLOBAL)
    found = events(party, ann)
    numbers = [each.number for each in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert [each.number for each in events(party, ann, numbers[1])] == numbers[2:]
    assert [each.number for each in events(party, ann, numbers[1], 2)] == numbers[2:4]
    assert events(party, ann, numbers[-1]) == []
    assert [each.number for each in events(party, ann)] == numbers, "reading acknowledges nothing"


def test_events_of_an_attended_session_are_acknowledged_as_they_are_read() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.lose_connection()
    epoch = attend(party, bob).session.epoch
    for number in range(4):
        ann.say(f"line {number}", chat.Channel.GLOBAL)
    first = events(party, bob, 0, epoch=epoch)[0].number
    stream = party.hall.parts.state.sessions[bob.player_id].stream
    before = len(stream)
    events(party, bob, first + 1, epoch=epoch - 1)
    assert len(stream) == before, "an older epoch acknowledges nothing"
    left = events(party, bob, first + 1, epoch=epoch)
    assert [each.number for each in left] == [first + 2, first + 3]
    assert len(stream) == before - 2


def come_back(party: Party, guest: Guest, address: str = AWAY) -> None:
    guest.lose_connection()
    attend(party, guest, address)
    session = party.hall.parts.state.sessions[guest.player_id]
    guest.epoch = session.epoch


def test_a_session_comes_back_only_so_often() -> None:
    party = Party(resumes_burst=2, resumes_per_s=0.5)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    for _ in range(2):
        come_back(party, ann)
    with pytest.raises(RequestError) as refused:
        come_back(party, ann)
    assert refused.value.code is Code.RATE_LIMITED
    come_back(party, bob)
    party.advance(2.1)
    attend(party, ann)


def test_an_address_comes_back_only_so_often() -> None:
    party = Party(address_resumes_burst=2, address_resumes_per_s=0.5)
    guests = [party.guest(name) for name in ("Ann", "Bob", "Cy")]
    for guest in guests[:2]:
        come_back(party, guest)
    with pytest.raises(RequestError) as refused:
        come_back(party, guests[2])
    assert refused.value.code is Code.RATE_LIMITED
    attend(party, guests[2], "198.51.100.1")


def test_a_watcher_that_was_away_is_told_the_list_of_lobbies() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.ask(lobby.WatchLobbies(on=True, filter=lobby.LobbyFilter()))
    bob.lose_connection()
    ann.create()
    party.advance(party.rules.watch_s)
    bob.notices.clear()
    attend(party, bob)
    party.advance(party.rules.watch_s)
    told = [each for each in bob.notices if isinstance(each, lobby.LobbiesListed)]
    assert [len(each.lobbies) for each in told] == [1]


@pytest.mark.parametrize(
    "request_", [JoinNamespace("/club"), EmitEvent("/club", "say")], ids=["join", "emit"]
)
def test_what_needs_a_connection_is_not_carried_out_by_post(request_: Request) -> None:
    party = Party()
    ann = party.guest("Ann")
    refused = post(party, ann, request_, 9)
    assert isinstance(refused, Refusal)
    assert (refused.id, refused.code) == (9, Code.UNKNOWN_REQUEST)


def test_an_absent_session_for_which_too_much_waits_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.lose_connection()
    session = party.hall.parts.state.sessions[ann.player_id]
    monkeypatch.setattr(type(session.stream), "wait", lambda *_: False)
    session.unsent.add(NameChanged("Ida"))
    with pytest.raises(RequestError) as refused:
        attend(party, ann)
    assert refused.value.code is Code.TOKEN_UNKNOWN
    party.settle()
    assert ann.player_id not in party.hall.parts.state.sessions


def test_time_passes_for_those_who_only_post() -> None:
    party = Party()
    ann = party.guest("Ann")
    party.now += 5.0
    attend(party, ann)
    assert party.hall.parts.state.now == party.now
    party.now += 5.0
    post(party, ann, chat.SendChat(chat.Channel.GLOBAL, "hello"))
    assert party.hall.parts.state.now == party.now


def test_events_that_are_still_held_back_are_read_with_the_others() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.deaf = True
    session = party.hall.parts.state.sessions[ann.player_id]
    session.unsent.add(NameChanged("Ida"))
    assert [each.event for each in events(party, ann)] == [NameChanged("Ida")]
    assert not session.unsent
    session.unsent.add(NameChanged("Ina"))
    post(party, ann, GetServerInfo())
    assert not session.unsent
