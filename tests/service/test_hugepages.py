"""The memory of the process moves into huge pages where the system has them."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from gameserver.service.background import computed, copying
from gameserver.service.hugepages import (
    HUGE,
    MADV_COLLAPSE,
    MADV_HUGEPAGE,
    Mover,
    areas,
    may_use,
)

MB = 1 << 20


def smaps(
    start: int, size: int, resident: int, huge: int = 0, what: str = "rw-p", file: str = ""
) -> str:
    """Return one area as the kernel tells of it."""
    return (
        f"{start:x}-{start + size:x} {what} 00000000 00:00 0 {file}\n"
        f"Size: {size >> 10} kB\nRss: {resident >> 10} kB\n"
        f"AnonHugePages: {huge >> 10} kB\nVmFlags: rd wr mr mw me ac sd\n"
    )  # fmt: skip


def test_only_data_that_is_mostly_in_use_is_wanted_in_huge_pages() -> None:
    at = 0x7F0000000000
    heap, full, *others = areas(
        smaps(at + MB, 8 * MB, 8 * MB, file="[heap]")
        + smaps(at, 4 * MB, 3 * MB)
        + smaps(at, 8 * MB, 8 * MB, what="r-xp", file="/usr/lib/python")
        + smaps(at, 8 * MB, 8 * MB, file="/tmp/a file")
        + smaps(at, 8 * MB, MB)
        + smaps(at + MB, 2 * MB, 2 * MB)
        + smaps(at, 4 * MB, 4 * MB, huge=4 * MB)
    )
    assert [area.wants for area in (heap, full)] == [True, True]
    assert list(heap.pages) == [at + 2 * MB, at + 4 * MB, at + 6 * MB], "whole pages alone"
    assert list(full.pages) == [at, at + 2 * MB]
    stack, small, done = others  # neither the program's text nor a file is among them
    assert not any(area.wants for area in (stack, small, done))


@pytest.mark.usefixtures("autojump_clock")
async def test_what_the_kernel_refuses_is_asked_for_once_and_left_to_its_own_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "smaps"
    monkeypatch.setattr("gameserver.service.hugepages.AREAS", told)
    at, asked = 0x7F0000000000, list[tuple[int, int, int]]()

    def advise(address: int, size: int, advice: int) -> bool:
        asked.append((address, size, advice))
        return advice == MADV_COLLAPSE and address == at

    mover = Mover(advise)
    told.write_text(smaps(at, 4 * MB, 4 * MB))
    assert await mover.move() == 1
    second = at + HUGE
    assert asked == [
        (at, HUGE, MADV_COLLAPSE),
        (second, HUGE, MADV_COLLAPSE),
        (second, HUGE, MADV_HUGEPAGE),
    ]
    told.write_text(smaps(at, 4 * MB, 4 * MB, huge=2 * MB))
    assert await mover.move() == 0
    assert len(asked) == 6, "the rest is tried once more"
    assert await mover.move() == 0
    assert len(asked) == 6, "nothing has changed"
    told.write_text(smaps(at, 8 * MB, 8 * MB, huge=2 * MB))
    await mover.move()
    assert len(asked) > 6, "it has grown"


async def test_what_a_copy_of_the_process_shares_is_moved_when_the_copy_has_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "smaps"
    monkeypatch.setattr("gameserver.service.hugepages.AREAS", told)
    at, moved = 0x7F0000000000, list[int]()

    def advise(address: int, _size: int, _advice: int) -> bool:
        moved.append(address)
        return True

    mover = Mover(advise)
    told.write_text(smaps(at, 4 * MB, 4 * MB))
    answer = trio.Event()

    async def copied() -> None:
        with trio.fail_after(30):
            assert await computed(lambda: b"x" * 10) == b"x" * 10
        answer.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(copied)
        while not copying():
            await trio.lowlevel.checkpoint()
        assert await mover.move() == 0
        assert moved == []
        await answer.wait()
    assert not copying()
    assert await mover.move() == 2
    told.write_text(smaps(at, 4 * MB, 4 * MB))  # what was written to since has fallen back
    assert await mover.move() == 2


# Whether the kernel does it at all is asked past the code that is tested.
GROWN = """
import ctypes, mmap, pathlib, trio
from gameserver.service.hugepages import HUGE, MADV_COLLAPSE, Mover, system_advise
probe = mmap.mmap(-1, 3 * HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
probe.write(b"x" * 3 * HUGE)
at = -(-ctypes.addressof(ctypes.c_char.from_buffer(probe)) // HUGE) * HUGE
madvise = ctypes.CDLL(None).madvise
can = madvise(ctypes.c_void_p(at), ctypes.c_size_t(HUGE), MADV_COLLAPSE) == 0
kept = [bytes([each % 7]) * 1000 for each in range(60_000)]
made = trio.run(Mover(system_advise()).move)
told = pathlib.Path("/proc/self/smaps_rollup").read_text().split("AnonHugePages:")[1].split()[0]
assert kept == [bytes([each % 7]) * 1000 for each in range(60_000)]
print(int(can), made, int(told) >> 11)
"""


@pytest.mark.skipif(not may_use(), reason="the system has no huge pages, or they are switched off")
def test_a_process_that_has_grown_is_moved_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWN], capture_output=True, text=True, check=True, timeout=60
    )
    can, made, there = map(int, done.stdout.split())
    if not can:
        pytest.skip("this kernel moves nothing when asked, as before Linux 6.1")
    assert made > 10
    assert there > 10, "the kernel says so, too"
