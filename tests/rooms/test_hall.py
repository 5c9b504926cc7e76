"""The hall's own part of each call: its time, its epochs, its limits, and that nothing is left."""

from collections.abc import Callable

import pytest

from gameserver.errors import Code
from gameserver.game.entity import Outcome
from gameserver.ids import EventNumber, MatchId, PlayerId, RequestId, Tick
from gameserver.messages import lobby
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, ChatSaid, GetChatHistory
from gameserver.messages.match import GetMap, MatchHappened
from gameserver.messages.session import Rename
from gameserver.messages.wire import PROTOCOL_VERSION, Ack, Answer, Hello, Refusal, RequestEnvelope
from gameserver.rooms import calls, server_calls
from gameserver.rooms.hall import Hall
from tests.rooms.party import Facts, Guest, Party

MATCH = MatchId("none")


def envelope(number: int, request: Request | None = None) -> RequestEnvelope:
    return RequestEnvelope(RequestId(number), request or GetMap("attic"))


def charged(party: Party, guest: Guest, number: int, epoch: int | None = None) -> Refusal | None:
    refused = party.take(calls.Charge(guest.player_id, envelope(number), epoch))
    party.settle()
    return refused


# --- time -----------------------------------------------------------------------------------------

NEWEST: list[bytes] = []
"""The token of the session of `TIMED`."""

TIMED: dict[str, Callable[[Hall, PlayerId, float], object]] = {
    "sign_in": lambda hall, _, now: hall.sign_in(
        Hello(PROTOCOL_VERSION, "t", player_name="Bo"), "::1", now
    ),
    "disconnected": lambda hall, who, now: hall.disconnected(who, 1, now),
    "acked": lambda hall, who, now: hall.acked(who, Ack(EventNumber(0), RequestId(0)), now),
    "handle": lambda hall, who, now: hall.handle(who, envelope(1, Rename("Al")), now, 77),
    "charge": lambda hall, who, now: hall.charge(who, RequestId(1), now),
    "match_started": lambda hall, _, now: hall.match_started(MATCH, Facts(), now),
    "match_ended": lambda hall, _, now: hall.match_ended(MATCH, "end", Outcome(()), 1, "", now),
    "spread": lambda hall, _, now: hall.spread(1, now),
    "expire_next": lambda hall, _, now: hall.expire_next(now, 77),
    "stop": lambda hall, _, now: hall.stop(now),
    "attend": lambda hall, _, now: hall.posted.attend(NEWEST[0], "::1", now),
    "posted": lambda hall, who, now: hall.posted.answer(who, envelope(1, Rename("Al")), now, 77),
    "events": lambda hall, who, now: hall.posted.events(who, EventNumber(0), 1, None, now),
}


@pytest.mark.parametrize("name", sorted(TIMED))
def test_each_call_sets_the_time_and_none_turns_it_back(name: str) -> None:
    party = Party()
    ann = party.guest("Ann")
    hall, state = party.hall, party.hall.parts.state
    NEWEST[:] = [ann.token]
    hall.begin(100.0, 5000, bytes(32))
    TIMED[name](hall, ann.player_id, 130.0)
    wall_ms = 77 if name in ("handle", "expire_next", "posted") else 5000 + 30_000
    assert (state.now, state.wall_ms) == (130.0, wall_ms)
    TIMED[name](hall, ann.player_id, 120.0)
    assert (state.now, state.wall_ms) == (130.0, wall_ms)


def test_random_bytes_are_drawn_within_a_call_only() -> None:
    party = Party()
    party.guest("Ann")
    with pytest.raises(RuntimeError, match="outside a call"):
        party.hall.parts.state.entropy(8)


# --- whose connection -----------------------------------------------------------------------------


def test_a_connection_is_lost_once_and_only_the_newest_counts() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.lose_connection()
    ann.resume()
    assert ann.epoch == 2
    session = party.hall.parts.state.sessions[ann.player_id]
    connected = []
    for epoch in (1, 2):
        party.take(calls.Lost(ann.player_id, epoch))
        connected.append(session.connected)
    assert connected == [True, False]
    expires_at = session.expires_at
    party.now += 1.0
    party.take(calls.Lost(ann.player_id, 2))
    party.take(calls.Lost(PlayerId("stranger"), 2))
    assert session.expires_at == expires_at


def test_a_charged_request_of_an_older_connection_is_refused_and_not_counted() -> None:
    party = Party(requests_burst=1, requests_per_s=0.01)
    ann = party.guest("Ann")
    ann.lose_connection()
    ann.resume()
    refused = charged(party, ann, 7, epoch=1)
    assert refused is not None
    assert (refused.id, refused.code) == (7, Code.SESSION_REPLACED)
    assert charged(party, ann, 8, epoch=2) is None
    assert party.take(calls.Charge(PlayerId("stranger"), envelope(1))) is None


def test_a_charged_request_over_the_rate_is_refused_like_any_other() -> None:
    party = Party(requests_burst=2, requests_per_s=0.5)
    ann = party.guest("Ann")
    assert [charged(party, ann, number) for number in (1, 2)] == [None, None]
    refused = charged(party, ann, 3)
    assert refused is not None
    assert (refused.id, refused.code) == (3, Code.RATE_LIMITED)
    party.now += 2.0
    assert charged(party, ann, 3) is None


