from gameserver.ids import RequestId
from gameserver.messages.base import Result
from gameserver.messages.wire import ResultEnvelope
from gameserver.rooms.state.replies import ReplyLog


def answer(number: int) -> ResultEnvelope:
    return ResultEnvelope(RequestId(number), Result())


def test_an_answer_is_kept_until_acknowledged_and_its_id_is_over_then() -> None:
    log = ReplyLog(10)
    log.keep(answer(1))
    log.keep(answer(2))
    assert log.find(RequestId(1)) == answer(1)
    log.ack(RequestId(1))
    assert log.find(RequestId(1)) is None
    assert log.is_over(RequestId(1))
    assert log.find(RequestId(2)) == answer(2)
    assert not log.is_over(RequestId(2))


def test_an_older_ack_takes_nothing_back() -> None:
    log = ReplyLog(10)
    log.ack(RequestId(5))
    log.ack(RequestId(3))
    assert log.is_over(RequestId(5))


def test_an_id_that_was_never_answered_may_come_late() -> None:
    log = ReplyLog(10)
    log.keep(answer(7))
    assert log.find(RequestId(4)) is None
    assert not log.is_over(RequestId(4))


def test_a_full_log_says_so_and_forgets_nothing() -> None:
    log = ReplyLog(2)
    log.keep(answer(1))
    fullness = [log.full]
    log.keep(answer(2))
    fullness.append(log.full)
    assert log.find(RequestId(1)) == answer(1)
    log.ack(RequestId(1))
    fullness.append(log.full)
    assert fullness == [False, True, False]


def test_ids_below_one_are_no_ids() -> None:
    assert ReplyLog(2).is_over(RequestId(0))
    assert ReplyLog(2).is_over(RequestId(-4))
