"""Where work on files is done."""

import threading
from functools import partial

import pytest
from trio.testing import MockClock

from gameserver.store import worker as worker_module
from gameserver.store.worker import InlineWorker, ThreadWorker


def test_a_thread_does_works_in_order_and_ends_behind_the_last() -> None:
    done: list[tuple[int, bool]] = []
    worker = ThreadWorker("test", lambda: None)

    def note(number: int) -> None:
        done.append((number, threading.current_thread().name == "test"))

    for number in range(50):
        worker.put(partial(note, number))
    assert worker.close(10.0)
    assert done == [(number, True) for number in range(50)]


def test_a_thread_without_work_calls_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "IDLE_S", 0.005)
    idle = threading.Event()
    worker = ThreadWorker("test", idle.set)
    assert idle.wait(10.0)
    assert worker.close(10.0)


def test_a_thread_that_hangs_is_not_waited_for() -> None:
    go_on = threading.Event()
    worker = ThreadWorker("test", lambda: None)
    worker.put(lambda: go_on.wait(10.0) and None)
    assert not worker.close(0.01)
    go_on.set()


def test_a_thread_that_rests_ends_at_once() -> None:
    worker = ThreadWorker("test", lambda: None)
    resting = threading.Event()

    def work() -> None:
        resting.set()
        worker.rest(300.0)

    worker.put(work)
    assert resting.wait(10.0)
    assert worker.close(10.0)


async def test_without_a_thread_a_work_is_done_at_once_in_virtual_time(
    mock_clock: MockClock,
) -> None:
    done: list[float] = []
    worker = InlineWorker("test", lambda: None)
    mock_clock.jump(2.5)
    worker.put(lambda: done.append(worker.now()))
    assert done == [2.5]
    assert worker.close(0.0)
