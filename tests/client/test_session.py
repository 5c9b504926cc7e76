"""One session over many connections: requests are answered once, events applied once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.client.session import ClientSession
from gameserver.errors import Code, ProtocolError
from gameserver.ids import EventNumber, PlayerId, RequestId
from gameserver.messages.base import ReliableEvent, Result
from gameserver.messages.lobby import LeaveLobby, QuickPlay
from gameserver.messages.wire import EventEnvelope, Limits, Refusal, Welcome

LIMITS = Limits(4096, 10, 300, 24)


def welcome(*, resumed: bool, token: bytes = b"t" * 16) -> Welcome:
    return Welcome(1, "s", PlayerId("p1"), "Ann", token, resumed, 1, "arena", 5.0, 60.0, LIMITS)


def event(number: int) -> EventEnvelope:
    return EventEnvelope(EventNumber(number), ReliableEvent())


def signed_in() -> ClientSession:
    session = ClientSession("test", "Ann")
    session.welcomed(welcome(resumed=False))
    session.ack()
    return session


def test_the_first_hello_has_no_token_and_later_ones_the_newest() -> None:
    session = ClientSession("test", "Ann")
    assert session.hello().token == b""
    session.welcomed(welcome(resumed=False))
    session.is_next(event(1))
    session.welcomed(welcome(resumed=True, token=b"u" * 16))
    assert session.hello().token == b"u" * 16
    assert session.hello().last_event == 1


def test_a_request_is_settled_by_its_first_answer_only() -> None:
    session = signed_in()
    answers: list[Any] = []
    asked = session.ask(QuickPlay(), answers.append)
    session.answered(asked.id, Result())
    session.answered(asked.id, Refusal(asked.id, Code.INTERNAL, "again"))
    assert answers == [Result()]


def test_unanswered_requests_are_repeated_with_the_same_ids_in_order() -> None:
    session = signed_in()
    asked = [session.ask(LeaveLobby(), lambda _: None) for _ in range(3)]
    session.answered(asked[1].id, Result())
    session.welcomed(welcome(resumed=True))
    assert session.unanswered() == [asked[0], asked[2]]


def test_an_abandoned_request_is_never_repeated() -> None:
    session = signed_in()
    answers: list[Any] = []
    asked = session.ask(LeaveLobby(), answers.append)
    session.abandon(asked.id)
    session.answered(asked.id, Result())
    assert (session.unanswered(), answers) == ([], [])


def test_a_new_session_settles_the_old_requests_and_counts_from_one() -> None:
    session = signed_in()
    answers: list[Any] = []
    session.ask(LeaveLobby(), answers.append)
    session.is_next(event(1))
    session.lose_token()
    assert session.hello().last_event == 0
    assert session.welcomed(welcome(resumed=False))
    assert answers == [None]
    assert session.ask(LeaveLobby(), answers.append).id == 1
    assert session.is_next(event(1))


@given(st.lists(st.integers(1, 8), max_size=60))
def test_events_are_applied_once_and_without_gaps(numbers: list[int]) -> None:
    session, applied = signed_in(), []
    for number in numbers:
        expected = session.last_event + 1
        if session.last_event and number > expected:
            with pytest.raises(ProtocolError):
                session.is_next(event(number))
        elif session.is_next(event(number)):
            applied.append(number)
    assert applied == list(range(applied[0], applied[0] + len(applied))) if applied else True


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=40))
def test_an_ack_never_covers_a_reply_that_is_still_missing(steps: list[tuple[bool, int]]) -> None:
    session, out, highest = signed_in(), [], 0
    for ask, which in steps:
        if ask:
            out.append(session.ask(LeaveLobby(), lambda _: None).id)
        elif which < len(out):
            session.answered(out.pop(which), Result())
        ack = session.ack()
        if ack is not None:
            assert highest <= ack.reply < min(out, default=RequestId(1 << 30))
            highest = ack.reply


def test_an_ack_is_due_after_a_welcome_and_after_new_events_or_replies_only() -> None:
    session = ClientSession("test", "Ann")
    assert session.ack() is None
    session.welcomed(welcome(resumed=False))
    assert session.ack() is not None
    assert session.ack() is None
    session.is_next(event(1))
    ack = session.ack()
    assert ack is not None
    assert ack.event == 1
    assert session.ack() is None
