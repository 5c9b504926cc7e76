"""Deadlines of the rooms are met when they are due, and between them no task wakes."""

from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.service.deadlines import LONGEST_S, SHORTEST_S, TOGETHER_S, Deadlines
from tests.service.stage import Stage


class Times(Stage):
    """Rooms with deadlines, and when each of them was met."""

    def __init__(self) -> None:
        super().__init__()
        self.met: list[float] = []
        self.looks = 0
        self.due: list[float] = []
        self.hall.next_deadline = self._next  # type: ignore[method-assign]
        self.hall.expire_next = self._expire  # type: ignore[method-assign]

    def _next(self) -> float | None:
        self.looks += 1
        return min(self.due, default=None)

    def _expire(self, now: float, wall_ms: int) -> bool:
        del wall_ms
        self.due.remove(min(self.due))
        self.met.append(now)
        return True

    def add(self, due: float) -> None:
        """Let a call set a deadline."""
        with self.people.turn:
            self.due.append(due)


@pytest.fixture
async def times(autojump_clock: MockClock, nursery: trio.Nursery) -> Times:
    """Return rooms whose deadlines are met, on a clock that jumps."""
    assert trio.lowlevel.current_clock() is autojump_clock
    found = Times()
    nursery.start_soon(Deadlines(found.people).run)
    return found


async def test_a_deadline_is_met_when_it_is_due(times: Times) -> None:
    due = trio.current_time() + 0.7
    times.add(due)
    await trio.sleep(1)
    assert times.met == [pytest.approx(due, abs=2 * SHORTEST_S)]


async def test_one_that_is_set_while_another_is_waited_for_is_met_first(times: Times) -> None:
    begin = trio.current_time()
    times.add(begin + 0.9)
    await trio.sleep(0.3)
    times.add(begin + 0.302)
    await trio.sleep(1)
    assert times.met == [
        pytest.approx(begin + 0.302, abs=2 * SHORTEST_S),
        pytest.approx(begin + 0.9, abs=2 * SHORTEST_S),
    ]


async def test_deadlines_that_are_close_together_are_met_together(times: Times) -> None:
    begin = trio.current_time()
    for number in range(50):
        times.add(begin + 0.5 + number / 1000)
    await trio.sleep(1)
    assert len(times.met) == 50
    assert len(set(times.met)) == 2
    assert max(times.met) <= begin + 0.5 + TOGETHER_S + SHORTEST_S


async def test_they_are_met_together_also_while_calls_are_made(times: Times) -> None:
    await wait_all_tasks_blocked()
    begin = trio.current_time()
    for number in range(1000):
        times.add(begin + number / 1000 + 0.003)
        await trio.sleep(0.001)
    await trio.sleep(2 * TOGETHER_S)
    assert len(times.met) == 1000
    moments = sorted(set(times.met))
    assert len(moments) > 10
    assert all(after - at > TOGETHER_S - SHORTEST_S for at, after in pairwise(moments))


async def test_without_a_deadline_the_task_sleeps_long(times: Times) -> None:
    await wait_all_tasks_blocked()
    looks = times.looks
    await trio.sleep(10 * LONGEST_S)
    assert times.looks - looks <= 40  # every `TOGETHER_S` it would be hundreds


async def test_other_tasks_run_between_two_deadlines_of_one_moment(
    times: Times, nursery: trio.Nursery
) -> None:
    due = trio.current_time() + 0.5
    between: list[int] = []

    async def other() -> None:
        await trio.sleep_until(due)
        while len(times.met) < 50:
            await trio.lowlevel.checkpoint()
            between.append(len(times.met))

    for _ in range(50):
        times.add(due)
    nursery.start_soon(other)
    await trio.sleep(1)
    assert len(times.met) == 50
    assert len(set(between)) > 20
