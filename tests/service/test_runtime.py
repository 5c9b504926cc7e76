"""What a server takes from its process can be replaced, down to the order of its tasks."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trio
from trio._core import _run as scheduler
from trio.testing import MockClock

from gameserver.service.runtime import Collector, Runtime

TASKS = 12


def order_of_tasks(runtime: Runtime) -> list[int]:
    """Return in which order tasks run that are ready in the same moment, three times."""
    ran: list[int] = []

    async def task(number: int) -> None:
        for _ in range(3):
            ran.append(number)
            await trio.sleep(1)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(TASKS):
                nursery.start_soon(task, number)

    with runtime.ordered():
        trio.run(main, clock=MockClock(autojump_threshold=0))
    return ran


def test_the_same_seed_runs_tasks_in_the_same_order() -> None:
    first = order_of_tasks(Runtime(order=1))
    assert order_of_tasks(Runtime(order=1)) == first
    assert order_of_tasks(Runtime(order=2)) != first
    assert first[:TASKS] != first[TASKS : 2 * TASKS], "it is an order by chance, as trio's own"


def test_a_seeded_run_does_not_change_the_order_of_other_runs() -> None:
    with Runtime(order=1).ordered():
        before = order_of_tasks(Runtime())
    with Runtime(order=1).ordered():
        order_of_tasks(Runtime(order=7))
        assert order_of_tasks(Runtime()) == before


@pytest.mark.parametrize("order", [None, 7])
def test_behind_an_ordered_block_trio_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch, order: int | None
) -> None:
    monkeypatch.setattr(scheduler, "_ALLOW_DETERMINISTIC_SCHEDULING", False)
    before = scheduler._r.getstate()
    with suppress(KeyError), Runtime(order=order).ordered():
        assert scheduler._ALLOW_DETERMINISTIC_SCHEDULING is (order is not None)
        scheduler._r.random()
        raise KeyError
    assert scheduler._ALLOW_DETERMINISTIC_SCHEDULING is False
    assert (scheduler._r.getstate() == before) is (order is not None)


@contextmanager
def walks(viewers: int) -> Iterator[list[int]]:
    """Note over how many objects each collection of the block walks, for this many viewers."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            looked_at = range(info["generation"] + 1)
            found.append(sum(len(gc.get_objects(generation=each)) for each in looked_at))

    before = gc.get_threshold()
    gc.collect()
    gc.freeze()  # what the tests have made so far
    Collector().tune(viewers)
    gc.callbacks.append(note)
    try:
        yield found
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)
        gc.unfreeze()


def test_with_few_viewers_garbage_collections_stay_short() -> None:
    with walks(viewers=4) as found:
        crowd: list[list[int]] = [[] for _ in range(60_000)]
    assert len(crowd) == 60_000
    assert found, "the collector runs"
    assert max(found) <= 7_000


def test_with_many_viewers_no_garbage_collection_runs_within_a_tick() -> None:
    with walks(viewers=1_000) as found:
        for _ in range(50):
            tick: list[list[int]] = [[] for _ in range(12_000)]
            del tick
    assert not found
