"""Each trouble of a story is counted, does what it says, and ends by itself."""

from random import Random
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.story.disk import SimulatedDisk
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report, Troubles
from gameserver.testing.story.stage import Stage
from gameserver.testing.story.troubles import (
    BLOCKED_S,
    DOWN_S,
    FULL_S,
    JUMPS_S,
    REFUSED_S,
    SLOW_S,
    Fate,
)
from gameserver.testing.whole import WallClock


@attrs.define
class Whole:
    """Notes when a server ends and starts."""

    deeds: list[tuple[str, float]]

    async def kill(self) -> None:
        self.deeds.append(("kill", trio.current_time()))

    async def start(self) -> None:
        self.deeds.append(("start", trio.current_time()))


class Scene:
    """A stage, its fate, and a disk in a folder that does not matter."""

    def __init__(self, seconds: float = 60.0, seed: int = 1, **troubles: float) -> None:
        nothing: Any = None
        self.net = MemoryNet(Random(seed))
        self.wall = WallClock()
        self.stage = Stage(
            Report(seed, 2), nothing, {}, {}, seconds, attrs.evolve(NO_TROUBLES, **troubles),
            ALONE, nothing, self.net,
        )  # fmt: skip
        self.deeds: list[tuple[str, float]] = []
        whole: Any = Whole(self.deeds)
        self.stage.whole = whole
        self.fate = Fate(self.stage, self.wall)
        self.disk = SimulatedDisk(nothing, self.net, Random(seed))


def within(took_s: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= took_s <= bounds[1]


async def test_new_connections_are_refused_or_blocked_for_a_while(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    scene = Scene()
    for strike, name, bounds in (
        (scene.fate._refuse, "refused", REFUSED_S),
        (scene.fate._block, "blocked", BLOCKED_S),
    ):
        for _ in range(5):
            began = trio.current_time()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(strike)
                await trio.sleep(bounds[0] / 2)
                assert getattr(scene.stage, name)
            assert within(trio.current_time() - began, bounds)
            assert not getattr(scene.stage, name)
    assert (scene.stage.report.refusals, scene.stage.report.blocks) == (5, 5)


async def test_the_disk_is_full_or_slow_for_a_while(autojump_clock: MockClock) -> None:
    del autojump_clock
    scene = Scene()
    for strike, name, bounds in (
        (scene.fate._fill, "full", FULL_S),
        (scene.fate._slow_down, "slow", SLOW_S),
    ):
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(strike, scene.disk)
            await trio.sleep(bounds[0] / 2)
            assert getattr(scene.disk, name)
        assert within(trio.current_time() - began, bounds)
        assert not getattr(scene.disk, name)
    assert (scene.stage.report.full_disks, scene.stage.report.slow_disks) == (1, 1)


async def test_the_wall_clock_jumps_forward_and_back(autojump_clock: MockClock) -> None:
    del autojump_clock
    scene, jumps = Scene(), set[float]()
    for _ in range(100):
        before = scene.wall.offset_ms
        await scene.fate._jump()
        jumps.add((scene.wall.offset_ms - before) / 1000)
    assert jumps == {sign * each for each in JUMPS_S for sign in (1, -1)}
    assert scene.stage.report.clock_jumps == 100


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_crash_waits_for_a_sound_disk_and_another_server_starts(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    del autojump_clock
    scene, powers = Scene(seed=seed), list[bool]()
    scene.fate.crashed = powers.append
    monkeypatch.setattr(Stage, "watch_disk", lambda _stage: None)  # there is no file
    scene.disk.set_slow(slow=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scene.fate._crash, scene.disk)
        await trio.sleep(30)
        assert scene.deeds == []
        scene.disk.set_slow(slow=False)
    (killed, at), (started, later) = scene.deeds
    assert (killed, started) == ("kill", "start")
    assert at > 30
    assert within(later - at, DOWN_S)
    assert scene.stage.report.crashes == len(powers) == 1


def connect(scene: Scene, count: int) -> None:
    for _ in range(count):
        scene.net.connect()


async def test_troubles_of_connections_strike_open_ones_only(autojump_clock: MockClock) -> None:
    del autojump_clock
    scene = Scene()
    fate, report = scene.fate, scene.stage.report
    for strike in (fate._cut, fate._half_open, fate._stall, fate._read_slowly):
        await strike()
    assert (report.cuts, report.half_opens, report.stalls, report.slow_readers) == (0, 0, 0, 0)
    connect(scene, 3)
    scene.net.links[0].cut()
    for _ in range(2):
        await fate._cut()
    assert [link.is_open for link in scene.net.links] == [False] * 3
    assert report.cuts == 2
    connect(scene, 2)
    await fate._half_open()
    assert sum(link.is_open for link in scene.net.links) == 1
    assert report.half_opens == 1


@pytest.mark.parametrize("disk", [False, True])
async def test_all_troubles_come_in_their_time_and_end_when_it_is_calm(
    autojump_clock: MockClock, disk: bool
) -> None:
    del autojump_clock
    often = dict.fromkeys(("refusals", "blocks", "clock_jumps", "weathers"), 0.5)
    scene = Scene(seconds=40.0, **often, full_disks=1.0, slow_disks=1.0)
    if disk:
        scene.stage.disk = scene.disk
    delays = set()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scene.fate.run)
        for _ in range(39):
            await trio.sleep(1)
            delays.add(scene.net.weather.delay_s)
            assert not scene.stage.calm
        await trio.sleep(1.01)
    assert scene.stage.calm
    assert (scene.stage.refused, scene.stage.blocked) == (False, False)
    assert (scene.disk.full, scene.disk.slow) == (False, False)
    assert scene.net.weather == Weather(jitter_s=0.0)
    assert len(delays) > 20
    report = scene.stage.report
    assert min(report.refusals, report.blocks, report.clock_jumps) >= 3
    assert (report.full_disks > 2, report.slow_disks > 2) == (disk, disk)
    assert (report.cuts, report.stalls, report.crashes) == (0, 0, 0)


def test_by_default_every_trouble_strikes_and_none_does_without_troubles() -> None:
    bounds = {"longest_stall_s", "worst_delay_s", "most_split"}
    kinds = [field.name for field in attrs.fields(Troubles) if field.name not in bounds]
    assert all(getattr(Troubles(), name) > 0 for name in kinds)
    assert not any(getattr(NO_TROUBLES, name) for name in kinds)
    assert (ALONE.deeds_s, ALONE.guests, ALONE.strangers_s, ALONE.saves) == (0, 0, 0, 0)
