"""A session in a match moves again and again while each step of a task takes its time.

``GAMESERVER_CROSSINGS`` sets how often it moves.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.roads import LONG_POLLING, WEBSOCKET
from tests.client.test_client_server import until
from tests.client.test_crossing import playing, stats

CROSSINGS = int(os.environ.get("GAMESERVER_CROSSINGS", "6"))

STEP_S = 0.0013
"""Cost of each step of a task, those of the client too: twenty-five of them fill a tick."""


class _Dear(trio.abc.Instrument):
    """Moves the clock on with each step of a task."""

    def __init__(self, clock: MockClock) -> None:
        self._clock = clock

    def after_task_step(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002  trio's signature
        self._clock.jump(STEP_S)


@contextmanager
def busy(clock: MockClock) -> Iterator[None]:
    """Let each step of a task take time, as where other matches are stepped in between."""
    dear = _Dear(clock)
    trio.lowlevel.add_instrument(dear)
    yield
    trio.lowlevel.remove_instrument(dear)


async def test_no_tick_is_without_input_where_each_step_of_a_task_takes_its_time(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with playing(autojump_clock, monkeypatch, lag_s=0.0) as (whole, gate, ann, _):
        missed = []
        for _ in range(CROSSINGS):
            with busy(autojump_clock):
                before = stats(whole, ann)
                gate.blocks = False
                await until(lambda: ann.road == WEBSOCKET)
                await trio.sleep(0.5)
                after = stats(whole, ann)
            assert after.applied > before.applied
            missed.append(after.missed - before.missed)
            gate.blocks = True
            ann._talk.cut()
            await until(lambda: ann.road == LONG_POLLING)
            await trio.sleep(4.0)  # it plays again, and may resume again
        assert missed == [0] * CROSSINGS
