from gameserver.ids import RequestId
from gameserver.messages.base import Result
from gameserver.messages.wire import ResultEnvelope
from gameserver.rooms.state.replies import ReplyLog


def answer(number: int) -> ResultEnvelope:
    return ResultEnvelope(RequestId(number), Result())


def test_a_reply_is_kept_until_acknowledged_and_its_id_is_then_over() -> None:
    log = ReplyLog(10)
    log.keep(answer(1))
    log.keep(answer(2))
    assert log.find(RequestId(1)) == answer(1)
    log.ack(RequestId(1))
    assert log.find(RequestId(1)) is None
    assert log.is_over(RequestId(1))
    assert log.find(RequestId(2)) == answer(2)
    assert not log.is_over(RequestId(2))


def test_an_older_ack_changes_nothing() -> None:
    log = ReplyLog(10)
    log.ack(RequestId(5))
    log.ack(RequestId(3))
    assert log.is_over(RequestId(5))


def test_a_late_request_with_a_lower_unanswered_id_is_accepted() -> None:
    log = ReplyLog(10)
    log.keep(answer(7))
    assert log.find(RequestId(4)) is None
    assert not log.is_over(RequestId(4))


def test_a_full_log_reports_that_and_forgets_nothing() -> None:
    log = ReplyLog(2)
    log.keep(answer(1))
    fullness = [log.full]
    log.keep(answer(2))
    fullness.append(log.full)
    assert log.find(RequestId(1)) == answer(1)
    log.ack(RequestId(1))
    fullness.append(log.full)
    assert fullness == [False, True, False]


def test_ids_below_one_are_refused() -> None:
    assert ReplyLog(2).is_over(RequestId(0))
    assert ReplyLog(2).is_over(RequestId(-4))


def test_the_next_id_is_above_all_that_were_answered_or_acknowledged() -> None:
    log = ReplyLog(10)
    found = [log.next_id]
    log.keep(answer(7))
    found.append(log.next_id)
    log.keep(answer(4))
    log.note(RequestId(5))
    found.append(log.next_id)
    log.note(RequestId(9))
    found.append(log.next_id)
    log.ack(RequestId(12))
    found.append(log.next_id)
    assert found == [1, 8, 8, 10, 13]