def test_the_newest_event_of_a_session_is_known_by_number() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    before = party.hall.last_event(bob.player_id)
    assert before == bob.applied > 0
    ann.say("hello")
    assert party.hall.last_event(bob.player_id) == before + 1
    assert party.hall.last_event(PlayerId("stranger")) is None


# --- bytes of answers -----------------------------------------------------------------------------

POOR = {"answer_burst_bytes": 1000, "answer_per_s": 10.0, "answer_per_received": 12.0}


def ask_much(party: Party, guest: Guest) -> Answer:
    """Ask for an answer that is large."""
    guest.last_request += 1
    request = envelope(guest.last_request, GetChatHistory(Channel.GLOBAL))
    answer = party.take(calls.Ask(guest.player_id, request))
    party.settle()
    return answer


def test_a_large_answer_is_refused_once_the_bytes_of_answers_are_used_up() -> None:
    party = Party(**POOR)
    ann, bob = party.guest("Ann"), party.guest("Bob")
    assert not isinstance(ask_much(party, ann), Refusal)
    assert charged(party, ann, 90) is None
    party.take(calls.Answered(ann.player_id, 1200))
    refused = ask_much(party, ann)
    assert isinstance(refused, Refusal)
    assert (refused.id, refused.code) == (ann.last_request, Code.RATE_LIMITED)
    assert refused.details["retry_after_s"] == pytest.approx(20.0, abs=1.0)
    of_service = charged(party, ann, 91)
    assert of_service is not None
    assert of_service.code == Code.RATE_LIMITED
    ann.say("small answers are given", Channel.GLOBAL)
    assert not isinstance(ask_much(party, bob), Refusal)


def test_bytes_that_a_player_sent_earn_bytes_of_answers() -> None:
    party = Party(**POOR)
    ann = party.guest("Ann")
    party.take(calls.Answered(ann.player_id, 1600))
    party.take(calls.Received(ann.player_id, 40))
    assert isinstance(ask_much(party, ann), Refusal)
    party.take(calls.Received(ann.player_id, 20))
    assert not isinstance(ask_much(party, ann), Refusal)
    for of_nobody in (calls.Received, calls.Answered, calls.Replayed):
        party.take(of_nobody(PlayerId("stranger"), 100))


def test_repeated_events_are_charged_to_their_own_budget() -> None:
    party = Party(**POOR)
    ann = party.guest("Ann")
    session = party.hall.parts.state.sessions[ann.player_id]
    assert session.replays.wait(party.now) == 0
    party.take(calls.Replayed(ann.player_id, 1 << 30))
    assert session.replays.wait(party.now) > 0
    assert session.answers.wait(party.now) == 0


# --- nothing is left over -------------------------------------------------------------------------


def test_each_call_tells_what_it_changed_before_it_returns() -> None:
    party = Party()
    _, bob = party.in_match("Ann", "Bob")
    state = party.hall.parts.state

    def told(call: calls.Call[object]) -> None:
        party.take(call)
        assert state._changed == {}, call
        assert (state.over_event_limit, state.over_backlog_limit) == ([], []), call
        party.settle()

    match_id = party.last_match()
    told(calls.FellSilent({bob.player_id: True}))
    told(calls.Happened(MatchHappened(match_id, Tick(3), 0, (7,))))
    assert [event.fields for event in bob.of(MatchHappened)] == [(7,)]
    told(calls.Lost(bob.player_id, bob.epoch))
    told(calls.MatchIsOver(match_id, "finished", Outcome(()), 1, ""))
    told(calls.Expire())
    told(server_calls.Stop())
    assert state.stopping


def test_events_of_a_crowd_wait_for_their_turn_but_the_asker_gets_its_own_at_once() -> None:
    party = Party(wide=2)
    ann, bob, carl, dora = (party.guest(name) for name in ("Ann", "Bob", "Carl", "Dora"))
    spreads = [party.hall.spreads]
    ann.say("to all", Channel.GLOBAL)
    assert [len(guest.of(ChatSaid)) for guest in (ann, bob, carl, dora)] == [1, 0, 0, 0]
    spreads.append(party.hall.spreads)
    party.take(calls.HandOut(2))
    party.settle()
    assert sum(len(guest.of(ChatSaid)) for guest in (bob, carl, dora)) == 2
    party.take(calls.HandOut(50))
    party.settle()
    assert [len(guest.of(ChatSaid)) for guest in (bob, carl, dora)] == [1, 1, 1]
    assert [*spreads, party.hall.spreads] == [False, True, False]


def test_only_members_of_a_running_match_have_a_seat_in_it() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", spectators=False)
    stranger = party.guest("Carl")
    match_id = party.last_match()
    assert party.hall.seat_of(ann.player_id) == (match_id, 0)
    assert party.hall.seat_of(bob.player_id) == (match_id, 1)
    assert party.hall.seat_of(stranger.player_id) is None
    assert party.hall.seat_of(PlayerId("stranger")) is None
    bob.ask(lobby.LeaveMatch())
    assert party.hall.seat_of(bob.player_id) is None
    party.end_match(match_id)
    assert party.hall.seat_of(ann.player_id) is None
