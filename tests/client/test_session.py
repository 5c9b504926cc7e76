"""One session over many connections: requests are answered once, events applied once."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.client.session import AnswerAge, ClientSession
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


# --- numbers of a session that was resumed --------------------------------------------------------


def test_a_resume_never_counts_back_and_takes_up_numbers_of_an_earlier_run() -> None:
    session = signed_in()
    for number in (1, 2, 3):
        session.is_next(event(number))
        session.ask(LeaveLobby(), lambda _: None)
    session.welcomed(attrs.evolve(welcome(resumed=True), next_request=RequestId(2)))
    assert session.last_event == 3
    assert session.ask(LeaveLobby(), lambda _: None).id == 4
    further = attrs.evolve(
        welcome(resumed=True), next_request=RequestId(9), last_event=EventNumber(7)
    )
    session.welcomed(further)
    assert session.last_event == 7
    assert session.ask(LeaveLobby(), lambda _: None).id == 9


def test_the_player_is_the_one_of_the_last_welcome() -> None:
    session = signed_in()
    assert (session.player_id, session.hello().player_name) == ("p1", "Ann")
    session.welcomed(
        attrs.evolve(welcome(resumed=False), player_id=PlayerId("p2"), player_name="Ann 2")
    )
    assert (session.player_id, session.hello().player_name) == ("p2", "Ann 2")


def test_without_a_token_the_hello_names_no_event() -> None:
    session = signed_in()
    session.is_next(event(4))
    assert (session.hello().token, session.hello().last_event) == (b"t" * 16, 4)
    session.lose_token()
    assert (session.hello().token, session.hello().last_event) == (b"", 0)


def test_requests_that_were_abandoned_are_unknown_after_a_resume() -> None:
    session, learned = signed_in(), []
    asked = session.ask(LeaveLobby(), lambda _: None, lambda *given: learned.append(given))
    session.abandon(asked.id)
    assert session.request_of(asked.id) is LeaveLobby
    session.welcomed(welcome(resumed=True))
    assert session.request_of(asked.id) is None
    session.answered(asked.id, Result())
    assert learned == []


# --- the order of answers and events --------------------------------------------------------------


def test_an_answer_is_new_repeated_or_old() -> None:
    session, ages = signed_in(), []

    def learn(_result: Result, age: AnswerAge, after: EventNumber | None) -> None:
        ages.append((age, after))

    for number in (1, 2, 3):
        session.is_next(event(number))
    asked = [session.ask(LeaveLobby(), lambda _: None, learn) for _ in range(6)]
    session.answered(asked[0].id, Result())
    session.answered(asked[1].id, Result(), EventNumber(3))
    session.answered(asked[2].id, Result(), EventNumber(2))
    session.welcomed(welcome(resumed=True))
    session.unanswered()
    session.answered(asked[3].id, Result())
    session.answered(asked[4].id, Result(), EventNumber(3))
    session.answered(asked[5].id, Result(), EventNumber(2))
    assert ages == [
        (AnswerAge.NEW, None), (AnswerAge.NEW, 3), (AnswerAge.OLD, 2),
        (AnswerAge.REPEATED, None), (AnswerAge.REPEATED, 3), (AnswerAge.OLD, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("abandoned", [False, True])
def test_an_answer_is_held_until_its_event_and_applied_once(abandoned: bool) -> None:
    session, learned = signed_in(), []
    answers: list[Any] = []
    asked = session.ask(LeaveLobby(), answers.append, lambda *given: learned.append(given))
    if abandoned:
        session.abandon(asked.id)
    session.answered(asked.id, Result(), EventNumber(2))
    for number in (1, 2, 3):
        session.is_next(event(number))
        session.settle_held()
        assert len(learned) == (number >= 2)
    assert learned == [(Result(), AnswerAge.NEW, 2)]
    assert answers == ([] if abandoned else [Result()])
    assert session.request_of(asked.id) is None


def test_an_answer_that_is_held_is_not_asked_for_again() -> None:
    session = signed_in()
    held, open_one = (session.ask(LeaveLobby(), lambda _: None) for _ in range(2))
    session.answered(held.id, Result(), EventNumber(2))
    session.welcomed(welcome(resumed=True))
    assert session.unanswered() == [open_one]


def test_a_refusal_is_settled_and_teaches_nothing() -> None:
    session, learned = signed_in(), []
    answers: list[Any] = []
    asked = session.ask(LeaveLobby(), answers.append, lambda *given: learned.append(given))
    refusal = Refusal(asked.id, Code.INTERNAL, "no")
    session.answered(asked.id, refusal)
    assert (answers, learned) == ([refusal], [])


def test_giving_up_settles_each_request_once() -> None:
    session = signed_in()
    answers: list[Any] = []
    asked = session.ask(LeaveLobby(), answers.append)
    session.give_up()
    session.give_up()
    session.answered(asked.id, Result())
    assert answers == [None]


def test_a_missing_event_is_named_and_the_first_may_have_any_number() -> None:
    session = ClientSession("test", "Ann")
    assert session.is_next(event(40))
    with pytest.raises(ProtocolError, match="event 42 came after event 40") as raised:
        session.is_next(event(42))
    assert raised.value.code is Code.BAD_MESSAGE
    assert not session.is_next(event(40))
    assert session.is_next(event(41))


def test_a_new_session_acknowledges_from_nothing() -> None:
    session = signed_in()
    session.is_next(event(1))
    session.answered(session.ask(LeaveLobby(), lambda _: None).id, Result())
    ack = session.ack()
    assert ack is not None
    assert (ack.event, ack.reply) == (1, 1)
    session.welcomed(welcome(resumed=False))
    ack = session.ack()
    assert ack is not None
    assert (ack.event, ack.reply) == (0, 0)
