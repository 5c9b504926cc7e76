"""What happens to the network and the machine in a story, at random times.

Law: every trouble ends by itself or when it becomes calm. What happens and when follows from the
seed alone.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from gameserver.testing.memorynet import MemoryLink
from gameserver.testing.memoryway import Weather
from gameserver.testing.story.report import Report
from gameserver.testing.story.stage import Stage
from gameserver.testing.whole import WallClock

JUMPS_S: Final = (0.5, 5.0, 3600.0, 86_400.0 * 400)
"""How far the wall clock jumps, forward or back."""

REFUSED_S: Final = (0.2, 2.5)
BLOCKED_S: Final = (1.0, 6.0)


class Fate:
    """Brings the troubles of one story."""

    def __init__(self, stage: Stage, wall: WallClock) -> None:
        """Prepare; `run` brings them."""
        self._stage = stage
        self._wall = wall
        self._random = stage.random("troubles")
        self._report: Report = stage.report

    async def run(self) -> None:
        """Bring troubles until the time for them is over, then end them all."""
        stage, troubles = self._stage, self._stage.troubles
        kinds: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (troubles.cuts, self._cut),
            (troubles.half_opens, self._half_open),
            (troubles.stalls, self._stall),
            (troubles.slow_readers, self._read_slowly),
            (troubles.weathers, self._change_weather),
            (troubles.refusals, self._refuse),
            (troubles.blocks, self._block),
            (troubles.clock_jumps, self._jump),
        ]
        with trio.move_on_after(stage.seconds):
            async with trio.open_nursery() as nursery:
                for mean_s, strike in kinds:
                    if mean_s:
                        nursery.start_soon(self._again_and_again, mean_s, strike)
                await trio.sleep_forever()
        stage.net.weather = Weather(jitter_s=0.0)
        for link in stage.net.links:
            link.read_slowly(slow=False)
        stage.become_calm()

    async def _again_and_again(self, mean_s: float, strike: Callable[[], Awaitable[None]]) -> None:
        while True:
            await trio.sleep(self._random.expovariate(1 / mean_s))
            await strike()

    def _some_link(self) -> MemoryLink | None:
        standing = [link for link in self._stage.net.links if link.is_open]
        return self._random.choice(standing) if standing else None

    async def _cut(self) -> None:
        if link := self._some_link():
            self._report.cuts += 1
            link.cut()

    async def _half_open(self) -> None:
        if link := self._some_link():
            self._report.half_opens += 1
            link.half_open(client_knows=self._random.random() < 0.5)

    async def _stall(self) -> None:
        if link := self._some_link():
            self._report.stalls += 1
            link.stall(self._random.uniform(0.1, self._stage.troubles.longest_stall_s))

    async def _read_slowly(self) -> None:
        if link := self._some_link():
            self._report.slow_readers += 1
            link.read_slowly(slow=True)
            await trio.sleep(self._random.uniform(0.5, self._stage.troubles.longest_stall_s))
            link.read_slowly(slow=False)

    async def _change_weather(self) -> None:
        random, troubles = self._random, self._stage.troubles
        worst_s = troubles.worst_delay_s
        delay_s, jitter_s = random.uniform(0.001, worst_s), random.uniform(0.0, worst_s / 4)
        self._stage.net.weather = Weather(
            delay_s, jitter_s, random.uniform(0.0, troubles.most_split)
        )

    async def _refuse(self) -> None:
        self._report.refusals += 1
        self._stage.refused = True
        await trio.sleep(self._random.uniform(*REFUSED_S))
        self._stage.refused = False

    async def _block(self) -> None:
        self._report.blocks += 1
        self._stage.blocked = True
        await trio.sleep(self._random.uniform(*BLOCKED_S))
        self._stage.blocked = False

    async def _jump(self) -> None:
        self._report.clock_jumps += 1
        self._wall.jump(self._random.choice((-1, 1)) * self._random.choice(JUMPS_S))
