"""What an author's function raises ends its own event alone, and is told by a code."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code, RefusedError
from gameserver.ids import PlayerId
from gameserver.messages.wire import Refusal
from gameserver.namespaces import Namespace
from gameserver.service.guarding import CODE_CHARS, SENTENCE_CHARS, HandlerGuard
from gameserver.service.middleware import SLOW_S

ANN = PlayerId("ann")


class Guild(Namespace):
    name = "/guild"
    time_limit_s = 2.0


class Time:
    """Measures nothing: a call takes as long as the test says."""

    def __init__(self, took_s: float = 0.0) -> None:
        self.took_s = took_s
        self.charged: list[PlayerId] = []

    async def measured(
        self, player_id: PlayerId, call: Callable[[], Awaitable[Any]], took: Callable[[float], None]
    ) -> Any:
        self.charged.append(player_id)
        try:
            return await call()
        finally:
            took(self.took_s)


async def run(call: Callable[[], Awaitable[Any]], time: Time | None = None) -> Any:
    used = time or Time()
    guard = HandlerGuard(trio.current_time, lambda: cast("Any", used))
    return await guard.run(Guild(), "on say", ANN, call)


def raising(error: BaseException) -> Callable[[], Awaitable[Any]]:
    async def call() -> None:
        raise error

    return call


async def test_what_a_function_returns_is_returned_and_its_time_is_charged() -> None:
    async def call() -> int:
        return 7

    time = Time()
    assert await run(call, time) == 7
    assert time.charged == [ANN]


@pytest.mark.parametrize("grouped", [False, True])
async def test_a_refusal_is_told_with_its_code_sentence_and_details(*, grouped: bool) -> None:
    error = RefusedError("c" * 99, "s" * 999, {"left": 3})
    raised = BaseExceptionGroup("of tasks", [error]) if grouped else error
    refused = await run(raising(raised))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.sentence) == ("c" * CODE_CHARS, "s" * SENTENCE_CHARS)
    assert refused.details == {"left": 3}


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("a bug"),
        SystemExit(3),
        BaseExceptionGroup("of tasks", [ValueError("one"), TypeError("two")]),
        RefusedError("full", "no place", {"set": {1, 2}}),
    ],
)
async def test_a_fault_is_logged_once_a_second_and_told_as_internal(error: BaseException) -> None:
    guard = HandlerGuard(lambda: 5.0, lambda: cast("Any", Time()))
    with capture_logs() as lines:
        for _ in range(3):
            refused = await guard.run(Guild(), "on say", ANN, raising(error))
            assert isinstance(refused, Refusal)
            assert (refused.code, refused.details) == (Code.INTERNAL, {})
    (line,) = lines
    assert (line["event"], line["namespace"], line["handler"]) == (
        "handler failed", "/guild", "on say",
    )  # fmt: skip


async def test_an_interrupt_among_faults_gets_out() -> None:
    group = BaseExceptionGroup("of tasks", [ValueError("a bug"), KeyboardInterrupt()])
    with pytest.raises(BaseExceptionGroup) as raised:
        await run(raising(group))
    assert [type(each) for each in raised.value.exceptions] == [KeyboardInterrupt]
    with pytest.raises(KeyboardInterrupt):
        await run(raising(KeyboardInterrupt()))


async def test_a_function_has_its_time_and_no_more(autojump_clock: MockClock) -> None:
    del autojump_clock
    with capture_logs() as lines:
        refused = await run(trio.sleep_forever)
    assert trio.current_time() == pytest.approx(2.0)
    assert isinstance(refused, Refusal)
    assert refused.code == Code.NAMESPACE_TIMED_OUT
    assert [line["event"] for line in lines] == ["handler timed out"]


@pytest.mark.parametrize("slow", [False, True])
async def test_a_function_that_keeps_the_loop_is_warned_of(*, slow: bool) -> None:
    async def call() -> None:
        pass

    with capture_logs() as lines:
        await run(call, Time(1.23456 if slow else SLOW_S))
    assert [line["event"] for line in lines] == ["handler blocks"] * slow
    assert [line["ms"] for line in lines] == [1234.6] * slow
