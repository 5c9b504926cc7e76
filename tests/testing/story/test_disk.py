"""The simulated disk: late, refused, lost, and never otherwise than it says."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from gameserver.store.people.database import PeopleFile, pack_dump
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.story.disk import CAUGHT_UP_S, COMMIT_S, RECOVERED_S, SimulatedDisk

JUST_S = 0.001


def disk_in(folder: Path, seed: int = 1, net: MemoryNet | None = None) -> SimulatedDisk:
    return SimulatedDisk(folder, net or MemoryNet(Random(seed)), Random(seed))


@pytest.fixture
async def net() -> AsyncIterator[MemoryNet]:
    """A network that does what is due, which also tells the disk."""
    async with trio.open_nursery() as nursery:
        made = MemoryNet(Random(1))
        nursery.start_soon(made.run)
        yield made
        nursery.cancel_scope.cancel()


def is_sound(disk: SimulatedDisk) -> bool:
    return disk.is_sound


async def test_works_are_done_together_a_moment_later_and_in_order(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk, done = disk_in(tmp_path, net=net), list[tuple[int, float]]()
    worker = disk.worker("journals", lambda: None)

    def work(number: int) -> None:
        worker.put(lambda: done.append((number, worker.now())))

    for _ in range(20):
        began = trio.current_time()
        work(1)
        work(2)
        assert done == []
        await trio.sleep(COMMIT_S[1] + JUST_S)
        assert [number for number, _ in done] == [1, 2]
        assert done[0][1] == done[1][1]
        assert COMMIT_S[0] <= done[0][1] - began <= COMMIT_S[1] + JUST_S
        done.clear()


async def test_a_slow_disk_does_nothing_until_it_is_sound_again(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk, done = disk_in(tmp_path, net=net), list[int]()
    assert is_sound(disk)
    disk.put(lambda: done.append(1))
    disk.set_slow(slow=True)
    disk.put(lambda: done.append(2))
    await trio.sleep(10)
    assert (done, is_sound(disk)) == ([], False)
    disk.set_slow(slow=False)
    assert (done, is_sound(disk)) == ([], False)
    await trio.sleep(COMMIT_S[1] + JUST_S)
    assert done == [1, 2]
    assert not is_sound(disk), "what waits elsewhere may still be behind"
    await trio.sleep(CAUGHT_UP_S - COMMIT_S[1])
    assert is_sound(disk)


async def test_what_a_full_disk_refused_may_wait_for_a_slow_one_as_well(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk = disk_in(tmp_path, net=net)
    disk.set_full(full=True)
    disk.set_full(full=False)
    await trio.sleep(RECOVERED_S - 1)
    disk.set_slow(slow=True)
    await trio.sleep(0.5)
    disk.set_slow(slow=False)
    await trio.sleep(1)
    assert not is_sound(disk)
    await trio.sleep(RECOVERED_S)
    assert is_sound(disk)


async def test_a_disk_that_has_recovered_has_caught_up_soon_after_it_was_slow(
    mock_clock: MockClock, tmp_path: Path
) -> None:
    disk = disk_in(tmp_path)
    disk.set_full(full=True)
    disk.set_full(full=False)
    mock_clock.jump(RECOVERED_S)
    sound = [is_sound(disk)]
    disk.set_slow(slow=True)
    sound.append(is_sound(disk))
    disk.set_slow(slow=False)
    for passed_s in (CAUGHT_UP_S - JUST_S, JUST_S):
        mock_clock.jump(passed_s)
        sound.append(is_sound(disk))
    assert sound == [True, False, False, True]


async def test_a_full_disk_refuses_what_stores_and_journals_write(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk = disk_in(tmp_path, net=net)
    file = PeopleFile(tmp_path / "people.db")
    disk.watch(file)
    file.append([(1, b"one")])
    disk.set_full(full=True)
    writes: list[Callable[[], None]] = [
        lambda: file.append([(2, b"two")]),
        lambda: file.put_dump(1, pack_dump({}), 0),
        lambda: file.start_over(2, pack_dump({}), 0),
        lambda: file.note({"game": "x"}),
    ]
    for write in writes:
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            write()
    assert file.read().calls == 1
    assert not is_sound(disk)
    disk.set_full(full=False)
    file.append([(2, b"two")])
    assert file.read().calls == 2
    await trio.sleep(RECOVERED_S - JUST_S)
    assert not is_sound(disk)
    await trio.sleep(2 * JUST_S)
    assert is_sound(disk)
    file.close()


async def test_the_later_of_two_faults_counts(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk = disk_in(tmp_path, net=net)
    disk.set_full(full=True)
    disk.set_full(full=False)
    disk.set_slow(slow=True)
    disk.set_slow(slow=False)
    await trio.sleep(CAUGHT_UP_S + JUST_S)
    assert not is_sound(disk)
    await trio.sleep(RECOVERED_S)
    assert is_sound(disk)


def test_journals_on_a_full_disk_get_a_part_or_nothing(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    descriptor = disk.files.open(tmp_path / "m.journal")
    assert disk.files.write(descriptor, b"whole", 0) == 5
    disk.full = True
    outcomes = set()
    for _ in range(40):
        try:
            outcomes.add(disk.files.write(descriptor, b"12345", 5))
        except OSError as error:
            outcomes.add(str(error.strerror))
    assert outcomes == {2, "No space left on device"}
    for _ in range(20):
        with pytest.raises(OSError, match="No space"):
            disk.files.write(descriptor, b"x", 7)
    disk.files.close(descriptor)
    assert (tmp_path / "m.journal").read_bytes() == b"whole12"


@pytest.mark.parametrize("power", [False, True])
def test_a_crash_closes_all_files_and_without_power_cuts_what_was_not_synced(
    tmp_path: Path, power: bool
) -> None:
    sizes, torn = set(), 0
    for seed in range(30):
        disk = disk_in(tmp_path, seed)
        path, other = tmp_path / f"{seed}.journal", tmp_path / f"{seed}b.journal"
        descriptor, synced = disk.files.open(path), disk.files.open(other)
        assert len(disk.files) == 2
        disk.files.write(descriptor, b"synced", 0)
        disk.files.sync(descriptor)
        disk.files.write(descriptor, b"not", 6)
        disk.files.write(synced, b"whole", 0)
        disk.files.sync(synced)
        disk.crash(power=power)
        assert len(disk.files) == 0
        for each in (descriptor, synced):
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(each)
        assert path.read_bytes() == b"syncednot"[: path.stat().st_size]
        sizes.add(path.stat().st_size)
        assert other.read_bytes() == b"whole"
        torn += disk.files.torn
        again = disk.files.open(path)
        disk.crash(power=power)
        assert path.stat().st_size in sizes, "what an earlier process left stays"
        assert again >= 0
    assert sizes == ({6, 7, 8, 9} if power else {9})
    assert torn == (30 if power else 0)


async def test_a_crash_loses_what_waits_and_ends_the_workers_and_the_faults(
    autojump_clock: MockClock, net: MemoryNet, tmp_path: Path
) -> None:
    del autojump_clock
    disk, done = disk_in(tmp_path, net=net), list[str]()
    worker = disk.worker("journals", lambda: None)
    file = PeopleFile(tmp_path / "people.db")
    disk.watch(file)
    worker.put(lambda: done.append("lost"))
    disk.set_full(full=True)
    disk.set_slow(slow=True)
    disk.crash(power=False)
    assert (disk.full, disk.slow) == (False, False)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        file.read()
    worker.put(lambda: done.append("of the dead"))
    disk.put(lambda: done.append("of the next process"))
    assert worker.close(1.0)
    assert done == [], "a dead process writes nothing at its end"
    fresh = disk.worker("journals", lambda: None)
    fresh.put(lambda: done.append("fresh"))
    assert fresh.close(1.0)
    assert done == ["of the next process", "fresh"]
    disk.crash(power=True)
