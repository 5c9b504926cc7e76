"""One session on all roads in turn, during one match: nothing is lost and nothing happens twice.

``GAMESERVER_MOVES`` and ``GAMESERVER_MOVES_SEED`` (in docs/transports.md) set how often it moves,
and where the roads are cut.
"""

import os

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.testing.memoryway import Weather
from tests.service.peers import serving
from tests.service.roads.mover import moved
from tests.service.roads.tally import Tally

MOVES = int(os.environ.get("GAMESERVER_MOVES", "12"))
SEED = int(os.environ.get("GAMESERVER_MOVES_SEED", "1"))


@pytest.mark.parametrize("lag_s", [0.0, 0.5])
async def test_a_session_that_moves_from_road_to_road_loses_and_doubles_nothing(
    autojump_clock: MockClock, lag_s: float
) -> None:
    async with serving(autojump_clock, game=Tally()) as running, trio.open_nursery() as nursery:
        running.whole.net.weather = Weather(delay_s=0.02, jitter_s=0.02, split=0.3)

        async def dial() -> trio.abc.Stream:
            await trio.lowlevel.checkpoint()
            return running.whole.connect("").client

        figures = await moved(dial, nursery, SEED, MOVES, lag_s)
        print(attrs.asdict(figures))  # noqa: T201  for whom runs it by hand
        assert figures.moves == MOVES + 1
        assert figures.applied > 0
        nursery.cancel_scope.cancel()
