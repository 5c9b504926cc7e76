"""Figures of the process: the loop's passes."""

import trio

from gameserver.service.overload.vitals import Vitals
from gameserver.service.runtime import Runtime


async def test_a_pass_counts_with_its_processor_time_and_only_while_watched() -> None:
    spent = 0.0
    vitals = Vitals(Runtime(thread_s=lambda: spent))

    async def work(seconds: float) -> None:
        nonlocal spent
        await trio.lowlevel.checkpoint()
        spent += seconds
        await trio.lowlevel.checkpoint()

    await work(0.5)
    with vitals.watching():
        await trio.lowlevel.checkpoint()
        async with trio.open_nursery() as nursery:  # two tasks of one pass make each other wait
            nursery.start_soon(work, 0.004)
            nursery.start_soon(work, 0.008)
        await work(0.010)
    await work(0.5)
    found = vitals.loop_passes.lately()
    assert abs(found.most - 0.012) < 0.001
    assert found.count >= 5
    assert found.p50 < 0.001
