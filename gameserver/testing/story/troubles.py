"""What happens to the network and the machine in a story, at random times.

Law: every trouble ends by itself or when it becomes calm. What happens and when follows from the
seed alone.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import trio

from gameserver.testing.memorynet import MemoryLink
from gameserver.testing.memoryway import Weather
from gameserver.testing.story.disk import CAUGHT_UP_S, SimulatedDisk
from gameserver.testing.story.report import Report
from gameserver.testing.story.stage import Stage
from gameserver.testing.whole import WallClock

JUMPS_S: Final = (0.5, 5.0, 3600.0, 86_400.0 * 400)
"""How far the wall clock jumps, forward or back."""

REFUSED_S: Final = (0.2, 2.5)
FULL_S: Final = (0.5, 4.0)
SLOW_S: Final = (0.05, 1.5)
DOWN_S: Final = (0.1, 2.5)
BLOCKED_S: Final = (1.0, 6.0)


class Fate:
    """Brings the troubles of one story."""

    def __init__(self, stage: Stage, wall: WallClock) -> None:
        """Prepare; `run` brings them."""
        self._stage = stage
        self._wall = wall
        self._random = stage.random("troubles")
        self._report: Report = stage.report
        self.crashed: Callable[[bool], None] = lambda _power: None
        """Called before the server ends without a word, with whether the power is lost."""

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
        if stage.disk is not None:
            kinds += [
                (troubles.full_disks, partial(self._fill, stage.disk)),
                (troubles.slow_disks, partial(self._slow_down, stage.disk)),
                (troubles.crashes, partial(self._crash, stage.disk)),
            ]
        with trio.move_on_after(stage.seconds):
            async with trio.open_nursery() as nursery:
                for mean_s, strike in kinds:
                    if mean_s:
                        nursery.start_soon(self._again_and_again, mean_s, strike)
                await trio.sleep_forever()
        self._end_all()

    def _end_all(self) -> None:
        """End all troubles, also those that were cancelled in their middle."""
        stage = self._stage
        if stage.disk is not None:
            stage.disk.set_full(full=False)
            stage.disk.set_slow(slow=False)
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

    # --- the machine ------------------------------------------------------------------------------

    async def _fill(self, disk: SimulatedDisk) -> None:
        self._report.full_disks += 1
        disk.set_full(full=True)
        await trio.sleep(self._random.uniform(*FULL_S))
        disk.set_full(full=False)

    async def _slow_down(self, disk: SimulatedDisk) -> None:
        self._report.slow_disks += 1
        disk.set_slow(slow=True)
        await trio.sleep(self._random.uniform(*SLOW_S))
        disk.set_slow(slow=False)

    async def _crash(self, disk: SimulatedDisk) -> None:
        """End the server without a word, and start another one on what the disk has.

        Only on a sound disk: while it is at fault, what is decided is told at once, and then lost.
        """
        while not disk.is_sound:  # noqa: ASYNC110  no event tells
            await trio.sleep(CAUGHT_UP_S)
        self._report.crashes += 1
        power = self._random.random() < 0.5
        self.crashed(power)
        with trio.CancelScope(shield=True):
            disk.crash(power=power)
            await self._stage.whole.kill()
            await trio.sleep(self._random.uniform(*DOWN_S))
            await self._stage.start_server()
        self._report.torn = disk.files.torn
