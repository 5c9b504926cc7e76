"""A result is computed from one moment's state by a copy of the process."""

import os
import signal
from pathlib import Path

import pytest
import trio
import trio.lowlevel
import trio.testing

from gameserver.service.background import CopyFailedError, computed


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")


async def test_the_result_is_that_of_the_moment_of_the_call() -> None:
    state = bytearray(b"before")
    results: list[bytes] = []

    async def compute() -> None:
        results.append(await computed(lambda: bytes(state) * 100_000))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(compute)
        await trio.lowlevel.checkpoint()
        await trio.lowlevel.checkpoint()
        state[:] = b"behind"
    assert results == [b"before" * 100_000]


async def test_the_copy_leaves_nothing_behind() -> None:
    before = open_files()
    for _ in range(3):
        assert await computed(lambda: b"x") == b"x"
    assert open_files() == before
    assert not children()


async def test_the_copy_holds_no_connection_open() -> None:
    mine, theirs = trio.socket.socketpair()
    reading, writing = os.pipe()

    def work() -> bytes:
        os.read(reading, 1)  # its end was closed in the copy, so this raises
        return b""

    with pytest.raises(CopyFailedError):
        await computed(work)
    mine.close()
    assert await theirs.recv(1) == b""
    theirs.close()
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("how", ["raises", "is ended"])
async def test_a_copy_that_fails_is_told(how: str) -> None:
    def work() -> bytes:
        if how == "raises":
            raise KeyError("a bug")
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    with pytest.raises(CopyFailedError):
        await computed(work)


async def test_a_system_that_cannot_fork_computes_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    pid = os.getpid()
    assert await computed(lambda: str(os.getpid()).encode()) == str(pid).encode()


async def test_a_system_without_room_for_a_process_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    before = open_files()
    with pytest.raises(OSError, match="temporarily unavailable"):
        await computed(lambda: b"")
    assert open_files() == before


async def test_a_copy_whose_result_nobody_waits_for_any_more_is_waited_for_all_the_same() -> None:
    def work() -> bytes:
        signal.pause()
        return b""

    async with trio.open_nursery() as nursery:
        nursery.start_soon(computed, work)
        await trio.testing.wait_all_tasks_blocked()
        (child,) = map(int, children().split())
        nursery.cancel_scope.cancel()
        os.kill(child, signal.SIGKILL)
    assert not children()
