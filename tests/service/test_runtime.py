"""What a server takes from its process can be replaced, down to the order of its tasks."""

import trio
from trio.testing import MockClock

from gameserver.service.runtime import Runtime

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


def test_the_order_of_other_runs_is_left_alone() -> None:
    with Runtime(order=1).ordered():
        before = order_of_tasks(Runtime())
    with Runtime(order=1).ordered():
        order_of_tasks(Runtime(order=7))
        assert order_of_tasks(Runtime()) == before
