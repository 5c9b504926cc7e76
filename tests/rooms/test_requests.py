"""Requests and events of one session over its connections: once each, in order, bounded."""

from types import SimpleNamespace

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, MatchId, RequestId
from gameserver.messages import chat, forms, lobby, session
from gameserver.messages.chat import Channel
from gameserver.messages.match import GetMap
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    Hello,
    Later,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.rooms import calls
from gameserver.rooms.state.session import Session
from tests.rooms.party import Guest, Party


def code_of(refused: pytest.ExceptionInfo[RequestError]) -> str:
    return refused.value.code


def resume_with(party: Party, token: bytes, last_event: int = 0) -> None:
    party.take(
        calls.SignIn(
            Hello(PROTOCOL_VERSION, "test", token=token, last_event=EventNumber(last_event)),
            "192.0.2.1",
        )
    )
    party.settle()


def handle(guest: Guest, number: int, text: str) -> ResultEnvelope | Refusal:
    party = guest.party
    request = chat.SendChat(Channel.GLOBAL, text)
    envelope = RequestEnvelope(RequestId(number), request)
    answer = party.take(calls.Ask(guest.player_id, envelope))
    party.settle()
    assert not isinstance(answer, Later)
    return answer


def test_a_repeated_request_is_answered_again_and_not_carried_out_again() -> None:
    ann = Party().guest("Ann")
    first = handle(ann, 1, "hello")
    ann.lose_connection()
    ann.resume()
    assert handle(ann, 1, "hello") == first
    assert ann.heard == ["hello"]


def test_an_answer_holds_the_number_of_the_last_event_before_it_also_when_repeated() -> None:
    ann = Party().guest("Ann")
    request = RequestEnvelope(RequestId(1), lobby.QuickPlay())
    first = ann.party.take(calls.Ask(ann.player_id, request))
    ann.party.settle()
    assert isinstance(first, ResultEnvelope)
    assert first.after == 1, "behind the event that shows the lobby of the answer"
    assert isinstance(ann.events[0], lobby.LobbyChanged)
    ann.last_request = 1
    ann.ask(session.Rename("Bob"))
    assert session.NameChanged("Bob") in ann.events
    assert ann.party.take(calls.Ask(ann.player_id, request)) == first
    refused = ann.party.take(
        calls.Ask(ann.player_id, RequestEnvelope(RequestId(9), lobby.JoinLobby()))
    )
    assert isinstance(refused, Refusal)
    assert refused.after == ann.applied


def test_repeated_requests_get_the_same_refusal() -> None:
    ann = Party().guest("Ann")
    first = handle(ann, 1, "")
    assert isinstance(first, Refusal)
    assert handle(ann, 1, "now with text") == first
    assert ann.heard == []


def test_an_acknowledged_request_cannot_be_repeated() -> None:
    ann = Party().guest("Ann")
    handle(ann, 1, "hello")
    ann.last_request = 1
    ann.ack()
    again = handle(ann, 1, "hello")
    assert isinstance(again, Refusal)
    assert again.code == Code.BAD_PARAMS


def test_unacknowledged_answers_are_bounded_and_none_is_lost() -> None:
    party = Party(replies=3)
    ann = party.guest("Ann")
    first = handle(ann, 1, "a")
    handle(ann, 2, "b")
    handle(ann, 3, "c")
    refused = handle(ann, 4, "d")
    assert isinstance(refused, Refusal)
    assert refused.code == Code.RATE_LIMITED
    assert handle(ann, 1, "a") == first
    ann.last_request = 3
    ann.ack()
    assert isinstance(handle(ann, 4, "d"), ResultEnvelope), "the refused one was not carried out"


def test_too_many_requests_are_refused_with_the_time_to_wait() -> None:
    party = Party(requests_burst=5, requests_per_s=2.0)
    ann = party.guest("Ann")
    for _ in range(5):
        ann.ask(lobby.ListLobbies())
    with pytest.raises(RequestError) as refused:
        ann.ask(lobby.ListLobbies())
    assert code_of(refused) == Code.RATE_LIMITED
    assert refused.value.details["retry_after_s"] == pytest.approx(0.5)
    party.advance(0.5)
    ann.ask(lobby.ListLobbies())


def test_a_client_that_stays_above_the_rate_is_disconnected_and_may_resume() -> None:
    party = Party(requests_burst=5, patience_burst=10, replies=1000)
    ann = party.guest("Ann")
    for _ in range(5):
        ann.ask(lobby.ListLobbies())
    for _ in range(10):
        with pytest.raises(RequestError):
            ann.ask(lobby.ListLobbies())
    assert ann.online
    with pytest.raises(RequestError):
        ann.ask(lobby.ListLobbies())
    assert ann.goodbye == Code.RATE_LIMITED
    assert party.hall.counts().connected == 0
    ann.resume()


def test_a_client_that_acknowledges_no_events_is_disconnected_and_misses_none() -> None:
    party = Party(events=10, events_waiting=100, chat_burst=50, chat_repeat_s=0.0)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    for n in range(15):
        ann.say(str(n), Channel.GLOBAL)
        ann.ack()
    assert bob.goodbye == Code.RATE_LIMITED
    bob.resume()
    assert bob.heard == [str(n) for n in range(15)]


