"""What one session hears: events once and in order, one answer to each request."""

import attrs
import pytest

from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages import chat as chat_messages
from gameserver.messages.lobby import SetReady
from gameserver.messages.match import GetMatchStats
from gameserver.messages.wire import Refusal, ResultEnvelope
from gameserver.testing.story import hearing as hearing_module
from gameserver.testing.story.chats import GlobalChat
from gameserver.testing.story.hearing import KEPT, Hearing, _comparable
from tests.rooms.party import Party


class Heard(Hearing):
    """A hearing whose faults are kept."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.chat = GlobalChat(self.faults.append)
        super().__init__("Ann", self.chat, self.faults.append)


@pytest.fixture
def ann() -> Heard:
    heard = Heard()
    heard.connected("p1", 0)
    return heard


def test_events_come_once_and_in_order(ann: Heard) -> None:
    assert ann.event(7, "seven"), "the first number of a session may be any"
    assert ann.event(8, "eight")
    assert not ann.event(7, "seven")
    assert ann.faults == []
    assert not ann.event(8, "other")
    assert ann.faults == ["Ann: event 8 came again as another one"]
    assert ann.event(10, "ten")
    assert ann.faults[1:] == ["Ann: event 10 came after event 8"]
    assert ann.event(11, "eleven")
    assert len(ann.faults) == 2


def test_only_the_newest_events_are_kept_to_be_compared(ann: Heard) -> None:
    for number in range(1, KEPT + 2):
        ann.event(number, "x")
    assert not ann.event(1, "another")
    assert ann.faults == []
    assert not ann.event(2, "another")
    assert ann.faults == ["Ann: event 2 came again as another one"]


def test_a_lost_connection_leads_back_to_the_session_and_to_all_events(ann: Heard) -> None:
    listener = ann.listener
    ann.event(1, "x")
    ann.connected("p1", 1)
    ann.connected("p1", 1, crossed=True)
    ann.connected("p1", 0)
    assert (ann.sessions, ann.reconnects, ann.crossings, ann.faults) == (1, 2, 1, [])
    assert ann.listener is listener
    ann.connected("p1", 4)
    assert ann.faults == ["Ann: events 2 to 4 are not repeated"]


def test_another_session_is_a_fault_unless_the_player_signed_out(ann: Heard) -> None:
    ann.event(5, "x")
    ann.answer(1, "x")
    first = ann.listener
    ann.signed_out = True
    ann.connected("p2", 3)
    assert (ann.sessions, ann.reconnects, ann.crossings, ann.faults) == (2, 0, 0, [])
    assert (first.gone, ann.listener is first) == (True, False)
    assert ann.event(4, "y"), "its events have their own numbers"
    ann.answer(1, "another")
    assert ann.faults == []
    ann.connected("p3", 0, crossed=True)
    assert ann.faults == ["Ann lost its session"]
    assert ann.crossings == 0


def test_each_request_is_answered_once_over_a_connection(ann: Heard) -> None:
    for number in (0, 1, 0, 2):
        ann.answered(number)
    assert ann.faults == []
    ann.answered(1)
    assert ann.faults == ["Ann: request 1 was answered twice"]
    ann.connected("p1", 0)
    ann.answered(2)
    assert len(ann.faults) == 1, "over another connection it is repeated"


def test_what_was_asked_again_over_one_connection_has_two_answers_and_not_three(
    ann: Heard,
) -> None:
    ann.asked_again([1, 2])
    for _ in range(2):
        ann.answered(1)
    ann.answered(2)
    assert ann.faults == []
    ann.answered(1)
    assert ann.faults == ["Ann: request 1 was answered twice"]
    ann.connected("p1", 0)
    ann.answered(2)
    ann.answered(2)
    assert ann.faults[1:] == ["Ann: request 2 was answered twice"]


def test_a_repeated_answer_is_the_same(ann: Heard) -> None:
    ann.answer(1, "yes")
    ann.answer(1, "yes")
    ann.answer(1, None)
    ann.answer(0, "any")
    ann.answer(0, "other")
    assert ann.faults == []
    ann.answer(1, "no")
    assert ann.faults == ["Ann: request 1 was answered in two ways: yes and no"]


def test_states_of_lobbies_come_in_order_and_hold_no_more_than_their_seats(ann: Heard) -> None:
    host = Party().guest("Host")
    state = host.create(size=2)
    ann.lobby(state)
    ann.lobby(state)
    assert ann.faults == []
    ann.lobby(attrs.evolve(state, members=state.members * 2))
    assert ann.faults == ["Ann: seats [0, 0] are taken of 2"]
    members = tuple(attrs.evolve(state.members[0], seat=seat) for seat in (0, 1, 2))
    ann.lobby(attrs.evolve(state, members=members))
    assert ann.faults[1:] == ["Ann: seats [0, 1, 2] are taken of 2"]
    spectators = tuple(attrs.evolve(each, seat=-1) for each in members)
    ann.lobby(attrs.evolve(state, members=spectators, revision=state.revision + 1))
    assert len(ann.faults) == 2
    ann.lobby(state)
    assert ann.faults[2:] == [
        f"Ann: revision {state.revision} of a lobby came after {state.revision + 1}"
    ]


def test_only_answers_that_must_be_equal_are_compared() -> None:
    refused = Refusal(RequestId(1), Code.CHAT_REPEATED, "no")
    busy = Refusal(RequestId(1), Code.RATE_LIMITED, "no")
    result = ResultEnvelope(RequestId(1), chat_messages.ChatHistory(()))
    assert _comparable(refused, SetReady) == repr(refused)
    assert _comparable(busy, SetReady) is None
    assert _comparable(result, SetReady) == repr(result.result)
    for request in (None, GetMatchStats, chat_messages.GetChatHistory):
        assert _comparable(refused, request) is None
    assert hearing_module.NO_SEAT == -1