def test_a_resume_with_a_full_backlog_continues_within_the_limit() -> None:
    party = Party(events=6, events_waiting=6, chat_burst=100, chat_repeat_s=0.0)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    stream = party.hall._state.sessions[bob.player_id].stream
    bob.deaf = True
    said = [str(n) for n in range(20)]
    for text in said[:12]:  # six are numbered, the next one costs the connection, six wait
        ann.whisper(bob, text)
        ann.ack()
    assert not bob.online
    bob.resume()
    for text in said[12:14]:
        assert len(stream) <= 12
        if text == "12":
            bob.ack()
            ann.ack()
        ann.whisper(bob, text)
        ann.ack()
        assert bob.online, "a client that acknowledges is not cut for what waited"
    for text in said[14:]:
        bob.ack()
        ann.ack()
        ann.whisper(bob, text)
        ann.ack()
    assert bob.heard == said


def test_a_client_that_never_acknowledges_after_a_resume_is_disconnected_with_the_reason() -> None:
    party = Party(events=6, events_waiting=6, chat_burst=100, chat_repeat_s=0.0)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    stream = party.hall._state.sessions[bob.player_id].stream
    for n in range(7):
        ann.whisper(bob, str(n))
        ann.ack()
    bob.applied = 0
    bob.resume()
    for n in range(20):
        if party.hall.counts().sessions == 2:
            ann.whisper(bob, str(n))
            ann.ack()
        assert len(stream) <= 12
    assert party.hall.counts().sessions == 1
    assert bob.goodbye == Code.RATE_LIMITED


def test_requests_after_the_one_that_ended_the_connection_are_not_carried_out() -> None:
    party = Party(requests_burst=3, patience_burst=1)
    host = party.guest("Host")
    den = host.create()
    ann = party.guest("Ann")
    for n in range(1, 6):  # the fifth one is over the patience
        handle(ann, n, str(n))
    assert not ann.online
    join = lobby.JoinLobby(lobby_id=den.lobby_id)
    envelope = RequestEnvelope(RequestId(9), join)
    party.now += 60.0
    answer = party.take(calls.Ask(ann.player_id, envelope))
    party.settle()
    assert isinstance(answer, Refusal)
    assert [member.name for member in host.room.members] == ["Host"]
    ann.resume()
    assert isinstance(party.take(calls.Ask(ann.player_id, envelope)), ResultEnvelope)
    party.settle()


def test_requests_of_a_replaced_connection_are_refused() -> None:
    party = Party()
    ann = party.guest("Ann")
    resume_with(party, ann.token)
    envelope = RequestEnvelope(RequestId(1), lobby.QuickPlay())
    answer = party.take(calls.Ask(ann.player_id, envelope, ann.epoch))
    assert isinstance(answer, Refusal)
    assert answer.code == Code.SESSION_REPLACED
    assert party.hall.counts().lobbies == 0


def test_a_session_with_too_large_a_backlog_ends() -> None:
    party = Party(events=5, events_waiting=5, chat_burst=50)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.lose_connection()
    for n in range(6):
        ann.whisper(bob, str(n))
        ann.ack()
    assert party.hall.counts().sessions == 1
    with pytest.raises(RequestError) as refused:
        bob.resume()
    assert code_of(refused) == Code.TOKEN_UNKNOWN


def test_an_unknown_request_is_refused_and_answered_once() -> None:
    ann = Party().guest("Ann")
    with pytest.raises(RequestError) as refused:
        ann.ask(GetMap(MatchId("m")))
    assert code_of(refused) == Code.UNKNOWN_REQUEST


def test_a_restarted_client_is_told_its_next_request_id() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.say("one", Channel.GLOBAL)
    ann.say("two", Channel.GLOBAL)
    hello = Hello(PROTOCOL_VERSION, "reloaded page", token=ann.token)
    welcome = party.take(calls.SignIn(hello, "192.0.2.1")).welcome
    fresh = RequestEnvelope(welcome.next_request, chat.SendChat(Channel.GLOBAL, "three"))
    answer = party.take(calls.Ask(ann.player_id, fresh))
    assert isinstance(answer, ResultEnvelope)
    assert isinstance(answer.result, chat.ChatSent)
    again = RequestEnvelope(welcome.next_request, forms.GetLobbyForm())
    assert party.take(calls.Ask(ann.player_id, again)) == answer


def test_an_id_of_a_request_that_the_service_answered_is_not_given_to_a_restarted_client() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.say("one", Channel.GLOBAL)
    used = RequestEnvelope(RequestId(ann.last_request + 5), GetMap(MatchId("m")))
    assert party.take(calls.Charge(ann.player_id, used)) is None
    hello = Hello(PROTOCOL_VERSION, "reloaded page", token=ann.token)
    assert party.take(calls.SignIn(hello, "192.0.2.1")).welcome.next_request == used.id + 1


def test_a_session_that_is_ended_twice_in_one_call_is_forgotten() -> None:
    party = Party()
    state = party.hall._state
    ann, bob = party.group("Ann", "Bob")
    one, other = (state.sessions[guest.player_id] for guest in (ann, bob))
    end = party.hall._people.end

    def end_and_choke_the_other(session: Session, why: str) -> None:
        end(session, why)
        if session is one:  # what its end sends is too much for the other, in every way
            state._give_up_connection(other)
            state.over_backlog_limit.append(other)

    party.hall._people = SimpleNamespace(end=end_and_choke_the_other)  # type: ignore[assignment]
    state.over_backlog_limit.append(one)
    one.connected = False
    while party.take(calls.Expire()):
        pass
    party.hall._finish()
    party.advance(1000.0)
    assert party.hall.counts().sessions == 0
    assert party.hall.next_deadline() is None
